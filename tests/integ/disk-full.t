#!/bin/sh
# SPDX-License-Identifier: ISC
# The disk of the log is full: decoys go on, what could not be kept is counted,
# and logging goes on when there is room.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
mkdir "$W/log"
chmod 750 "$W/log"
mount -t tmpfs -o size=256k,mode=0750 none "$W/log" || { skip "disk full" "no tmpfs here"; finish; }
trap 'rc=$?; schema_check "$W" || rc=1; umount -l "$W/log" 2>/dev/null; (exit $rc); netns_cleanup' EXIT
ok "the suite starts" hpd_start || finish
ok "a decoy answers" eventually 5 tester ping -c1 -W1 $NET.10
head -c 300k /dev/zero > "$W/log/filler" 2>/dev/null
tester ping -c 5 -i 0.2 -W1 $NET.10 > /dev/null
i=0
while [ $i -lt 5 ]; do
	tester ping -c 2 -i 0.2 -W1 $NET.1$((i % 2)) > "$W/out" || break
	i=$((i + 1))
done
is "decoys answer while the disk is full" $i 5
n0=$(events | wc -l)
rm "$W/log/filler"
tester ping -c1 -W1 $NET.11 > /dev/null
more() { tester ping -c1 -W1 $NET.11 > /dev/null; [ "$(events | wc -l)" -gt $((n0 + 1)) ]; }
ok "logging goes on when there is room" eventually 25 more
ok "TERM ends it with 0" hpd_stop
ok "no gap but what log.lost names" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
finish
