#!/bin/sh
# SPDX-License-Identifier: ISC
# The log in a room of its own: the budget holds under a flood, what goes is
# frames, then honeyd's text, then probes, oldest first and each after its
# record; what sessions said stays.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
MIB=1048576
conf_default
cat >> "$W/hpd.conf" <<'END'
log size 1M
log budget 12M
log packets
log frames "udp"
END
ok "the suite starts" hpd_start || finish

# A session in the first segments: it must be there at the end.
echo "the session that stays" | tester timeout 10 nc -N -w 3 $NET.10 7 > "$W/out"
ok "a session" grep -q "that stays" "$W/out"

# Sizes, each tenth of a second; the largest sum is what counts.
python3 - "$W" <<'PY' &
import os, sys, time
d = sys.argv[1] + "/log"
most = 0
while not os.path.exists(sys.argv[1] + "/stop"):
    n = 0
    with os.scandir(d) as it:
        for e in it:
            try:
                if e.is_file(follow_symlinks=False) and not e.name.startswith("."):
                    n += e.stat(follow_symlinks=False).st_size
            except FileNotFoundError:
                pass
    most = max(most, n)
    open(sys.argv[1] + "/most", "w").write(str(most))
    time.sleep(0.1)
PY
KILL_PIDS=$!

# Frames of 1,400 bytes, both ways, to closed ports: 3 MB a second for 10 s.
python3 - "$NS_T" <<'PY'
import ctypes, os, socket, sys, time
ctypes.CDLL(None).setns(os.open(f"/run/netns/{sys.argv[1]}", os.O_RDONLY), 0x40000000)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("10.66.0.10", 9))
end = time.monotonic() + 10
t = time.monotonic()
n = 0
while t < end:
    for i in range(20):
        try:
            s.send(b"x" * 1400)
        except OSError:
            pass
    n += 20
    time.sleep(0.01)
    t = time.monotonic()
print("#", n, "datagrams")
PY
gone() { [ "$(events log.retired | wc -l)" -ge "$1" ]; }
ok "segments were removed" eventually 10 gone 5
sleep 2
touch "$W/stop"; wait $KILL_PIDS; KILL_PIDS=
most=$(cat "$W/most")
note "budget $((12 * MIB)), at most $most bytes"
# Stated slack: what is written until a removal is through (a second and a
# half) and a segment of each stream.
ok "the budget held, but for two seconds of the flood" test "$most" -le $((12 * MIB + 6 * MIB))
ok "...and was made use of" test "$most" -ge $((6 * MIB))
cat > "$W/retired.py" <<'PY'
import glob, json, os, re, sys
log = sys.argv[1]
made = lambda name: (name.split("-")[1], int(name.rsplit("-", 1)[1].split(".")[0]))
seen, by = [], {}
for f in sorted(glob.glob(log + "/events-*.jsonl"), key=lambda f: made(os.path.basename(f))):
    for line in open(f, "rb"):
        r = json.loads(line)
        if r["event"]["action"] == "hpd.log.retired":
            seen.append(r["hpd"]["retired"])
bad = []
names = set()
for r in seen:
    if not re.fullmatch(r"(frames|honeyd|probes|events|service)-\d{8}T\d{6}Z-\d{6}\.\w+", r["name"]):
        bad.append(("name", r))
    if r["name"] in names:
        bad.append(("twice", r))
    names.add(r["name"])
    if r["bytes"] <= 0 or r["number"] != made(r["name"])[1]:
        bad.append(("numbers", r))
    by.setdefault(r["stream"], []).append(made(r["name"]))
    if os.path.exists(log + "/" + r["name"]) and "-now" not in sys.argv:
        bad.append(("still there", r))
for s, l in by.items():
    if l != sorted(l):
        bad.append(("order", s, l))
# and the other way round: what is missing was recorded
for stem in ("frames", "probes", "events", "honeyd"):
    there = sorted(made(os.path.basename(f))[1] for f in glob.glob(log + "/" + stem + "-*"))
    told = {n for _, n in by.get({"frames": "pcap"}.get(stem, stem), [])}
    for n in range(1, (there or [0])[-1] + 1):
        if n not in there and n not in told:
            bad.append(("no record", stem, n))
want = sys.argv[2].split(",")
print("#", {s: len(l) for s, l in by.items()}, {r["why"] for r in seen})
if bad or sorted(by) != sorted(want):
    print("#", bad[:5], sorted(by))
    sys.exit(1)
PY
ok "each removal is recorded, oldest first, frames only" python3 "$W/retired.py" "$W/log" pcap
python3 "$W/retired.py" "$W/log" pcap
ok "the session is in the log" sh -c "cat '$W'/log/events-*.jsonl | grep -q '\"hpd.tcp.open\"'"
not_ok "frames were always kept" event_said log.level .

# A tighter budget at a reload: at once, and down to the streams that stay.
sed -i 's/^log budget.*/log budget 2M/' "$W/hpd.conf"
kill -HUP "$HPD"
small() { [ "$(cat "$W"/log/*-*.* | wc -c)" -le $((2 * MIB + MIB)) ]; }
ok "a reload applies a smaller budget" eventually 15 small
ok "TERM ends it with 0" hpd_stop
ok "the seal is intact, and verify knows why they are gone" "$B/bin/hpview" verify "$W/log"
ok "all is JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
finish
