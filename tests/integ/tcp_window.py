# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-window.t: interface, first three bytes
of the network. A peer that keeps its window small or shut; TAP."""
import sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
H = NET + ".10"
w = Wire(IF, NET + ".200")
w.find(H)

c = Conn(w, H, 7, 3001)
c.say(b"20000\n")
r = c.get(1.5, least=4)
c.ack = max(p.seq + len(p.data) for p in r if p.data)
c.win = 0
c.put(ACK)
sofar = c.ack
early = [p for p in c.get(0.1) if p.data]
r = c.get(6)
ok("a shut window: no byte beyond", not [
    p for p in r if p.data and p.seq + len(p.data) > sofar], r)
probes = [p for p in r if len(p.data) <= 1]
ok("but probes", len(probes) >= 3, r)
ok("of nothing new", all(p.seq + 1 == sofar for p in probes), probes)
gap = [b.t - a.t for a, b in zip(probes, probes[1:])]
ok("less and less often", len(gap) >= 2 and all(
    b > 1.5 * a for a, b in zip(gap, gap[1:])), gap)
c.win = 700
c.put(ACK)
r = [p for p in c.get(1) if p.data]
out = max([p.seq + len(p.data) for p in r] or [sofar]) - sofar
ok("an open window of 700: 700 bytes at most", 0 < out <= 700, out)
c.win = 0
c.ack = sofar + out
c.put(ACK)
ok("shut again: silence", not [p for p in c.get(0.15) if p.data])
c.win = 64240
c.put(ACK)
b = c.take(20000 - (c.ack - c.una), 8)
ok("wide open: the rest comes", (c.ack - c.una) & 0xffffffff == 20000,
   c.ack - c.una)
c.put(RST | ACK)

# A window of the SYN itself counts, too.
c = Conn(w, H, 7, 3002, win=300)
c.say(b"5000\n")
r = [p for p in c.get(1.5) if p.data]
out = max([p.seq + len(p.data) for p in r] or [c.ack]) - c.ack
ok("a SYN's window of 300: no more than that", 0 < out <= 300, out)
c.put(RST | ACK)

c = Conn(w, H, 7, 3003, win=0)
c.say(b"5000\n")
r = c.get(2.5)
ok("shut from the start: probes only", r and not [
    p for p in r if len(p.data) > 1] and [
    p for p in r if p.seq == c.ack - 1], r)
c.put(RST | ACK)
finish()
