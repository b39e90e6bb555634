#!/bin/sh
# SPDX-License-Identifier: ISC
# 65,536 bound addresses: start, memory, a sweep of part of them by nmap and
# of all of them by the load tool, and how long an answer takes.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/bench/lib.sh
netns_up
[ -x "$B/bench/load" ] || { fail "no $B/bench/load"; finish; }
awk 'BEGIN { print "create web\nset web personality \"Linux 4.15 - 5.6\""
    print "set web default tcp action closed\nadd web tcp port 80 open"
    for (i = 0; i < 65536; i++) printf "bind 10.70.%d.%d web\n", i / 256, i % 256 }' > "$W/hpd.conf"
t0=$(date +%s%N)
ok "65,536 statements: the suite starts" hpd_start || finish
t1=$(date +%s%N)
note "started in $(((t1 - t0) / 1000000)) ms"
ok "within 15 s" test $(((t1 - t0) / 1000000000)) -lt 15
idle=$(suite_rss_mb)
note "the whole suite holds $idle MB"
# The tester's own address here is none of the bound ones: routed.
dmac=$(ip netns exec "$NS_D" cat "/sys/class/net/$IF_D/address")
GW=$NET.254
ip -n "$NS_T" neigh add $GW lladdr "$dmac" dev "$IF_T" nud permanent
ip -n "$NS_T" route add 10.70.0.0/16 via $GW
answers() { # KIND COUNT RATE NDST
	tester "$B/bench/load" flood "$1" "$IF_T" "$dmac" $NET.1 10.70.0.0 "$4" 81 "$2" "$3"
}
ok "the first answers" eventually 10 tester ping -c 1 -W 1 10.70.0.1
up=$(tester nmap -sn -n -PE --max-retries 3 -T4 --min-rate 2000 --min-hostgroup 1024 10.70.17.0/22 10.70.200.0/24 2>/dev/null |
    grep -c 'Host is up')
is "nmap -sn finds all 1280 of five nets" "$up" 1280
set -- $(answers syn 65536 20000 65536)
note "sweep: sent $2, answered $4 in $6 s"
ok "a sweep of all 65,536 is answered to 99 %" awk -v s="$2" -v a="$4" 'BEGIN { exit !(a >= s * 0.99) }'
busy=$(suite_rss_mb)
note "after it $busy MB"
ok "below 300 MB in all" awk -v m="$busy" 'BEGIN { exit !(m < 300) }'
set -- $(tester "$B/bench/load" rtt echo "$IF_T" "$dmac" $NET.1 10.70.0.0 65536 0 4000 2000 2>/dev/null)
note "echo over $2 decoys: p50 $4 us, p99 $6 us, longest $8 us"
ok "all of 4000 answered" test "$2" -ge 3990
ok "half of them within 5 ms" awk -v m="$4" 'BEGIN { exit !(m < 5000) }'
ok "TERM ends it with 0" hpd_stop
sum=$(events | jq -r 'select((.event.action | IN("hpd.tcp.probe", "hpd.flood")) and .destination.port == 81) | .hpd.count' | awk '{ s += $1 } END { printf "%d", s }')
ok "the log has $sum of the 65536" awk -v m="$sum" 'BEGIN { exit !(m >= 64880 && m <= 65600) }'
finish
