#!/bin/sh
# SPDX-License-Identifier: ISC
# kill -9 at random moments under load. A: hpd-log alone, under a producer that
# knows what it sent: every record and packet is in the log once duplicates are
# dropped, nothing is lost, the seal is intact. B: hpd-log, hpd-net and hpd-svc
# with sessions and a scan going on: the seal is intact, and every jump of a
# sequence is one that the log itself names. KILLS=200 for the long run: the
# parent gives up after ten deaths of one child in five minutes, so it is a
# suite of its own each nine.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
KILLS=${KILLS:-15}
SEED=${SEED:-$$}
# Deaths a round: of hpd-log alone; of all three.
if [ "$KILLS" -gt 15 ]; then A=9 B2=18 SECS=40; else A=6 B2=9 SECS=20; fi
note "SEED=$SEED KILLS=$KILLS"
rnd() { SEED=$(((SEED * 1103515245 + 12345) & 2147483647)); echo $((SEED / 65536 % $1)); }
cat > "$W/hpd.conf" <<C
log size 4M
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
add web tcp port 7 "perl -e '\$|=1; while (<STDIN>) { print; print STDERR \$_ }'"
bind $NET.10 web
bind $NET.11 web
C
mkdir "$W/bin"
for p in hpd-conf hpd-svc hpd-log hpship; do cp "$B/bin/$p" "$W/bin/"; done
cp "$B/bench/logflood" "$W/bin/hpd-net"
verify() { "$B/bin/hpview" verify -k "$W/key" -s "$W/seal" "$1"; }
take_key() { "$B/bin/hpview" key -f -q none -s "$W/seal" > "$W/key.out" && grep -o 'hpd1-[a-z2-7-]*' "$W/key.out" > "$W/key"; }
killed=0
kill_one() { # CHILD; waits for its successor
	eventually 30 hpd_pid "$1" || return 1
	old=$(hpd_pid "$1")
	sleep 0.$(rnd 9)
	kill -KILL "$old"
	killed=$((killed + 1))
	eventually 30 hpd_pid_new "$1" "$old"
}

# A
start_a() {
	rm -rf "$W/log" "$W/seal" "$W/key" "$W/result"
	echo "3000 $SECS $W/result" > "$W/bin/flood"
	hpd_start -L "$W/bin" -j "$B/jail" -S "$W/seal"
}
round_a() {
	ok "A$1: a producer floods" start_a || return
	ok "A$1: the verification key is taken" take_key
	k=0
	while [ $k -lt $A ]; do
		kill_one hpd-log || fail "no hpd-log after a kill"
		k=$((k + 1))
	done
	ok "A$1: the producer ends" eventually 90 test -s "$W/result"
	ok "A$1: TERM ends the suite with 0" hpd_stop
	read -r sent packets lost secs < "$W/result"
	is "A$1: nothing lost in $k deaths of hpd-log" "$lost" 0
	ok "A$1: all $sent records, $packets packets, once" python3 - "$W/log" "$sent" "$packets" <<'PY'
import glob, re, sys
pat = re.compile(rb'"boot":"([0-9a-f]+)","seq":(\d+),"producer":"hpd-net","instance":0,"run":"([0-9a-f]+)".*"count":(\d+)')
seen, packets, dup = set(), 0, 0
for f in glob.glob(sys.argv[1] + "/probes-*.jsonl"):
    for line in open(f, "rb"):
        if not line.endswith(b"\n") or b'"hpd.tcp.probe"' not in line:
            continue
        m = pat.search(line)
        if not m:
            print("odd line:", line[:300])
            sys.exit(1)
        k = m.group(1, 2, 3)
        if k in seen:
            dup += 1
            continue
        seen.add(k)
        packets += int(m.group(4))
print(len(seen), packets, "duplicates", dup)
sys.exit(0 if (len(seen), packets) == (int(sys.argv[2]), int(sys.argv[3])) else 1)
PY
	ok "A$1: the seal is intact" verify "$W/log" || note "$tap_out"
	is "A$1: and no sequence jumps" "$(events log.gap | wc -l)" 0
}

# B
start_b() {
	rm -rf "$W/log" "$W/seal" "$W/key"
	hpd_start -S "$W/seal"
}
scan() { # until killed
	while :; do
		tester "$B/bench/load" flood syn "$IF_T" "$MAC" 10.66.0.77 $NET.11 1 $((1000 + $(rnd 20000))) 200 2000
		echo "one two" | tester nc -N -w 2 $NET.10 7
		sleep 0.05
	done > /dev/null 2>&1
}
round_b() {
	ok "B$1: the suite starts" start_b || return
	ok "B$1: the verification key is taken" take_key
	tester ping -c 1 -W 5 $NET.11 > /dev/null
	MAC=$(tester cat /proc/net/arp | awk -v h=$NET.11 '$1 == h { print $4 }')
	scan &
	SCAN=$! KILL_PIDS=$!
	k=0
	while [ $k -lt $B2 ]; do
		case $((k % 6)) in 0 | 2 | 4) c=hpd-log ;; 1 | 5) c=hpd-svc ;; *) c=hpd-net ;; esac
		kill_one $c || fail "no $c after a kill"
		k=$((k + 1))
	done
	kill $SCAN; wait $SCAN 2>/dev/null; KILL_PIDS=
	sleep 1
	ok "B$1: TERM ends the suite with 0" hpd_stop
	ok "B$1: the seal is intact after $k deaths" verify "$W/log" || note "$tap_out"
	ok "B$1: every jump is named" python3 tests/lib/seqcheck.py "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl
}
n=0
while [ $killed -lt "$KILLS" ]; do
	n=$((n + 1))
	round_a $n
	[ $killed -ge "$KILLS" ] || round_b $n
	[ $tap_bad -eq 0 ] || break
done
note "$killed kills"
finish
