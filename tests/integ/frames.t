#!/bin/sh
# SPDX-License-Identifier: ISC
# The pcap stream: tcpdump reads from it exactly the frames that the filter
# asked for, both ways, as the tester's own tcpdump saw them; also what went out
# by large sends and by plain ones.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
ok "a jail with the tests' scripts" test_jail || finish
conf() { # FILTER SNAP [LINE]
	cat > "$W/hpd.conf" <<C
log frames "$1" snap $2
${3:-}
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
set web default udp action closed
add web tcp port 22 open
add web tcp port 1001 "perl scripts/source.pl"
bind $NET.10 web
C
}
ready() { tester ping -c1 -W1 $NET.10; }
# One line a frame, without what differs between the two ends: the time.
lines() { tcpdump -t -n -S -r "$@" 2>/dev/null | sort; }
FILTER='icmp or (tcp port 22) or (tcp port 81)'
run() { # TITLE [LINE]
	title=$1
	conf "$FILTER" 128 "$2"
	rm -rf "$W/log" "$W"/seen*
	ok "$title: the suite starts" hpd_start -j "$W/jail" || { cat "$W/err"; finish; }
	ok "$title: a decoy is there" eventually 10 ready
	hpd_stop # only what comes now
	rm -rf "$W/log"
	ok "$title: once more" hpd_start -j "$W/jail" || finish
	capture "$W/seen"
	eventually 10 ready
	tester ping -c 5 -i 0.1 -s 1000 $NET.10 > /dev/null
	tester nmap -n -Pn -sS -p 22,80,81,443 $NET.10 > /dev/null
	tester nmap -n -Pn -sU -p 53,161 $NET.10 > /dev/null
	tester sh -c "printf hello | timeout 2 nc -w 1 $NET.10 22" > /dev/null
	capture_end
	ok "$title: TERM ends it with 0" hpd_stop
	cat "$W"/log/frames-*.pcap > "$W/frames" 2>/dev/null
	is "$title: one file" "$(ls "$W"/log/frames-*.pcap | wc -l)" 1
	# frames cut to snap are of less text; compare what a cut one has
	tcpdump -n -r "$W/seen" -w - "$FILTER" 2>/dev/null > "$W/seen.f"
	/usr/bin/python3 tests/integ/frames_cut.py "$W/seen.f" 128 "$W/seen.cut"
	lines "$W/seen.cut" > "$W/a"
	lines "$W/frames" > "$W/b"
	note "$title: $(wc -l < "$W/a") frames on the wire, $(wc -l < "$W/b") in the log"
	ok "$title: the log has what was on the wire" diff "$W/a" "$W/b"
	ok "$title: enough of it" test "$(wc -l < "$W/b")" -ge 20
	is "$title: nothing else" "$(tcpdump -n -r "$W/frames" "not ($FILTER)" 2>/dev/null | wc -l)" 0
	is "$title: no frame has more than 128 bytes" \
	    "$(/usr/bin/python3 tests/integ/frames_cut.py "$W/frames" 0 | awk '$1 > 128' | wc -l)" 0
	ok "$title: of large ones the length is known" sh -c "tcpdump -n -r '$W/frames' icmp 2>/dev/null | grep -q 'length 1008'"
}
run "AF_XDP"
run "plain sends" "packet-io compat"

# A download by large sends: all of its bytes are in the frames' lengths.
conf "tcp port 1001" 80
rm -rf "$W/log"
ok "the suite starts" hpd_start -j "$W/jail" || finish
ok "a decoy is there" eventually 10 ready
tester /usr/bin/python3 - $NET.10 <<'P'
import socket, sys
s = socket.create_connection((sys.argv[1], 1001), 10)
s.settimeout(20)
s.sendall(b"3000000\n")
n = 0
while n < 3000000:
    b = s.recv(1 << 18)
    if not b:
        break
    n += len(b)
P
ok "TERM ends it with 0" hpd_stop
cat "$W"/log/frames-*.pcap > "$W/frames"
sent=$(tcpdump -n -r "$W/frames" 'src port 1001' 2>/dev/null | sed -n 's/.*length \([0-9]*\).*/\1/p' | awk '{ s += $1 } END { print s + 0 }')
most=$(/usr/bin/python3 tests/integ/frames_cut.py "$W/frames" 0 | awk '$2 > m { m = $2 } END { print m + 0 }')
lost=$(events log.lost | jq -s 'map(select(.hpd.lost.class == "frames") | .hpd.lost.count) | add // 0')
note "$sent bytes in frames of up to $most, $lost frames lost"
ok "its bytes are there, or in as many frames as were told lost" test $((sent + lost * 65535)) -ge 3000000
ok "large sends are one frame each" test "$most" -gt 1514

# hpd-log stands still: frames are refused first, and counted; probes wait, and
# neither they nor sessions lose anything.
if [ -x "$B/bench/load" ]; then
	conf "src net 10.99.0.0/24" 64
	rm -rf "$W/log"
	ok "the suite starts" hpd_start -j "$W/jail" || finish
	ok "a decoy is there" eventually 10 ready
	MAC=$(tester cat /proc/net/arp | awk -v h=$NET.10 '$1 == h { print $4 }')
	kill -STOP "$(hpd_pid hpd-log)"
	sent=$(tester "$B/bench/load" flood echo "$IF_T" "$MAC" 10.99.0.1 $NET.10 1 0 60032 40000 | awk '{ print $2 }')
	tester sh -c "printf hello | timeout 2 nc -w 1 $NET.10 22" > /dev/null
	sleep 1.5
	kill -CONT "$(hpd_pid hpd-log)"
	sleep 1.5
	ok "TERM ends it with 0" hpd_stop
	cat "$W"/log/frames-*.pcap > "$W/frames"
	kept=$(/usr/bin/python3 tests/integ/frames_cut.py "$W/frames" 0 | wc -l)
	told() { events log.lost | jq -s "map(select(.hpd.lost.class == \"$1\") | .hpd.lost.count) | add // 0"; }
	ring=$(events net.drop | jq -s 'map(select(.message == "rx.ring_drops") | .hpd.count) | add // 0')
	echoes=$(events | jq -s 'map(select(.network.transport == "icmp" and (.event.action | IN("hpd.icmp.probe", "hpd.flood")) and (.source.ip // "10.99." | startswith("10.99."))) | .hpd.count) | add // 0')
	note "$sent sent, $ring dropped by the ring; frames: $kept kept, $(told frames) told as lost; probes: $echoes"
	ok "frames were refused" test "$(told frames)" -gt 1000
	is "frames kept and told as lost are all" $((kept + $(told frames) + ring)) "$sent"
	is "probes lost nothing" "$((echoes + ring)) $(told probes)" "$sent 0"
	is "nor did sessions" "$(told events) $(events tcp.open | wc -l) $(events session.data | wc -l)" "0 1 1"
fi

# No filter: no stream.
sed -i '/^log frames/d' "$W/hpd.conf"
rm -rf "$W/log"
ok "the suite starts" hpd_start -j "$W/jail" || finish
ok "a decoy is there" eventually 10 ready
ok "TERM ends it with 0" hpd_stop
is "without a filter there is no such stream" "$(ls "$W/log" | grep -c '^frames')" 0
finish
