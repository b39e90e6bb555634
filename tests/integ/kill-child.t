#!/bin/sh
# SPDX-License-Identifier: ISC
# Each child is killed and crashed under load: it comes back, the next
# connection works, the log tells and has no gap.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "the suite starts" hpd_start

talk() { # one session with the echo service
	r=$(printf 'hello\nquit\n' | tester timeout 5 nc -N -w 3 $NET.10 7 2>/dev/null)
	case $r in *hello*) return 0 ;; *) return 1 ;; esac
}
load() { # connections one after the other until the flag file goes
	touch "$W/load"
	while [ -e "$W/load" ]; do talk; done &
	LOAD1=$!
	tester hping3 -q --faster -S -p 22 $NET.10 >/dev/null 2>&1 &
	LOAD2=$!
	KILL_PIDS="$LOAD1 $LOAD2"
}
ok "a session works" eventually 10 talk
load
others_same() { # all but $1 still have the pids of before
	for o in hpd-net hpd-svc hpd-log; do
		[ $o = "$1" ] || grep -qx "$o $(hpd_pid $o)" "$W/pids" || { echo "$o is new"; return 1; }
	done
}
for sig in KILL SEGV; do
	for k in hpd-net hpd-svc hpd-log; do
		for o in hpd-net hpd-svc hpd-log; do echo "$o $(hpd_pid $o)"; done > "$W/pids"
		old=$(hpd_pid $k)
		sleep 0.5
		kill -$sig "$old"
		ok "$k comes back after $sig" eventually 15 hpd_pid_new $k "$old"
		ok "...the others live" others_same $k
		ok "...a connection works" eventually 15 talk
		ok "...the log says it died" eventually 5 event_said proc.down "$k pid $old: signal"
	done
done
rm -f "$W/load"
kill $LOAD2 2>/dev/null
sleep 1
ok "TERM ends it with 0" hpd_stop
ok "the log is whole lines of JSON" sh -c "cat '$W'/log/events-*.jsonl | jq -e . > /dev/null"
ok "no gap in any producer's sequence but log.lost" python3 tests/lib/seqcheck.py "$W"/log/events-*.jsonl
finish
