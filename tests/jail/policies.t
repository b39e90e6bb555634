#!/bin/sh
# SPDX-License-Identifier: ISC
# Policies of the operator's: narrower ones hold in daemons and scripts, wider
# ones change nothing, bad ones are refused at start and at a reload.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
A=$B/bin/hpaudit
P=$W/policies
mkdir "$P"
mkdir -p "$W/s"
cat > "$W/s/ids.pl" <<'S'
use strict; $| = 1; $! = 0;
my $pid = syscall(39); # getpid
print "getpid ", $pid < 0 ? "refused " . ($! + 0) : "works", "\n";
print "getppid ", syscall(110) < 0 ? "refused" : "works", "\n";
my $x = "/x"; $! = 0; my $r = syscall(90, $x, 0777); # chmod
print "chmod ", $r < 0 ? "refused " . ($! + 0) : "works", "\n";
my @h; while (@h < 64 && open my $d, '<', 'scripts/ids.pl') { push @h, $d }
print "files ", scalar(@h) < 12 ? "few" : "many", "\n";
S
echo '$| = 1; print "here\n"; sleep 60' > "$W/s/wait.pl"
ok "a jail" "$A" mkjail -m scripts/jail.manifest -s "$W/s" -i "$B/bin/hpd-init" "$W/jail" || finish
cat > "$W/hpd.conf" <<C
create web
set web default tcp action closed
add web tcp port 1000 "perl scripts/ids.pl" sessions 50 source 50
add web tcp port 1001 "perl scripts/wait.pl" sessions 50 source 50
add web tcp port 1002 "perl scripts/ids.pl" profile shell sessions 50 source 50
bind $NET.10 web
log syslog unix "$W/s"
C
ask() { tester timeout 10 nc -w 5 "$NET.10" "${1:-1000}" < /dev/null; }
start() { hpd_start -j "$W/jail" -o "$P"; }
code() { want=$1; shift; "$@" > "$W/out" 2>&1; got=$?; cat "$W/out"; [ $got -eq $want ] || { echo "exit $got"; return 1; }; }
check() { "$B/bin/hpd-parent" -n -L "$B/bin" -j "$W/jail" -f "$W/hpd.conf" -o "$P" 10.0.0.1; }

# None: the directory may be empty, but must be there when it is named.
ok "an empty directory" check
ok "no directory of that name" code 1 "$B/bin/hpd-parent" -n -L "$B/bin" -j "$W/jail" -f "$W/hpd.conf" -o "$P/nothing" 10.0.0.1
ok "the suite starts without" start || finish
ask > "$W/a"
is "a script has its calls" "$(tr '\n' ' ' < "$W/a")" "getpid works getppid works chmod refused 1 files many "
ask 1002 > "$W/a"
is "... of the other profile, too" "$(sed -n 1,2p "$W/a" | tr '\n' ' ')" "getpid works getppid works "
not_ok "nothing is said of policies" grep -q 'policies of the operator' "$W/err"
ok "... stops" hpd_stop

# The shipped ones, cut.
cut() { sed "$2" "policies/$1.policy" > "$P/$1.policy"; }
cut svc-nofork 's/^allow getpid /allow /; s/^rlimit nofile 32/rlimit nofile 10/; s/^rlimit cpu 10/rlimit cpu 99/
	s/^allow getgroups/allow chmod # why: a test\nallow getgroups/; s/^mdwe on/mdwe off/'
