#!/bin/sh
# SPDX-License-Identifier: ISC
# Each child is killed under load, then (test build) writes through a null
# pointer on a message: it comes back, the others live, the next connection
# works, the log tells and has no gap.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default

talk() { # one session with the echo service
	[ "$(echo hello | tester timeout 5 nc -N -w 3 $NET.10 7 2>/dev/null)" = hello ]
}
load_on() { # connections one after the other, and SYNs
	touch "$W/load"
	while [ -e "$W/load" ]; do talk; done > /dev/null 2>&1 &
	LOAD1=$!
	tester hping3 -q -i u500 -S -p 22 $NET.10 >/dev/null 2>&1 &
	LOAD2=$!
	KILL_PIDS="$LOAD1 $LOAD2"
}
load_off() {
	rm -f "$W/load"
	kill $LOAD2
	wait $LOAD1 $LOAD2 2>/dev/null
	KILL_PIDS=
}
note_pids() { for o in $ALL; do echo "$o $(hpd_pid $o)"; done > "$W/pids"; }
others_same() { # all but $1 still have the pids of before
	for o in $ALL; do
		[ $o = "$1" ] || grep -qx "$o $(hpd_pid $o)" "$W/pids" || { echo "$o is new"; return 1; }
	done
}
returns() { # name old-pid how
	ok "$1 comes back after $3" eventually 10 hpd_pid_new $1 "$2"
	ok "...the others live" others_same $1
	ok "...a connection works" eventually 10 talk
	ok "...the log says it died" eventually 5 event_said proc.down "$1 pid $2: signal $4"
}
ALL="hpd-net hpd-svc hpd-svc-shell hpd-log"

ok "the suite starts" hpd_start || finish
ok "a session works" eventually 10 talk
load_on
for k in hpd-net hpd-svc hpd-log; do
	note_pids
	old=$(hpd_pid $k)
	sleep 0.5
	kill -KILL "$old"
	returns $k "$old" KILL 9
done
load_off
sleep 1
ok "TERM ends it with 0" hpd_stop
ok "the log is whole lines of JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
ok "no gap in any producer's sequence but log.lost" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
note "$(python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl | tail -1)"

if [ ! -x "${INJECTB:-/nowhere}/bin/hpd-parent" ]; then
	skip "crash from inside" "no test build (INJECTB)"
	finish
fi
plain=$B
B=$INJECTB
case $B in /*) ;; *) B=$PWD/$B ;; esac
for k in net svc log; do
	rm -rf "$W/log"
	ok "test build: the suite starts" hpd_start -j "$plain/jail" -X $k:crash=IMAGE || finish
	eventually 10 talk
	load_on
	sleep 0.3
	note_pids
	old=$(hpd_pid hpd-$k)
	kill -HUP "$HPD"
	returns hpd-$k "$old" "a null pointer" 11
	load_off
	sleep 0.5
	ok "TERM ends it with 0" hpd_stop
	ok "no gap in any producer's sequence but log.lost" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
done
finish
