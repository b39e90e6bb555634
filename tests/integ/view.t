#!/bin/sh
# SPDX-License-Identifier: ISC
# hpview show, summary and export on a real suite's log, against jq, Python's
# CSV reader and honeyd's own text streams of the same run; on a big made log
# against what its maker counted; honeyd's logs read back; pseudonyms hide
# every source; countries from a database made here.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
V=$B/bin/hpview
export TZ=UTC
cp -r scripts "$W/scripts" && cp tests/data/scripts/spill.pl "$W/scripts/"
ok "a jail with a script that spills bytes" "$B/bin/hpaudit" mkjail \
    -m scripts/jail.manifest -s "$W/scripts" -i "$B/bin/hpd-init" "$W/jail" || finish
cat > "$W/hpd.conf" <<C
log packets
log services
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
set web default udp action closed
add web tcp port 22 open
add web tcp port 23 "perl scripts/router-telnet.pl"
add web tcp port 1000 "perl scripts/spill.pl"
add web udp port 7 "cat"
bind $NET.10 web
bind $NET.11 web
C
ok "the suite starts" hpd_start -j "$W/jail" || finish
for i in 1 2; do
	tester ping -c 2 -i 0.2 -W 2 $NET.1$((i - 1)) > /dev/null
done
tester nmap -n -sS -p 20-30,80 $NET.10 > /dev/null 2>&1
tester hping3 -q -c 1 -S -R -p 82 $NET.10 > /dev/null 2>&1
tester hping3 -q -c 1 -0 -H 47 $NET.10 > /dev/null 2>&1
echo x | tester timeout 3 nc -u -w 1 -p 5354 $NET.10 7 > /dev/null
login() {
	{ sleep 1; printf 'admin\r\n'; sleep 0.5; printf '%s\r\n' "$1"; sleep 0.7; } |
	    tester timeout 10 nc -q 1 -w 5 $NET.11 23 > /dev/null
}
login 'cisco'
login "=cmd|'x'!A0"
login "$(printf 'b\033[2Jd\303\244"')"
printf 'hello\001\377|\r\n' | tester timeout 5 nc -N -w 3 $NET.10 1000 > /dev/null
sleep 1
ok "the suite stops" hpd_stop
L=$W/log
cat "$L"/events-*.jsonl "$L"/probes-*.jsonl 2>/dev/null > "$W/all"
n=$(wc -l < "$W/all")

# --- show ---------------------------------------------------------------------
"$V" show "$L" > "$W/show" 2> "$W/err.v"
is "show: every line, as it stands" "$(sort "$W/show" | md5sum)" "$(sort "$W/all" | md5sum)"
is "show says nothing else" "$(cat "$W/err.v")" ""
ok "in order of time" jq -es '[.[]["@timestamp"]] as $t | $t == ($t | sort)' "$W/show"
counts() { jq -r '.event.action | ltrimstr("hpd.")' | sort | uniq -c | sort; }
for f in "-k tcp.*" "-p 20-25/tcp" "-d $NET.11" "-s $NET.0/24 -k svc.*" "-s $NET.99"; do
	case $f in
	"-k tcp.*") q='select(.event.action | startswith("hpd.tcp."))' ;;
	"-p 20-25/tcp") q='select(.network.transport == "tcp" and .destination.port >= 20 and .destination.port <= 25)' ;;
	"-d $NET.11") q="select(.destination.ip == \"$NET.11\")" ;;
	"-s $NET.0/24 -k svc.*") q="select((.source.ip // \"\" | startswith(\"$NET.\")) and (.event.action | startswith(\"hpd.svc.\")))" ;;
	*) q='empty' ;;
	esac
	set -f; is "show $f, as jq" "$("$V" show $f "$L" | counts)" "$(jq -c "$q" "$W/all" | counts)"; set +f
