#!/bin/sh
# SPDX-License-Identifier: ISC
# hpd-conf against pairs of files. good/NAME.conf compiles, prints NAME.ok and
# says NAME.err (nothing without that file); what it prints compiles to the same
# image. bad/NAME.conf ends with 78 and says exactly NAME.err. NAME.args: more
# arguments. Needs no root. UPDATE=1 rewrites what is expected: read the diff.
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
B=${B:-build}
SANB=${SANB:-}
case $B in /*) ;; *) B=$top/$B ;; esac
case $SANB in ''|/*) ;; *) SANB=$top/$SANB ;; esac
NMAP=${NMAP:-/usr/share/nmap}
tmp=$(mktemp -d) || exit 1
trap 'chmod -R u+rwx "$tmp"; rm -rf "$tmp"' EXIT INT TERM

# The jail scripts live in: nothing in it runs here, it is only looked at.
jail=$tmp/jail
mkdir -p "$jail/usr/bin" "$jail/bin" "$jail/scripts/iis5.net"
for f in usr/bin/perl bin/busybox; do
	printf '\177ELF' > "$jail/$f"
	chmod 755 "$jail/$f"
done
ln -s busybox "$jail/bin/sh"
echo '# a script' > "$jail/scripts/iis5.net/main.pl"
echo '# a script' > "$jail/scripts/router-telnet.pl"
printf '#!/usr/bin/perl -w\n' > "$jail/scripts/smtp.pl"
printf '#!/bin/bash\n' > "$jail/scripts/ftp.sh"
printf '#!/usr/bin/env perl\n' > "$jail/scripts/env.pl"
printf '#!/usr/bin/ruby\n' > "$jail/scripts/ruby.rb"
printf 'no program\n' > "$jail/scripts/data.txt"
printf '\177ELF' > "$jail/scripts/native"
chmod 755 "$jail/scripts/native"
ln -s ../../../../../etc/passwd "$jail/scripts/escape"

n=0
failed=0
result() { # status name
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
	fi
}
differ() { # what expected got
	cmp -s "$2" "$3" && return 0
	echo "# $1 differs:"
	diff -u "$2" "$3" | sed 's/^/#   /'
	return 1
}

# run DIR NAME ARGS...: standard output and error in $tmp/out, $tmp/err. The
# program's own diagnostics about its sandbox are not looked at.
run() {
	rdir=$1
	rname=$2
	shift 2
	set -f
	: > "$tmp/img"
	"$bin" -c "7:$rname" -p 8:nmap-os-db -m 8:nmap-mac-prefixes -J 9 "$@" \
	    7<"$rdir" 8<"$NMAP" 9<"$jail" 6<>"$tmp/img" \
	    >"$tmp/out" 2>"$tmp/err.all" </dev/null
	code=$?
	set +f
	grep -v '^hpd-conf: ' "$tmp/err.all" > "$tmp/err"
	return $code
}

args_of() {
	if [ -f "$1.args" ]; then cat "$1.args"; fi
}

good() {
	f=$here/${1%.conf}
	name=$(basename "$f")
	bad=0
	args=$(args_of "$f")
	# shellcheck disable=SC2086
	run "$here/good" "$name.conf" -P $args
	[ $? -eq 0 ] || bad=1
	if [ -n "$UPDATE" ]; then
		cp "$tmp/out" "$f.ok"
		rm -f "$f.err"
		if [ -s "$tmp/err" ]; then cp "$tmp/err" "$f.err"; fi
	fi
	want=$f.err
	[ -f "$want" ] || want=/dev/null
	differ "messages" "$want" "$tmp/err" || bad=1
	differ "output" "$f.ok" "$tmp/out" || bad=1
	cp "$tmp/out" "$tmp/printed.conf"
	# shellcheck disable=SC2086
	run "$here/good" "$name.conf" -o 6 $args || bad=1
	cp "$tmp/img" "$tmp/first.img"
	run "$tmp" printed.conf -o 6 || bad=1
	[ -s "$tmp/img" ] || bad=1
	cmp "$tmp/first.img" "$tmp/img" | sed 's/^/# /'
	cmp -s "$tmp/first.img" "$tmp/img" || bad=1
	result $bad "$1 ($kind)"
}

wrong() {
	f=$here/${1%.conf}
	name=$(basename "$f")
	bad=0
	args=$(args_of "$f")
	# shellcheck disable=SC2086
	run "$here/bad" "$name.conf" -n $args
	code=$?
	if [ $code -ne 78 ]; then
		echo "# exit code $code, not 78"
		sed 's/^/# /' "$tmp/err.all"
		bad=1
	fi
	[ -z "$UPDATE" ] || cp "$tmp/err" "$f.err"
	differ "messages" "$f.err" "$tmp/err" || bad=1
	result $bad "$1 ($kind)"
}

# one NAME CODE TEXT -- ARGS: the exit code, and TEXT somewhere on stderr.
one() {
	what=$1
	wanted=$2
	text=$3
	shift 4
	"$bin" "$@" 7<"$here/good" 8<"$here/tables" 9<"$jail" 6<>"$tmp/img" \
	    >"$tmp/out" 2>"$tmp/err" </dev/null
	code=$?
	bad=0
	if [ $code -ne "$wanted" ] || ! grep -qF -- "$text" "$tmp/err"; then
		echo "# exit code $code (wanted $wanted), looking for: $text"
		sed 's/^/# /' "$tmp/err"
		bad=1
	fi
	result $bad "$what ($kind)"
}

others() {
	one "no arguments" 64 usage --
	one "two outputs" 64 usage -- -c 7:minimal.conf -n -P
	one "a bad net" 64 "net: 10.0.0.300: not an IPv4 address" -- \
	    -c 7:minimal.conf -n 10.0.0.300
	one "a bad macro" 64 "not NAME=VALUE" -- -c 7:minimal.conf -n -D 1x=2
	one "no such file" 78 "can't read 'none.conf': No such file" -- \
	    -c 7:none.conf -n
	one "a folder as file" 78 "can't read 'sub'" -- -c 7:sub -n
	one "a path out of its folder" 78 "outside the configuration's" -- \
	    -c 7:../good/minimal.conf -n
	one "an absolute path" 78 "outside the configuration's" -- \
	    -c 7:/etc/hosts -n
	one "no fingerprint table" 78 "personalities need nmap-os-db" -- \
	    -c 7:personas.conf -n
	one "unreadable fingerprint table" 78 "can't read 'none'" -- \
	    -c 7:personas.conf -n -p 8:none
	one "broken fingerprint table" 78 \
	    "broken-os-db:7: not a line of nmap-os-db" -- \
	    -c 7:personas.conf -n -p 8:broken-os-db
	one "empty fingerprint table" 78 \
	    "empty-table:1: no fingerprints in it" -- \
	    -c 7:personas.conf -n -p 8:empty-table
	one "odd fingerprint" 78 "odd-os-db:12: can't be satisfied: T2.S=Q" -- \
	    -c 7:personas.conf -n -p 8:odd-os-db
	one "broken vendor table" 78 \
	    "broken-mac-prefixes:3: not a line of nmap-mac-prefixes" -- \
	    -c 7:ethernet.conf -n -m 8:broken-mac-prefixes
	one "no jail: a warning" 0 "no jail given" -- -c 7:ports.conf -n
	one "a closed output" 1 "writing the image" -- -c 7:minimal.conf -o 5
}

# The configuration of the article, verbatim in bad/; mended exactly as the
# messages tell, it loads.
article() {
	bad=0
	run "$here/bad" article.conf -n
	[ $? -eq 78 ] || bad=1
	cp "$here/bad/article.conf" "$tmp/mended.conf"
	line=$(sed -n "s/^article.conf:\([0-9]*\): no template 'router' .*/\1/p" \
	    "$tmp/err")
	name=$(sed -n "s/.*no template 'router' (created: .*, \(.*\))/\1/p" \
	    "$tmp/err")
	sed "${line}s/router/$name/" "$here/bad/article.conf" \
	    > "$tmp/mended.conf" || bad=1
	sed -n "s/.* answers for no address: \(bind ADDRESS .*\)/\1/p" \
	    "$tmp/err" | awk '{ sub("ADDRESS", "192.0.2." NR); print }' \
	    >> "$tmp/mended.conf"
	run "$tmp" mended.conf -o 6 || bad=1
	[ -s "$tmp/img" ] || bad=1
	[ $bad -eq 0 ] || sed 's/^/# /' "$tmp/mended.conf" "$tmp/err"
	result $bad "the article's configuration, mended as told ($kind)"
}

