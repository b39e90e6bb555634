#!/bin/sh
# SPDX-License-Identifier: ISC
# Transcripts: of telnet sessions with the real script, of services that echo,
# of UDP, of a port without a script, all at once: both directions from the log
# are byte for byte what the peers sent and got, up to the template's cap.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<C
create router
set router personality "Cisco 1841 router (IOS 12.4)"
set router default tcp action closed
set router default udp action closed
add router tcp port 23 "perl scripts/router-telnet.pl"
add router tcp port 1002 "perl -e 'while(sysread(STDIN,\$b,8192)){syswrite(STDOUT,\$b)}'"
add router tcp port 1004 open
add router udp port 53 "perl -e 'while(sysread(STDIN,\$b,65536)){syswrite(STDOUT,\$b,0+length(\$b))}'"
create small
set small default tcp action closed
add small tcp port 1003 "perl -e 'while(sysread(STDIN,\$b,8192)){syswrite(STDOUT,\$b)}'"
set small transcript 1000
create silent
set silent default tcp action closed
add silent tcp port 1005 "perl -e 'while(sysread(STDIN,\$b,8192)){syswrite(STDOUT,\$b)}'"
set silent transcript off
bind $NET.10 router
bind $NET.11 small
bind $NET.12 silent
C
ok "the suite starts" hpd_start || { cat "$W/err"; finish; }
ready() { tester ping -c1 -W1 $NET.$1; }
for h in 10 11 12; do ok "decoy $h is there" eventually 10 ready $h; done
mkdir "$W/said"
ok "conversations" tester timeout 45 /usr/bin/python3 tests/integ/transcript_client.py $NET "$W/said"
is "all were held" "$(ls "$W/said" | wc -l)" 16
closed() { [ "$(events tcp.close | wc -l)" -ge 7 ]; }
ok "the connections end" eventually 15 closed
ok "TERM ends it with 0" hpd_stop
/usr/bin/python3 tests/integ/transcript_client.py --log "$W/said" "$W"/log/events-*.jsonl > "$W/out" 2>&1
grep -v '^1\.\.' "$W/out" | while read -r l; do note "$l"; done
ok "the log is what was said ($(grep -c '^ok' "$W/out"))" sh -c "grep -q '^1\.\.' '$W/out' && ! grep -q '^not ok' '$W/out'"
is "nothing was lost" "$(events log.lost | wc -l)" 0
finish
