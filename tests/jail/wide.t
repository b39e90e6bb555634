#!/bin/sh
# SPDX-License-Identifier: ISC
# hpd-parent -P: policies in place of the shipped ones, wider ones too. Said at
# start and in the log; the same files by -o only narrow.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP numbers of x86_64"; exit 0; }
netns_up
A=$B/bin/hpaudit
P=$W/policies
mkdir "$P" "$W/s"
cat > "$W/s/prio.pl" <<'S'
$| = 1;
print "getpriority ", syscall(140, 0, 0) < 0 ? "refused" : "works", "\n";
print "socket ", syscall(41, 2, 1, 0) < 0 ? "refused" : "works", "\n";
S
ok "a jail" "$A" mkjail -m scripts/jail.manifest -s "$W/s" -i "$B/bin/hpd-init" "$W/jail" || finish
cat > "$W/hpd.conf" <<C
create web
set web default tcp action closed
add web tcp port 1000 "perl scripts/prio.pl"
bind $NET.10 web
log syslog unix "$W/s"
C
for n in svc svc-nofork; do
	sed 's/^allow alarm /allow getpriority alarm /' "policies/$n.policy" > "$P/$n.policy"
done
sed 's/^allow exit exit_group/allow exit exit_group uname/' policies/net.policy > "$P/net.policy"
sed 's/^allow exit exit_group/allow exit exit_group uname/' policies/log.policy > "$P/log.policy"
sed 's/^allow exit exit_group/allow exit exit_group uname/' policies/ship.policy > "$P/ship.policy"
ask() { tester timeout 10 nc -w 5 "$NET.10" 1000 < /dev/null | tr '\n' ' '; }
start() { hpd_start -j "$W/jail" "$@"; }

ok "by -o the suite starts" start -o "$P" || finish
is "a wider call stays refused" "$(ask)" "getpriority refused socket refused "
ok "it stops" hpd_stop
ok "by -P it starts" start -P "$P" || finish
is "a script may what they say, and no more" "$(ask)" "getpriority works socket refused "
ok "it is told which calls" grep -q 'svc-nofork.policy:.*wider than the shipped policy, and in force (-P): getpriority' "$W/err"
ok "... and that they replace the shipped ones" grep -q 'IN PLACE of the shipped ones (-P): net log svc svc-nofork ship' "$W/err"
for k in hpd-net hpd-log hpd-svc hpship; do
	ok "$k says so itself" grep -q "$k: policy .* is the operator's, not the shipped one (-P)" "$W/err"
done
told() { grep -q 'IN PLACE of the shipped ones' "$W"/log/events-*.jsonl; }
ok "the log says so" eventually 5 told
for k in hpd-net hpd-svc hpd-log hpship; do
	not_ok "hpaudit proc calls $k out" "$A" proc "$(hpd_pid $k)"
done
ok "... hpd-parent is as shipped" "$A" proc "$HPD"
old=$(hpd_pid hpd-net)
kill -KILL "$old"
again() { [ -n "$(hpd_pid hpd-net)" ] && [ "$(hpd_pid hpd-net)" != "$old" ]; }
ok "a restarted child" eventually 10 again
sleep 1
is "... has them as well" "$(grep -c "hpd-net: policy net is the operator's" "$W/err")" 2
is "... and decoys go on" "$(ask)" "getpriority works socket refused "
ok "TERM ends it with 0" hpd_stop
code64() { "$@" > "$W/out" 2>&1; [ $? -eq 64 ]; }
ok "-o and -P together are refused" code64 "$B/bin/hpd-parent" -n -o "$P" -P "$P" -f "$W/hpd.conf"
finish
