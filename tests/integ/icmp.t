#!/bin/sh
# SPDX-License-Identifier: ISC
# ICMP and the IP header: ping in all sizes, what is refused, what is told of
# closed ports and how often, queries of every kind to several personalities.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
{
	i=10
	while read -r p; do
		cat <<CONF
create t$i
set t$i personality "$p"
set t$i default tcp action closed
set t$i default udp action closed
add t$i tcp port 22 open
bind $NET.$i t$i
CONF
		i=$((i + 1))
	done <<P
Linux 4.15 - 5.6
Microsoft Windows 10 1607
FreeBSD 11.0-RELEASE
OpenBSD 6.0 - 6.4
Microsoft Windows XP SP2
Cisco 2600 router (IOS 12.1)
Sun Solaris 10
HP LaserJet 4250 printer
P
	cat <<CONF
create quiet
set quiet default tcp action closed
set quiet default icmp action filtered
add quiet tcp port 22 open
bind $NET.30 quiet
create default
CONF
} > "$W/hpd.conf"
ok "the suite starts" hpd_start $NET.0/24 || { cat "$W/err"; finish; }
ready() { tester ping -c1 -W1 "$1"; }
for a in 10 11 12 13 14 15 16 17; do ok "decoy .$a is there" eventually 10 ready $NET.$a; done
pids0=$(hpd_pids | sort | tr '\n' ' ')

# 13-16
loss0() { tester ping -q "$@" > "$W/p"; cat "$W/p"; grep -q ' 0% packet loss' "$W/p" && ! grep -qE 'duplicates|errors|corrupted' "$W/p"; }
ok "ping: no loss" loss0 -c 5 -i 0.2 $NET.10
tester ping -i 0.01 -c 300 $NET.10 | sed -n 's/.*time=\([0-9.]*\) ms/\1/p' | sort -n > "$W/rtt"
is "300 pings, 300 times" "$(wc -l < "$W/rtt")" 300
note "RTT ms: p50 $(sed -n 150p "$W/rtt"), p95 $(sed -n 285p "$W/rtt")"
ok "half of them within 5 ms" awk 'NR == 150 { exit !($1 < 5) }' "$W/rtt"
ok "95 of 100 within 25 ms" awk 'NR == 285 { exit !($1 < 25) }' "$W/rtt"
for pat in 00 ff a5 0123456789abcdef; do
	tester ping -c 3 -i 0.1 -s 1400 -p $pat $NET.10 > "$W/p" 2>&1
	ok "1400 bytes of $pat come back as they went" sh -c "grep -q ' 0% packet loss' '$W/p' && ! grep -qi 'wrong data' '$W/p'"
done
for s in 0 1 1472 1473 4000 20000 60000; do
	ok "echo of $s bytes" loss0 -c 3 -i 0.2 -s $s $NET.10
done
# 18
ttl_of() { sed -n 's/.*ttl=\([0-9]*\).*/\1/p' | head -1; }
for a in 10 11; do
	t=
	for how in "-1" "-S -p 22" "-S -p 81"; do
		t="$t $(tester hping3 -V -n -c 1 $how $NET.$a 2>/dev/null | ttl_of)"
	done
	note ".$a:$t"
	is ".$a: echo, SYN/ACK and RST have one TTL" "$(echo $t | tr ' ' '\n' | sort -u | wc -l)" 1
done
# 21: nobody to answer (0.0.0.0 and others: icmp_frames.py)
TMAC=$(tester cat "/sys/class/net/$IF_T/address")
capture "$W/q.pcap" ip and not ether src "$TMAC"
jobs=
for src in 255.255.255.255 $NET.255 224.0.0.5 127.0.0.1 240.0.0.1 $NET.10; do
	for how in -1 "-S -p 22" "-S -p 81" "-2 -p 999"; do
		tester hping3 -q -n -c 3 -i u50000 $how -a $src $NET.10 > /dev/null 2>&1 &
		jobs="$jobs $!"
	done
