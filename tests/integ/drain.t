#!/bin/sh
# SPDX-License-Identifier: ISC
# TERM while a session is open: it may end within five seconds, new ones are
# refused, then all ends; a second TERM does not wait.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
hold() { # a session that stays until we close it
	rm -f "$W/hold"
	mkfifo "$W/hold"
	tester nc -N $NET.10 7 < "$W/hold" > "$W/hold.out" 2>&1 &
	NC=$!
	KILL_PIDS=$NC
	exec 9> "$W/hold"
	echo first >&9
	eventually 10 grep -q first "$W/hold.out"
}
now() { date +%s%N; }
ok "the suite starts" hpd_start || finish
ok "a session is open" hold
kill -TERM "$HPD"
sleep 1
ok "the session still works" sh -c "echo second > '$W/hold'; sleep 0.5; grep -q second '$W/hold.out'"
exec 9>&-
ok "its end ends the suite" eventually 2 hpd_gone
wait "$HPD"; is "...with 0" $? 0
HPD=

rm -rf "$W/log"
ok "again" hpd_start || finish
ok "a session is open" hold
t0=$(now)
ok "a session that stays is cut" hpd_stop
ms=$((($(now) - t0) / 1000000))
note "$ms ms"
ok "...after five seconds" test $ms -ge 4500 -a $ms -le 7500
exec 9>&-
ok "the connection's end is in the log" event_said tcp.close '"why":"drain"'
ok "...and the script's" event_said svc.exit '"why":"(exit|drain)"'

rm -rf "$W/log"
ok "again" hpd_start || finish
ok "a session is open" hold
t0=$(now)
kill -TERM "$HPD"; sleep 0.3; kill -TERM "$HPD"
ok "a second TERM does not wait" eventually 3 hpd_gone
wait "$HPD"; is "...and is still 0" $? 0
HPD=
exec 9>&-
finish
