#!/bin/sh
# SPDX-License-Identifier: ISC
# Real clients: what curl's connection looks like on the wire, by persona.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
test_jail > "$W/mkjail" 2>&1 || { echo "Bail out! no jail"; exit 1; }
# What is captured must be what was on the wire.
tester ethtool -K "$IF_T" tx off tso off gso off gro off > "$W/ethtool" 2>&1
ip netns exec "$NS_D" ethtool -K "$IF_D" tx off tso off gso off gro off >> "$W/ethtool" 2>&1
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
set lin default udp action closed
add lin tcp port 80 "perl scripts/page.pl" profile nofork
create win
set win personality "Microsoft Windows 10 1507 - 1607"
add win tcp port 80 "perl scripts/page.pl" profile nofork
create new
set new personality "Microsoft Windows 10 1709 - 1909"
add new tcp port 80 "perl scripts/page.pl" profile nofork
create tick
set tick personality "Linux 4.15 - 5.6"
set tick uptime 1000000
set tick default tcp action closed
set tick default udp action closed
add tick tcp port 7 "cat" profile nofork
bind $NET.10 lin
bind $NET.11 win
bind $NET.12 tick
bind $NET.13 new
CONF
hpd_start -j "$W/jail" || { echo "Bail out! the suite did not start"; exit 1; }
for h in 10 11 12 13; do
	eventually 20 tester ping -c 1 -W 1 "$NET.$h"
done
tester /usr/bin/python3 tests/integ/tcp_client.py "$IF_T" "$NET" "$W" > "$W/raw"
rc=$?
grep -v '^1\.\.' "$W/raw"
tap_n=$(grep -cE '^(not )?ok' "$W/raw") tap_bad=$(grep -c '^not ok' "$W/raw")
[ $rc -eq 0 ] || [ "$tap_bad" -gt 0 ] || fail "the captures can be judged"
tester nmap -n -Pn -O -v -p 7,81 "$NET.12" > "$W/os"
note "$(grep -E 'Uptime|OS details' "$W/os")"
ok "nmap guesses the configured uptime, 11.57 days" grep -qE 'Uptime guess: 11\.5[78]' "$W/os"
ok "the suite stops" hpd_stop
finish
