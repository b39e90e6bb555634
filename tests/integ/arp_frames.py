# SPDX-License-Identifier: ISC
"""Run by arp.t in the tester's namespace: ARP frame by frame. .10-.13 are
decoys, .30 the tester's own second address, .31 and .32 decoys to be given up
after a conflict."""
import os, sys
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
import time
from wire import *

A, B = NET + ".10", NET + ".11"
LIVE, REAL, FORGED = NET + ".30", NET + ".31", NET + ".32"
if sys.argv[3:4] == ["silent"]:
    d = NET + "." + sys.argv[4]
    print("answered" if ask(arp(d), is_reply(d), wait=1) else "silent")
    sys.exit(0)

for d in (A, B, NET + ".12", NET + ".13", REAL, FORGED):
    mac(d)
r = ask([arp(B)] * 1000, is_reply(B), want=1000)
ok("1000 requests at once, 1000 replies", len(r) == 1000, len(r))
ok("each to the asker alone", all(p.dst == MAC and p[ARP].hwdst == MAC and
                                  p[ARP].pdst == ME for p in r))
r = ask([arp(ME, op=2, src=ME, hwdst=macs[B], to=macs[B])] * 50, wait=0.5)
ok("duplicate replies to a decoy: no frame follows", not r, r)
r = ask(arp(B, to=macs[B]), is_reply(B), want=1)
ok("a request to its MAC (a cache being refreshed) is answered", len(r) == 1)
r = ask(arp(B, to="02:99:99:99:99:99"), wait=0.5)
ok("a request to a foreign MAC is not", not r, r)

# Frames that were not meant for it.
foreign = Ether(src=MAC, dst="02:99:99:99:99:99") / IP(src=ME, dst=B)
other = Ether(src=MAC, dst=macs[A]) / IP(src=ME, dst=B)
for name, f in (("a foreign MAC", foreign), ("another decoy's MAC", other)):
    ok("%s: no answer to TCP, UDP, ICMP" % name, not ask(
        [f / TCP(sport=4000, dport=22), f / TCP(sport=4000, dport=81),
         f / UDP(sport=4000, dport=81), f / ICMP()], wait=0.5))
for dst in (BCAST, "01:00:5e:00:00:01", "33:33:00:00:00:01"):
    f = Ether(src=MAC, dst=dst) / IP(src=ME, dst=B)
    ok("in a frame to %s: no answer to TCP, UDP, ICMP" % dst, not ask(
        [f / TCP(sport=4000, dport=22), f / TCP(sport=4000, dport=81),
         f / UDP(sport=4000, dport=81), f / ICMP()], wait=0.5))
ok("...but to its own there is", len(ask(to(B) / TCP(sport=4000, dport=81),
                                         want=1)) == 1)

# A live host's address is bound: asked for often, it never answers.
r = []
for _ in range(4):
    r += ask(arp(LIVE), is_reply(LIVE), wait=0.5)
ok("a live host's address is not answered for", not r, r)
r = ask(Ether(src=MAC, dst=mac(B)) / IP(src=ME, dst=LIVE) / ICMP(), wait=0.5)
ok("...nor anything else said for it", not r, r)

# Conflicts: one defence, then the address is given up.
for d in (REAL, FORGED):
    claim = arp(d, src=d)
    own = lambda p: ARP in p and p[ARP].psrc == d and p.src != MAC
    r = ask(claim, own, want=1)
    ok("%s: a conflict is met by one announcement" % d, len(r) == 1 and
       r[0][ARP].op == 1 and r[0][ARP].pdst == d and r[0].dst == BCAST, r)
    r = ask(claim, own, wait=0.5)
    ok("...the second within ten seconds by none", not r, r)
    r = ask([arp(d), to(d) / ICMP(), to(d) / TCP(dport=22)], wait=0.5)
    ok("...and the decoy is silent", not r, r)
ok("another decoy is not touched by it", alive(B))
for d in (NET + ".0", NET + ".255", "0.0.0.0", "255.255.255.255",
          "224.0.0.1", "127.0.0.1"):
    ok("nobody answers for %s" % d, not ask(arp(d), wait=0.15))
done()
