#!/bin/sh
# SPDX-License-Identifier: ISC
# honeyd's packet log and service log: each line has honeyd's layout, byte
# counts are those of the wire, and nothing a peer or a script writes can
# forge a line or drive a terminal, in these logs or in the events.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
ok "a jail with the tests' scripts" test_jail || finish
cat > "$W/hpd.conf" <<C
log packets
log services
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
set web default udp action closed
add web tcp port 22 open
add web tcp port 1000 "perl scripts/spill.pl"
add web tcp port 1001 "perl scripts/source.pl"
add web udp port 7 "cat"
bind $NET.10 web
C
ok "the suite starts" hpd_start -j "$W/jail" || finish
H=$NET.10
hlog() { cat "$W"/log/honeyd-*.log; }
slog() { cat "$W"/log/service-*.log; }
has() { hlog | grep -qE "$1"; }
to() { tester timeout 20 nc -N -w 10 "$@" < "$W/in" > "$W/out"; }

# What the decoy sent, payload only, as the tester's interface sees it.
wire_start() {
	rm -f "$W/wire" "$W/dump"
	tester tcpdump -i "$IF_T" -n -q -l "src host $H and tcp src port $1" \
	    > "$W/wire" 2> "$W/dump" &
	TD=$! KILL_PIDS="$!"
	eventually 5 grep -q listening "$W/dump"
}
wire_sum() {
	sleep 0.5
	kill -INT $TD; wait $TD; KILL_PIDS=
	awk '/ tcp [0-9]+$/ { s += $NF } END { printf "%d", s }' "$W/wire"
}

# --- probes and flows -------------------------------------------------------
tester ping -c 1 -W 5 $H > /dev/null
tester hping3 -q -c 1 -S -p 81 $H > /dev/null 2>&1
tester hping3 -q -c 1 -S -R -p 82 $H > /dev/null 2>&1
tester hping3 -q -c 1 -F -P -U -X -Y -A -p 83 $H > /dev/null 2>&1
tester hping3 -q -c 1 -p 84 $H > /dev/null 2>&1
tester hping3 -q -c 1 -0 -H 47 $H > /dev/null 2>&1
echo x > "$W/in"
tester timeout 3 nc -u -w 1 -p 5353 $H 8 < "$W/in" > /dev/null
tester timeout 3 nc -u -w 1 -p 5354 $H 7 < "$W/in" > "$W/out"
is "the UDP service echoes" "$(cat "$W/out")" x
T='^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{4}'
ok "an echo request" eventually 5 has "$T icmp\(1\) - $NET.1 $H: 8\(0\): 84\$"
ok "a SYN to a closed port" eventually 5 has "$T tcp\(6\) - $NET.1 [0-9]+ $H 81: 40 S \[hping3  \]\$"
ok "SYN and RST together are marked" eventually 5 has "$T tcp\(6\) - $NET.1 [0-9]+ $H 82: 40 SR \{Honeyd Scanner\?\}\$"
ok "flags in honeyd's order" eventually 5 has "$T tcp\(6\) - $NET.1 [0-9]+ $H 83: 40 FPAUEC\$"
ok "no flags: one blank" eventually 5 has "$T tcp\(6\) - $NET.1 [0-9]+ $H 84: 40 \$"
ok "another protocol" eventually 5 has "$T unkn\(47\) - $NET.1 $H: [0-9]+\$"
ok "a datagram to a closed port" eventually 5 has "$T udp\(17\) - $NET.1 5353 $H 8: 30\$"
ok "a UDP flow starts" eventually 5 has "$T udp\(17\) S $NET.1 5354 $H 7( \[[^]]* \])?\$"
ok "an accepted SYN is no probe" sh -c "! cat '$W'/log/honeyd-*.log | grep -q ' - $NET.1 [0-9]* $H 1001:'"

# --- byte counts ------------------------------------------------------------
exact=0 src=20000
for n in 100000 700001 1300000; do
	wire_start 1001
	echo $n > "$W/in"
	src=$((src + 1))
	to -p $src $H 1001
	sent=$(wire_sum)
	is "the client got $n bytes" "$(stat -c %s "$W/out")" $n
	ok "the flow starts" eventually 5 has "$T tcp\(6\) S $NET.1 $src $H 1001 \[Linux 4\.20 and newer \]\$"
	ok "the flow ends with $(stat -c %s "$W/in") received and the $sent of the wire sent" eventually 5 \
	    has "$T tcp\(6\) E $NET.1 $src $H 1001: $(stat -c %s "$W/in") $sent\$"
	[ "$sent" != $n ] || exact=$((exact + 1))
done
ok "some of them needed no byte twice" test $exact -ge 1
for n in 1 65536 3000000; do
	head -c $n /dev/zero | tr '\0' '\n' > "$W/in"
	src=$((src + 1))
	to -p $src $H 1000
	is "the service took all" "$(cat "$W/out")" spilled
	ok "an upload of $n bytes is counted once" eventually 5 \
	    has "$T tcp\(6\) E $NET.1 $src $H 1000: $n 8\$"
done

# --- injection --------------------------------------------------------------
perl -e 'print "one\r\n\e[31m|\n\xc2\x9b31m\n\xe2\x80\xae\xff\xfe\n",
    "2026-11-23-00:00:00.0000 tcp(6) - 1.2.3.4 1 5.6.7.8 9: 40 S\n",
    "{\"action\":\"forged\"}\n{\"a\":\"\x1b\"}\n{\"a\":1}{\"b\":2}\n",
    "}}\n\"},{\"x\":\"\n", "L" x 9000, "\n"' > "$W/in"
