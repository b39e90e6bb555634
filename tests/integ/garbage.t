#!/bin/sh
# SPDX-License-Identifier: ISC
# A child that was taken over says every kind of nonsense on each of its channels: it is
# killed, the log says which check failed, its successor runs, the others stay.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
BAD=$W/bin
mkdir "$BAD"
real() { # every program as built, standin in place of $1
	rm -f "$BAD"/*
	for p in hpd-conf hpd-net hpd-svc hpd-log hpship; do
		if [ $p = "$1" ]; then
			cp "$B/tests/integ/standin" "$BAD/$p"
		else
			cp "$B/bin/$p" "$BAD/$p"
		fi
	done
}
start_bad() { hpd_start -L "$BAD" -j "$B/jail"; }

# A child whose breach is: word, what the log must say
breaches='short|shorter|short
empty|closed
magic|magic
type|type
direction|type
size|size|length
length|length|bounds
long|truncated|bounds|size
fd|descriptor
seq|type|sequence
again|type
ack|IMAGE_ACK
accuse|TROUBLE
peer-short|shorter
peer-type|not allowed
peer-fd|
peer-meaning|
log-short|
log-type|
log-batch|
log-forged|'
echo 'log syslog udp 127.0.0.1:9' >> "$W/hpd.conf"
for who in hpd-net hpd-svc hpship; do
	real $who
	echo "$breaches" | while IFS='|' read -r act say; do
		case $who:$act in
		hpd-net:*|*:short|*:type|*:fd|*:again) ;;
		hpship:accuse|hpship:log-type|hpship:log-forged) ;;
		*) continue ;;
		esac
		echo "$act"
	done > "$W/acts"
	for act in $(cat "$W/acts"); do
		rm -rf "$W/log"
		echo "$who $act" > "$BAD/mode"
		if ! start_bad; then fail "$who $act: start"; continue; fi
		old=$(hpd_pid $who)
		svc=$(hpd_pid hpd-svc) log=$(hpd_pid hpd-log)
		# its first life may be over already
		ok "$who says '$act': its death is in the log" eventually 5 event_said proc.down "$who pid [0-9]*: "
		[ $act = empty ] || [ $act = close ] ||
		    ok "...and why" event_said chan.broken "$who pid"
		note "$(events chan.broken | jq -r .message | head -1)"
		ok "...its successor runs" eventually 5 sh -c "[ \$(grep -h -F '\"hpd.proc.up\"' '$W'/log/events-*.jsonl | grep -c $who) -ge 2 ]"
		is "...hpd-log stayed" "$(hpd_pid hpd-log)" "$log"
		[ $who = hpd-svc ] || is "...hpd-svc stayed" "$(hpd_pid hpd-svc)" "$svc"
		ok "...TERM ends it with 0" hpd_stop
	done
done

finish
