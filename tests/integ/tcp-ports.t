#!/bin/sh
# SPDX-License-Identifier: ISC
# Ports as scanners see them: open, closed, filtered, and nothing that was not
# configured.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
add lin tcp port 22 open
add lin tcp port 80 "cat" profile nofork
add lin tcp port 135 filtered
add lin tcp port 54321 open
create quiet
set quiet personality "Linux 4.15 - 5.6"
add quiet tcp port 25 open
create bare
set bare personality "Microsoft Windows 10 1607"
bind $NET.10 lin
bind $NET.11 quiet
bind $NET.12 bare
CONF
hpd_start || { echo "Bail out! the suite did not start"; exit 1; }
H=$NET.10
ok "the decoys are there" eventually 20 tester ping -c 1 -W 1 "$H"
eventually 20 tester ping -c 1 -W 1 "$NET.12"
states() { # scan type, address: "port state" of the list
	tester nmap -n -Pn "$1" -p 22,80,81,135 --max-retries 3 "$2" |
	    awk '$1 ~ /\/tcp$/ { printf "%s %s, ", $1, $2 }'
}
want="22/tcp open, 80/tcp open, 81/tcp closed, 135/tcp filtered, "
is "nmap -sS" "$(states -sS "$H")" "$want"
is "nmap -sT" "$(states -sT "$H")" "$want"
hping() { tester timeout 10 hping3 -n -c 3 -i u100000 "$@" "$H" 2>&1 | grep -o 'flags=[A-Z]*' | sort | uniq -c | tr -s ' \n' ' '; }
is "hping3 -S: open" "$(hping -S -p 22)" " 3 flags=SA "
is "hping3 -S: closed" "$(hping -S -p 81)" " 3 flags=RA "
is "hping3 -S: filtered" "$(hping -S -p 135)" ""
tester nmap -n -Pn -sS -p- --min-rate 4000 --max-retries 2 "$H" > "$W/all"
is "all 65535 ports: those configured and no other" \
    "$(awk '$1 ~ /\/tcp$/ { printf "%s %s, ", $1, $2 }' "$W/all")" \
    "22/tcp open, 80/tcp open, 135/tcp filtered, 54321/tcp open, "
ok "the others are closed" grep -q 'Not shown: 65531 closed' "$W/all"
tester nmap -n -Pn -sS -F --min-rate 1000 --max-retries 1 "$NET.11-12" > "$W/fast"
is "nothing said about ports: they are filtered" \
    "$(awk '$1 ~ /\/tcp$/ { printf "%s %s, ", $1, $2 }' "$W/fast")" "25/tcp open, "
ok "of a bare template all" grep -q 'All 100 scanned ports on 10.66.0.12 are in ignored states' "$W/fast"
tester nmap -n -Pn -sS --badsum --max-retries 1 -p 22,80,81 "$H" > "$W/bad"
is "a wrong checksum is not answered" \
    "$(awk '$1 ~ /\/tcp$/ { printf "%s %s, ", $1, $2 }' "$W/bad")" \
    "22/tcp filtered, 80/tcp filtered, 81/tcp filtered, "
ok "the suite stops" hpd_stop
finish
