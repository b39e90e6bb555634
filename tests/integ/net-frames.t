#!/bin/sh
# SPDX-License-Identifier: ISC
# Frames, good and bad, from the outside: link layer, IP, fragments, ICMP, UDP.
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
add lin udp port 7 open
add lin udp port 9 filtered
create win
set win personality "Microsoft Windows 10 1607"
set win default tcp action closed
set win default udp action closed
create quiet
set quiet default tcp action closed
set quiet default icmp action filtered
add quiet tcp port 22 open
bind $NET.10 lin
bind $NET.11 win
bind $NET.12 quiet
set $NET.10 ethernet "00:11:22:33:44:55"
CONF
hpd_start || { echo "Bail out! the suite did not start"; exit 1; }
sleep 1
tester /usr/bin/python3 tests/integ/net_frames.py "$IF_T" "$NET"
rc=$?
ok=$(events net.drop | wc -l)
[ "$ok" -gt 0 ] || { echo "# no net.drop events"; rc=1; }
hpd_stop || rc=1
exit $rc
