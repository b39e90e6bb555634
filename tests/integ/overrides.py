# SPDX-License-Identifier: ISC
"""For overrides.t: one probe after the other to decoys with one override
each, numbered as there."""
import os, socket, struct, sys, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tcp_raw import *

MORE = 0x2000
w = Wire(sys.argv[1], sys.argv[2] + ".77")
NET = sys.argv[2]
port = 20000


def host(n):
    return "%s.%d" % (NET, n)


def ask(n, flags=SYN, dport=80, opts=OPTS, wait=2.0, ack=0):
    """The answer to one segment from a new port, or None."""
    global port
    port += 1
    w.send(host(n), port, dport, 1000, ack, flags, opts=opts)
    mine = lambda p: p.src == host(n) and p.dport == port
    r = [p for p in w.listen(wait, mine) if mine(p)]
    if r and r[0].flags & SYN:
        w.send(host(n), port, dport, 1001, 0, RST)
    return r[0] if r else None


def syn(n, **kw):
    r = ask(n, **kw)
    if r is None or r.flags & (SYN | ACK) != SYN | ACK:
        print("# no SYN/ACK from %s: %s" % (host(n), r))
        return Seg(*[0] * len(Seg._fields))._replace(opts=b"")
    return r


def ip(n, proto, body, ident=0, off=0):
    h = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), ident, off, 64,
                    proto, 0) + socket.inet_aton(w.me) + \
        socket.inet_aton(host(n))
    h = h[:10] + struct.pack("!H", csum(h)) + h[12:]
    w.s.send(w.macs[host(n)] + w.mac + b"\x08\0" + h + body)


def icmps(n, wait, least=1):
    """IP packets with ICMP from a decoy, headers off."""
    got, end = [], time.time() + wait
    while len(got) < least:
        f = w.frame(end)
        if f is None:
            break
        if f[12:14] == b"\x08\0" and f[23] == 1 and \
                f[26:30] == socket.inet_aton(host(n)) and f[6:12] != w.mac:
            got.append((f[22], f[34:14 + struct.unpack("!H", f[16:18])[0]]))
    return got


def echo(n, data=b"x" * 16):
    b = struct.pack("!BBHHH", 8, 0, 0, 77, n) + data
    b = b[:2] + struct.pack("!H", csum(b)) + b[4:]
    ip(n, 1, b, 1)
    return icmps(n, 2)


