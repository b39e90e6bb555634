#!/bin/sh
# SPDX-License-Identifier: ISC
# Every step of the sandbox: when a must step fails or is missing the process
# does not start and says which; when an if-present step is missing it starts
# and says so. Needs root and the programs of an INJECT=1 build.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
: "${B:=build}"
: "${INJECTB:=$B/inject}"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
[ -x "$INJECTB/bin/hpd-log" ] || { echo "1..0 # SKIP no INJECT build in $INJECTB"; exit 0; }
W=$(mktemp -d /tmp/hpd-steps.XXXXXX) || exit 1
trap 'rm -rf "$W" "$tap_tmp"' EXIT
trap 'exit 130' INT TERM HUP
chmod 755 "$W"
mkdir -p "$W/jail/dev" && : > "$W/jail/dev/null"
I=$INJECTB/bin
ID="-u 1879099002 -g 1879099002"
MUST="namespaces root rlimits bounding ids caps pdeathsig nodump no-new-privs
    landlock-fs seccomp verify"
IF_PRESENT="mdwe landlock-net landlock-scope"

# start PROGRAM ARGS: what it printed is in $W/out (with descriptor 2), the end
# in $W/how.
start() { tests/jail/start.pl "$@" > "$W/how" 2> "$W/out"; }
starts() { start "$@"; grep -qx hello "$W/how"; }
says() { grep -q -- "$1" "$W/out" || { cat "$W/how" "$W/out"; return 1; }; }
refuses() { # STEP, then the command
	rf=$1; shift
	start "$@"
	! grep -qx hello "$W/how" && grep -qE '^exit [1-9]' "$W/how" &&
	    says "step $rf:"
}
reports() {
	rp=$1; shift
	starts "$@" && says "missing in this kernel: .*$rp" &&
	    grep -qx 'exit 1' "$W/how" # the channel went away
}

try() { # label, command
	label=$1; shift
	ok "$label starts with every step" starts "$@"
	for s in $MUST; do
		ok "$label: $s fails: it does not start" refuses $s "$@" -X $s=fail
		ok "$label: $s missing: it does not start" refuses $s "$@" -X $s=absent
	done
	for s in $IF_PRESENT; do
		ok "$label: $s missing: it starts and says so" reports $s "$@" -X $s=absent
		ok "$label: $s fails: it does not start" refuses $s "$@" -X $s=fail
	done
	ok "$label: all that may be missing is" starts "$@" -X mdwe=absent \
	    -X landlock-net=absent -X landlock-scope=absent
	ok "$label: ...and is said in one line" says \
	    "missing in this kernel: mdwe landlock-net landlock-scope"
}
try hpd-net $I/hpd-net $ID
try hpd-log $I/hpd-log $ID
try hpship $I/hpship $ID
try hpd-svc $I/hpd-svc -j "$W/jail"
try "hpd-svc -S" $I/hpd-svc -S -j "$W/jail"

# Without anything injected: what is really wrong is found as well.
plain() { START_PLAIN=1 tests/jail/start.pl "$@" > "$W/how" 2> "$W/out"; ! grep -qx hello "$W/how"; }
ok "hpd-net outside of namespaces does not start" plain $B/bin/hpd-net $ID
ok "...and says why" says 'step namespaces'
ok "hpd-svc without a jail does not start" refuses root $B/bin/hpd-svc -j "$W/nothing"
chmod 777 "$W/jail"
ok "hpd-svc in a jail others can write does not start" refuses root $B/bin/hpd-svc -j "$W/jail"
chmod 755 "$W/jail"; chown 1879099001 "$W/jail"
ok "hpd-svc in somebody else's jail does not start" refuses root $B/bin/hpd-svc -j "$W/jail"
chown 0 "$W/jail"; rm "$W/jail/dev/null"
ok "hpd-svc in a jail without /dev/null does not start" refuses root $B/bin/hpd-svc -j "$W/jail"
not_ok "the host still has its mounts" grep -q "$W" /proc/mounts
ok "a normal build knows no -X" sh -c "'$B/bin/hpd-log' $ID -X caps=fail 2>&1 | grep -qi usage"

# hpd-conf: with and without root.
echo 'create a' > "$W/c.conf"
chmod 644 "$W/c.conf"
conf() { $I/hpd-conf -n -c 4:c.conf "$@" 4< "$W" > "$W/how" 2> "$W/out"; }
conf_refuses() { rf=$1; shift; ! conf "$@" && says "step $rf:"; }
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups \
    $I/hpd-conf -n -c 4:c.conf "$@" 4< "$W" > "$W/how" 2> "$W/out"; }
nobody_refuses() { rf=$1; shift; ! nobody "$@" && says "step $rf:"; }
ok "hpd-conf starts as root" conf -u 1879099001 -g 1879099001
ok "hpd-conf starts without root" nobody
for s in $MUST; do
	ok "hpd-conf: $s fails: it does not start" conf_refuses $s -X $s=fail \
	    -u 1879099001 -g 1879099001
done
for s in rlimits no-new-privs nodump landlock-fs seccomp verify; do
	ok "hpd-conf without root: $s fails: it does not start" nobody_refuses $s -X $s=fail
done
finish
