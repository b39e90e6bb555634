#!/bin/sh
# SPDX-License-Identifier: ISC
# The file system of the log gets short of space because somebody else fills
# it: first frames, then probes become counts, sessions are still written; and
# everything again when there is room.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
# A file system of 24 MB that somebody else fills.
mkdir "$W/log"; chmod 750 "$W/log"
mount -t tmpfs -o size=24m,mode=0750 none "$W/log" || { skip "reserve" "no tmpfs here"; finish; }
trap 'rc=$?; schema_check "$W" || rc=1; umount -l "$W/log" 2>/dev/null; (exit $rc); netns_cleanup' EXIT
cat >> "$W/hpd.conf" <<'END'
log reserve 8M
log frames "tcp"
END
ok "the suite starts on a small file system" hpd_start || finish
tester ping -c 3 -i 0.2 -W1 $NET.10 > /dev/null
echo "before" | tester timeout 10 nc -N -w 3 $NET.10 7 > "$W/out"
ok "a session" eventually 10 event_said tcp.close .
head -c 18m /dev/zero > "$W/log/filler"
level() { event_said log.level "$1"; }
ok "short of space: frames are not kept" eventually 10 level 'frames are counted, not kept: the file system'
ok "...still short: probes are counted" eventually 10 level 'frames and probes are counted'
n0=$(events icmp.probe | wc -l)
tester ping -c 5 -i 0.2 -W1 $NET.11 > /dev/null
ok "decoys answer" tester ping -c1 -W2 $NET.11
echo "while it is short" | tester timeout 10 nc -N -w 3 $NET.10 7 > "$W/out"
sessions() { [ "$(events tcp.open | wc -l)" -ge 2 ]; }
ok "a session is recorded" eventually 10 sessions
is "no probe was" "$(events icmp.probe | wc -l)" "$n0"
rm "$W/log/filler"
ok "there is room again: all is kept" eventually 40 level 'everything is kept'
again() { tester ping -c1 -W1 $NET.11 > /dev/null; [ "$(events icmp.probe | wc -l)" -gt "$n0" ]; }
ok "...probes too" eventually 15 again
folded() { event_said log.folded '"kind":"icmp.probe"'; }
ok "what was not is a count" folded
ok "TERM ends it with 0" hpd_stop
ok "the seal is intact" "$B/bin/hpview" verify "$W/log"
# Every number of hpd-net's is a line, a frame or in a count.
cat > "$W/account.py" <<'PY'
import glob, json, struct, sys
log = sys.argv[1]
seqs, folded = set(), 0
for f in glob.glob(log + "/events-*.jsonl") + glob.glob(log + "/probes-*.jsonl"):
    for line in open(f, "rb"):
        h = json.loads(line)["hpd"]
        if h.get("producer") == "hpd-net":
            seqs.add(int(h["seq"]))
        if "folded" in h:
            folded += h["folded"]["records"]
frames = 0
for f in glob.glob(log + "/frames-*.pcap"):
    b = open(f, "rb").read()
    at = 24
    while at + 16 <= len(b):
        at += 16 + struct.unpack_from("<I", b, at + 8)[0]
        frames += 1
missing = max(seqs) - len(seqs) # the first is 1
print("#", missing, "numbers are no line:", folded, "in counts,", frames, "frames")
sys.exit(missing != folded + frames or folded == 0)
PY
ok "every record is a line, a frame or in a count" python3 "$W/account.py" "$W/log"
note "$(python3 "$W/account.py" "$W/log" | cut -c3-)"
finish
