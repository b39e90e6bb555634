# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by net-frames.t: interface, first three bytes
of the network. One frame out, what comes back within a moment; TAP."""
import logging, struct, sys, time
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import (ARP, ICMP, IP, TCP, UDP, AsyncSniffer, Ether, IPOption,
                       Raw, conf, fragment, get_if_hwaddr, sendp)

IF, NET = sys.argv[1], sys.argv[2]
ME, LIN, WIN, QUIET, NONE = (NET + s for s in (".1", ".10", ".11", ".12",
                                               ".99"))
MAC = get_if_hwaddr(IF)
LMAC = "00:11:22:33:44:55"
sock = conf.L2socket(iface=IF)
n = bad = 0


def ok(name, cond, note=""):
    global n, bad
    n += 1
    bad += not cond
    print(("ok" if cond else "not ok") + " %d - %s" % (n, name), flush=True)
    if not cond and note:
        print("# " + str(note), flush=True)


def ask(frames, wait=0.25):
    """What the decoys send while and after frames go out."""
    s = AsyncSniffer(iface=IF, store=True,
                     lfilter=lambda p: Ether in p and p[Ether].src != MAC)
    s.start()
    time.sleep(0.1)
    for f in frames if isinstance(frames, list) else [frames]:
        sock.send(f)
    time.sleep(wait)
    return [p for p in s.stop() if ARP in p or IP in p]


macs = {LIN: LMAC}


def to(dst, **k):
    return Ether(src=MAC, dst=macs[dst]) / IP(src=ME, dst=dst, **k)


def echo(p):
    return [r for r in p if ICMP in r and r[ICMP].type == 0]


def arp(dst, **k):
    return Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff") / ARP(psrc=ME, pdst=dst,
                                                         hwsrc=MAC, **k)


r = [p for p in ask([arp(LIN)] * 3) if ARP in p and p[ARP].op == 2]
ok("three ARP requests, three replies", len(r) == 3, r)
ok("with the configured MAC", {p[ARP].hwsrc for p in r} == {LMAC})
ok("none for an unbound address", not ask(arp(NONE), 0.5))
for d in (WIN, QUIET):
    macs[d] = [p for p in ask(arp(d)) if ARP in p][0][ARP].hwsrc
ok("two decoys, two MACs", len(set(macs.values())) == 3)
x = Ether(src=MAC, dst="02:99:99:99:99:99")
ok("a frame to a foreign MAC is ignored",
   not ask(x / IP(src=ME, dst=LIN) / ICMP()))
b = Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff")
ok("TCP in a broadcast frame is ignored",
   not ask(b / IP(src=ME, dst=LIN) / TCP(dport=22)))

r = echo(ask(to(LIN, id=5) / ICMP(id=77, seq=9) / (b"\xff" * 1400)))
ok("echo is answered once", len(r) == 1)
ok("id, seq and payload intact", r and r[0][ICMP].id == 77 and
   r[0][ICMP].seq == 9 and bytes(r[0][ICMP].payload) == b"\xff" * 1400)
big = fragment(IP(src=ME, dst=LIN, id=99) / ICMP() / (b"0123456789" * 400),
               fragsize=1400)
r = [p for p in ask([Ether(src=MAC, dst=LMAC) / f for f in big]) if ICMP in p
     or p[IP].frag]
ok("a large echo comes back in fragments", len(r) == 3 and
   r[-1][IP].frag * 8 + len(r[-1][IP].payload) == 4008, r)
opt = IPOption(b"\x07\x27\x04" + b"secret" * 6)
r = echo(ask(to(LIN, options=opt) / ICMP() / b"abc"))
ok("echo with options is answered without a byte of them",
   len(r) == 1 and b"secret" not in bytes(r[0]) and r[0][IP].ihl == 5)

for name, kw in (("checksum", {"chksum": 0x1234}), ("version", {"version": 6}),
                 ("header length", {"ihl": 4}), ("length", {"len": 12}),
                 ("long length", {"len": 400})):
    ok("wrong IP %s: silence" % name, not ask(to(LIN, **kw) / ICMP(), 0.15))
for src in ("255.255.255.255", "224.0.0.1", "0.0.0.0", "127.0.0.1", LIN):
    f = Ether(src=MAC, dst=LMAC) / IP(src=src, dst=LIN) / ICMP()
    ok("source %s: silence" % src, not ask(f, 0.15))
ok("wrong ICMP checksum: silence", not ask(to(LIN) / ICMP(chksum=1), 0.15))
ok("wrong TCP checksum: silence",
   not ask(to(LIN) / TCP(dport=81, chksum=1), 0.15))
ok("wrong UDP checksum: silence",
   not ask(to(LIN) / UDP(dport=81, chksum=1), 0.15))

for d, o in ((LIN, "lin"), (WIN, "win")):
    p = ask([to(d) / ICMP(), to(d) / TCP(sport=5001, dport=81),
             to(d) / UDP(sport=5001, dport=81) / b"x"])
    t = {q[IP].ttl for q in p if IP in q}
    ok("%s: echo, RST and unreachable with one TTL" % o, len(p) == 3 and
       len(t) == 1, p)
u = to(LIN, id=4242) / UDP(sport=5002, dport=999) / (b"C" * 40)
r = [p for p in ask(u) if ICMP in p and p[ICMP].type == 3]
ok("closed UDP port: 3/3 quoting our header", len(r) == 1 and
   r[0][ICMP].code == 3 and bytes(r[0][ICMP].payload)[:20] ==
   bytes(Ether(bytes(u))[IP])[:20], r)
ok("filtered UDP port: silence", not ask(to(LIN) / UDP(dport=9) / b"x"))
ok("open UDP port: silence", not ask(to(LIN) / UDP(dport=7) / b"x"))
r = ask([to(LIN) / UDP(sport=6000, dport=7000 + i) / b"x" for i in range(60)],
        0.5)
ok("many closed ports at once: not all are told", 1 <= len(r) < 60, len(r))
r = ask(to(LIN, proto=132) / (b"z" * 24))
ok("unknown protocol: 3/2 or its limit", all(ICMP in p and p[ICMP].type == 3
                                             for p in r))
ok("ICMP filtered: no echo", not ask(to(QUIET) / ICMP()))
ok("...but ports answer", len(ask(to(QUIET) / TCP(sport=5003, dport=81))) == 1)
for t in (13, 15, 17):
    body = b"\0" * 12
    r = ask(to(WIN) / ICMP(type=t, id=1) / (body if t == 13 else body[:4]))
    good = all(p[ICMP].type == t + 1 for p in r if ICMP in p)
    ok("ICMP type %d: right or silent" % t, len(r) <= 1 and good, r)
time.sleep(1.5)


def frags(dst, ident, parts, proto=1):
    """parts: (offset, more, bytes)"""
    return [Ether(src=MAC, dst=macs[dst]) /
            IP(src=ME, dst=dst, id=ident, proto=proto, frag=o // 8,
               flags=("MF" if m else 0)) / Raw(d) for o, m, d in parts]


body = bytes(ICMP() / (b"A" * 16 + b"B" * 8 + b"C" * 8))
f = frags(LIN, 501, [(0, 1, body[:16]), (16, 1, body[16:24]),
                     (24, 0, body[24:])])
r = echo(ask(f))
ok("fragments make one datagram", len(r) == 1)
f[1][IP].flags = "MF+DF"
for p in f:
    p[IP].id = 502
r = echo(ask(f))
ok("a DF fragment does not flush it", len(r) == 1)
g = frags(LIN, 503, [(0, 1, body[:16])]) + \
    frags(LIN, 503, [(16, 0, body[16:])], proto=17)
ok("fragments of two protocols do not mix", not ask(g))
over = frags(LIN, 504, [(0, 1, body[:24]), (8, 1, b"X" * 16),
                        (24, 0, body[24:])])
r = echo(ask(over))
ok("an overlap is resolved or dropped, never mixed", len(r) <= 1 and
   all(bytes(p[ICMP].payload)[:32] in (bytes(ICMP(body).payload)[:32],)
       for p in r), r)
bomb = frags(LIN, 505, [(65528, 0, b"x" * 100)])
ok("an end beyond 65535 is ignored", not ask(bomb))
ok("the decoy is well", len(echo(ask(to(LIN) / ICMP()))) == 1)

# conflict: defended once, given up for a while at the second
f = Ether(src=MAC, dst="ff:ff:ff:ff:ff:ff") / \
    ARP(op=1, hwsrc=MAC, psrc=WIN, pdst=WIN)
r = [p for p in ask(f) if ARP in p and p[ARP].psrc == WIN]
ok("a conflict is defended by one announcement", len(r) == 1 and
   r[0][ARP].op == 1 and r[0][ARP].pdst == WIN, r)
r = [p for p in ask(f) if ARP in p]
ok("the second within 10 s is not", not r)
ok("...and the address is left alone", not ask(arp(WIN)))
ok("other decoys keep theirs", len(ask(arp(LIN))) == 1)
print("1..%d" % n)
sys.exit(bad != 0)
