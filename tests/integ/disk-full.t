#!/bin/sh
# SPDX-License-Identifier: ISC
# The disk of the log is full: decoys go on, what could not be kept is counted,
# and logging goes on when there is room.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
mkdir "$W/log"
chmod 750 "$W/log"
mount -t tmpfs -o size=256k,mode=0750 none "$W/log" || { skip "disk full" "no tmpfs here"; finish; }
trap 'rc=$?; schema_check "$W" || rc=1; umount -l "$W/log" 2>/dev/null; (exit $rc); netns_cleanup' EXIT
ok "the suite starts" hpd_start || finish
pings=0
pinged() { # COUNT DECOY: so many requests, all answered
	pings=$((pings + $1))
	tester ping -c "$1" -i 0.2 -W 5 "$2" > "$W/out"
}
ok "a decoy answers" pinged 3 $NET.10
full() { head -c 1000k /dev/zero >> "$W/log/filler" 2>/dev/null; ! dd if=/dev/zero of="$W/log/filler2" bs=4k count=1 2>/dev/null; }
full && rm -f "$W/log/filler2" && full
i=0
while [ $i -lt 5 ]; do
	pinged 2 $NET.1$((i % 2)) || break
	i=$((i + 1))
done
is "decoys answer while the disk is full" $i 5
is "so does a service" "$(echo hello | tester timeout 10 nc -N -w 5 $NET.10 7)" hello
stuck() { grep -qE 'stream (events|probes) stopped' "$W/err"; }
ok "hpd-log says what stopped" eventually 10 stuck
n0=$(events | wc -l)
rm -f "$W/log/filler" "$W/log/filler2"
more() { pinged 1 $NET.11; [ "$(events | wc -l)" -gt $((n0 + 1)) ]; }
ok "logging goes on when there is room" eventually 25 more
told() { event_said log.text 'stream (events|probes) stopped: No space left'; }
ok "the log says why it stood still" eventually 25 told
pinged 2 $NET.10
ok "TERM ends it with 0" hpd_stop
ok "no gap but what log.lost names" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
cat "$W"/log/*-*.jsonl > "$W/all"
lines=$(jq -r 'select(.event.action == "hpd.icmp.probe") | .hpd.count' "$W/all" | awk '{ s += $1 } END { printf "%d", s }')
counts=$(jq -r 'select(.event.action == "hpd.log.folded" and .hpd.folded.kind == "icmp.probe") | .hpd.folded.packets' "$W/all" | awk '{ s += $1 } END { printf "%d", s }')
note "$pings requests: $lines in lines, $counts in counts"
is "every request is a line or in a count, once" $((lines + counts)) $pings
ok "the session of that time is there" grep -q '"hpd.tcp.close"' "$W/all"
ok "the seal is intact" "$B/bin/hpview" verify "$W/log"
finish
