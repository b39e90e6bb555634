#!/bin/sh
# SPDX-License-Identifier: ISC
# UDP: three states, services a datagram at a time, large answers, wrong
# checksums, empty datagrams, a flood of source ports.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<'CONF'
create win
set win personality "Microsoft Windows 10 1607"
set win default tcp action closed
set win default udp action closed
add win tcp port 22 open
add win udp port 9 filtered
add win udp port 19 open
add win udp port 53 "perl -e '$n=0;while(sysread(STDIN,$b,65536)){$n++;syswrite(STDOUT,$n.chr(32).length($b).chr(32).$b)}'"
add win udp port 69 "perl -e 'while(sysread(STDIN,$b,65536)){syswrite(STDOUT,$b,0+length($b));syswrite(STDOUT,chr(120)x2000)}'"
create default
set default default udp action closed
bind 10.66.0.10-10.66.0.11 win
CONF
sed -i "s/10\.66\.0/$NET/g" "$W/hpd.conf"
ok "the suite starts" hpd_start $NET.0/24 || { cat "$W/err"; finish; }
ready() { tester ping -c1 -W1 $NET.10; }
ok "a decoy is there" eventually 10 ready
pids0=$(hpd_pids | sort | tr '\n' ' ')
states() { tester nmap -n -Pn -sU --max-retries 3 "$@" | awk '/^[0-9]+\/udp/ { print $1, $2 }' | tr '\n' ' '; }
# 28, 29
is "nmap sees open, open|filtered, closed" "$(states -p 9,19,53,999 $NET.10)" \
    "9/udp open|filtered 19/udp open|filtered 53/udp open 999/udp closed "
is "a default decoy's port is closed" "$(states -p 999 $NET.200)" "999/udp closed "
# 22
bad=$(tester nmap -n -Pn -sS --badsum -p 22,81 $NET.10)
note "$bad"
not_ok "wrong TCP checksums: nothing open or closed" sh -c "echo '$bad' | grep -qE '^[0-9]+/tcp +(open|closed) '"
ok "...all filtered" sh -c "echo '$bad' | grep -qE '^22/tcp +filtered '"
is "wrong UDP checksums: no answer" "$(states --badsum -p 53,999 $NET.10)" "53/udp open|filtered 999/udp open|filtered "
tester /usr/bin/python3 tests/integ/udp_clients.py "$IF_T" "$NET" "$(hpd_pid hpd-net)" "$(hpd_pid hpd-svc)" > "$W/out" 2>&1
rc=$?
grep -vE '^(ok|1\.\.)' "$W/out" | sed 's/^not ok/# NOT OK/'
is "datagram by datagram: all $(grep -cE '^(not )?ok' "$W/out") hold" $rc 0
grep '^ok.*KB' "$W/out" | sed 's/^/# /'
ok "the limit was told" eventually 5 event_said net.limit 'udp flows of a second'
is "no process died" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ok "TERM ends it with 0" hpd_stop
finish
