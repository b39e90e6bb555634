# SPDX-License-Identifier: ISC
"""Run by ip-persona.t. `pick DB N NET`: lines "address line" of so many entries
of nmap-os-db that between them have every habit of U1 and IE. `IFACE NET MAP
DB`, in the tester's namespace: asks each decoy nmap's U1, IE1 and IE2 probes,
works out the attributes as nmap does and compares them with the entry."""
import re, struct, sys

ATTRS = {"U1": ("R", "DF", "IPL", "UN", "RIPL", "RID", "RIPCK", "RUCK", "RUD",
                "T"),
         "IE": ("R", "DFI", "CD", "T")}


def entries(path):
    """{line of the Fingerprint: {test: {attribute: expression}}}"""
    out, cur, at = {}, None, 0
    for n, s in enumerate(open(path, encoding="latin-1"), 1):
        if s.startswith("Fingerprint "):
            cur, at = {}, n
            out[at] = cur
        m = re.match(r"(U1|IE)\((.*)\)\s*$", s)
        if m and cur is not None:
            cur[m.group(1)] = dict(x.split("=", 1) for x in
                                   m.group(2).split("%") if "=" in x)
    return out


def kind(attr, x):
    """What of an expression is a habit of its own."""
    if attr == "T":
        return "T above FF" if re.match(r"1[0-9A-F]{2}", x) else None
    if attr in ("UN", "RUCK", "RID") and x not in ("0", "G", "4210"):
        return attr + " some"
    return "%s=%s" % (attr, x)


