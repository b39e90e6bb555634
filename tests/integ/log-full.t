#!/bin/sh
# SPDX-License-Identifier: ISC
# The budget used up by what sessions said: with `log full stop' no more is
# written, decoys answer, and it goes on when there is room; with `log full
# oldest' the oldest goes.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
MIB=1048576
conf_default
cat >> "$W/hpd.conf" <<'END'
log size 1M
log budget 2M
set web transcript 1M
END
ok "the suite starts" hpd_start || finish
head -c 200000 /dev/urandom | base64 -w 100 > "$W/in"
say() { tester timeout 10 nc -N -w 3 $NET.10 7 < "$W/in" > "$W/out"; }
level() { event_said log.level "$1"; }
# In the log it may only stand when there is room again.
stopped() { say; grep -q 'events are not written any more' "$W/err"; }
ok "sessions fill the log: no more is written" eventually 15 stopped
used() { cat "$W"/log/*-*.* | wc -c; }
say; say
sleep 2
u=$(used)
note "$u bytes"
# a sixteenth of the budget for each segment in use, 1 MiB over it
ok "the budget holds, but for what is under way" test "$u" -le $((2 * MIB + MIB + 512 * 1024))
ok "decoys answer" tester ping -c1 -W2 $NET.10
echo "still here" | tester timeout 10 nc -N -w 3 $NET.10 7 > "$W/out"
ok "...services too" grep -q "still here" "$W/out"
is "no session's segment was removed" "$(events log.retired | grep -c '"stream":"events"')" 0

sed -i 's/^log budget.*/log budget 64M/' "$W/hpd.conf"
kill -HUP "$HPD"
ok "a reload gives room: it is written again" eventually 15 level 'events are written again'
ok "the log says that it was not" level 'events are not written any more: the budget of the log is short'
ok "...and that probes were counted" level 'frames and probes are counted'
ok "in the end everything is kept" eventually 40 level 'everything is kept'

sed -i 's/^log budget.*/log budget 1M/' "$W/hpd.conf"
echo "log full oldest" >> "$W/hpd.conf"
kill -HUP "$HPD"
say; say
small() { [ "$(used)" -le $((1 * MIB + 512 * 1024)) ]; }
ok "log full oldest: the oldest events go" eventually 15 small
ok "...which the log says" eventually 5 event_said log.retired '"stream":"events"'
n=$(events log.retired | wc -l)
say; say; say
on() { [ "$(events log.retired | wc -l)" -gt 0 ] && small && event_said tcp.close .; }
ok "...and the newest are kept" eventually 15 on
ok "TERM ends it with 0" hpd_stop
ok "all is JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
ok "the seal is intact" "$B/bin/hpview" verify "$W/log"
finish
