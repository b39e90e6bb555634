#!/bin/sh
# SPDX-License-Identifier: ISC
# hpd-conf and the operator's policies: what is taken, what is told, what is
# refused, and that the image stays the same. Needs no root.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
: "${B:=build}"
case $B in /*) ;; *) B=$PWD/$B ;; esac
case ${SANB:=} in ''|/*) ;; *) SANB=$PWD/$SANB ;; esac
NMAP=${NMAP:-/usr/share/nmap}
W=$(mktemp -d) || exit 1
trap 'rm -rf "$W" "$tap_tmp"' EXIT
trap 'exit 130' INT TERM HUP
P=$W/p
mkdir "$P"
printf 'create web\nset web default tcp action closed\nbind 10.0.0.1 web\n' > "$W/x.conf"
fresh() { rm -rf "$P"; mkdir "$P"; }
narrow() { sed "$2" "policies/$1.policy" > "$P/$1.policy"; }
run() { # FILE ARGS...
	rf=$1; shift
	: > "$W/img"
	"$bin" -c "7:$rf" -p 8:nmap-os-db -m 8:nmap-mac-prefixes "$@" 7<"$W" \
	    8<"$NMAP" 9<"$P" 6<>"$W/img" > "$W/out" 2> "$W/all"
	rc=$?
	grep -v '^hpd-conf: ' "$W/all" > "$W/err"
	return $rc
}
compile() { run x.conf -O 9 -o 6; }
refused() { compile; rc=$?; cat "$W/all"; [ $rc = 78 ]; }
told() { grep -q "$1" "$W/err" || { cat "$W/err"; return 1; }; }
silent() { compile && [ ! -s "$W/err" ] || { cat "$W/err"; return 1; }; }
differs() { ! cmp -s "$W/img" "$1"; }

all() {
	fresh
	ok "$k: no directory" run x.conf -o 6; cp "$W/img" "$W/none.img"
	ok "$k: an empty one is nothing" silent
	ok "$k: ... the same image" cmp "$W/img" "$W/none.img"
	echo nonsense > "$P/README"; echo nonsense > "$P/.net.policy"
	ok "$k: other files are not looked at" silent
	for p in net log svc svc-S svc-nofork svc-shell ship; do cp "policies/$p.policy" "$P"; done
	ok "$k: the shipped ones as they are" silent
	ok "$k: ... are in the image" differs "$W/none.img"
	cp "$W/img" "$W/six.img"
	run x.conf -O 9 -P; cp "$W/out" "$W/printed.conf"
	ok "$k: -P prints the configuration" grep -q '^bind 10.0.0.1 web' "$W/printed.conf"
	ok "$k: ... with them it compiles to the same image" run printed.conf -O 9 -o 6
	ok "$k: ... byte for byte" cmp "$W/img" "$W/six.img"

	fresh; narrow svc-nofork 's/ getpid / /; s/^rlimit nofile 32/rlimit nofile 8/; s/^rlimit core 0$//'
	ok "$k: a narrower one is taken silently" silent
	fresh; narrow net 's/^default kill/default errno EACCES/'
	ok "$k: a milder default" compile
	ok "$k: ... is told" told "^net.policy:1: warning: the shipped policy's answer stays: .* and [0-9]* more, by the default$"
	fresh; narrow svc-nofork 's/^default errno EPERM/default kill/'
	ok "$k: a harder default of scripts" compile
	ok "$k: ... is told" told "^svc-nofork.policy:1: warning: the shipped policy's answer stays: .*, by the default$"
	fresh; narrow net 's/^default kill/default allow/; /^allow/d'
	ok "$k: one that allows all but a few" compile
	ok "$k: ... is told" told '^net.policy:1: warning: wider than the shipped policy, stays refused: .* more, by the default$'
	fresh; narrow net 's/ epoll_ctl poll/ epoll_ctl poll ppoll select/; s/fd in \$packet,\$loop$/fd in $packet,$loop,$log/'
	n=$(grep -n 'ppoll' "$P/net.policy" | cut -d: -f1)
	m=$(grep -n 'packet,.loop,.log' "$P/net.policy" | cut -d: -f1)
	ok "$k: wider calls" compile
	ok "$k: ... are named, with their line" told "^net.policy:$n: warning: wider than the shipped policy, stays refused: .*ppoll"
	ok "$k: ... wider arguments, too" told "^net.policy:[0-9]*: warning: wider than the shipped policy, stays refused: recvfrom$"
	is "$k: ... and nothing else is said" "$(grep -c . "$W/err")" 2
	fresh; narrow net 's/^ns .*/ns none/; s/^landlock.*/landlock none/; s/^mdwe on/mdwe off/; s/^caps.*/caps kill/; s/^bounding.*/bounding kill/; s/stdio recvfd/stdio/; s/^rlimit as.*/rlimit as 1G/'
	ok "$k: what no policy changes" compile
	for w in ns landlock mdwe caps bounding openbsd; do
		ok "$k: ... $w" told "^net.policy:1: warning: $w: stays as shipped, only calls can be narrowed$"
	done
	ok "$k: ... a daemon's limit" told '^net.policy:1: warning: RLIMIT_AS: stays as shipped: limits of a daemon'
	is "$k: ... and nothing else" "$(grep -c . "$W/err")" 7
	fresh; narrow svc-shell 's/^rlimit cpu.*/rlimit cpu 99/'
	ok "$k: a wider limit of scripts" compile
	ok "$k: ... is told" told '^svc-shell.policy:1: warning: RLIMIT_CPU: the shipped limit is lower and holds$'

	fresh; narrow log 's/^allow epoll_wait.*/&\nallow nonsense\nerrno ENONSENSE read/'
	n=$(grep -n nonsense "$P/log.policy" | cut -d: -f1)
	ok "$k: errors: 78" refused
	ok "$k: ... each with its line" told "^log.policy:$n: unknown system call nonsense$"
	ok "$k: ... " told "^log.policy:$((n + 1)): unknown errno ENONSENSE$"
	is "$k: ... no image" "$(wc -c < "$W/img")" 0
	printf 'create web\nnonsense\n' > "$W/bad.conf"
	run bad.conf -O 9 -n
	ok "$k: ... beside those of the configuration" sh -c "grep -q '^bad.conf:2' '$W/err' && grep -q '^log.policy:' '$W/err'"
	fresh; : > "$P/net.policy"
	ok "$k: an empty file" refused
	fresh; head -c 70000 /dev/zero | tr '\0' '#' > "$P/net.policy"
	ok "$k: a file too large" refused
	ok "$k: ... is said" told 'net.policy: File too large'
	fresh; head -c 5000 /dev/urandom > "$P/net.policy"
	ok "$k: random bytes" refused
	fresh; mkdir "$P/net.policy"
	ok "$k: a directory" refused
	fresh; cp policies/net.policy "$W/out.policy"; ln -s ../out.policy "$P/net.policy"
	ok "$k: a link that leads out" refused
	fresh; cp policies/parent.policy "$P"
	ok "$k: the parent's cannot be narrowed" refused
	ok "$k: ... is said" told '^x.conf: parent.policy: not a policy that can be narrowed'
	fresh; cp policies/svc-nofork.policy "$P/svc-shell.policy"
	ok "$k: another's" refused
	ok "$k: ... is said" told '^svc-shell.policy:1: policy svc-nofork in the file of svc-shell$'
	# 3987 instructions: alone it fits, behind the shipped one it does not.
	fresh; { cat policies/svc-nofork.policy; for i in $(seq 1 136); do
		echo "allow setsockopt if level in 1,3,5,7,9,11,13 and opt == $i # why: a test"
	done; } > "$P/svc-nofork.policy"
	ok "$k: too long beside the shipped one" refused
	ok "$k: ... is said" told '^svc-nofork.policy:1: [0-9]* instructions, only [0-9]* have room beside the shipped ones$'
	sed 's/^policy svc-nofork/policy svc/' "$P/svc-nofork.policy" > "$P/svc.policy"; rm "$P/svc-nofork.policy"
	ok "$k: ... of a daemon it is a filter of its own" compile
}
for k in plain ${SANB:+sanitized}; do
	bin=$B/bin/hpd-conf
	[ $k = plain ] || bin=$SANB/bin/hpd-conf
	all
done
finish
