#!/bin/sh
# SPDX-License-Identifier: ISC
# A runner that was taken over says nonsense to hpd-net, and hpd-log to
# hpd-parent: which check refused it is told, the sender is killed, the others
# stay. The nine checks in their order, as far as a sender can fail them.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
BAD=$W/bin
mkdir "$BAD"
real() { # every program as built, standin in place of $1
	for p in hpd-conf hpd-net hpd-svc hpd-log hpship; do cp "$B/bin/$p" "$BAD/$p"; done
	cp "$B/tests/integ/standin" "$BAD/$1"
}
start_bad() { rm -rf "$W/log"; echo "$1 $2" > "$BAD/mode"; hpd_start -L "$BAD" -j "$B/jail"; }
said() { grep -qE "$1" "$W/err"; }

real hpd-svc
while IFS='|' read -r act say; do
	if ! start_bad hpd-svc "$act"; then fail "hpd-svc $act: start"; continue; fi
	net=$(hpd_pid hpd-net) log=$(hpd_pid hpd-log)
	ok "hpd-svc says '$act': hpd-net refuses it, hpd-svc is killed" eventually 8 \
	    event_said chan.broken "hpd-svc pid [0-9]*: hpd-net says: $say"
	ok "...its successor runs" eventually 8 sh -c "[ \$(grep -h -F '\"hpd.proc.up\"' '$W'/log/events-*.jsonl | grep -c 'hpd-svc pid') -ge 2 ]"
	is "...hpd-net stayed" "$(hpd_pid hpd-net)" "$net"
	is "...hpd-log stayed" "$(hpd_pid hpd-log)" "$log"
	ok "...TERM ends it with 0" hpd_stop
done <<'END'
peer-short|shorter than a header
peer-size|length differs
peer-type|not allowed
peer-length|length outside
peer-no-fd|descriptor
peer-wrong-fd|descriptor
peer-meaning|impossible value
END

real hpd-log
while IFS='|' read -r act say; do
	if ! start_bad hpd-log "$act"; then fail "hpd-log $act: start"; continue; fi
	net=$(hpd_pid hpd-net) svc=$(hpd_pid hpd-svc)
	ok "hpd-log says '$act': it is killed" eventually 8 said "hpd-log killed: $say"
	is "...hpd-net stayed" "$(hpd_pid hpd-net)" "$net"
	is "...hpd-svc stayed" "$(hpd_pid hpd-svc)" "$svc"
	hpd_stop
done <<'END'
short|shorter than a header
direction|not allowed
again|not allowed
ack|IMAGE_ACK
END
ok "hpd-log asks for 3000 segments" start_bad hpd-log storm
sleep 2.5
is "...and gets none but its first" "$(ls "$W"/log/events-*.jsonl | wc -l)" 1
ok "...the suite runs on" kill -0 "$HPD"
hpd_stop
finish
