#!/bin/sh
# SPDX-License-Identifier: ISC
# What makes a decoy an individual: MAC, uptime and ISN are the same again after
# a restart, other than the neighbours', other with another key. And an uptime
# that is set is what nmap guesses, whatever the rate of the timestamps.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
set lin default udp action closed
add lin tcp port 80 open
bind $NET.10-$NET.13 lin

clone vendor lin
set vendor ethernet "Cisco Systems"
bind $NET.14-$NET.15 vendor
clone exact lin
set exact ethernet 02:11:22:33:44:55
bind $NET.16 exact

# a counter for sequence numbers: where it begins is the decoy's own
clone counter lin
set counter isn time
bind $NET.17-$NET.18 counter

# uptimes that are asked for, by class of rate
clone up1000 lin
set up1000 uptime 1000000
bind $NET.20 up1000
clone up100 lin
set up100 personality "3Com OfficeConnect 3CRWER100-75 wireless router"
set up100 uptime 40000000
bind $NET.21 up100
clone up2 lin
set up2 personality "3Com 3924 switch"
set up2 uptime 30000000
bind $NET.22 up2
clone up8 lin
set up8 personality "Apple iOS 4.0"
set up8 uptime 20000000
bind $NET.23 up8
clone up250 lin
set up250 personality "Arris TM502G or TM602B cable modem"
set up250 uptime 5000000
bind $NET.24 up250
# two of one template on the command line: both as told
bind $NET.25 up1000
set $NET.25 uptime 86400
CONF
look() { tester /usr/bin/python3 tests/integ/individual.py look "$IF_T" "$NET" > "$1"; }
judge() { /usr/bin/python3 tests/integ/individual.py "$@"; }

start_ns=$(date +%s%N)
ok "the suite starts" hpd_start || finish
ok "the decoys are looked at" look "$W/first" || finish
# At 8 ticks a second nmap counts four or five of them in its half second, so
# its guess may be a quarter short.
tester nmap -n -Pn -O -v --max-os-tries 1 -p 80,81 -oX "$W/os.xml" \
    "$NET.20-25" > "$W/os" 2>&1
judge uptimes "$W/os.xml" "$start_ns" 20:1000000:0 21:40000000:0 \
    22:30000000:0 23:20000000:26 24:5000000:2 25:86400:0 > "$W/up"
while read -r verdict name; do
	if [ "$verdict" = ok ]; then pass "$name"; else fail "$name"; fi
done < "$W/up"
is "six uptimes were judged" "$(wc -l < "$W/up")" 6

ok "the suite stops" hpd_stop
sleep 1
ok "it starts again with the same key" hpd_start || finish
ok "the decoys are looked at again" look "$W/second" || finish
ok "the suite stops again" hpd_stop
ok "MAC addresses are the same after the restart" judge same mac "$W/first" "$W/second"
ok "timestamp clocks went on as if nothing had been" judge same ts "$W/first" "$W/second"
ok "random sequence numbers go on by the clock of RFC 6528" judge same isn "$W/first" "$W/second"
ok "a counter of sequence numbers begins where it began" judge same counter "$W/first" "$W/second"
ok "neighbours have other MAC addresses" judge differ mac "$W/first"
ok "neighbours have been up for another time" judge differ ts "$W/first"
ok "neighbours count sequence numbers from elsewhere" judge differ counter "$W/first"
ok "a vendor's MAC has the vendor's part, and a tail of its own" judge vendor "$W/first"
ok "an exact MAC is exact" judge exact "$W/first"

rm -f "$W/log/.sensor.key"
ok "it starts with another key" hpd_start || finish
ok "the decoys are looked at a third time" look "$W/third" || finish
ok "with another key all is other" judge other "$W/first" "$W/third"
ok "the suite stops for good" hpd_stop
finish
