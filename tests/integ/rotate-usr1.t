#!/bin/sh
# SPDX-License-Identifier: ISC
# USR1 begins new segments; nothing is lost between them.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "the suite starts" hpd_start || finish
segs() { ls "$W"/log/events-*.jsonl | wc -l; }
have() { [ "$(segs)" -eq "$1" ]; }
tester hping3 -q -i u2000 -S -p 22 $NET.10 >/dev/null 2>&1 &
KILL_PIDS=$!
for n in 2 3 4 5; do
	sleep 0.4
	kill -USR1 "$HPD"
	ok "segment $n" eventually 5 have $n
done
kill $KILL_PIDS
ok "TERM ends it with 0" hpd_stop
ok "all is JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
ok "no gap over the segments" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
ok "events.jsonl is the newest" test "$(readlink "$W/log/events.jsonl")" = "$(ls "$W/log" | grep '^events-' | tail -1)"
is "every segment has mode 0640" "$(find "$W/log" -name 'events-*' ! -perm 0640 | wc -l)" 0
finish
