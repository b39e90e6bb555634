#!/bin/sh
# SPDX-License-Identifier: ISC
# Malformed frames by the million at decoys and at the interface's own MAC,
# while another decoy goes on answering. HPD_BADFRAMES: how many (2,000,000).
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
total=${HPD_BADFRAMES:-2000000}
{
	conf_default
	cat "$W/hpd.conf" | sed "s/10\.66\.0/$NET/g"
	cat <<CONF
add web udp port 53 "cat"
create cisco
set cisco personality "Cisco 2600 router (IOS 12.1)"
set cisco default tcp action open
set cisco default udp action open
bind $NET.12-$NET.15 cisco
bind $NET.40 web
CONF
} > "$W/conf" && mv "$W/conf" "$W/hpd.conf"
ok "the suite starts" hpd_start || { cat "$W/err"; finish; }
mac_of() { tester arping -i "$IF_T" -c 3 -W 0.3 "$1" | sed -n 's/.*from \([0-9a-f:]*\) .*/\1/p' | head -1; }
answers() { tester ping -q -c 20 -i 0.05 -W 2 $NET.40 | sed -n 's/.* \([0-9]*\) received.*/\1/p'; }
talks() { [ "$(echo hello | tester timeout 8 nc -N -w 5 $NET.40 7)" = hello ]; }
ok "the decoy beside it answers" eventually 10 tester ping -c1 -W1 $NET.40
is "...20 of 20" "$(answers)" 20
ok "...and its service" eventually 10 talks
pids0=$(hpd_pids | sort | tr '\n' ' ')
rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$(hpd_pid hpd-net)/status"; }
NETMAC=$(ip -n "$NS_D" -o link show "$IF_D" | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
M10=$(mac_of $NET.10) M12=$(mac_of $NET.12) M20=$(mac_of $NET.20)
before=$(rss)

ip netns exec "$NS_T" ping -q -i 0.2 -W 2 $NET.40 > "$W/during" 2>&1 &
PING=$!
KILL_PIDS="$KILL_PIDS $PING"
start=$(date +%s)
sent=0 seed=1
one() { # MAC source destination mask part
	n=$(tester timeout 300 "$B/tests/lib/blast" "$IF_T" "$1" "$2" "$3" "$4" $((total * $5 / 100)) 0 $seed)
	sent=$((sent + ${n:-0})) seed=$((seed + 1))
}
one "$M10" $NET.1 $NET.10 0 40
one "$M20" 192.0.2.7 $NET.20 0 20
one "$M12" $NET.1 $NET.12 0x3 20
one "$NETMAC" $NET.1 $NET.8 0x7 20
took=$(($(date +%s) - start))
kill -INT $PING
wait $PING 2>/dev/null
note "$sent frames in $took s; meanwhile: $(grep received "$W/during")"
ok "all frames went out" [ "$sent" -ge "$total" ]
ok "the other decoy answered meanwhile" sh -c "[ \$(sed -n 's/.* \([0-9]*\) received.*/\1/p' '$W/during') -gt 0 ]"
is "no process died" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
full() { [ "$(answers)" = 20 ]; }
ok "the answers are back: 20 of 20" eventually 10 full
ok "...a service's too" eventually 10 talks
ok "the attacked ones answer" tester ping -q -c 3 -i 0.2 $NET.10
ok "...of the others too" tester ping -q -c 3 -i 0.2 $NET.13
grown=$(($(rss) - before))
ok "hpd-net's memory is bounded (grew by $grown KB)" [ "$grown" -lt 131072 ]
drop() { event_said net.drop "$1"; }
for r in ip_version ip_hlen ip_len ip_csum ip_src ip_options arp_bad \
    foreign_mac frag_bad icmp_csum udp_short udp_csum tcp_hlen tcp_csum; do
	ok "dropped and told: drop.$r" eventually 5 drop "drop.$r"
done
note "$(events net.drop | jq -r '[.message // .hpd.name // .hpd.what, .hpd.count] | @tsv' | awk -F'\t' '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' | sort)"
ok "TERM ends it with 0" hpd_stop
ok "the log is JSON throughout" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
ok "no gap in it but log.lost" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
finish
