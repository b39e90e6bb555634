#!/bin/sh
# SPDX-License-Identifier: ISC
# Who is calling: a kernel's connection, nmap's scans and its questions about
# our system, hping3, a signature of the operator's own; in the events, in
# honeyd's packet log and in a script's environment. A damaged p0f.fp is
# refused with its line.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
netns_far
ok "a jail with the tests' scripts" test_jail || finish
cat > "$W/hpd.conf" <<C
log packets
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
set web default udp action closed
add web tcp port 22 open
add web tcp port 1002 "perl scripts/caller.pl"
add web udp port 1002 "perl scripts/caller.pl"
bind $NET.10 web
C
cat > "$W/own.fp" <<C
; what the operator knows
classes = unix,test
[mtu]
label = anything
sig = 1500
[tcp:request]
label = s:test:Probe:one
sig = *:64:0:0:777,0::ack+:0
[http:request]
label = s:!:a:b
sys = @unix
sig = whatever:it:is
C
H=$NET.10
hlog() { cat "$W"/log/honeyd-*.log; }
has() { hlog | grep -qE "$1"; }
# said ACTION JQ: some event of the kind for which it is true
said() { events "$1" | jq -es "map(select($2)) | length > 0" > /dev/null; }
T='^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{4}'

# --- files ------------------------------------------------------------------
check() { "$B/bin/hpd-parent" -n -L "$B/bin" -j "$W/jail" -f "$W/hpd.conf" "$@"; }
ok "the operator's file is taken" check -0 "$W/own.fp"
sed 's/777,0/777/' "$W/own.fp" > "$W/bad.fp"
check -0 "$W/bad.fp" > "$W/out" 2>&1
is "a damaged one is refused" $? 78
ok "...with its line" grep -q '^bad.fp:8: window wants' "$W/out"
not_ok "one that is not there is refused" check -0 "$W/none.fp"
ok "the installed one is understood" check -0 /etc/p0f/p0f.fp
mkdir "$W/empty"
bare() {
	unshare -m sh -c 'mount --bind "$0" /etc/p0f && exec "$@"' "$W/empty" \
	    "$B/bin/hpd-parent" -n -L "$B/bin" -j "$W/jail" -f "$W/hpd.conf" 2> "$W/out"
}
ok "without it there is ours" bare
is "...and one message" "$(grep -c 'install p0f' "$W/out")" 1

# --- with p0f's own table ---------------------------------------------------
ok "the suite starts" hpd_start -j "$W/jail" || finish
is "it has nothing to say about signatures" "$(grep -c signatures "$W/err")" 0
call() { "$@" timeout 20 nc -N -w 10 $H 1002 < /dev/null; }
is "a script is told the caller's system" "$(call tester)" "<Linux 4.20 and newer>"
LINUX='.hpd.source.os == {name: "Linux", version: "4.20 and newer",
    full: "Linux 4.20 and newer", class: "unix"}'
ok "the connection's event has it" eventually 5 said tcp.open \
    "$LINUX and .hpd.source.distance == 0"
ok "...and its end" eventually 5 said tcp.close "$LINUX"
ok "honeyd's line has it, with honeyd's blank" eventually 5 \
    has "$T tcp\(6\) S $NET.1 [0-9]+ $H 1002 \[Linux 4\.20 and newer \]\$"
ok "...but not the end of the flow" has "$T tcp\(6\) E $NET.1 [0-9]+ $H 1002: 0 [0-9]+\$"
is "behind a router it is the same" "$(call far)" "<Linux 4.20 and newer>"
ok "...one hop away" eventually 5 said tcp.open \
    '.source.ip == "10.67.0.2" and .hpd.source.distance == 1'
tester timeout 10 curl -s -m 5 http://$H:22/ > /dev/null
ok "curl is Linux" eventually 10 said tcp.open "$LINUX and .destination.port == 22"
echo x | tester timeout 5 nc -u -w 1 $H 1003 > /dev/null
ok "a datagram of a known source has its system" eventually 5 said udp.probe \
    "$LINUX and .destination.port == 1003"