done
s=$(jq -r 'select(.event.action == "hpd.svc.start") | .hpd.session' "$W/all" | head -1)
is "one session" "$("$V" show -S "$s" "$L" | jq -r .hpd.session | sort -u)" "$s"
t=$(jq -rs '.[length / 2 | floor]["@timestamp"]' "$W/show")
is "before and after a time make all" "$(($("$V" show -a "$t" "$L" | wc -l) + $("$V" show -b "$t" "$L" | wc -l)))" "$n"
"$V" show -t "$L" > "$W/text"
is "a line for people each" "$(wc -l < "$W/text")" "$n"
not_ok "no control byte in them" grep -qP '[\x00-\x09\x0b-\x1f\x7f]' "$W/text"
ok "the escape an attacker sent is told" grep -qF '\x1b[2J' "$W/text"

# --- summary --------------------------------------------------------------------
"$V" summary -j "$L" > "$W/sum"
ok "summary -j is JSON" jq -e . "$W/sum"
is "records of each kind" "$(jq -cS '.kinds | map_values(.records)' "$W/sum")" \
    "$(jq -r '.event.action | ltrimstr("hpd.")' "$W/all" | jq -RcnS 'reduce inputs as $k ({}; .[$k] += 1)')"
is "packets of the probes" "$(jq '[.kinds | to_entries[] | select(.key | endswith("probe") or . == "flood") | .value.count] | add' "$W/sum")" \
    "$(jq -s '[.[] | select(.event.action | endswith(".probe") or . == "hpd.flood") | .hpd.count] | add' "$W/all")"
is "passwords tried" "$(jq -c '[.logins[] | [.user, .password]] | sort' "$W/sum")" \
    "$(jq -sc '[.[] | select(.hpd.script.event? == "login") | .hpd.script | [.user, .password]] | unique' "$W/all")"
is "bytes of the source" "$(jq -c '.sources[0] | [.bytes_in, .bytes_out]' "$W/sum")" \
    "$(jq -sc '[.[] | select(.event.action | endswith("close"))] | [([.[].source.bytes] | add), ([.[].destination.bytes] | add)]' "$W/all")"
is "ports it asked for" "$(jq '.sources[0].ports' "$W/sum")" \
    "$(jq -s '[.[] | select(.source.ip and .destination.port and (.event.action | test("probe$|open$|flood$"))) | [.network.transport, .destination.port]] | unique | length' "$W/all")"
"$V" summary "$L" > "$W/sum.txt"
is "80 columns" "$(awk 'length > 80' "$W/sum.txt" | head -3)" ""
ok "Nmap is named" grep -q Nmap "$W/sum.txt"
"$V" summary -b 2001-01-01 "$L" > "$W/none" && ok "no record: says so" grep -q 'no records' "$W/none"
not_ok "no such directory: an error" "$V" summary "$W/nothing"
is "its exit code" "$("$V" summary "$W/nothing" 2>/dev/null; echo $?)" 66
is "a mistyped filter is usage" "$("$V" summary -s 1.2.3 "$L" 2>/dev/null; echo $?)" 64

# A password without a name is a login as well.
mkdir "$W/pw"
jq -c '.hpd.script? |= del(.user)' "$W/all" | grep '"event":"login"' > "$W/pw/events-20260101T000000Z-000001.jsonl"
is "passwords alone" "$("$V" summary -j "$W/pw" | jq -c '[.logins_tried, ([.logins[].password] | sort), ([.logins[].user] | unique)]')" \
    "$(jq -sc '[.[].hpd.script.password] | [length, (unique), [""]]' "$W/pw"/*.jsonl)"
for f in /dev/zero /dev/null "$W/pw/pipe"; do
	[ -e "$f" ] || mkfifo "$f"
	is "no log: ${f##*/}" "$(timeout 10 "$V" summary "$f" 2>/dev/null; echo $?)" 66
done
rm "$W/pw/pipe"
esc=$(printf 'a\033]0;x\007b')
echo x > "$W/$esc"
is "a name drives no terminal" "$("$V" show "$W/$esc" 2>&1 | sed 's|.*/||')" 'a\x1b]0;x\x07b: not a log hpview can read'
for f in /dev/null "$W/link"; do
	[ -e "$f" ] || ln -s "$W/pw" "$W/link"
	is "no report over ${f##*/}" "$("$V" report --html "$f" "$L" 2>/dev/null; echo $?)" 64
