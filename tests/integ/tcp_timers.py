# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-timers.t: interface, first three bytes
of the network. A peer that falls silent; TAP."""
import sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
LIN, WIN, OLD = NET + ".10", NET + ".11", NET + ".12"
w = Wire(IF, NET + ".200")
for h in (LIN, WIN, OLD):
    w.find(h)

# All at once: a SYN to each and silence; one that never acknowledges data.
c = Conn(w, WIN, 7, 3201, opts=OPTS)
start = {}
for h, sp in ((LIN, 3202), (WIN, 3203), (OLD, 3204)):
    w.send(h, sp, 22, 5000, 0, SYN, opts=OPTS)
c.say(b"lost\n")
seen = w.listen(50)


def times(h, sp, cond):
    t = [p.t for p in seen if p.src == h and p.dport == sp and cond(p)]
    return [b - a for a, b in zip(t, t[1:])]


gaps = {}
for h, sp, name in ((LIN, 3202, "Linux"), (WIN, 3203, "Windows 10"),
                    (OLD, 3204, "Windows 2000")):
    g = gaps[h] = times(h, sp, lambda p: p.flags == SYN | ACK)
    print("# %s: SYN/ACK again after %s s" % (name,
          ", ".join("%.1f" % x for x in g)))
    ok(name + ": SYN/ACK is sent again, each time twice as late",
       len(g) >= 2 and all(1.6 < b / a < 2.5 for a, b in zip(g, g[1:])), g)
    ok(name + ": the very same one", len({(p.seq, p.ack, p.win) for p in seen
       if p.src == h and p.dport == sp}) == 1)
ok("Linux begins after 1 s", gaps[LIN] and 0.8 < gaps[LIN][0] < 1.4)
ok("not all stacks have one schedule",
   len({(len(g), round(g[0] if g else 0)) for g in gaps.values()}) > 1, gaps)
ok("none is honeyd's 3, 6, 12, 24", all(
    [round(x) for x in g] != [6, 12, 24] and len(g) != 4 or round(g[0]) != 3
    for g in gaps.values()), gaps)

mine = [p for p in seen if p.src == WIN and p.dport == 3201]
data = [p for p in mine if p.data]
g = [b.t - a.t for a, b in zip(data, data[1:])]
print("# data again after %s s" % ", ".join("%.2f" % x for x in g))
ok("data without an ACK is sent again", len(g) >= 3, mine)
ok("the same bytes", {p.seq for p in data} == {c.ack})
late = g[1:]
ok("each time twice as late", late and all(
    1.5 < b / a < 2.7 for a, b in zip(late, late[1:])), g)
ok("in the end it gives up with RST", mine and mine[-1].flags & RST and
   mine[-1].seq in (c.ack, c.ack + 5), mine[-1:])
c.put(ACK | PSH, b"late")
r = c.get(0.5, least=1)
ok("and knows nothing of it any more", r and r[0].flags & RST, r)
finish()
