#!/bin/sh
# SPDX-License-Identifier: ISC
# kill -9 of hpd-parent: nothing of the suite is left within a second.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "the suite starts" hpd_start || finish
# A session, so that a script runs too.
mkfifo "$W/hold"
tester nc -w 30 $NET.10 7 < "$W/hold" >/dev/null 2>&1 &
KILL_PIDS=$!
exec 9> "$W/hold"
scripts() { pgrep -P "$(hpd_pid hpd-svc)" >/dev/null; }
ok "a script runs" eventually 10 scripts
pids="$(hpd_pids | tr '\n' ' ') $(pgrep -P "$(hpd_pid hpd-svc)" | tr '\n' ' ')"
note "pids $pids"
kill -KILL "$HPD"
wait "$HPD" 2>/dev/null
sleep 1
left=
for p in $pids; do
	[ ! -d "/proc/$p" ] || grep -q '^State:.*Z' "/proc/$p/status" 2>/dev/null || left="$left $p"
done
is "nothing is left after a second" "$left" ""
HPD=
exec 9>&-
ok "the suite starts again on the same log" hpd_start
ok "TERM ends it with 0" hpd_stop
ok "both lives are in the log" test "$(events start | wc -l)" -eq 2
finish
