#!/bin/sh
# SPDX-License-Identifier: ISC
# Fragments: who wins where they overlap, what does not belong together, what
# is told after the time is up, a flood.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
i=10
while read -r p; do
	cat <<CONF
create t$i
set t$i personality "$p"
set t$i default tcp action closed
set t$i default udp action closed
bind $NET.$i t$i
CONF
	i=$((i + 1))
done > "$W/hpd.conf" <<P
Linux 2.6.32
Microsoft Windows XP SP2
FreeBSD 11.0-RELEASE
Sun Solaris 10
Cisco 2600 router (IOS 12.1)
Microsoft Windows 7
P
hpd_start || { echo "Bail out! the suite did not start"; cat "$W/err"; exit 1; }
pids0=$(hpd_pids | sort | tr '\n' ' ')
eventually 10 tester ping -c1 -W1 $NET.15
tester /usr/bin/python3 tests/integ/frag_frames.py "$IF_T" "$NET" "$(hpd_pid hpd-net)"
rc=$?
[ "$(hpd_pids | sort | tr '\n' ' ')" = "$pids0" ] || { echo "# a process died"; rc=1; }
sleep 1.2
for reason in drop.frag_bad drop.frag_full drop.frag_timeout; do
	event_said net.drop "$reason" || { echo "# no net.drop event of $reason"; rc=1; }
done
hpd_stop || rc=1
exit $rc
