#!/bin/sh
# SPDX-License-Identifier: ISC
# Floods of known size while the log changes its file every megabyte: the
# counts in the log add up to what was sent, less what the ring had no room
# for, which the log says too. No sequence has a gap.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
[ -x "$B/bench/load" ] || { fail "no $B/bench/load"; finish; }
cat > "$W/hpd.conf" <<C
log size 1M
create web
set web default tcp action closed
set web default udp action closed
bind $NET.10-$NET.13 web
C
ok "the suite starts" hpd_start || finish
MAC=$(ip netns exec "$NS_D" cat "/sys/class/net/$IF_D/address")
tester ping -c 1 -W 5 $NET.10 > /dev/null
MAC=$(tester cat /proc/net/arp | awk -v h=$NET.10 '$1 == h { print $4 }')
flood() { # KIND SRC NDST PORT COUNT RATE: how many went out
	tester "$B/bench/load" flood "$1" "$IF_T" "$MAC" "$2" $NET.10 "$3" "$4" "$5" "$6" |
	    awk '{ print $2 }'
}
# many sources; one source, which folds to a line a second; echoes
a=$(flood syn random 1 81 100000 50000)
b=$(flood syn $NET.99 1 82 50000 50000)
c=$(flood echo 10.99.0.1 1 0 30000 30000)
d=$(flood syn random 1 83 30000 300000) # more at once
sleep 2.5
ok "TERM ends it with 0" hpd_stop
cat "$W"/log/*-*.jsonl > "$W/all"
sum() { jq -r "select($1) | .hpd.count" "$W/all" | awk '{ s += $1 } END { printf "%d", s }'; }
ring=$(sum '.event.action == "hpd.net.drop" and .message == "rx.ring_drops"')
total=0
check() { # NAME SENT COUNTED
	note "$1: $2 sent, $3 in the log, $(($2 - $3)) missing"
	ok "$1: none counted twice" test "$3" -le "$2"
	total=$((total + $2 - $3))
}
# A flood's record folds ports too: only all floods together add up.
check "SYNs" $((a + b + d)) "$(sum '(.event.action | IN("hpd.tcp.probe", "hpd.flood")) and .network.transport == "tcp"')"
check "echoes" $c "$(sum '(.event.action == "hpd.icmp.probe" and .source.ip != "'$NET'.1") or
    (.event.action == "hpd.flood" and .network.transport == "icmp")')"
note "the ring had no room for $ring"
ok "what is missing is what the ring dropped ($total, $ring)" test $total -le $ring
lost=$(sum '.event.action == "hpd.log.lost"')
is "no record was lost before it was written" "$lost" 0
ok "the flood of many sources folds" grep -q '"hpd.flood"' "$W/all"
n=$(wc -l < "$W/all")
ok "$((a + b + c + d)) packets are $n lines" test "$n" -lt 60000
segs=$(ls "$W"/log/probes-*.jsonl | wc -l)
ok "the log changed its file ($segs)" test "$segs" -ge 3
ok "no segment is over its size by more than a megabyte" test -z "$(find "$W/log" -name '*-*.jsonl' -size +2100k)"
ok "all is JSON" sh -c "jq -e . '$W/all' > /dev/null"
ok "no gap over the segments" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
is "segments are numbered without a hole" \
    "$(ls "$W/log" | sed -n 's/^probes-.*-\([0-9]*\)\.jsonl$/\1/p' | awk '$1 + 0 != NR' | wc -l)" 0
finish
