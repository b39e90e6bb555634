# SPDX-License-Identifier: ISC
"""Holds what a receiver got against the log: syslog_check.py LOGDIR RECEIVED
[facility=N] [dups=N] [missing=N] [from=FILE:BYTES] [only=events]. Every
message must be an RFC 5424 one whose MSG is a whole line of the log (or begins
one, where it says that it was cut) and whose header says what the line says;
in each stream every line must have come, in order, once; dups: at most so many
came again; missing: exactly so many did not come. from: of the first segment
of a stream named so, only what stands behind that many bytes is expected."""
import glob
import json
import os
import re
import sys

logdir, received = sys.argv[1:3]
opt = {}
start = {}
for a in sys.argv[3:]:
    k, v = a.split("=", 1)
    if k == "from":
        n, b = v.rsplit(":", 1)
        start[os.path.basename(n)] = int(b)
    else:
        opt[k] = v
bad = 0


def complain(*a):
    global bad
    bad += 1
    if bad < 20:
        print(*a)


HEAD = re.compile(
    rb"<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) "
    rb"([!-~]{1,255}) hpd ([!-~]{1,128}) ([!-~]{1,32}) - (.*)", re.S)
CUT = b" ...[cut]"
streams = {}
where = {}
torn = 0
for s in ("events", "probes"):
    if opt.get("only", s) != s:
        continue
    lines = []
    for f in sorted(glob.glob(f"{logdir}/{s}-*.jsonl"),
                    key=lambda n: int(n.rsplit("-", 1)[1].split(".")[0])):
        if start and s in {os.path.basename(n).split("-")[0] for n in start}:
            first = min(n for n in start if n.startswith(s))
            if os.path.basename(f) < first and int(
                    f.rsplit("-", 1)[1].split(".")[0]) < int(
                    first.rsplit("-", 1)[1].split(".")[0]):
                continue
        data = open(f, "rb").read()[start.get(os.path.basename(f), 0):]
        for line in data.split(b"\n"):
            if not line:
                continue
            try:
                json.loads(line)
            except ValueError:
                torn += 1
                continue
            where.setdefault(line, []).append((s, len(lines)))
            lines.append(line)
    streams[s] = lines
sev = {}
got = {s: [] for s in streams}
cut = 0
for m in open(received, "rb").read().split(b"\n"):
    if not m:
        continue
    h = HEAD.fullmatch(m)
    if h is None:
        complain("not RFC 5424:", m[:120])
        continue
    pri, stamp, _, procid, msgid, msg = h.groups()
    wide = msg.startswith(b"\xef\xbb\xbf")
    if wide:
        msg = msg[3:]
    if msg.endswith(CUT):
        cut += 1
        if len(m) > 8192:
            complain("longer than a datagram:", len(m))
        line = next((x for x in where if x.startswith(msg[: -len(CUT)])), b"")
        if not line:
            complain("cut, but of no line:", msg[:120])
            continue
        msg = line
    if wide == msg.isascii():
        complain("byte order mark:", m[:120])
    if msg not in where:
        complain("not a line of the log:", msg[:160])
        continue
    j = json.loads(msg)
    if stamp.decode() != j["@timestamp"]:
        complain("time:", stamp, j["@timestamp"])
    if "hpd." + msgid.decode() != j["event"]["action"]:
        complain("kind:", msgid, j["event"]["action"])
    if int(pri) >> 3 != int(opt.get("facility", 3)):
        complain("facility:", pri)
    if int(procid, 16) >> 16 != int(j["hpd"]["boot"], 16) >> 16:
        complain("start:", procid, j["hpd"]["boot"])
    sev.setdefault(msgid.decode(), set()).add(int(pri) & 7)
    s, i = where[msg][0]
    got[s].append(i)
for s, lines in streams.items():
    seen, again, back = set(), 0, 0
    top = -1
    for i in got[s]:
        again += i in seen
        if i not in seen and i < top:
            back += 1
        top = max(top, i)
        seen.add(i)
    away = len(lines) - len(seen)
    print(f"{s}: {len(lines)} lines, {len(got[s])} messages, {again} again, "
          f"{away} missing, {back} out of order")
    if back or again > int(opt.get("dups", 0)):
        complain("order or repetition in", s)
    if away != int(opt.get("missing_" + s, opt.get("missing", 0))):
        complain("missing in", s, [lines[i][:200] for i in range(len(lines))
                                   if i not in seen][:3])
print(f"{torn} torn lines, {cut} cut; severities:",
      {k: sorted(v) for k, v in sorted(sev.items())})
sys.exit(1 if bad else 0)
