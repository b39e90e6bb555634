#!/bin/sh
# SPDX-License-Identifier: ISC
# make os-score: every entry of nmap-os-db on a decoy of its own, all of them
# at once in one suite, and what nmap -O calls each. About ten minutes a run.
#   N=200 SEED=x   a sample instead of the whole table
#   LINES=1,2      these entries
#   STRICT=1       nmap gets one try (--max-os-tries 1)
#   RESCAN=K       those not perfect are asked again up to K times (default 1)
#   JOBS, GROUP    nmaps side by side (2), hosts each (20; nmap itself loses
#                  answers when there are more: score.py)
#   PCAP=FILE      capture all of it
# Writes $B/os-score.tsv ($B/os-score-strict.tsv) and exits 0 only when every
# entry was reported as a perfect match with its own name.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/os/lib.sh
netns_up
OUT=${OUT:-$B/os-score${STRICT:+-strict}.tsv}
: > "$W/hpd.conf"
python3 tests/os/score.py conf "$W/targets" "$W/hpd.conf" 10.70.0.1 \
    ${N:+--n "$N"} ${SEED:+--seed "$SEED"} ${LINES:+--lines "$LINES"} || exit 1
t0=$(date +%s%N)
hpd_start || exit 1
echo "the suite started in $((($(date +%s%N) - t0) / 1000000)) ms"
os_route 10.70.0.0/16
[ -z "$PCAP" ] || capture "$PCAP" ip
tester python3 tests/os/score.py scan "$W/targets" "$OUT" ${STRICT:+--strict} \
    --rescan "${RESCAN:-1}" --jobs "${JOBS:-2}" --group "${GROUP:-20}" \
    ${NMAP:+--nmap "$NMAP"} --show "${SHOW:-20}"
[ -z "$PCAP" ] || capture_end
hpd_stop
echo "results: $OUT"
awk -F '\t' 'NR > 1 && $4 != "exact" && $4 != "listed" { bad++ } END { exit bad > 0 || NR < 2 }' "$OUT"
