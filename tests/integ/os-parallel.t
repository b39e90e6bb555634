#!/bin/sh
# SPDX-License-Identifier: ISC
# 254 decoys of as many entries of nmap-os-db, all asked at the same time by 13
# nmaps of 20 hosts each, default tries: not one lost, none called something
# else. A busy machine may make an nmap miss an answer and repeat the probe after
# others, which shuffles the IP IDs of any host: at most three may need a second
# scan. (One nmap for all 254 would measure nmap: its capture buffer holds fewer
# answers than it sends probes in a row, and it loses those of any host.)
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/os/lib.sh
netns_up
os_conf_at 10.70.0.1 --n 254 --seed "${SEED:-parallel}" || finish
ok "the suite starts with 254 entries" hpd_start || finish
os_route 10.70.0.0/24
t0=$(date +%s)
os_scan all --group 20 --jobs 13 --rescan 1
t1=$(date +%s)
is "perfect with the right name" "$(os_count all 'exact|listed')" 254
first=$(os_first all 'exact|listed')
note "by the first scan: $first of 254"
ok "at least 251 by the first scan" test "$first" -ge 251
note "$((t1 - t0)) s"
ok "within three minutes" test $((t1 - t0)) -le 180
ok "TERM ends it with 0" hpd_stop
finish
