#!/bin/sh
# SPDX-License-Identifier: ISC
# What hpd-log takes, sealing, with rotation and removal by budget running: a
# producer in hpd-net's place (logflood.c) sends RATE records a second for
# SECS seconds; all must be in the log, as lines or in the counts of segments
# that were removed. Prints name, value, unit, limit, ratio as bench.sh does.
#   TMPDIR=/dev/shm RATE=500000 SECS=60 OUT=FILE sh tests/bench/log.sh [NAME]
# RATE=0: as fast as it goes. Needs root.
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/bench/lib.sh
OUT=${OUT:-/dev/null} NAME=${1:-log} RATE=${RATE:-500000} SECS=${SECS:-60}
netns_up
cat > "$W/hpd.conf" <<C
create decoy
bind 10.66.0.10 decoy
log size 64M
log budget ${BUDGET:-1G}
log reserve 64M
C
mkdir "$W/bin"
for p in hpd-conf hpd-svc hpd-log hpship; do cp "$B/bin/$p" "$W/bin/"; done
cp "$B/bench/logflood" "$W/bin/hpd-net"
echo "$RATE $SECS $W/result" > "$W/bin/flood"
# The first touch of a page costs a virtual machine five microseconds that are
# the host's: not what is measured here.
case $TMPDIR in
/dev/shm*) head -c 2500M /dev/zero > "$W/warm"; rm "$W/warm" ;;
esac
hpd_start -L "$W/bin" -j "$B/jail" || exit 1
LOGPID=$(hpd_pid hpd-log)
c0=$(cpu_ns "$LOGPID") p0=$(cpu_ns "$HPD") most=0 t=0
while [ ! -s "$W/result" ] && [ $t -lt $((SECS * 3 + 60)) ]; do
	sleep 1
	t=$((t + 1))
	s=$(du -sm "$W/log" | cut -f1)
	[ "$s" -le $most ] || most=$s
done
c1=$(cpu_ns "$LOGPID") p1=$(cpu_ns "$HPD")
hwm=$(awk '/^VmHWM/ { print $2 }' "/proc/$LOGPID/status")
hpd_stop || { tail -5 "$W/err"; exit 1; }
set -- $(cat "$W/result")
[ $# -eq 4 ] || { echo "no result"; exit 1; }
python3 - "$W/log" "$@" <<'PY' > "$W/sum" || { cat "$W/sum"; exit 1; }
import glob, json, sys
d, sent, packets, lost = sys.argv[1], *map(int, sys.argv[2:5])
rec = pkt = gone = named = segs = 0
for f in glob.glob(d + "/events-*.jsonl"):
    for line in open(f, "rb"):
        if b'"hpd.log.' not in line:
            continue
        e = json.loads(line)
        h = e["hpd"]
        a = e["event"]["action"]
        if a == "hpd.log.segment" and h["segment"]["stream"] == "probes" and h["segment"]["phase"] == "end":
            rec += h["segment"]["records"].get("tcp.probe", 0)
            pkt += h["segment"]["packets"].get("tcp.probe", 0)
            segs += 1
        elif a == "hpd.log.folded" and h["folded"]["kind"] == "tcp.probe":
            rec += h["folded"]["records"]
            pkt += h["folded"]["packets"]
        elif a == "hpd.log.retired":
            gone += 1
        elif a == "hpd.log.lost":
            named += h["lost"]["count"]
print(rec, pkt, gone, named, segs)
ok = rec + lost == sent and (lost != 0 or pkt == packets) and named == lost
if not ok:
    print("sent", sent, "packets", packets, "lost", lost, ": NOT ACCOUNTED FOR")
sys.exit(0 if ok else 1)
PY
read -r rec pkt gone named segs < "$W/sum"
rate=$(awk -v n="$rec" -v s="$4" 'BEGIN { printf "%.0f", n / s }')
result "${NAME}_per_s" "$rate" /s "$RATE" "$(ratio "$rate" "$RATE")"
result "${NAME}_lost" "$3" rec 0 ""
result "${NAME}_cpu_ns" $(((c1 - c0) / $1)) ns "" ""
result "${NAME}_cpu_share" "$(ratio $((c1 - c0)) "${4%.*}000000000")" cpu 1 ""
result "${NAME}_parent_cpu" "$(ratio $((p1 - p0)) "${4%.*}000000000")" cpu "" ""
result "${NAME}_rss_mb" $((hwm / 1024)) MB "" ""
result "${NAME}_segments" "$segs" "" "" ""
result "${NAME}_removed" "$gone" "" "" ""
result "${NAME}_dir_mb" "$most" MB "" ""
