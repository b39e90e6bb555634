#!/bin/sh
# SPDX-License-Identifier: ISC
# A slot's uid that has processes already (other sensors on this host) costs no
# session: the next slot is taken. Two a uid, since the kernel compares before
# it counts the newcomer.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "the suite starts" hpd_start || finish
base=$(sed -n 's/^#define SLOT_BASE[^_]*[[:space:]]\([0-9]*\)u.*/\1/p' common/proc.h)
ok "the slots' range is known: $base" test -n "$base"
for i in 0 0 1 1 2 2 3 3 4 4; do
	setpriv --reuid $((base + i)) --regid $((base + i)) --clear-groups sleep 60 &
	KILL_PIDS="$KILL_PIDS $!"
done
sleep 0.3
echoed() { [ "$(echo hello | tester nc -N -w 5 $NET.10 7)" = hello ]; }
for i in 1 2 3 4 5 6 7 8; do
	ok "session $i is served" echoed
done
is "none was denied" "$(events svc.denied | wc -l)" 0
ok "TERM ends it with 0" hpd_stop
finish