done
wait $jobs
capture_end
is "from broadcast, group, loopback, own addresses: silence" "$(captured "$W/q.pcap" | wc -l)" 0
captured "$W/q.pcap" | head -5 | sed 's/^/# /'
tester ping -b -c 2 -i 0.2 -W 1 $NET.255 > "$W/p" 2>&1
is "echo to the broadcast address: Solaris and IOS answer, nobody else" \
    "$(sed -n 's/.*bytes from \([0-9.]*\):.*/\1/p' "$W/p" | sort -u | tr '\n' ' ')" "$NET.15 $NET.16 "
tester ping -c 2 -i 0.2 -W 1 -I "$IF_T" 224.0.0.1 > "$W/p" 2>&1
for a in 0 255; do
	is "nobody claims .$a of the network" "$(tester arping -i "$IF_T" -c 2 -W 0.5 $NET.$a | grep -c 'bytes from')" 0
done
is "echo to all hosts: Solaris answers" \
    "$(sed -n 's/.*bytes from \([0-9.]*\):.*/\1/p' "$W/p" | sort -u | tr '\n' ' ')" "$NET.16 "

# 23
up() { tester nmap -n -sn -PP --disable-arp-ping --max-retries 1 $NET.$1 | grep -q 'Host is up'; }
ok "Linux answers a timestamp request (nmap -PP)" up 10
not_ok "Windows 10 does not" up 11
tester hping3 -n -c 2 -1 --icmptype 13 $NET.10 > "$W/p" 2>&1
ok "hping3 reads the timestamp" grep -q 'ICMP timestamp: ' "$W/p"
# 24
jobs=
for a in 10 11 12 13 14 15 16 17; do
	for t in 13 15 17; do
		tester hping3 -q -n -c 3 -i u20000 -1 -C $t $NET.$a > /dev/null 2>&1 &
		jobs="$jobs $!"
	done
done
wait $jobs
for a in 10 11 12 13 14 15 16 17; do
	ok "timestamp, mask, information requests, and .$a still answers" loss0 -c 2 -i 0.2 $NET.$a
done
# 25
is "ICMP filtered: no echo" "$(tester ping -c 2 -i 0.2 -W 1 $NET.30 | grep -c 'bytes from')" 0
is "...but an open port is open" "$(tester nmap -n -Pn -sS -p 22,81 $NET.30 | awk '/^(22|81)/ { print $1, $2 }' | tr '\n' ' ')" "22/tcp open 81/tcp closed "
# 26, 27
ok "hping3 is told of a closed UDP port" sh -c "ip netns exec '$NS_T' hping3 -n -c 2 -2 -p 999 $NET.11 2>&1 | grep -q 'ICMP Port Unreachable'"
told() { # address: how many of 200 closed ports asked in a second or so
	capture "$W/r.pcap" "icmp[0] == 3 and src host $1"
	tester hping3 -q -n -2 -i u5000 -c 200 -p ++10000 $1 > /dev/null 2>&1
	capture_end
	captured "$W/r.pcap" | wc -l
}
n=$(told $NET.10)
ok "Linux tells of few closed ports ($n of 200)" [ "$n" -ge 1 -a "$n" -le 20 ]
n=$(told $NET.15)
ok "IOS of fewer ($n of 200)" [ "$n" -ge 1 -a "$n" -le 12 ]
n=$(told $NET.11)
is "Windows of all" "$n" 200
tester /usr/bin/python3 tests/integ/icmp_frames.py "$IF_T" "$NET" > "$W/out" 2>&1
rc=$?
grep -vE '^(ok|1\.\.)' "$W/out" | sed 's/^not ok/# NOT OK/'
is "frame by frame: all $(grep -cE '^(not )?ok' "$W/out") hold" $rc 0
is "no process died" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ok "TERM ends it with 0" hpd_stop
finish
