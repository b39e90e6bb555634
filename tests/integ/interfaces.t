#!/bin/sh
# SPDX-License-Identifier: ISC
# Several interfaces at once; started inside the namespace instead of with -N;
# segments append-only where the file system can.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
for i in 1 2 3; do
	ip link add tap$i netns "$NS_T" type veth peer name decoy$i netns "$NS_D"
	ip -n "$NS_T" addr add 10.67.$i.1/24 dev tap$i
	ip -n "$NS_T" link set tap$i up
	ip -n "$NS_D" link set decoy$i up
	echo "bind 10.67.$i.10 web" >> "$W/hpd.conf"
done
# No -A here: the attribute is wanted.
: > "$W/err"
ip netns exec "$NS_D" "$B/bin/hpd-parent" -d -L "$B/bin" -f "$W/hpd.conf" -l "$W/log" \
    -i "$IF_D" -i decoy1 -i decoy2 -i decoy3 > "$W/err" 2>&1 < /dev/null &
HPD=$!
eventually 20 hpd_started
ok "four interfaces start" hpd_running || { sed 's/^/# /' "$W/err"; finish; }
ok "a decoy on the first answers" eventually 8 tester ping -c1 -W1 $NET.10
for i in 1 2 3; do
	ok "a decoy on interface $i answers" eventually 8 tester ping -c1 -W1 10.67.$i.10
	ok "...and serves" sh -c "echo hey | ip netns exec $NS_T nc -N -w 3 10.67.$i.10 7 | grep -q hey"
done
seg=$(ls "$W"/log/events-*.jsonl | head -1)
if lsattr "$seg" 2>/dev/null | grep -q '^[^ ]*a'; then
	pass "segments are append-only"
	not_ok "...even for root" sh -c ": > '$seg'"
	not_ok "...who cannot remove them either" rm -f "$seg"
else
	skip "segments are append-only" "no such attribute on this file system"
fi
ok "the key is root's alone" test "$(stat -c %a:%u:%s "$W/log/.sensor.key")" = 600:0:16
ok "TERM ends it with 0" hpd_stop
finish
