#!/bin/sh
# SPDX-License-Identifier: ISC
# The link layer: which addresses are answered for, with which MAC, how often;
# which never; conflicts, restart, a real router in between.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
set lin default udp action closed
add lin tcp port 22 open
create cisco
set cisco ethernet "Cisco Systems"
set cisco default tcp action closed
bind $NET.2-$NET.3 lin
bind $NET.10-$NET.12 lin
bind $NET.13 cisco
bind $NET.30-$NET.34 lin
bind 10.70.0.5 lin
set $NET.10 ethernet "00:11:22:a3:b4:c5"
exclude $NET.33
CONF
# The sensor has an address and a gateway (nobody is there), both bound.
ip -n "$NS_D" addr add $NET.2/24 dev "$IF_D"
ip -n "$NS_D" route add default via $NET.3
ip netns exec "$NS_D" sysctl -qw net.ipv4.ip_forward=0
OWN=$(ip -n "$NS_D" -o link show "$IF_D" | sed 's/.*ether \([0-9a-f:]*\).*/\1/')
# A live host's address that is bound as well: the tester's second one.
ip -n "$NS_T" addr add $NET.30/24 dev "$IF_T"
ok "a host behind a router" netns_far || finish
capture "$W/all.pcap"
ok "the suite starts" hpd_start || finish

asks() { tester arping -i "$IF_T" -S $NET.1 -c "$1" -W "${3:-0.3}" -w 20 "$2"; }
answered() { [ "$(asks 3 "$1" | grep -c 'bytes from')" = 3 ]; }
mac_of() { asks 3 "$1" 0.2 | sed -n 's/.*from \([0-9a-f:]*\) .*/\1/p' | head -1; }
ready() { tester ping -c1 -W1 "$1"; }
ok "a decoy is there" eventually 10 ready $NET.10

# 1-3
for a in 10 11 12 13; do
	eventually 5 ready $NET.$a
	asks 3 $NET.$a > "$W/a"
	is "three requests for .$a, three replies" "$(grep -c 'bytes from' "$W/a")" 3
	is "...all with one MAC" "$(sed -n 's/.*from \([0-9a-f:]*\) .*/\1/p' "$W/a" | sort -u | wc -l)" 1
done
is "the MAC set is used byte for byte" "$(mac_of $NET.10)" 00:11:22:a3:b4:c5
M11=$(mac_of $NET.11) M12=$(mac_of $NET.12) M13=$(mac_of $NET.13)
not_ok "neighbours have MACs of their own" [ "$M11" = "$M12" ]
ok "nmap names the vendor" sh -c "ip netns exec '$NS_T' nmap -n -sn $NET.13 | grep -q 'MAC Address: .*(Cisco'"
for a in 99 33; do
	is "no answer for .$a: $([ $a = 99 ] && echo unbound || echo excluded)" "$(asks 3 $NET.$a 0.4 | grep -c 'bytes from')" 0
done

# The sensor's own address: the kernel's answer only. The gateway's: none.
asks 3 $NET.2 > "$W/a"
is "the sensor's own address is answered by its kernel alone" \
    "$(sed -n 's/.*from \([0-9a-f:]*\) .*/\1/p' "$W/a" | sort | uniq -c | tr -s ' ')" " 3 $OWN"
is "its gateway's by nobody" "$(asks 3 $NET.3 0.4 | grep -c 'bytes from')" 0

# 4
for a in 11 12 13; do mac_of $NET.$a; done > "$W/before"
ok "TERM ends it with 0" hpd_stop
ok "the suite starts again" hpd_start
ok "a decoy is there again" eventually 10 ready $NET.11
for a in 11 12 13; do mac_of $NET.$a; done > "$W/after"
is "the same MACs as before the restart" "$(cat "$W/after")" "$(cat "$W/before")"

# 5, 6, 8 and conflicts, frame by frame
tester /usr/bin/python3 tests/integ/arp_frames.py "$IF_T" "$NET" > "$W/out" 2>&1
rc=$?
grep -vE '^(ok|1\.\.)' "$W/out" | sed 's/^not ok/# NOT OK/'
is "frame by frame: all $(grep -cE '^(not )?ok' "$W/out") hold" $rc 0
forged=$(date +%s)
ok "the loss of an address is logged" eventually 5 event_said arp.yield "$NET.31"
ok "...and what led to it" event_said arp.conflict "$NET.32"
not_ok "the live host's address was never claimed" event_said arp.claim "$NET.30"
not_ok "nor the sensor's own, its gateway's, an excluded one" event_said arp.claim "$NET.(2|3|33)\""
ok "others were" event_said arp.claim "$NET.10\""
# a real owner of .31 from now on
ip -n "$NS_T" addr add $NET.31/24 dev "$IF_T"

# 8 with the tool: 1000 requests
asks 1000 $NET.11 0.002 > "$W/a"
is "1000 arping, 1000 replies" "$(grep -c 'bytes from' "$W/a")" 1000

# 7
for i in 1 2 3; do
	ip -n "$NS_T" neigh flush dev "$IF_T" 2>/dev/null
	tester ping -q -c 2 -i 0.2 $NET.11 > /dev/null
done
ok "a peer that cleared its cache is answered" ready $NET.11

# 9
capture_end
capture "$W/far.pcap" icmp or tcp
ok "ping from behind the router" far ping -c 3 -i 0.2 $NET.11
far nc -z -w 3 $NET.11 22
tester ip route add 10.70.0.0/24 via $NET.2
ok "a prefix routed to the sensor answers" far ping -c 3 -i 0.2 10.70.0.5
capture_end
is "off the link all answers carry the decoy's MAC" \
    "$(captured "$W/far.pcap" src host $NET.11 | awk '{ print $2 }' | sort -u)" "$M11"
ok "...TCP as well" sh -c "tcpdump -n -r '$W/far.pcap' 'tcp and src host $NET.11' 2>/dev/null | grep -q 'Flags .S\.'"

# The first capture once more: what decoys asked of others.
TMAC=$(tester cat "/sys/class/net/$IF_T/address")
is "no decoy asked for a peer's address" "$(captured "$W/all.pcap" "arp[6:2] == 1 and arp[14:4] != 0 and
    arp[14:4] != arp[24:4] and not ether src $TMAC and not ether src $OWN" | wc -l)" 0

# A minute after the conflicts: what was only claimed is back, what has an
# owner is not.
note "waiting for the minute after a conflict to pass"
back() { [ "$(asks 1 $NET.32 0.5 | grep -c 'bytes from')" = 1 ]; }
while [ $(($(date +%s) - forged)) -lt 58 ]; do sleep 1; done
ok "a forged claim does not last: .32 answers again" eventually 15 back
note "after $(($(date +%s) - forged)) s"
is "a real owner's address stays given up" "$(tester /usr/bin/python3 tests/integ/arp_frames.py "$IF_T" "$NET" silent 31)" silent
ok "TERM ends it with 0" hpd_stop
finish
