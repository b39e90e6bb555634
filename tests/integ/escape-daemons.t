#!/bin/sh
# SPDX-License-Identifier: ISC
# What hpd-log and hpd-net could do in an intruder's hands: each attack is tried
# with their uid alone and inside their sandbox, on a real segment and a real
# packet socket.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
mkdir "$W/l" && chown 1879099003:1879099003 "$W/l"
# The second interface stands for the sensor's own network.
ip -n "$NS_D" link add mgmt0 type veth peer name mgmt1
ip -n "$NS_D" link set mgmt0 up && ip -n "$NS_D" link set mgmt1 up
tap() { # the driver's results as ours
	"$@" > "$W/out" 2>&1
	while read -r line; do
		case $line in
		ok*) pass "${line#*- }" ;;
		not*) fail "${line#*- }" ;;
		1..*) planned=${line#1..} ;;
		*) note "${line#\# }" ;;
		esac
	done < "$W/out"
	is "all were tried" "$(grep -cE '^(not )?ok' "$W/out")" "$planned"
}
tap "$B/tests/integ/escape_daemons" log "$W/l/segment"
tap ip netns exec "$NS_D" "$B/tests/integ/escape_daemons" net "$IF_D" mgmt0
finish
