# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-odd.t: interface, first three bytes of
the network. Segments no honest peer sends; TAP."""
import sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
w = Wire(IF, NET + ".200")
port = 20000


def one(h, dport, flags, ack=0, opts=OPTS, wait=0.3):
    global port
    port += 1
    w.send(h, port, dport, 77000, ack, flags, opts=opts)
    r = w.listen(wait, lambda p: p.dport == port)
    return [p for p in r if p.dport == port]


def reset(h, dport, seq=77001):
    w.send(h, port, dport, seq, 0, RST)


LIN, WIN = NET + ".10", NET + ".11"
for h, name in ((LIN, "Linux"), (WIN, "Windows 10")):
    w.find(h)
    for f, what in ((SYN | RST, "SYN RST"), (RST, "RST"), (RST | ACK,
                    "RST ACK"), (SYN | FIN | RST, "SYN FIN RST")):
        ok("%s: %s: silence from open and closed" % (name, what),
           not one(h, 22, f) and not one(h, 81, f))
    r = one(h, 22, SYN | ACK, 5)
    ok(name + ": SYN/ACK to an open port: RST", len(r) == 1 and
       r[0].flags == RST and r[0].seq == 5, r)
    r = one(h, 22, ACK, 5)
    ok(name + ": ACK to an open port: RST", len(r) == 1 and
       r[0].flags == RST and r[0].seq == 5 and not r[0].win, r)
    r = one(h, 81, ACK, 5)
    ok(name + ": ACK to a closed one: RST", len(r) == 1 and
       r[0].flags == RST and r[0].seq == 5, r)
    for f, what in ((0, "NULL"), (FIN, "FIN"), (FIN | PSH | URG, "XMAS")):
        r = one(h, 81, f)
        ok("%s: %s to a closed port: RST ACK" % (name, what),
           len(r) == 1 and r[0].flags == RST | ACK and r[0].seq == 0 and
           r[0].ack == 77000 + (f & FIN), r)
    r = one(h, 81, SYN)
    ok(name + ": SYN to a closed port: RST ACK", len(r) == 1 and
       r[0].flags == RST | ACK and r[0].ack == 77001 and r[0].seq == 0, r)
    w.send(h, 19999, 22, 77000, 0, SYN, spoil=0x1111)
    ok(name + ": a wrong checksum: silence", not w.listen(0.3))
for f, what in ((0, "NULL"), (FIN, "FIN"), (FIN | PSH | URG, "XMAS")):
    ok("Linux: %s to an open port: silence" % what, not one(LIN, 22, f))
ok("Linux: SYN FIN to an open port: silence", not one(LIN, 22, SYN | FIN))

# Initial sequence numbers, with and without ECN.
seen = []
for i in range(10):
    r = one(LIN, 22, SYN | ECE | CWR, opts=OPTS)
    reset(LIN, 22)
    if len(r) == 1 and r[0].flags & (SYN | ACK) == SYN | ACK:
        seen.append((r[0].seq, r[0].flags & ECE))
ok("ten ECN SYNs, ten answers", len(seen) == 10, seen)
ok("with ECE, as Linux does", all(e for _, e in seen))
ok("ordinary sequence numbers", len({s for s, _ in seen}) == 10 and
   not [s for s, _ in seen if s < 1 << 16 and s in (0, 1, 77001)], seen)
isn, t0 = [], time.time()
for i in range(2000):
    port = 22000 + i
    w.send(LIN, port, 22, 77000, 0, SYN, opts=OPTS)
    r = [p for p in w.listen(1, lambda p: p.dport == port) if p.dport == port]
    if r:
        isn.append(r[0].seq)
    w.send(LIN, port, 22, 77001, 0, RST)
ok("2000 SYNs, 2000 answers", len(isn) == 2000, len(isn))
ok("no two alike", len(set(isn)) == len(isn))
diff = [(b - a) & 0xffffffff for a, b in zip(isn, isn[1:])]
top = [0] * 16
for d in diff:
    top[d >> 28] += 1
chi = sum((n - len(diff) / 16) ** 2 for n in top) / (len(diff) / 16)
print("# %.1f s; chi-square of the differences' top bits %.1f (15 degrees)" %
      (time.time() - t0, chi))
ok("their differences are anywhere", chi < 45, top)  # p < 0.0001
for lag in (1, 2, 3):
    m = sum(isn) / len(isn)
    cor = (sum((a - m) * (b - m) for a, b in zip(isn, isn[lag:])) /
           sum((a - m) ** 2 for a in isn))
    ok("no correlation at distance %d" % lag, abs(cor) < 0.1, cor)
near = sum(1 for a, b, c in zip(isn, isn[1:], isn[2:])
           if abs(((2 * b - a - c + (1 << 31)) & 0xffffffff) - (1 << 31))
           < 1 << 20)
ok("two do not tell the third", near < 10, near)

# The same four-tuple soon after: later than before (RFC 6528's clock).
a = one(LIN, 22, SYN)
reset(LIN, 22)
port -= 1
time.sleep(0.3)
b = one(LIN, 22, SYN)
reset(LIN, 22)
up = (b[0].seq - a[0].seq) & 0xffffffff if a and b else 0
ok("the same ports again: a later number", 0 < up < 1 << 31, up)
finish()