many() {
	bad=0
	i=0
	while [ $i -lt 1100 ]; do
		i=$((i + 1))
		echo "nonsense$i"
	done > "$tmp/many.conf"
	run "$tmp" many.conf -n
	[ $? -eq 78 ] || bad=1
	[ "$(grep -c 'unknown statement' "$tmp/err")" -eq 1000 ] || bad=1
	[ "$(tail -n 1 "$tmp/err")" = "many.conf: too many errors" ] || bad=1
	result $bad "errors end after a thousand ($kind)"
}

# The generation is in the image, and changes nothing else but the checksum.
generation() {
	bad=0
	run "$here/good" article.conf -o 6 -G 1 || bad=1
	cp "$tmp/img" "$tmp/first.img"
	run "$here/good" article.conf -o 6 -G 2 || bad=1
	other=$(cmp -l "$tmp/first.img" "$tmp/img" |
	    awk '$1 < 13 || ($1 > 16 && $1 < 25) || $1 > 32' | wc -l)
	[ "$other" -eq 0 ] || bad=1
	cmp -s "$tmp/first.img" "$tmp/img" && bad=1
	result $bad "generation ($kind)"
}

# 65,536 bindings, half of them with a template of their own, in seconds even
# on a slow machine (well below one on an ordinary one).
large() {
	bad=0
	awk 'BEGIN {
		print "create w\nadd w tcp port 80 open"
		for (i = 0; i < 65536; i++) {
			a = "10.7." int(i / 256) "." i % 256
			print "bind " a " w"
			if (i % 2)
				print "set " a " uptime " i
		}
	}' > "$tmp/large.conf"
	start=$(date +%s)
	run "$tmp" large.conf -o 6 || bad=1
	[ $(($(date +%s) - start)) -le 10 ] || bad=1
	[ -s "$tmp/img" ] || bad=1
	result $bad "65536 bindings ($kind)"
}

all() {
	kind=$1
	bin=$2
	for f in "$here"/good/*.conf; do good "${f#"$here"/}"; done
	for f in "$here"/bad/*.conf; do wrong "${f#"$here"/}"; done
	others
	article
	many
	generation
	large
}

all plain "$B/bin/hpd-conf"
if [ -z "$UPDATE" ] && [ -n "$SANB" ] && [ -x "$SANB/bin/hpd-conf" ]; then
	all sanitized "$SANB/bin/hpd-conf"
fi
echo "1..$n"
exit $failed