done
ok "both are still there" test -c /dev/null -a -L "$W/link"
is "help" "$("$V" --help | head -1; "$V" show --help | head -1 | cut -c1-18)" "usage:
usage: hpview show"

# --- export -----------------------------------------------------------------------
marks() { grep -v ' honeyd log st' | LC_ALL=C sort; }
"$V" export -f honeyd "$L" | marks > "$W/h.out"
cat "$L"/honeyd-*.log | marks > "$W/h.own"
ok "honeyd's packet log, byte for byte hpd-log's" cmp "$W/h.out" "$W/h.own"
"$V" export -f service "$L" | LC_ALL=C sort > "$W/s.out"
cat "$L"/service-*.log | LC_ALL=C sort > "$W/s.own"
ok "honeyd's service log, byte for byte" cmp "$W/s.out" "$W/s.own"
[ -s "$W/h.own" ] && [ -s "$W/s.own" ] || fail "there were some of each"
ok "a reader of honeyd's packet log takes every line" python3 tests/lib/honeyd_text.py -p "$L"/honeyd-*.log "$W/h.out"
ok "a reader of honeyd's service log takes every line" python3 tests/lib/honeyd_text.py -s "$L"/service-*.log "$W/s.out"
not_ok "which would not take others" sh -c 'echo "2026-11-23-06:25:02.8063 tcp(6) S 1.2.3.4 5 6.7.8.9" > "$1"; python3 tests/lib/honeyd_text.py -p "$1"' - "$W/bad"
is "read back: the same flows and probes" \
    "$("$V" summary -j "$L"/honeyd-*.log | jq -c '.kinds | del(.start, .stop) | map_values(.records)')" \
    "$(jq -c '.kinds | {"tcp.probe": (.["tcp.probe"].records), "tcp.open": .["tcp.open"].records, "tcp.close": .["tcp.close"].records, "udp.probe": .["udp.probe"].records, "udp.open": .["udp.open"].records, "udp.close": .["udp.close"].records, "icmp.probe": .["icmp.probe"].records, "ip.probe": .["ip.probe"].records} | with_entries(select(.value))' "$W/sum")"
"$V" export -f csv "$L" > "$W/csv"
cat > "$W/readcsv.py" <<'P'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8'), strict=True))
recs = [json.loads(l) for l in open(sys.argv[2], encoding='utf-8')]
assert len(rows) == len(recs), (len(rows), len(recs))
seen = 0
for r, e in zip(rows, recs):
    assert None not in r and all(v is not None for v in r.values())
    assert r['time'] == e['@timestamp'] and 'hpd.' + r['kind'] == e['event']['action']
    assert r['source'] == e.get('source', {}).get('ip', '')
    assert r['destination_port'] == str(e.get('destination', {}).get('port', ''))
    assert r['count'] == str(e['hpd']['count'])
    assert r['session'] == e['hpd'].get('session', '')
    for v in r.values():
        assert v[:1] not in ('=', '+', '-', '@', '\t', '\r'), v
        assert all(c.isprintable() for c in v), v
        seen += v.startswith("'=")
    if e['hpd'].get('script', {}).get('event') == 'login':
        p = e['hpd']['script']['password']
        assert r['password'] == ("'" + p if p[:1] == '=' else p.replace('\x1b', '\\x1b').encode('latin1').decode('latin1')), (r['password'], p)
assert seen > 0
P
"$V" show "$L" > "$W/show"
ok "CSV: every row and column, no formula" python3 "$W/readcsv.py" "$W/csv" "$W/show"
ok "lines end as RFC 4180 says" sh -c '! grep -qv "$(printf "\r")$" "$1"' - "$W/csv"

# --- pseudonyms ---------------------------------------------------------------------
head -c 32 /dev/urandom > "$W/key"
for f in json csv honeyd service; do
	"$V" export -f $f --pseudonyms "$W/key" "$L" > "$W/p.$f"
