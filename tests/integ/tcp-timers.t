#!/bin/sh
# SPDX-License-Identifier: ISC
# Retransmission: SYN/ACKs by the persona's schedule, data, and giving up.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
add lin tcp port 22 open
create win
set win personality "Microsoft Windows 10 1607"
add win tcp port 22 open
add win tcp port 7 "cat" profile nofork
create old
set old personality "Microsoft Windows 2000 SP4"
add old tcp port 22 open
bind $NET.10 lin
bind $NET.11 win
bind $NET.12 old
CONF
hpd_start || { echo "Bail out! the suite did not start"; exit 1; }
tester /usr/bin/python3 tests/integ/tcp_timers.py "$IF_T" "$NET"
rc=$?
hpd_stop || rc=1
exit $rc
