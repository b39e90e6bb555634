#!/bin/sh
# SPDX-License-Identifier: ISC
# The IP layer in character, with real tools: U1 and IE of entries that have
# every habit between them, nmap -sO, fragments (-f, --mtu), --badsum,
# --traceroute.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
DB=/usr/share/nmap/nmap-os-db
[ -r $DB ] || { echo "1..0 # SKIP no nmap-os-db"; exit 0; }
netns_up
tester /usr/bin/python3 tests/integ/ip_quirks.py pick $DB 60 $NET > "$W/map"
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
Sun Solaris 10
Microsoft Windows XP SP2
P
	while read -r a l; do
		cat <<CONF
create q$l
set q$l personality "line:$l"
set q$l default tcp action closed
set q$l default udp action closed
add q$l tcp port 22 open
bind $a q$l
CONF
	done < "$W/map"
} > "$W/hpd.conf"
ok "the suite starts" hpd_start $NET.0/24 || { cat "$W/err"; finish; }
LIN=$NET.10 WIN=$NET.11 BSD=$NET.12 SUN=$NET.13 XP=$NET.14
pids0=$(hpd_pids | sort | tr '\n' ' ')
ready() { tester ping -c1 -W1 "$1"; }
ok "a decoy answers" eventually 10 ready $LIN

# -sO
protocols() { # address protocols: those not closed
	tester nmap -n -Pn -sO -p "$2" --max-retries 3 "$1" -oG - 2> /dev/null |
	    tr ',' '\n' | sed -n 's/.*Protocols: //; s,^ *\([0-9]*\)/\(open[^/]*\)/.*,\1:\2,p' | tr '\n' ' '
}
for a in $WIN $XP; do
	is "$a: nmap -sO 1-255: ICMP, TCP and UDP are open, IGMP listens" "$(protocols $a 1-255)" \
	    "1:open 2:open|filtered 6:open 17:open "
done
is "$LIN: UDP-Lite too, as Linux has it" "$(protocols $LIN 1,2,6,17,47,132,136)" \
    "1:open 2:open|filtered 6:open 17:open 136:open|filtered "

# Fragments that split the TCP header, checksums that are wrong.
states() { tester nmap -n -Pn -sS -p 22,81 "$@" 2> /dev/null | awk '/^(22|81)\/tcp/ { printf "%s %s ", $1, $2 }'; }
for how in "-f" "-ff" "--mtu 24"; do
	for a in $LIN $WIN $BSD $SUN; do
		is "$a: nmap -sS $how" "$(states $how $a)" "22/tcp open 81/tcp closed "
	done
done
is "$LIN: nmap -sS --badsum: nobody answers" "$(states --badsum --max-retries 0 $LIN)" "22/tcp filtered 81/tcp filtered "
is "$WIN: nmap -sU --badsum: nobody answers" \
    "$(tester nmap -n -Pn -sU --badsum --max-retries 0 -p 999 $WIN 2> /dev/null | awk '/^999\/udp/ { print $2 }')" "open|filtered"
is "$WIN: nmap -sU: closed" "$(tester nmap -n -Pn -sU -p 999 $WIN 2> /dev/null | awk '/^999\/udp/ { print $2 }')" closed

# --traceroute: whatever probe the scan found to work.
for how in "-sS -p 22" "-sS -p 81" "-sU -p 998" "-sn -PE"; do
	tester nmap -n -Pn $how --traceroute $WIN > "$W/tr" 2>&1
	ok "$WIN: nmap $how --traceroute: one hop, the decoy" grep -qE "^1 +[0-9.]+ ms +$WIN\$" "$W/tr" || sed 's/^/# /' "$W/tr"
done

tester /usr/bin/python3 tests/integ/ip_quirks.py "$IF_T" "$NET" "$W/map" $DB > "$W/out" 2>&1
rc=$?
grep -vE '^(ok|1\.\.)' "$W/out" | sed 's/^not ok/# NOT OK/'
is "U1 and IE, attribute by attribute: all $(grep -cE '^(not )?ok' "$W/out") hold" $rc 0
# Forged senders at many decoys without a limit of their own: the sensor's.
tester /usr/bin/python3 - "$IF_T" "$NET" <<'P' > "$W/reflected"
import os, struct, sys, time
sys.path.insert(0, "tests/lib")
from wire import *
import wire
hosts = [NET + ".%d" % i for i in (11, 14)]
frames = [bytearray(bytes(to(h, src="10.99.0.1") / UDP(sport=9, dport=999, chksum=0) / b"x")) for h in hosts]
start, began = mark(), time.time()
for i in range(15000):
    f = frames[i % 2]
    struct.pack_into("!H", f, 28, i & 0xffff)      # 10.99.x.y
    f[24:26] = b"\0\0"
    s = sum(struct.unpack("!10H", f[14:34]))
    s = (s & 0xffff) + (s >> 16)
    struct.pack_into("!H", f, 24, ~((s & 0xffff) + (s >> 16)) & 0xffff)
    send(bytes(f))
    if i % 500 == 499:
        time.sleep(0.02)
time.sleep(1)
with wire._lock:
    n = sum(1 for _, b in wire.seen[start:] if b[12:14] == b"\x08\x00" and b[23] == 1 and b[34] == 3)
print(n, int(4000 + 2000 * (time.time() - began)))
P
read -r told most < "$W/reflected"
note "15000 datagrams with forged senders: $told errors, at most $most allowed"
ok "the decoys together are no reflector" [ "${told:-0}" -ge 1000 -a "${told:-0}" -le "${most:-0}" -a "${told:-15000}" -lt 15000 ]
limits() { events net.limit | jq -r "select(.message == \"$1\") | .hpd.count" | awk '{ s += $1 } END { exit !(s > 0) }'; }
ok "...which is told" eventually 5 limits "icmp errors of the sensor"
is "no process died" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ok "TERM ends it with 0" hpd_stop
finish
