#!/bin/sh
# SPDX-License-Identifier: ISC
# on-crash stop: one death ends the suite, with 1, and the log says why.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
echo "on-crash stop" >> "$W/hpd.conf"
for k in hpd-net hpd-svc hpd-log; do
	rm -rf "$W/log"
	ok "the suite starts" hpd_start || finish
	kill -KILL "$(hpd_pid $k)"
	ok "death of $k ends it" eventually 10 hpd_gone
	wait "$HPD"
	is "...with 1" $? 1
	HPD=
	ok "...named" grep -q "stopping: $k ended" "$W/err"
	[ $k = hpd-log ] || ok "...in the log too" event_said stop "$k ended .signal 9"
done
finish
