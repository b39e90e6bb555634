#!/bin/sh
# SPDX-License-Identifier: ISC
# The peer's window: never a byte beyond it, and probes while it is shut.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
test_jail > "$W/mkjail" 2>&1 || { echo "Bail out! no jail"; exit 1; }
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
add lin tcp port 7 "perl scripts/source.pl" profile nofork
bind $NET.10 lin
CONF
hpd_start -j "$W/jail" || { echo "Bail out! the suite did not start"; exit 1; }
tester /usr/bin/python3 tests/integ/tcp_window.py "$IF_T" "$NET"
rc=$?
hpd_stop || rc=1
exit $rc