is "so has a UDP session" "$(echo x | tester timeout 5 nc -u -w 2 $H 1002)" \
    "<Linux 4.20 and newer>"

# --- tools ------------------------------------------------------------------
tester hping3 -q -c 1 -S -p 81 $H > /dev/null 2>&1
ok "hping3" eventually 5 said tcp.probe \
    '.hpd.tool == {name: "hping3"} and .destination.port == 81'
ok "...in honeyd's line" has "$T tcp\(6\) - $NET.1 [0-9]+ $H 81: 40 S \[hping3  \]\$"
tester hping3 -q -c 1 -S -w 513 -p 82 $H > /dev/null 2>&1
ok "another window is no hping3's" eventually 5 said tcp.probe \
    '.destination.port == 82 and .hpd.tool == null'
tester timeout 60 nmap -n -Pn -sS -p 83,84 $H > /dev/null
ok "nmap -sS" eventually 5 said tcp.probe \
    '.hpd.tool == {name: "Nmap", mode: "SYN scan"} and .destination.port == 83'
not_ok "...asks nothing about our system" event_said tool .
tester timeout 60 nmap -n -Pn -sT -p 85 $H > /dev/null
ok "nmap -sT is the system's" eventually 5 said tcp.probe \
    "$LINUX and .destination.port == 85 and .hpd.tool == null"
tester timeout 100 nmap -n -Pn -O --max-os-tries 1 -p 22,86 $H > "$W/nmap"
OSD='.hpd.tool == {name: "Nmap", mode: "OS detection"}'
ok "nmap -O is told once" eventually 5 said tool "$OSD and .source.ip == \"$NET.1\""
for x in SEC: '':T2 FSPU:T3 FPU:T7; do
	ok "a segment of flags ${x%:*} ${x#*:} is its" eventually 5 said tcp.probe \
	    "$OSD and .hpd.packet.tcp_flags == \"${x%:*}\""
done
for p in 1024 31337 32768; do
	ok "one of window $p too" eventually 5 said tcp.probe "$OSD and .hpd.packet.window == $p"
done
for p in 1 63 4 16 512; do
	ok "a SYN of window $p too" eventually 5 said tcp.probe \
	    "$OSD and .hpd.packet.window == $p and .hpd.packet.tcp_flags == \"S\""
done
ok "the datagram of 300 C" eventually 5 said udp.probe "$OSD"
ok "the echo request of code 9" eventually 5 said icmp.probe "$OSD and .hpd.packet.icmp_code == 9"
is "for all of that one event" "$(events tool | wc -l)" 1
not_ok "no name breaks honeyd's layout" sh -c "cat '$W'/log/honeyd-*.log |
    grep -vE '$T (honeyd log|(tcp|udp|icmp|unkn)\([0-9]+\) [-SE] [0-9.]+ .*[0-9]( [FSRPAUEC]*)?( \[[A-Za-z][^][]* \])?\$)'"

# --- another table ----------------------------------------------------------
ok "TERM ends it with 0" hpd_stop
ok "...after what it still knew of the tool" sh -c "
    jq -es 'map(select(.event.action == \"hpd.tool\") | .hpd.count) | length == 2 and add >= 15' '$W'/log/events-*.jsonl"
rm -rf "$W/log"
ok "the suite starts with the operator's file" hpd_start -j "$W/jail" -0 "$W/own.fp" || finish
again() {
	tester hping3 -q -c 1 -S -w 777 -p 81 $H > /dev/null 2>&1
	sleep 1.5
	said tcp.probe ".hpd.source.os.full == \"$1\""
}
ok "its signature is known" eventually 1 again "Probe one"
sed 's/:one/:two/' "$W/own.fp" > "$W/new.fp" && mv "$W/new.fp" "$W/own.fp"
kill -HUP "$HPD"
ok "a reload" eventually 20 event_said reload .
ok "...reads it anew" eventually 1 again "Probe two"
is "without p0f's, ours are there" "$(call tester)" "<Linux 4.20 and newer>"
ok "TERM ends it with 0" hpd_stop
finish
