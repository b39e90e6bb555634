#!/bin/sh
# SPDX-License-Identifier: ISC
# Overrides on the wire: what `set TEMPLATE ttl ...` and its like change in
# segments, resets and ICMP, beside a decoy that has none.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<CONF
annotate "Linux 2.6.32" no finscan
create base
set base personality "Linux 4.15 - 5.6"
set base default tcp action closed
set base default udp action closed
add base tcp port 80 open
bind $NET.10 base
CONF
h=10
while read -r what; do
	h=$((h + 1))
	printf 'clone t%d base\nset t%d %s\nbind %s.%d t%d\n' $h $h "$what" "$NET" $h $h
done >> "$W/hpd.conf" <<'LIST'
ttl 200
window 12345
mss 1000
wscale 2
wscale off
sack no
tsrate off
tsrate 100
df no
ipid incremental
ipid constant 4711
ipid zero
isn constant 7
isn 64k
finscan no
personality "Linux 2.6.32"
fragment first
fragment last
fragment drop
icmprate 3
icmprate off
ecn no
ecn yes
ipid random
LIST
ok "the suite starts" hpd_start || finish
tester /usr/bin/python3 tests/integ/overrides.py "$IF_T" "$NET" > "$W/raw" 2> "$W/raw.err"
rc=$?
grep -v '^1\.\.' "$W/raw" | sed "s/^\(not \)*ok [0-9]* -/\1ok -/" > "$W/lines"
while read -r a b rest; do
	case "$a $b" in
	"ok -") pass "$rest" ;;
	"not ok") tap_out=; fail "${rest#- }" ;;
	*) echo "$a $b $rest" ;;
	esac
done < "$W/lines"
[ $rc -eq 0 ] || [ $tap_bad -gt 0 ] || { note "$(cat "$W/raw.err")"; fail "the answers can be judged"; }
ok "the suite stops" hpd_stop
finish
