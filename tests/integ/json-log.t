#!/bin/sh
# SPDX-License-Identifier: ISC
# The events: every kind that can be provoked from outside is provoked; every
# line is one object of JSON with the fields its kind promises.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
ok "a jail with the tests' scripts" test_jail || finish
[ -x "$B/bench/load" ] || { fail "no $B/bench/load"; finish; }
cat > "$W/hpd.conf" <<C
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
set web default udp action closed
add web tcp port 7 "sh -c cat"
add web tcp port 22 open
add web tcp port 1000 "perl scripts/spill.pl"
add web tcp port 1002 "perl scripts/wait.pl" source 1
add web tcp port 1003 "perl scripts/trip.pl"
add web udp port 7 "cat"
limit connections 1024 source 40
bind $NET.10-$NET.13 web
C
ok "the suite starts" hpd_start -j "$W/jail" || finish
H=$NET.10
say() { printf "$1" | tester timeout 10 nc -N -w 5 $H "$2"; }

# network
tester ping -c 1 -W 5 $H > /dev/null
tester hping3 -q -c 1 -S -p 81 $H > /dev/null 2>&1
tester hping3 -q -c 1 -0 -H 47 $H > /dev/null 2>&1
echo x | tester timeout 5 nc -u -w 1 $H 8 > /dev/null
echo x | tester timeout 5 nc -u -w 1 $H 7 > /dev/null
head -c 300 /dev/zero | tr '\0' C > "$W/u1" # as nmap -O asks a closed port
tester hping3 -q -c 1 -2 -N 4162 -d 300 -E "$W/u1" -p 40000 $H > /dev/null 2>&1
tester hping3 -q -c 3 -i u1000 -S -b -p 81 $H > /dev/null 2>&1
cat > "$W/arp.py" <<'P'
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
me = bytes.fromhex("02deadbeef01")
ip = socket.inet_aton(sys.argv[2])
f = b"\xff" * 6 + me + b"\x08\x06\0\1\x08\0\6\4\0\1" + me + ip + b"\0" * 6 + ip + b"\0" * 18
for i in range(4):
    s.send(f)
    time.sleep(0.5)
P
tester ping -c 1 -W 5 $NET.13 > /dev/null
tester python3 "$W/arp.py" "$IF_T" $NET.13
MAC=$(tester cat /proc/net/arp | awk -v h=$H '$1 == h { print $4 }')
tester "$B/bench/load" flood syn "$IF_T" "$MAC" random $H 1 90 30000 60000 > /dev/null
for i in $(seq 45); do echo; done | tester timeout 10 sh -c "
	for i in \$(seq 45); do nc -d -w 3 $H 22 & done; wait" > /dev/null 2>&1
ip -n "$NS_T" link set "$IF_T" down
ok "the link is down" eventually 5 event_said net.link down
ip -n "$NS_T" link set "$IF_T" up
ok "the link is up" eventually 5 event_said net.link up

# sessions
ok "a shell session" test "$(say 'x\n' 7)" = x
ok "notes of a script" test "$(say '{"user.name":"a","n":1,"ok":true}\nnot json\n' 1000)" = spilled
perl -e 'print "line $_\n" for 1 .. 2000' | tester timeout 10 nc -N -w 5 $H 1000 > /dev/null
say '' 1003 > "$W/trip"
is "the tripwire is one" "$(cat "$W/trip")" ""
tester timeout 6 nc -d $H 1002 > "$W/one" 2>&1 &
KILL_PIDS=$!
eventually 5 grep -q hello "$W/one"
tester timeout 3 nc -d $H 1002 > "$W/two" 2>&1
is "one session at a time there" "$(cat "$W/two")" ""
kill $KILL_PIDS; KILL_PIDS=

# the suite itself
kill -HUP "$HPD"
ok "a reload" eventually 10 event_said reload .
echo 'nonsense here' >> "$W/hpd.conf"
kill -HUP "$HPD"
ok "a refused one" eventually 10 event_said reload refused
kill -USR1 "$HPD"
old=$(hpd_pid hpd-svc)
kill -KILL "$old"
ok "a process that dies comes back" eventually 10 hpd_pid_new hpd-svc "$old"
# A queue that overflows: hpd-log stands still while much happens.
lp=$(hpd_pid hpd-log)
kill -STOP "$lp"
head -c 70000 /dev/zero | tr '\0' D > "$W/much"
for i in $(seq 60); do # both directions of each are kept
	tester timeout 10 nc -N -w 3 $H 7 < "$W/much" > /dev/null
done
kill -CONT "$lp"
ok "what was lost is told" eventually 10 event_said log.lost .
sleep 1.5
ok "TERM ends it with 0" hpd_stop

