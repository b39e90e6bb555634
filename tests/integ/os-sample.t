#!/bin/sh
# SPDX-License-Identifier: ISC
# nmap -O names decoys of 60 entries of nmap-os-db, picked by a fixed seed, each
# on an address of its own: with nmap's default tries every one is a perfect
# match with its own name. With one try (--max-os-tries 1), where a busy
# machine's jitter may cost an attribute of time, at most two are not, and even
# those are not called something else. Some are asked from behind a router, too.
# Ports and services of the same decoys stay right all the
# while. make os-score asks the whole table.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/os/lib.sh
netns_up
os_conf --n 60 --seed "${SEED:-hpd}" || finish
ok "the suite starts with 60 entries" hpd_start || finish
os_warm
ok "a router and a host behind it" netns_far || finish
os_scan default
is "perfect with the right name" "$(os_count default 'exact|listed')" 60
is "called something else" "$(os_count default false)" 0
note "only that name: $(os_count default exact) of 60"
os_scan strict --strict
p=$(os_count strict 'exact|listed')
note "one try: $p of 60 perfect"
ok "one try: at least 58 of 60" test "$p" -ge 58
is "one try: called something else" "$(os_count strict 'false|skipped|none')" 0
awk 'NR % 5 == 0' "$W/targets" > "$W/twelve"
mv "$W/targets" "$W/targets.60"
mv "$W/twelve" "$W/targets"
WHO=far os_scan far
mv "$W/targets.60" "$W/targets"
is "behind a router: perfect with the right name" "$(os_count far 'exact|listed')" 12
ports=$(os_ports)
is "ports of all 60: 9 filtered, 80 open, 81 closed, 8080 open" "$ports" 60
is "a service of each answers" "$(os_service)" 60
ok "TERM ends it with 0" hpd_stop
finish
