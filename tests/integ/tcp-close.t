#!/bin/sh
# SPDX-License-Identifier: ISC
# How connections end: FIN both ways, TIME_WAIT, half close, limits of a service.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
create lin
set lin personality "Linux 4.15 - 5.6"
set lin default tcp action closed
add lin tcp port 7 "cat" profile nofork
add lin tcp port 9 "cat" profile nofork idle 3
add lin tcp port 13 "sh -c 'yes xxxxxxx | head -n 500'"
add lin tcp port 19 "yes" profile nofork bytes 5000
add lin tcp port 25 "head -n 1" profile nofork
add lin tcp port 70 "sh -c 'wc -c; echo whole; sleep 1; echo answer'"
bind $NET.10 lin
CONF
hpd_start || { echo "Bail out! the suite did not start"; exit 1; }
tester /usr/bin/python3 tests/integ/tcp_close.py "$IF_T" "$NET" > "$W/raw"
rc=$?
grep -v '^1\.\.' "$W/raw"
tap_n=$(grep -cE '^(not )?ok' "$W/raw") tap_bad=$(grep -c '^not ok' "$W/raw")
[ $rc -eq 0 ] || [ "$tap_bad" -gt 0 ] || fail "the raw part ends well"
# With the kernel's TCP and nc.
is "printf x | nc -N: the whole answer" \
    "$(printf x | tester timeout 20 nc -N "$NET.10" 70 | tr '\n' ' ')" "1 whole answer "
is "100 kB through cat and back" \
    "$(head -c 100000 /dev/zero | tester timeout 20 nc -N "$NET.10" 7 | wc -c)" 100000
is "a script's exit ends nc, with all of its bytes" \
    "$(tester timeout 20 nc -d "$NET.10" 13 | wc -c)" 4000
said() { eventually 10 event_said "$@"; }
ok "the log: why the idle one ended" said tcp.close '"why":"idle"'
ok "the log: why the loud one ended" said tcp.close '"why":"bytes_over"'
ok "the log: the idle script's end" said svc.exit '"why":"idle"'
ok "the log: the loud script's end" said svc.exit '"why":"bytes"'
ok "the log: the limit" said net.limit "bytes of a session"
ok "the suite stops" hpd_stop
finish
