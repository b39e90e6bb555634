#!/bin/sh
# SPDX-License-Identifier: ISC
# A child that never gets ready ends the start; one that always dies comes back
# with growing pauses until the suite gives up and says why.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
BAD=$W/bin
mkdir "$BAD"
real() { # every program as built, standin in place of $1
	rm -f "$BAD"/*
	for p in hpd-conf hpd-net hpd-svc hpd-log hpship; do
		if [ $p = "$1" ]; then
			cp "$B/tests/integ/standin" "$BAD/$p"
		else
			cp "$B/bin/$p" "$BAD/$p"
		fi
	done
}
start_bad() { hpd_start -L "$BAD" -j "$B/jail"; }

# A child that never gets ready, and one that always dies.
real hpd-net
rm -rf "$W/log"
echo "hpd-net silent" > "$BAD/mode"
hpd_spawn -L "$BAD" -j "$B/jail"
wait "$HPD"
is "a child that is never ready: exit 1" $? 1
HPD=
ok "...named" grep -q 'hpd-net' "$W/err"
rm -rf "$W/log"
echo "hpd-net always-abort" > "$BAD/mode"
ok "a child that dies again and again: the suite starts" start_bad
ok "...and ends by itself" eventually 55 hpd_gone
wait "$HPD"
is "...with 1" $? 1
HPD=
ok "...and says why" event_said stop 'hpd-net ended 10 times'
finish
