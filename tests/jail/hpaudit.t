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

# sim, test, diff, live, show's forms
ok "sim: a stack of two" sh -c "$A sim policies/parent.policy+policies/net.policy 'sendto fd=6 addr=1' | grep -qx 'sendto fd=6 addr=1: kill'"
ok "sim: constants, names of descriptors" sh -c "$A sim policies/svc-nofork.policy 'execveat fd=\$interp flags=AT_EMPTY_PATH' | grep -q ': allow$'"
ok "sim: no such call" code 1 $A sim policies/net.policy 'nonsense'
ok "sim: no such argument" code 1 $A sim policies/net.policy 'sendto nothing=1'
printf 'stack x\nread => allow\nread a0=6 => kill\n' > "$W/x.cases"
policy kill 'allow read if fd == 0'
ok "test: one of two is wrong" sh -c "$A test $W/x.cases | grep -c '^not ok' | grep -qx 0 && ! $A test -d policies $W/x.cases 2>/dev/null"
printf 'stack x\nread => errno EPERM\n' > "$W/x.cases"
ok "test: a wrong expectation fails" code 1 $A test "$W/x.cases"
printf 'read => allow\n' > "$W/x.cases"
ok "test: a case without a policy is an error" code 1 $A test "$W/x.cases"
printf 'stack x\nread => perhaps\n' > "$W/x.cases"
ok "test: an unknown verdict is an error" code 1 $A test "$W/x.cases"
cp "$W/x.policy" "$W/a.policy"
ok "diff: equal ones" code 0 $A diff "$W/a.policy" "$W/x.policy"
policy kill 'allow read if fd in 0..1'
ok "diff: one descriptor more is wider" sh -c "$A diff $W/a.policy $W/x.policy | grep -q '^wider .*read a0=0x1: kill -> allow'"
ok "diff: ...and fails" code 1 $A diff "$W/a.policy" "$W/x.policy"
ok "diff: narrower does not fail" code 0 $A diff "$W/x.policy" "$W/a.policy"
policy kill 'allow read if fd == 0'; sed -i 's/^caps none/caps kill/; s/^bounding none/bounding kill/' "$W/x.policy"
ok "diff: a capability more" sh -c "$A diff $W/a.policy $W/x.policy | grep -q '^wider .*capabilities'"
ok "live: kernel and simulator agree on every shipped policy" $A live policies/*.policy
ok "live: and on many probes" sh -c "$A live policies/net.policy | grep -qE '^net: [0-9]{4} probes.* 0 disagree'"
ok "show -j is JSON" sh -c "$A show -j policies/svc.policy | jq -e '.calls[] | select(.call == \"bpf\").verdicts == [\"kill\"]' > /dev/null"
ok "show -r is what show -b lists" sh -c "[ \$(($($A show -r policies/net.policy | wc -c) / 8)) = \$($A show -b policies/net.policy | wc -l) ]"

# run: a command under a policy (through pipes: scripts may not write files)
run() { { $A run "$@" 2>&1 >&3 | cat > "$W/err"; } 3>&1 | cat; }
N=policies/svc-nofork.policy
ok "a jail to run in" $A mkjail -m scripts/jail.manifest -s scripts -i "$B/bin/hpd-init" "$W/jail"
is "run: what is allowed works" "$(run -p $N -j "$W/jail" -u 65534 -- /bin/busybox echo hello)" hello
is "run: no child" "$(run -p $N -j "$W/jail" -u 65534 -- /bin/busybox sh -c 'cat /dev/null & echo $?' )" ""
is "run: nothing is written" "$(run -p $N -j "$W/jail" -u 65534 -- /bin/busybox sh -c 'echo x > /bin/x; echo done')" done
ok "run: a daemon's policy kills a command" sh -c "$A run -p policies/net.policy -- /bin/true 2> '$W/err'; [ \$? = 159 ]"
ok "run: ...and says so" grep -q 'killed by the filter' "$W/err"
ok "run: its exit code is the command's" sh -c "$A run -p $N -j '$W/jail' -- /bin/busybox sh -c 'exit 7'; [ \$? = 7 ]"
ok "run: no policy is a wrong call" code 64 $A run -- /bin/true
ok "run: no such program" code 1 $A run -p $N -- /bin/nosuch
printf 'use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0) or print "refused\\n"; fork // print "no child\\n"' > "$W/x.pl"
is "run --trace: goes on as if refused" "$(run --trace -p $N -- /usr/bin/perl "$W/x.pl" | tr '\n' ' ')" "refused no child "
ok "run --trace: names the call and its arguments" grep -q 'refused (EPERM): allow socket if domain == 0x2 and type == 0x' "$W/err"
ok "run --trace: and the other" grep -qE 'refused \((EPERM|ENOSYS)\): allow (clone|fork)' "$W/err"

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