def pick(db, count):
    habits = {}
    for line, e in entries(db).items():
        h = set()
        for t, attrs in e.items():
            h |= {t + kind(a, x) for a, x in attrs.items()
                  if a in ATTRS[t] and kind(a, x)}
        if not any(re.search("=(100|50|40)$", x) for x in h) and h:
            habits[line] = h
    have, chosen = set(), []
    while len(chosen) < count:
        best = max(sorted(habits), key=lambda n: len(habits[n] - have))
        if not habits[best] - have:
            break
        have |= habits.pop(best)
        chosen.append(best)
    spare = sorted(habits)
    step = max(1, len(spare) // max(1, count - len(chosen)))
    return chosen + spare[::step][:count - len(chosen)]


def fits(value, expr):
    for x in expr.split("|"):
        if x == value:
            return True
        if not re.fullmatch("[0-9A-F]+", value):
            continue
        v = int(value, 16)
        m = re.fullmatch("([0-9A-F]+)-([0-9A-F]+)", x)
        if m and int(m.group(1), 16) <= v <= int(m.group(2), 16):
            return True
        if x[:1] == ">" and v > int(x[1:], 16):
            return True
        if x[:1] == "<" and v < int(x[1:], 16):
            return True
    return False


if sys.argv[1] == "pick":
    for i, line in enumerate(pick(sys.argv[2], int(sys.argv[3]))):
        print("%s.%d %d" % (sys.argv[4], 20 + i, line))
    sys.exit(0)

import os, time
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from wire import *
import wire

DB = entries(sys.argv[4])
TTL = 53
# Who will be asked knows us already, and nothing of ours is in the way.
u1 = UDP(sport=33333, dport=40125) / (b"C" * 300)


def folded(b):
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def packets(start, dst, match):
    with wire._lock:
        new = [b for _, b in wire.seen[start:]]
    a = bytes(map(int, dst.split(".")))
    return [b[14:] for b in new if b[12:14] == b"\x08\x00" and
            b[26:30] == a and b[23] == 1 and match(b[34:])]


def first(frame, dst, match, wait=0.4):
    start = mark()
    send(frame)
    end = time.time() + 3
    while time.time() < end:
        r = packets(start, dst, match)
        if r or time.time() > end - 3 + wait:
            return r[0] if r else None
        time.sleep(0.01)


def observe(dst):
    o = {"U1": {"R": "N"}, "IE": {"R": "N"}}
    sent = bytes(to(dst, id=0x1042, ttl=TTL) / u1)[14:]
    r = first(to(dst, id=0x1042, ttl=TTL) / u1, dst,
              lambda i: i[:2] == b"\3\3")
    dist = None
    if r:
        q = r[28:]
        n = lambda at: struct.unpack("!H", q[at:at + 2])[0]
        dist = TTL - q[8]
        x = o["U1"] = {"R": "Y"}
        x["DF"] = "Y" if r[6] & 0x40 else "N"
        x["IPL"] = "%X" % struct.unpack("!H", r[2:4])
        x["UN"] = "%X" % struct.unpack("!H", r[26:28])
        x["RIPL"] = "G" if n(2) == 328 else "%X" % n(2)
        x["RID"] = "G" if n(4) == 0x1042 else "%X" % n(4)
        x["RIPCK"] = "Z" if n(10) == 0 else "G" if folded(q[:20]) == 0 \
            else "I"
        x["RUCK"] = "G" if q[26:28] == sent[26:28] else "%X" % n(26)
        x["RUD"] = "I" if any(c != 0x43 for c in q[28:]) else "G"
        if dist >= 0:
            x["T"] = "%X" % (r[8] + dist)
        x["sane"] = folded(r[20:] + b"\0" * (len(r) % 2)) == 0
    ie = []
    for code, tos, size, df, seq in ((9, 0, 120, 2, 295), (0, 4, 150, 0, 296)):
        f = to(dst, ttl=TTL, tos=tos, flags=df) / ICMP(
            code=code, id=77, seq=seq) / (b"\0" * size)
        ie.append(first(f, dst, lambda i: i[0] == 0 and
                        i[6:8] == struct.pack("!H", seq)))
    if all(ie):
        df = [b[6] >> 6 & 1 for b in ie]
        code = [b[21] for b in ie]
        x = o["IE"] = {"R": "Y"}
        x["DFI"] = {(0, 0): "N", (1, 0): "S", (1, 1): "Y",
                    (0, 1): "O"}[tuple(df)]
        x["CD"] = ("%X" % code[0] if code[0] else "Z") \
            if code[0] == code[1] else "S" if code == [9, 0] else "O"
        if dist is None or dist >= 0:
            x["T"] = "%X" % (ie[0][8] + (dist or 0))
    return o


for s in open(sys.argv[3]):
    dst, line = s.split()
    e = DB[int(line)]
    o = observe(dst)
    bad = []
    for t in e:
        want_r = e[t].get("R", "Y")
        if want_r == "N" and o[t]["R"] != "N":
            bad.append("%s answered" % t)
        if want_r != "N" and o[t]["R"] == "N" and \
                e[t].get("RID") != "1042":
            bad.append("%s silent" % t)
        for a in ATTRS[t]:
            if a != "R" and a in e[t] and a in o[t] and \
                    not fits(o[t][a], e[t][a]) and \
                    not (a == "T" and "T" not in o["U1"]):
                bad.append("%s.%s is %s, wanted %s" % (t, a, o[t][a],
                                                       e[t][a]))
    if not o["U1"].get("sane", True):
        bad.append("checksum of the error")
    ok("line %s: U1 and IE as the entry says" % line, not bad, "\n".join(bad))
    # whoever is silent to nmap is so to nmap alone
    r = first(to(dst) / ICMP(id=9, seq=4) / (b"\0" * 56), dst,
              lambda i: i[0] == 0 and i[4:8] == b"\0\x09\0\x04", wait=2)
    ok("...an ordinary ping is answered", r is not None)
    if o["U1"]["R"] == "N":
        r = first(to(dst) / UDP(sport=4, dport=4001) / (b"C" * 299), dst,
                  lambda i: i[:2] == b"\3\3", wait=2)
        ok("...another datagram as well", r is not None)
done()
