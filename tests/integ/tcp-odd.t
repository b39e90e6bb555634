#!/bin/sh
# SPDX-License-Identifier: ISC
# Odd segments, odd scans, and initial sequence numbers.
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
create win
set win personality "Microsoft Windows 10 1607"
set win default tcp action closed
add win tcp port 22 open
bind $NET.10 lin
bind $NET.11 win
CONF
hpd_start || { echo "Bail out! the suite did not start"; exit 1; }
tester /usr/bin/python3 tests/integ/tcp_odd.py "$IF_T" "$NET" > "$W/raw"
rc=$?
grep -v '^1\.\.' "$W/raw"
tap_n=$(grep -cE '^(not )?ok' "$W/raw") tap_bad=$(grep -c '^not ok' "$W/raw")
[ $rc -eq 0 ] || [ "$tap_bad" -gt 0 ] || fail "the raw part ends well"
eventually 10 tester ping -c 1 -W 1 "$NET.11"
scan() { # type, address
	tester nmap -n -Pn "$1" -p 22,81 --max-retries 2 "$2" |
	    awk '$1 ~ /\/tcp$/ { printf "%s %s, ", $1, $2 }'
}
for s in -sN -sF -sX; do
	is "nmap $s: Linux says which are closed" "$(scan $s "$NET.10")" \
	    "22/tcp open|filtered, 81/tcp closed, "
done
is "nmap -sA: nothing in between" "$(scan -sA "$NET.10")" \
    "22/tcp unfiltered, 81/tcp unfiltered, "
is "hping3 -S -R: silence" \
    "$(tester timeout 10 hping3 -n -c 3 -i u100000 -S -R -p 22 "$NET.10" 2>&1 | grep -c flags=)" 0
tester nmap -n -Pn -O -v -p 22,81 "$NET.10" > "$W/os"
note "$(grep -E 'Sequence|Uptime|OS details' "$W/os")"
ok "nmap: sequence prediction is hard" grep -qE 'TCP Sequence Prediction: Difficulty=2[0-9][0-9] ' "$W/os"
ok "the suite stops" hpd_stop
finish
