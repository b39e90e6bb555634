#!/bin/sh
# SPDX-License-Identifier: ISC
# hpaudit check, show and proc, the last also on processes that are not what
# their name says. Needs root.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
: "${B:=build}"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
W=$(mktemp -d /tmp/hpd-audit.XXXXXX) || exit 1
PID=
trap '[ -z "$PID" ] || kill -KILL $PID 2>/dev/null; rm -rf "$W" "$tap_tmp"' EXIT
trap 'exit 130' INT TERM HUP
A=$B/bin/hpaudit
code() { want=$1; shift; "$@"; got=$?; [ $got -eq $want ] || { echo "exit $got"; return 1; }; }
ok "check accepts every shipped policy" $A check policies/*.policy
echo 'policy x v1' > "$W/x.policy"
ok "check refuses a bad one" code 1 $A check "$W/x.policy"
ok "check of a missing file fails" code 1 $A check "$W/nothing.policy"
ok "show of a bad one fails" code 1 $A show "$W/x.policy"
policy() { # default, then lines of calls
	{ echo 'policy x v1'; echo "default $1"; echo 'badarch kill'; shift
	for l in "$@"; do echo "$l"; done
	printf 'landlock none\nns none\ncaps none\nbounding none\nmdwe off\n'; } > "$W/x.policy"
}
shows() { $A show "$W/x.policy" | grep -qE "$1" || { $A show "$W/x.policy" | grep "${1%% *}"; return 1; }; }
policy kill 'allow read if fd in 6..15' 'errno ENOSYS clone3' 'allow write'
ok "show: a condition is two verdicts" shows '^read +(kill . allow|allow . kill)$'
ok "show: ...and the text" shows '^ +allow if fd in 6..15$'
ok "show: an error number by name" shows '^clone3 +errno ENOSYS$'
ok "show: allowed" shows '^write +allow$'
ok "show: the default" shows '^ptrace +kill$'
ok "show: other architectures" shows '^\(i386\) +kill$'
ok "check has nothing to say" code 0 $A check "$W/x.policy"
policy kill 'allow ioctl # why: test'
ok "check: ioctl without a condition" code 1 $A check "$W/x.policy"
policy kill 'allow ptrace # why: test'
ok "check: ptrace allowed" code 1 $A check "$W/x.policy"
policy 'errno EPERM' 'allow read'
ok "check: clone3 that does not fall back" code 1 $A check "$W/x.policy"

# A process with the name of ours and none of its sandbox.
cp "$(command -v sleep)" "$W/hpd-net"
"$W/hpd-net" 60 &
PID=$!
sleep 0.2
ok "proc: a bare process is found out" code 1 $A proc $PID
for what in 'user 0' 'capabilities' 'bounding' 'no_new_privs 0' 'net namespace' \
    'root directory' 'filtered'; do
	ok "proc: ...its $what" sh -c "'$A' proc $PID | grep -q 'BAD.*$what'"
done
kill -KILL $PID; wait $PID 2>/dev/null; PID=
ok "proc: a process that is not of the suite" code 1 $A proc 1
ok "proc: no process" code 1 $A proc 4000000
ok "proc: not a number" code 64 $A proc x
ok "proc: nothing" code 64 $A proc
finish
