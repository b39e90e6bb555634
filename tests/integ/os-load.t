#!/bin/sh
# SPDX-License-Identifier: ISC
# nmap -O about the sample of 60 while neighbours are busy: downloads from four
# other decoys and a SYN flood at a fifth, from random sources. Not one is lost.
# Then eight decoys that are busy themselves, with ordinary connections while
# they are scanned: their counters move as a busy host's do, so that TI may not
# be seen as I; the right name stays among the best guesses, and no perfect
# match names something else.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
. tests/os/lib.sh
netns_up
[ -x "$B/bench/load" ] || { fail "no $B/bench/load"; finish; }
ok "a jail with the tests' scripts" test_jail || finish
cat > "$W/hpd.conf" <<C
create files
set files personality "Linux 4.15 - 5.6"
set files default tcp action closed
add files tcp port 80 open
add files tcp port 8080 "perl scripts/download.pl" bytes 4G wall 600 cpu 600
limit connections 20000
C
for i in 200 201 202 203 204; do echo "bind $NET.$i files"; done >> "$W/hpd.conf"
os_conf --n 60 --seed "${SEED:-hpd}" || finish
ok "the suite starts with 60 entries" hpd_start -j "$W/jail" || finish
os_warm
for i in 200 201 202 203 204; do tester ping -c 1 -W 5 $NET.$i > /dev/null; done
MAC=$(tester cat /proc/net/arp | awk -v h=$NET.204 '$1 == h { print $4 }')

# Bounded: 5 MB/s each, 2000 SYNs a second; stopped by the end of the script.
downloads() {
	for d in 200 201 202 203; do
		while :; do
			tester curl -s -o /dev/null -w '%{size_download}\n' --limit-rate 5M \
			    -m 60 "http://$NET.$d:8080/20000000" >> "$W/got.$d"
		done &
		KILL_PIDS="$KILL_PIDS $!"
	done
}
flood() {
	tester "$B/bench/load" flood syn "$IF_T" "$MAC" random $NET.204 1 80 \
	    $((2000 * 150)) 2000 > "$W/flood" &
	FLOOD=$!
	KILL_PIDS="$KILL_PIDS $!"
}
# The generators outlive the shells and ip netns exec that started them.
load_ends() {
	kill $KILL_PIDS 2>/dev/null
	for p in $(ip netns pids "$NS_T"); do kill "$p" 2>/dev/null; done
	wait $KILL_PIDS 2>/dev/null
	KILL_PIDS=
}
downloads
flood
sleep 1
os_scan load
ok "the flood lasted through it" kill -0 "$FLOOD"
got=$(cat "$W"/got.* | awk '{ n += $1 == 20000000; bad += $1 != 20000000 } END { print n+0, bad+0 }')
note "downloads of 20 MB beside it, whole and broken: $got"
ok "downloads went on and none broke" sh -c "case '$got' in '0 '*) exit 1 ;; *' 0') ;; *) exit 1 ;; esac"
is "perfect with the right name" "$(os_count load 'exact|listed')" 60
is "called something else" "$(os_count load false)" 0
load_ends

# Busy themselves.
mv "$W/targets" "$W/targets.60"
head -8 "$W/targets.60" > "$W/targets"
for a in $(os_addresses); do
	while :; do
		tester curl -s -o /dev/null -w '%{http_code}\n' -m 20 "http://$a:8080/" >> "$W/busy"
		sleep 0.2
	done &
	KILL_PIDS="$KILL_PIDS $!"
done
sleep 1
os_scan busy
load_ends
note "connections meanwhile: $(wc -l < "$W/busy")"
ok "they were busy" test "$(wc -l < "$W/busy")" -ge 40
is "every connection was answered" "$(grep -cv 200 "$W/busy")" 0
is "right name perfect or among the best guesses" "$(os_count busy 'exact|listed|near')" 8
is "called something else" "$(os_count busy false)" 0
ok "TERM ends it with 0" hpd_stop
finish