to -p 40001 $H 1000
is "the service spilled it" "$(cat "$W/out")" spilled
perl -e 'print map chr, 0 .. 255' > "$W/in"
to -p 40002 $H 1000
is "all byte values too" "$(cat "$W/out")" spilled
perl -e 'print map { chr($_) . "\n" } 0 .. 9, 11 .. 63' > "$W/in"
to -p 40003 $H 1000
lines() { [ "$(slog | grep -c "$1")" -ge "$2" ]; }
ok "the service log has them" eventually 5 lines "$NET.1 40003 $H 1000: |" 63
ok "escapes are text" eventually 5 lines "40001 $H 1000: |\\\\x1b\[31m||" 1
ok "so is a C1 control" eventually 5 lines "40001 $H 1000: |\\\\xc2\\\\x9b31m|" 1
ok "so is what would turn the writing" eventually 5 lines "40001 $H 1000: |\\\\xe2\\\\x80\\\\xae\\\\xff\\\\xfe|" 1
not_ok "no line begins where a peer wants it" sh -c "cat '$W'/log/service-*.log | grep -q '^2026-11-23-00:00:00.0000'"
long() { [ "$(slog | grep -oE '40001 [^|]*\|L+\|$' | tr -cd L | wc -c)" = 4096 ]; }
ok "a line of 9000 bytes is cut at 4096" eventually 5 long

ok "TERM ends it with 0" hpd_stop
for f in "$W"/log/honeyd-*.log "$W"/log/service-*.log "$W"/log/*-*.jsonl; do
	b=${f##*/}
	not_ok "no raw control byte in ${b%%-*}" env LC_ALL=C grep -qP '[\x00-\x09\x0b-\x1f\x7f]' "$f"
	is "${b%%-*} ends with a whole line" "$(tail -c 1 "$f" | od -An -tx1 | tr -d ' ')" 0a
done
not_ok "no byte above 0x7e in honeyd's logs" sh -c "cat '$W'/log/*-*.log | LC_ALL=C grep -qP '[\x7f-\xff]'"
ok "the events are UTF-8" iconv -f UTF-8 -t UTF-8 "$W"/log/*-*.jsonl
not_ok "without C1 controls or direction marks" grep -qP '[\x{80}-\x{9f}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2066}-\x{2069}]' "$W"/log/*-*.jsonl
ok "each event line is one object of JSON" sh -c "jq -e 'type == \"object\"' '$W'/log/*-*.jsonl > '$W'/jq &&
    [ \$(wc -l < '$W'/jq) = \$(cat '$W'/log/*-*.jsonl | wc -l) ]"
raw() { # port kind: the bytes of its lines as the events have them, in hex
	events "svc.$2" | jq -rs "map(select(.source.port == $1)) | .[] |
	    (.hpd.raw_b64 // ((.message // .hpd.script_text // \"\") | @base64)) // \"\"" |
	    while read -r l; do echo "$l" | base64 -d | od -An -v -tx1 | tr -d ' \n'; echo 0a; done | tr -d '\n'
}
perl -e 'print map { sprintf "%02x", $_ } 0 .. 255, 10' > "$W/all"
is "all byte values come back from svc.line" "$(raw 40002 line)" "$(cat "$W/all")"
is "...and from svc.field" "$(raw 40002 field)" "$(cat "$W/all")"
is "no script's line made an action of its own" "$(jq -r .event.action "$W"/log/*-*.jsonl | grep -vc '^hpd\.')" 0
is "a flat object of a script is fields" \
    "$(events svc.field | jq -r 'select(.source.port == 40001) | .hpd.script.action // empty')" forged
is "a bad one is a string" \
    "$(events svc.field | jq -r 'select(.source.port == 40001 and .hpd.script_text == "{\"a\":1}{\"b\":2}") | .event.action')" hpd.svc.field
OS='( \[[A-Za-z0-9][^][]* \])?'
bad=$(hlog | grep -cvE "$T (honeyd log (started|stopped) ------|(tcp\(6\)|udp\(17\)) (- [0-9.]+ [0-9]+ [0-9.]+ [0-9]+: [0-9]+( [FSRPAUEC]*)?$OS( \{Honeyd Scanner\?\})?|S [0-9.]+ [0-9]+ [0-9.]+ [0-9]+$OS|E [0-9.]+ [0-9]+ [0-9.]+ [0-9]+: [0-9]+ [0-9]+)|icmp\(1\) - [0-9.]+ [0-9.]+: [0-9]+\([0-9]+\): [0-9]+$OS|unkn\([0-9]+\) - [0-9.]+ [0-9.]+: [0-9]+$OS)\$")
is "every packet line has honeyd's layout" "$bad" 0
is "every service line too" "$(slog | grep -cvE "$T tcp\(6\) [0-9.]+ [0-9]+ [0-9.]+ [0-9]+: \|[ -~]*\|\$")" 0
is "each start has an end" "$(hlog | grep -cE ' (tcp|udp)\([0-9]+\) S ')" "$(hlog | grep -cE ' (tcp|udp)\([0-9]+\) E ')"
finish