cat "$W"/log/*-*.jsonl > "$W/all"
ok "every line is an object for jq" sh -c "jq -e 'type == \"object\"' '$W/all' > '$W/jq' &&
    [ \$(wc -l < '$W/jq') = \$(wc -l < '$W/all') ]"
# The flood's records are all alike: some of them, and all others.
awk '/"hpd.tcp.probe"/ && ++n > 500 { next } { print }' "$W/all" > "$W/some"
# all NAME FILTER: holds for every line; shows some for which it does not
all() {
	jq -c "select(($2) | not)" "$W/some" > "$W/not" 2>&1
	tap_out=$(head -3 "$W/not")
	if [ -s "$W/not" ]; then fail "$1"; else pass "$1"; tap_out=; fi
}
all "times are RFC 3339, UTC, microseconds" \
    '.["@timestamp"] | test("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z$")'
all "ECS: version, kind, category, type, action, observer" \
    '(.ecs.version | startswith("8.")) and (.event.kind | IN("event", "alert")) and
    (.event.category | type == "array" and length > 0) and (.event.type | type == "array" and length > 0) and
    (.event.action | test("^hpd\\.[a-z]+(\\.[a-z]+)?$")) and .observer.type == "honeypot" and
    (.observer.name | length > 0) and (.observer.version | length > 0)'
all "hpd: schema, boot, producer, run, sequence, count" \
    '.hpd | .schema == 1 and (.boot | test("^[0-9a-f]{16}$")) and (.run | test("^[0-9a-f]{16}$")) and
    .seq >= 1 and .count >= 1 and (.instance | type == "number") and
    (.producer | IN("hpd-parent", "hpd-net", "hpd-svc", "hpd-svc-shell", "hpd-log", "hpship"))'
all "categories and types are ECS words" \
    '(.event.category - ["network","process","intrusion_detection","host","configuration"] == []) and
    (.event.type - ["connection","start","end","info","denied","change","deletion"] == [])'
all "outcomes are ECS words" '.event.outcome // "success" | IN("success", "failure", "unknown")'
all "addresses are addresses, never 0.0.0.0" \
    '[.source.ip, .destination.ip] | map(select(. != null)) | all(test("^[0-9.]+$") and . != "0.0.0.0")'
K='def k(f): .event.action | ltrimstr("hpd.") | f;'
all "TCP and UDP events have both ends and ports" \
    "$K"'(k(test("^(tcp|udp)\\.")) | not) or (.source.ip and .destination.ip and .source.port != null and
    .destination.port != null and .network.type == "ipv4" and
    .network.transport == (.event.action[4:7]) and .hpd.template == "web")'
all "probes have a verdict, a packet and a count" \
    "$K"'(k(test("probe$|^flood$")) | not) or ((.hpd.verdict | IN("open","closed","filtered","replied","limited","ignored")) and
    .hpd.packet.len >= 20 and .hpd.packet.ttl >= 1 and .source.packets == .hpd.count)'
all "ICMP probes have type and code" "$K"'(k(. == "icmp.probe") | not) or (.hpd.packet | .icmp_type != null and .icmp_code != null)'
all "ends of flows have bytes, duration and why" \
    "$K"'(k(IN("tcp.close","udp.close")) | not) or (.source.bytes != null and .destination.bytes != null and
    .event.duration >= 0 and (.hpd.why | length > 0) and .hpd.session)'
all "ARP events name the address and a MAC" \
    "$K"'(k(test("^arp")) | not) or (.destination.ip and ((.destination.mac // .source.mac) | test("^([0-9A-F]{2}-){5}[0-9A-F]{2}$")))'
all "sessions' events have their session and both ends" \
    "$K"'(k(test("^svc")) | not) or (.hpd.session and .source.ip and .destination.port)'
all "exits tell status, CPU, memory and why" \
    "$K"'(k(. == "svc.exit") | not) or ((.hpd.exit_code != null or .hpd.exit_signal != null) and .hpd.cpu_us != null and .hpd.rss_kb != null and .hpd.why and .event.duration > 0)'
all "denials say why" "$K"'(k(. == "svc.denied") | not) or (.hpd.verdict | test("^limit_|^spawn$|^drain$|^down$|^unknown"))'
all "drops and limits say which" "$K"'(k(IN("net.drop","net.limit","net.link")) | not) or (.message | length > 0)'
all "losses say how many, from when, to when" "$K"'(k(. == "log.lost") | not) or (.hpd.lost | .count >= 1 and .last >= .first and .producer)'
all "messages have a level" "$K"'(k(. == "diag") | not) or (.hpd.level and .message)'
all "an alert is what an intruder did" \
    "$K"'(.event.kind == "alert") == k(IN("svc.trip","sandbox.kill","arp.conflict","chan.broken"))'
is "the refused configuration is named with its line" \
    "$(jq -r 'select(.event.action == "hpd.reload") | .message' "$W/some" | grep -c refused)" 1

for k in tcp.probe tcp.open tcp.close udp.probe udp.open udp.close icmp.probe ip.probe \
    arp.claim arp.yield arp.conflict flood net.drop net.limit net.link \
    svc.start svc.line svc.field svc.exit svc.trip svc.denied svc.lost \
    start stop proc.up proc.down reload log.lost log.segment log.stats session.data diag; do
	ok "there is a $k" grep -qF "\"hpd.$k\"" "$W/all"
done
# Kinds that this scenario can't provoke; a new kind has to be put in one of
# the two lists.
others="sandbox.missing sandbox.kill chan.broken log.skip log.gap frame
    tcp.connects log.retired log.folded log.level log.digest log.text ship.lost"
for k in $(sed -n 's/^{EV_[A-Z_]*, "\([a-z.]*\)".*/\1/p' common/event.c); do
	case " $(echo $others) " in *" $k "*) continue ;; esac
	grep -qF "\"hpd.$k\"" "$W/all" || fail "kind $k is in no list here"
done
note "$(python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl | tail -1); not provoked here: $others"
ok "no gap in any sequence" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
finish
