#!/bin/sh
# SPDX-License-Identifier: ISC
# A SYN flood from random sources neither ends an established download nor
# starves it: about a third of what this machine answers without loss,
# generator and client on one processor, hpd-net on the other. The generator
# takes the client's time as well, so that the download is also measured
# beside the same flood to an address that no decoy has.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
ok "a jail with the tests' scripts" test_jail || finish
[ -x "$B/bench/load" ] || { fail "no $B/bench/load"; finish; }
SIZE=${SIZE:-100000000}
cat > "$W/hpd.conf" <<C
limit connections 20000
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
add web tcp port 22 open
add web tcp port 1001 "perl scripts/source.pl" bytes 2G wall 300 cpu 100
bind $NET.10 web
C
ok "the suite starts" hpd_start -j "$W/jail" || finish
tester ping -c 1 -W 5 $NET.10 > /dev/null
MAC=$(tester cat /proc/net/arp | awk -v h=$NET.10 '$1 == h { print $4 }')
if [ "$(nproc)" -ge 2 ]; then
	pin="taskset -c 0"
	taskset -pc 1 "$(hpd_pid hpd-net)" > /dev/null
fi
load() { # PORT COUNT RATE [ADDRESS]
	tester $pin "$B/bench/load" flood syn "$IF_T" "$MAC" random "${4:-$NET.10}" 1 "$1" "$2" "$3"
}
unload() { # ip netns exec leaves the generator in place of what we started
	for p in $(ip netns pids "$NS_T"); do kill "$p" 2>/dev/null; done
	wait $FL 2>/dev/null
	KILL_PIDS=
}
# Highest rate answered to 99.9 %, at a closed port: an open one answers more
# than once.
best=10000
for r in 20000 40000 80000 120000 160000 240000 320000; do
	set -- $(load 81 $((r / 4)) $r)
	awk -v s="$2" -v a="$4" 'BEGIN { exit !(a >= s * 0.999) }' || break
	best=$(awk -v s="$2" -v t="$6" 'BEGIN { printf "%d", s / t }')
done
rate=$((best * 3 / 10))
note "answered without loss: $best/s; the flood: $rate/s"
get() { # MB/s, or 0 when it did not come whole
	tester $pin python3 - $NET.10 1001 $SIZE <<'P'
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])), 20)
s.settimeout(20)
want = int(sys.argv[3])
s.sendall(b"%d\n" % want)
n, t = 0, time.monotonic()
buf = bytearray(1 << 18)
try:
    while n < want:
        r = s.recv_into(buf)
        if r == 0:
            break
        n += r
except OSError as e:
    print(e, "after", n, file=sys.stderr)
print("%.1f" % (n / (time.monotonic() - t) / 1e6 if n == want else 0))
P
}
median() { tr ' ' '\n' | sort -n | sed -n 2p; }
is_whole() { case " $1 " in *" 0.0 "*) return 1 ;; esac; }
quiet="$(get) $(get) $(get)"
ok "downloads without a flood come whole: $quiet MB/s" is_whole "$quiet"
load 22 $((rate * 40)) $rate $NET.200 > "$W/flood" &
FL=$! KILL_PIDS=$!
sleep 1
beside="$(get) $(get) $(get)"
unload
load 22 $((rate * 40)) $rate > "$W/flood" &
FL=$! KILL_PIDS=$!
sleep 1
flooded="$(get) $(get) $(get)"
ok "the flood lasted through it" kill -0 $FL
ok "no download was ended by it: $flooded MB/s" is_whole "$flooded"
unload
q=$(echo $quiet | median) n=$(echo $beside | median) f=$(echo $flooded | median)
note "median MB/s: $q alone, $n beside a flood to nobody, $f with the flood:" \
    "$(awk -v q=$q -v n=$n -v f=$f 'BEGIN { printf "%.0f %% and %.0f %%", 100 * f / q, 100 * f / n }')"
# A third is the aim; twice is what a busy machine of two processors allows.
ok "at most twice as slow as beside a flood to nobody" \
    awk -v n=$n -v f=$f 'BEGIN { exit !(f * 2 >= n) }'
c0=$(cut -d' ' -f1 "/proc/$(hpd_pid hpd-net)/schedstat")
load 22 $((rate * 2)) $rate > "$W/flood"
c1=$(cut -d' ' -f1 "/proc/$(hpd_pid hpd-net)/schedstat")
note "hpd-net under the flood alone: $(((c1 - c0) / 20000000)) % of a processor"
ok "the log says that half-open ones had to go" eventually 5 event_said net.limit "tcp half-open"
ok "TERM ends it with 0" hpd_stop
is "every download ended by itself" \
    "$(events tcp.close | jq -r 'select(.destination.port == 1001) | .hpd.why' | sort | uniq -c | tr -s ' ')" " 9 fin"
finish
