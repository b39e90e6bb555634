#!/bin/sh
# SPDX-License-Identifier: ISC
# The jail that the build made: what is in it, who owns it, that what scripts
# need runs in it, and what mkjail refuses. Needs root (chroot).
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
: "${B:=build}"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
W=$(mktemp -d /tmp/hpd-jailt.XXXXXX) || exit 1
trap 'chmod -R u+w "$W"; rm -rf "$W" "$tap_tmp"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$W"
mk() { "$B/bin/hpaudit" mkjail -m "${M:-scripts/jail.manifest}" -s scripts -i "$B/bin/hpd-init" "$@"; }
code() { want=$1; shift; "$@"; got=$?; [ $got -eq $want ] || { echo "exit $got"; return 1; }; }
none() { # find prints nothing
	found=$(find "$J" "$@" | head -5)
	[ -z "$found" ] || { echo "$found"; return 1; }
}
J=$W/jail
ok "the jail is built" mk "$J"
ok "nothing is setuid or setgid" none -perm /6000
ok "nothing is writable by anybody" none ! -type l -perm /222
ok "everything is root's" none ! -user root -o ! -group root
ok "no device" none -type b -o -type c
ok "no socket or pipe" none -type s -o -type p
ok "no link leads out" sh -c '
	find "$1" -type l | while read -r l; do
		t=$(readlink "$l")
		case $t in *..*) echo "$l -> $t" ;; /*) [ -e "$1$t" ] || echo "$l -> $t" ;;
		*) [ -e "$(dirname "$l")/$t" ] || echo "$l -> $t" ;; esac
	done | { ! grep .; }' - "$J"
for f in bin/busybox usr/bin/perl bin/hpd-init; do
	is "$f can be executed, not read" "$(stat -c %a "$J/$f")" 111
done
is "a directory can be read, not written" "$(stat -c %a "$J/bin")" 555
ok "/dev/null is an empty file" sh -c "[ -f '$J/dev/null' ] && [ ! -s '$J/dev/null' ]"
is "/dev has nothing else" "$(ls "$J/dev")" null
for d in etc proc sys root home var; do
	not_ok "there is no /$d" test -e "$J/$d"
done
ok "the scripts are there" test -n "$(ls "$J/scripts")"
not_ok "tests and the manifest are not" sh -c "find '$J/scripts' -name '*.t' -o -name '*.manifest' | grep ."

# As nobody special: modes are right for the slots too.
CHROOT=$(command -v chroot)
in_jail() {
	env -i PATH=/usr/bin:/bin LC_ALL=C "$CHROOT" --userspec=1879099392:1879099392 \
	    --groups= "$J" "$@"
}
is "sh runs" "$(in_jail sh -c 'echo a b | sed s/a/x/ | tr b y')" "x y"
for c in cat sed head tail grep awk date tr cut echo printf sleep true ls wc sort test expr env; do
	ok "sh finds $c" in_jail sh -c "command -v $c"
done
is "perl runs" "$(in_jail perl -e 'print 6*7')" 42
for m in strict warnings POSIX Fcntl IO::Handle IO::Select Getopt::Std Getopt::Long \
    Socket Time::HiRes List::Util File::Path MIME::Base64 Digest::MD5; do
	ok "perl has $m" in_jail perl -e "use $m; exit 0"
done
is "perl: what old scripts do" "$(in_jail perl -e '
	use strict; use warnings; use POSIX qw(strftime); use Getopt::Std;
	use Getopt::Long; my %o; getopts("a:", \%o); GetOptions("b=s" => \$o{b});
	$| = 1; local $SIG{ALRM} = sub { }; alarm 0; $_ = "GET /Ab%20c HTTP";
	s/%([0-9a-f]{2})/chr hex $1/gie; print lc($_), strftime(" %Y", gmtime 0),
	" ", sprintf("%.2f", 1.5), " ", join(",", sort { $a <=> $b } 3, 1), "\n"')" \
    "get /ab c http 1970 1.50 1,3"
not_ok "a slot cannot write anything" in_jail sh -c 'echo x > /tmp/x || echo x > /scripts/x'
is "every script of perl compiles in the jail" "$(find "$J/scripts" -name '*.pl' | while read -r s; do
	in_jail perl -c "/scripts/${s#$J/scripts/}" 2>&1 | grep -v 'syntax OK'; done)" ""

# Building again is one step; a jail in use stays whole.
ls -i "$J/bin/busybox" > "$W/before"
ok "it is built again over the old one" mk "$J"
not_ok "...as a new one" sh -c "ls -i '$J/bin/busybox' | cmp -s - '$W/before'"
ok "nothing is left beside it" sh -c "[ \"\$(ls '$W' | tr '\n' ' ')\" = 'before jail ' ]"
mkdir "$W/srv" "$W/empty" && echo precious > "$W/srv/file"
not_ok "what is no jail is not replaced" mk "$W/srv"
is "...and still there" "$(cat "$W/srv/file")" precious
mkdir "$W/x.new" && echo precious > "$W/x.new/file"
not_ok "nor what lies where the new one is built" mk "$W/x"
is "...and still there" "$(cat "$W/x.new/file")" precious
ok "an empty directory is" mk "$W/empty"
ok "a jail is" mk "$W/empty"
# Checking: what the manifest makes now against what is there.
ok "check: as built" mk -c "$J"
names() { # says, after a change of the jail as $2..., then put right again
	says=$1; shift
	mk "$W/c" > /dev/null && (cd "$W/c" && "$@") || return 1
	mk -c "$W/c" > "$W/said" && { echo "exit 0"; return 1; }
	grep -q "$says" "$W/said" || { cat "$W/said"; return 1; }
}
ok "check: a stale file" names '^/bin/busybox: stale' sh -c 'echo >> bin/busybox'
ok "check: a missing file" names '^/usr/bin/perl: missing' rm usr/bin/perl
ok "check: a foreign file" names '^/bin/x: not in the manifest' touch bin/x
ok "check: another mode" names '^/bin/busybox: mode 0555, should be 0111' chmod 555 bin/busybox
ok "check: set-id" names '^/bin/busybox: set-id' chmod 4111 bin/busybox
ok "check: others can write" names '^/scripts: can be written' chmod 777 scripts
ok "check: somebody else's" names '^/bin: belongs to 1' chown 1 bin
ok "check: a device" names '^/dev/zero: neither file' mknod dev/zero c 1 5
ok "check: a link that leads out" names '^/bin/out: link leads out' ln -s ../../etc bin/out
ok "check: another link" names '^/bin/cat: stale' ln -sf perl bin/cat
ok "check: nothing is left beside it" test ! -e "$W/c.new"
ok "check: no jail" code 1 mk -c "$W/nosuch"
rm -rf "$W/c" "$W/said"
printf 'dir /x\nprogram /bin/nosuchprogram\n' > "$W/bad.manifest"
ok "a manifest with a missing program fails" code 1 sh -c "'$B/bin/hpaudit' mkjail -m '$W/bad.manifest' -s scripts -i '$B/bin/hpd-init' '$J' 2> '$W/err'"
ok "...names the line" grep -q 'bad.manifest:2:' "$W/err"
ok "...and leaves the old jail" test -x "$J/bin/busybox"
not_ok "...and nothing half" test -e "$J.new"
for line in 'nonsense /x' 'dir' 'dir x' 'program /etc/passwd' 'links busybox /bin' \
    'links busybox /bin a/b' 'perl No::Such::Module' 'file /etc' 'null'; do
	echo "$line" > "$W/bad.manifest"
	ok "refused: $line" code 1 "$B/bin/hpaudit" mkjail -m "$W/bad.manifest" -s scripts \
	    -i "$B/bin/hpd-init" "$W/other"
done
rm -f "$W/bad.manifest" "$W/err" "$W/before"
mkdir -m 777 "$W/open"
ok "a jail others can write is refused" code 1 mk "$W/open"
chmod 755 "$W/open"; chown 1879099001 "$W/open"
ok "somebody else's jail is refused" code 1 mk "$W/open"
mkdir -m 777 "$W/place"
ok "a place others can write is refused" code 1 mk "$W/place/jail"
: > "$W/file"
ok "a file in the place of the jail is refused" code 1 mk "$W/file"
usage() { "$B/bin/hpaudit" "$@" > /dev/null 2>&1; [ $? -eq 64 ]; }
ok "no manifest: usage" usage mkjail "$W/x"
ok "no verb: usage" usage
ok "unknown verb: usage" usage nonsense
ok "check without a file: usage" usage check
finish