def overlap(n):
    """Three fragments of an echo request, the middle one over half of the
    first: whose data comes back."""
    a, b, z = b"A" * 24, b"B" * 24, b"Z" * 8
    for win in (b"A", b"B"):  # the checksum must be right for the winner
        body = struct.pack("!BBHHH", 8, 0, 0, 78, n) + a[:8] + \
            win * 8 + b[:16] + z
        c = csum(body)
        first = struct.pack("!BBHHH", 8, 0, c, 78, n) + a[:16]
        ident = 500 + ord(win)
        ip(n, 1, first, ident, MORE | 0)           # 0..24
        ip(n, 1, b, ident, MORE | 16 // 8)         # 16..40, over 16..24
        ip(n, 1, z, ident, 40 // 8)
        r = [x for x in icmps(n, 1) if x[1][0] == 0]
        if r:
            return win.decode()
    return "none"


def unreachables(n, count=30):
    for i in range(count):
        u = struct.pack("!HHHH", 7000 + i, 9000 + i, 12, 0) + b"data"
        ip(n, 17, u, 100 + i)
    return len([x for x in icmps(n, 1.0, count) if x[1][:2] == b"\3\3"])


def layout(n):
    return parse_opts(syn(n).opts)


def odd(n):
    """Answers to FIN, NULL and Xmas on the open port."""
    return [ask(n, f, opts=b"", wait=0.5) for f in
            (FIN, 0, FIN | PSH | URG)]


for i in range(10, 35):
    w.find(host(i))

b = syn(10)
blay, bval = parse_opts(b.opts)
ok("a decoy without overrides: Linux's SYN/ACK",
   blay == "MSTNW" and b.ttl == 64 and b.df == 1, b)
ok("its FIN, NULL and Xmas scans are not answered", odd(10) == [None] * 3)

# 11 ttl
r, c, e = syn(11), ask(11, dport=81), echo(11)
ok("ttl: SYN/ACK", r.ttl == 200, r)
ok("ttl: reset of a closed port", c and c.flags & RST and c.ttl == 200, c)
ok("ttl: echo reply", e and e[0][0] == 200, e)
conn = Conn(w, host(11), 80, 19000)
conn.say(b"hello")
conn.put(FIN | ACK)
seen = conn.get(1.0)
ok("ttl: all of a connection", seen and {p.ttl for p in seen} == {200}, seen)
conn.put(RST)

# 12, 13 window, mss
r = syn(12)
ok("window: SYN/ACK, options as they were", r.win == 12345 and
   parse_opts(r.opts)[0] == blay, r)
r = syn(12, opts=OPTS[:4])
ok("window: to a peer without options too", r.win == 12345, r)
lay, v = layout(13)
ok("mss: offered", v.get("M") == 1000 and lay == blay, v)

# 14, 15 wscale
lay, v = layout(14)
ok("wscale: another shift", v.get("W") == 2 and lay == blay, v)
lay, v = layout(15)
ok("wscale off: not agreed to", "W" not in lay and "T" in lay, lay)

# 16, 17, 18 sack, timestamps
lay, v = layout(16)
ok("sack no: padded as Linux does", lay == "MNNTNW", lay)
lay, v = layout(17)
ok("tsrate off: padded as Linux does", lay == "MNNSNW", lay)
t1 = syn(18)
time.sleep(1)
t2 = syn(18)
d = (parse_opts(t2.opts)[1]["T"][0] - parse_opts(t1.opts)[1]["T"][0]) / \
    (t2.t - t1.t)
ok("tsrate: the clock's rate", 90 < d < 110, d)

# 19 df
r, c = syn(19), ask(19, dport=81)
ok("df no: SYN/ACK and reset", r.df == 0 and c and c.df == 0, (r, c))

# 20, 21, 22, 34 IP IDs
ids = [syn(20).id, ask(20, dport=81).id, syn(20).id, syn(20).id]
ok("ipid incremental: one counter for SYN/ACKs and resets",
   all((y - x) % 65536 == 1 for x, y in zip(ids, ids[1:])), ids)
ids = [syn(21).id, ask(21, dport=81).id, syn(21).id]
ok("ipid constant", ids == [4711] * 3, ids)
ids = [syn(22).id, ask(22, dport=81).id]
ok("ipid zero", ids == [0, 0], ids)
ids = [syn(34).id for _ in range(8)]
ok("ipid random", len(set(ids)) > 6 and
   max(abs(x - y) for x, y in zip(ids, ids[1:])) > 5000, ids)

# 23, 24 sequence numbers
seqs = [syn(23).seq for _ in range(3)]
ok("isn constant", seqs == [7] * 3, seqs)
seqs = [syn(24).seq for _ in range(4)]
ok("isn 64k: steps of 64,000", all((y - x) % 2**32 % 64000 == 0 and x != y
   for x, y in zip(seqs, seqs[1:])), seqs)

# 25, 26 FIN scans
r = odd(25)
ok("finscan no: resets from an open port", all(p and p.flags & RST
                                               for p in r), r)
ok("finscan no: it still takes connections", syn(25).flags == SYN | ACK)
r = odd(26)
ok("annotate no finscan: the same", all(p and p.flags & RST for p in r), r)

# 27, 28, 29 fragments
got = overlap(27), overlap(28), overlap(29)
ok("fragment first, last, drop", got == ("A", "B", "none"), got)

# 30, 31 ICMP errors
n = unreachables(10)
ok("without override: Linux's handful", 1 <= n <= 8, n)
n = unreachables(30)
ok("icmprate 3: a handful too", 1 <= n <= 9, n)
n = unreachables(31)
ok("icmprate off: all of them", n == 30, n)

# 32, 33 ECN
r = ask(32, SYN | ECE | CWR), ask(33, SYN | ECE | CWR)
ok("ecn no, ecn yes", r[0] and not r[0].flags & ECE and r[1] and
   r[1].flags & ECE, r)
finish()