done
is "json: every record" "$(jq -r .event.action "$W/p.json" | sort | uniq -c | md5sum)" "$(jq -r .event.action "$W/all" | sort | uniq -c | md5sum)"
not_ok "no source in any of them" grep -qE "(^|[^0-9.])10[.]66[.]0[.]1([^0-9]|\$)" "$W/p.csv" "$W/p.honeyd"
is "in JSON neither" "$(jq -r 'select(.event.action != "hpd.arp.yield" and .event.action != "hpd.arp.claim") | tostring' "$W/p.json" | grep -cE "(^|[^0-9.])10[.]66[.]0[.]1([^0-9]|\$)")" 0
is "no seal, no text" "$(jq -c 'select(.seal or .message or .hpd.script or .hpd.raw_b64)' "$W/p.json" | wc -l)" 0
is "one name, the same in both" "$(jq -r '.source.ip // empty' "$W/p.json" | sort -u)" "$(cut -d, -f5 "$W/p.csv" | grep '^s-' | sort -u)"
ok "the packet log still reads" python3 tests/lib/honeyd_text.py -p "$W/p.honeyd"
is "another key, another name" "$(head -c 32 /dev/urandom > "$W/key2"; "$V" export -f csv -P "$W/key2" "$L" | grep -cF "$(jq -r '.source.ip // empty' "$W/p.json" | head -1)")" 0
ok "the data is kept when told to" sh -c '"$1" export -f json -P "$2" -K "$3" | grep -q cisco' - "$V" "$W/key" "$L"

# --- countries ------------------------------------------------------------------------
ok "a database of countries" python3 tests/lib/mkmmdb.py "$W/geo.mmdb" 10.66.0.0/16=DE 32.0.0.0/8=FR
is "the source's country" "$("$V" summary -j -g "$W/geo.mmdb" "$L" | jq -r '.sources[0].country')" DE
ok "and for people" sh -c '"$1" summary -g "$2" "$3" | grep -q " DE "' - "$V" "$W/geo.mmdb" "$L"
not_ok "a file that is none: an error" "$V" summary -g "$W/key" "$L"

# --- much -----------------------------------------------------------------------------
"$B/tests/lib/genlog" -n 300000 -s 5000 -m 20000000 -k -o "$W/big" > "$W/made" || fail "genlog"
made() { sed -n "s/^$1=//p" "$W/made"; }
"$V" summary -j -T 1 "$W/big" > "$W/b1"
start=$(date +%s%N)
"$V" summary -j "$W/big" > "$W/b2"
note "summary of $(made records) records: $((($(date +%s%N) - start) / 1000000)) ms"
"$V" summary -j -T 5 "$W/big" > "$W/b5"
ok "two threads say what one says" cmp "$W/b1" "$W/b2"
ok "five as well" cmp "$W/b1" "$W/b5"
is "records" "$(jq .records "$W/b1")" "$(made records)"
is "packets" "$(jq '.kinds["tcp.probe"].count + .kinds["udp.probe"].count + .kinds["icmp.probe"].count' "$W/b1")" "$(made packets)"
is "sessions" "$(jq .sessions_total "$W/b1")" "$(made sessions)"
is "logins" "$(jq .logins_tried "$W/b1")" "$(made logins)"
is "kinds" "$(jq -r '.kinds | to_entries[] | "\(.key)=\(.value.records)"' "$W/b1" | sort)" "$(grep '^[a-z]*[.a-z]*=' "$W/made" | grep -vE '^(key|records|packets|sessions|logins)=' | sort)"
is "sources, by jq" "$(jq .sources_total "$W/b1")" "$(cat "$W"/big/*.jsonl | grep -oE '"source":\{"ip":"[0-9.]+' | sort -u | wc -l)"
top=$(jq -r '.sources[0].ip' "$W/b1")
is "the busiest one's records, by grep" "$(jq '.sources[0].events' "$W/b1")" "$(cat "$W"/big/*.jsonl | grep -cF "\"source\":{\"ip\":\"$top\"")"
is "two sensors are twice as much" "$("$V" summary -j "$W/big" "$L" | jq .records)" "$(($(made records) + n))"
finish
