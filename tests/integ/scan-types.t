#!/bin/sh
# SPDX-License-Identifier: ISC
# nmap's other scans on decoys of ten families: every port is shown as a host
# of that entry would show it. What is expected comes from the entry's own
# lines in nmap-os-db (T1 to T7 and U1), not from the suite.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
python3 tests/integ/scan_types.py conf "$IF_T" "$NET" > "$W/hpd.conf" || { fail "no configuration"; finish; }
ok "the suite starts" hpd_start || { cat "$W/err"; finish; }
tester /usr/bin/python3 tests/integ/scan_types.py scan "$IF_T" "$NET" > "$W/out" 2>&1
rc=$?
while read -r line; do
	case $line in
	'ok '*) pass "${line#ok * - }" ;;
	'not ok '*) fail "${line#not ok * - }" ;;
	1..*) ;;
	*) echo "$line" ;;
	esac
done < "$W/out"
is "the scans went through to the end" "$(tail -1 "$W/out" | cut -c1-3)" "1.."
ok "TERM ends it with 0" hpd_stop
finish