cut net 's/ readv writev shutdown if/ writev shutdown if/'
cut log 's/ clock_nanosleep//'
cut ship 's/ clock_nanosleep//'
cut svc 's/^allow alarm setitimer getitimer /allow alarm setitimer /'
cut svc-shell 's/^allow getpid getppid /allow getpid /'
cut svc-S 's/ getpgrp / /'
ok "narrower ones pass" code 0 check
ok "... a wider call is told, and that it stays refused" grep -q '^svc-nofork.policy:[1-9][0-9]*: warning: wider than the shipped policy, stays refused: chmod$' "$W/out"
ok "... a wider limit" grep -q 'svc-nofork.policy:.*warning: RLIMIT_CPU: the shipped limit is lower and holds' "$W/out"
ok "... what no policy can change" grep -q 'svc-nofork.policy:.*warning: mdwe: stays as shipped' "$W/out"
is "... and nothing else" "$(grep -c warning "$W/out")" 3
ok "the suite starts with them" start || finish
ok "... they are named" grep -q "policies of the operator in $P, .*: net log svc svc-S svc-nofork svc-shell ship\$" "$W/err"
named() { cat "$W"/log/events-*.jsonl | jq -r .message 2>/dev/null | grep -q 'policies of the operator'; }
ok "... in the log, too" eventually 10 sh -c "grep -q 'policies of the operator' '$W'/log/events-*.jsonl"
ask > "$W/a"
is "a script lacks what they lack" "$(tr '\n' ' ' < "$W/a")" "getpid refused 1 getppid works chmod refused 1 files few "
ask 1002 > "$W/a"
is "... of the other profile, too" "$(sed -n 1,2p "$W/a" | tr '\n' ' ')" "getpid works getppid refused "
filters() { grep '^Seccomp_filters:' "/proc/$1/status" | tr -dc 0-9; }
own=$(filters "$HPD")
for d in hpd-net hpd-log hpd-svc hpd-svc-shell hpship; do
	is "$d has two filters of its own" $(($(filters "$(hpd_pid $d)") - own)) 2
done
sleep 50 | tester timeout 50 nc "$NET.10" 1001 > "$W/waiting" &
KILL_PIDS="$KILL_PIDS $!"
ok "a script that stays" eventually 10 grep -q here "$W/waiting"
script=$(pgrep -P "$(hpd_pid hpd-svc)" | head -1)
ok "hpaudit proc finds them byte for byte" code 0 "$A" proc -d "$P" --all "$HPD"
ok "... the script, too" grep -q 'ok  filter [0-9]* is policy svc-nofork with the operator.s svc-nofork, byte for byte' "$W/out"
ok "... and its limits" sh -c "grep -q 'Max open files  *10  *10 ' /proc/$script/limits"
not_ok "... and without -d that they are more than shipped" "$A" proc --all "$HPD"
kill -KILL "$script"

# A reload: bad ones change nothing, new ones hold for new scripts.
echo 'allow nonsense' >> "$P/svc-nofork.policy"
kill -HUP "$HPD"
ok "a bad one is told with file and line" eventually 15 grep -q 'svc-nofork.policy:[1-9][0-9]*: unknown system call nonsense' "$W/err"
ok "... and the old configuration stays" eventually 10 grep -q 'configuration not taken, generation 1 stays' "$W/err"
ask > "$W/a"
is "... in scripts" "$(sed -n 1p "$W/a")" "getpid refused 1"
rm "$P/svc-nofork.policy"
cut net 's/ gettimeofday / /'
kill -HUP "$HPD"
ok "others for a running daemon wait for its next start" eventually 15 grep -q "hpd-net: the operator's policy net is another one now: it takes effect" "$W/err"
ok "... the new generation is taken" eventually 15 grep -q 'configuration taken, generation 2' "$W/err"
ask > "$W/a"
is "... a script is as shipped again" "$(tr '\n' ' ' < "$W/a")" "getpid works getppid works chmod refused 1 files many "
old=$(hpd_pid hpd-net)
kill -KILL "$old"
again() { n=$(hpd_pid hpd-net); [ -n "$n" ] && [ "$n" != "$old" ] && ask | grep -q 'getpid works'; }
ok "hpd-net comes back" eventually 20 again
ok "... with the new one" "$A" proc -d "$P" --all "$HPD"
ok "TERM ends it with 0" hpd_stop

# Bad ones at start.
echo 'allow nonsense' >> "$P/log.policy"
ok "a bad one: 78" code 78 check
ok "... by the suite, too" sh -c "
	'$B/bin/hpd-parent' -A -d -L '$B/bin' -j '$W/jail' -f '$W/hpd.conf' -l '$W/log' -N '$NS_D' -i '$IF_D' -o '$P' 2>/dev/null; [ \$? = 78 ]"
rm "$P"/*
cp policies/net.policy "$P/nets.policy"
ok "a file of no policy: 78" code 78 check
ok "... is named" grep -q 'nets.policy: not a policy that can be narrowed' "$W/out"
mv "$P/nets.policy" "$P/log.policy"
ok "another's policy: 78" code 78 check
ok "... is named" grep -q '^log.policy:.*policy net in the file of log' "$W/out"
finish
