# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-rfc5961.t: interface, first three bytes
of the network. Forged segments into living connections; TAP."""
import sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
w = Wire(IF, NET + ".200")
port = 3100


def challenged(c, name, flags, seq=0, ack=0, data=b""):
    """One ACK that says where they are, and the connection goes on."""
    c.put(flags, data, seq, ack)
    r = c.get(0.4)
    ok(name + ": one challenge ACK", len(r) == 1 and r[0].flags == ACK and
       r[0].ack == c.seq and r[0].seq == c.ack and not r[0].data, r)


def silent(c, name, flags, seq=0, ack=0, data=b""):
    c.put(flags, data, seq, ack)
    r = c.get(0.4)
    ok(name + ": silence", not r, r)


for dec, what in ((".10", "Linux"), (".11", "Windows")):
    w.find(NET + dec)
    port += 1
    c = Conn(w, NET + dec, 7, port)
    c.say(b"hello")
    ok(what + ": the service answers", c.take(5) == b"hello")
    challenged(c, "RST in the window", RST, seq=1000)
    challenged(c, "RST a byte ahead", RST | ACK, seq=1)
    silent(c, "RST outside of it", RST, seq=-1)
    silent(c, "RST far outside of it", RST, seq=1 << 30)
    challenged(c, "SYN in the window", SYN, seq=10)
    challenged(c, "SYN at its left edge", SYN)
    challenged(c, "SYN outside", SYN, seq=-100000)
    challenged(c, "SYN/ACK", SYN | ACK)
    challenged(c, "ACK of what was not sent", ACK, ack=1000)
    challenged(c, "data with an ACK of what was not sent", ACK, ack=1,
               data=b"forged")
    challenged(c, "data with an ACK from long ago", ACK, ack=-(1 << 20),
               data=b"forged")
    silent(c, "data without ACK", PSH, data=b"forged")
    c.say(b"still there")
    b = c.take(11)
    ok("and the connection goes on", b == b"still there", b)
    c.put(RST)
    ok("RST at the exact number: silence", not c.get(0.3))
    c.put(ACK | PSH, b"anybody?")
    r = c.get(0.5, least=1)
    ok("and that one is over", r and r[0].flags & RST, r)

# An urgent pointer changes nothing; a keepalive is answered.
c = Conn(w, NET + ".10", 7, 3150)
c.say(b"x")
c.take(1)
c.put(ACK, seq=-1)
r = c.get(0.4)
ok("a keepalive is answered", len(r) == 1 and r[0].ack == c.seq, r)
c.put(ACK | URG | PSH, b"urgent")
c.seq += 6
ok("urgent data is data", c.take(6) == b"urgent")

# Old timestamps (PAWS).
ts = lambda v: b"\x01\x01\x08\x0a" + struct.pack("!II", v, 0)
c = Conn.__new__(Conn)
c.w, c.dst, c.dport, c.sport, c.seq, c.win = w, NET + ".10", 7, 3151, 1, 9000
c.put(SYN, opts=b"\x02\x04\x05\xb4" + ts(100000))
s = [p for p in c.get(3, c.mine)]
c.seq += 1
c.ack = c.una = s[0].seq + 1
c.put(ACK, opts=ts(100001))
c.put(ACK | PSH, b"new", opts=ts(100002))
c.seq += 3
r = [p for p in c.get(0.5) if p.data]
ok("with timestamps: the service answers", r and r[0].data == b"new", r)
c.ack += 3
c.put(ACK, opts=ts(100003))
c.put(ACK | PSH, b"old", opts=ts(90000))
r = c.get(0.5)
ok("a segment with an old timestamp is not taken",
   len(r) == 1 and not r[0].data and r[0].ack == c.seq, r)
c.put(RST)
finish()
