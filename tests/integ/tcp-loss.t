#!/bin/sh
# SPDX-License-Identifier: ISC
# A bad wire between the kernel's TCP and a decoy's: frames are lost, delayed
# and reordered in both directions while 100 MB go each way at once. Both ends
# must find every byte where it belongs.
#   MB=100 LOSS=2 REORDER=25 DELAY=5 (per cent and milliseconds)
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
: "${MB:=100}" "${LOSS:=2}" "${REORDER:=25}" "${DELAY:=5}"
netns_up
test_jail > "$W/mkjail" 2>&1 || { echo "Bail out! no jail"; exit 1; }
# The client moves behind the bad wire: client0 - far0 ~ tap0 - decoy0.
NS_C=$NS_T-client
trap 'rc=$?; ip netns del "$NS_C" 2>/dev/null; (exit $rc); netns_cleanup' EXIT
ip netns add "$NS_C" &&
ip link add client0 netns "$NS_C" type veth peer name far0 netns "$NS_T" &&
ip -n "$NS_T" addr flush dev "$IF_T" &&
ip -n "$NS_C" addr add "$NET.1/24" dev client0 &&
ip -n "$NS_C" link set lo up && ip -n "$NS_C" link set client0 up &&
ip -n "$NS_T" link set far0 up || { echo "Bail out! no second wire"; exit 1; }
for i in "$NS_C client0" "$NS_T far0" "$NS_T $IF_T" "$NS_D $IF_D"; do
	set -- $i
	ip netns exec "$1" ethtool -K "$2" tx off tso off gso off gro off > "$W/ethtool" 2>&1
done
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
add lin tcp port 7001 "perl scripts/bulk.pl" wall 300 profile nofork bytes 2G cpu 60
add lin tcp port 7002 "sha256sum" wall 300 profile nofork cpu 60
bind $NET.10 lin
CONF
hpd_start -j "$W/jail" || { echo "Bail out! the suite did not start"; exit 1; }
ip netns exec "$NS_T" "$B/tests/integ/lossy" far0 "$IF_T" "$LOSS" "$REORDER" "$DELAY" > "$W/lossy" 2>&1 &
WIRE=$!
KILL_PIDS="$KILL_PIDS $WIRE"
ok "the bad wire stands" eventually 5 grep -q ready "$W/lossy"
client() { ip netns exec "$NS_C" "$@"; }
ok "the decoy is there" eventually 20 client ping -c 1 -W 1 "$NET.10"
echo "$MB" | perl tests/data/scripts/bulk.pl > "$W/data"
want=$(sha256sum < "$W/data" | cut -d' ' -f1)
t0=$(date +%s%N)
echo "$MB" | client timeout 150 nc -w 60 "$NET.10" 7001 |
    { sha256sum > "$W/down"; date +%s%N > "$W/down.t"; } &
DOWN=$!
client timeout 150 nc -N -w 60 "$NET.10" 7002 < "$W/data" > "$W/up"
t1=$(date +%s%N)
wait $DOWN
is "$MB MB down" "$(cut -d' ' -f1 "$W/down")" "$want"
is "$MB MB up" "$(cut -d' ' -f1 "$W/up")" "$want"
note "down $(((($(cat "$W/down.t") - t0)) / 1000000)) ms, up $(((t1 - t0) / 1000000)) ms"
kill -TERM $WIRE
wait $WIRE
note "$(tail -1 "$W/lossy")"
lost=$(sed -n 's/^far0.* frames, \([0-9]*\) lost; .* frames, \([0-9]*\) lost/\1 \2/p' "$W/lossy")
ok "the wire did lose frames each way" test "${lost% *}" -gt $((MB * 5)) -a "${lost#* }" -gt $((MB * 5))
ok "the suite stops" hpd_stop
finish
