# SPDX-License-Identifier: ISC
"""For individual.t: one SYN to each decoy and what its answer says of it, and
the judgements over what was written down."""
import os, sys
import xml.etree.ElementTree as et

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tcp_raw import Wire, parse_opts, SYN, ACK, RST, OPTS

HOSTS = (10, 11, 12, 13, 14, 15, 16, 17, 18)
HZ = 1000          # of the personality all of them have
ISN_HZ = 1e9 / 64  # RFC 6528's clock
M32 = 1 << 32


def look(iface, net):
    w = Wire(iface, net + ".77")
    for h in HOSTS:
        dst = "%s.%d" % (net, h)
        w.find(dst)
        for attempt in range(5):
            w.send(dst, 40000, 80, 4242, 0, SYN, opts=OPTS)
            r = [p for p in w.listen(1, lambda p: p.src == dst)
                 if p.src == dst and p.flags & (SYN | ACK) == SYN | ACK]
            if r:
                break
        else:
            sys.exit("no SYN/ACK from " + dst)
        w.send(dst, 40000, 80, 4243, 0, RST)
        print(h, w.macs[dst].hex(":"), "%.6f" % r[0].t,
              parse_opts(r[0].opts)[1]["T"][0], r[0].seq)


class Row:
    def __init__(self, line):
        h, self.mac, t, ts, isn = line.split()
        self.h, self.t, self.ts, self.isn = int(h), float(t), int(ts), int(isn)


def rows(path):
    return {r.h: r for r in map(Row, open(path))}


def apart(a, b):
    """Distance of two 32-bit counters."""
    return min((a - b) % M32, (b - a) % M32)


def same_row(what, a, b):
    dt = b.t - a.t
    if what == "mac":
        return a.mac == b.mac
    if what == "ts":  # whole seconds of the start go into it
        return apart(b.ts, int(a.ts + dt * HZ) % M32) <= 1.5 * HZ
    if what == "isn":
        return apart(b.isn, int(a.isn + dt * ISN_HZ) % M32) <= 0.05 * ISN_HZ
    return apart(b.isn, a.isn) < 4000000  # counter: 16 s of its clock


def same(what, one, two):
    a, b = rows(one), rows(two)
    only = (17, 18) if what == "counter" else \
        (10, 11, 12, 13) if what == "isn" else HOSTS
    wrong = [h for h in only if not same_row(what, a[h], b[h])]
    for h in wrong:
        print(h, vars(a[h]), vars(b[h]))
    return not wrong


def differ(what, one):
    a = rows(one)
    if what == "mac":
        return len({r.mac for r in a.values()}) == len(HOSTS)
    if what == "ts":
        v = [r.ts for r in a.values()]
        print(v)
        return all(apart(x, y) > 60 * HZ for i, x in enumerate(v)
                   for y in v[:i])
    print(a[17].isn, a[18].isn)
    return apart(a[17].isn, a[18].isn) > 1 << 20


def vendor(one):
    a = rows(one)
    ouis = {l[:6].lower() for l in
            open("/usr/share/nmap/nmap-mac-prefixes", errors="replace")
            if l[7:].startswith("Cisco Systems")}
    return all(a[h].mac.replace(":", "")[:6] in ouis for h in (14, 15)) and \
        a[14].mac != a[15].mac


def other(one, two):
    a, b = rows(one), rows(two)
    return all((a[h].mac == b[h].mac) == (h == 16) and
               apart(b[h].ts, int(a[h].ts + (b[h].t - a[h].t) * HZ) % M32) >
               60 * HZ for h in HOSTS)


def uptimes(xml, start_ns, *wanted):
    """HOST:SECONDS:PERCENT it may be off, where nmap divides by what it
    measured."""
    got = {}
    root = et.parse(xml).getroot()
    end = int(root.find("runstats/finished").get("time"))
    for host in root.findall("host"):
        up = host.find("uptime")
        addr = host.find("address[@addrtype='ipv4']").get("addr")
        got[int(addr.split(".")[3])] = None if up is None else \
            (int(up.get("seconds")), host.get("endtime"))
    for w in wanted:
        h, secs, rough = map(int, w.split(":"))
        seen = got.get(h)
        # nmap says how long ago the boot was when it prints; that is within
        # the run. The suite began between start_ns and running.
        least = secs - 3
        most = secs + end - int(start_ns) // 10**9 + 3
        least -= least * rough / 100
        most += most * rough / 100
        good = seen is not None and least <= seen[0] <= most
        print("ok" if good else "not", "uptime %d is guessed as %s" %
              (secs, seen and seen[0]))
    return True


cmd = globals()[sys.argv[1]] if sys.argv[1] != "exact" else \
    lambda one: rows(one)[16].mac == "02:11:22:33:44:55"
if sys.argv[1] == "look":
    look(*sys.argv[2:])
else:
    sys.exit(not cmd(*sys.argv[2:]))
