# SPDX-License-Identifier: ISC
"""Run by udp.t in the tester's namespace with the pids of hpd-net and hpd-svc.
Port 53 numbers its client's datagrams and says their size, port 69 answers
with the datagram and then with 2000 bytes."""
import os, struct, sys, time
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from wire import *

D, E = NET + ".10", NET + ".11"
NETPID, SVCPID = sys.argv[3], sys.argv[4]


def client(where=D, port=53):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(8)
    s.connect((where, port))
    return s


def hear(s):
    try:
        return s.recv(65536)
    except OSError as e:
        return repr(e).encode()


# 30
a, b = client(), client()
a.send(b"one")
r = hear(a)
ok("a service answers a datagram", r == b"1 3 one", r)
for i in range(2, 7):
    a.send(b"%d" % i * i)
r = [hear(a) for _ in range(5)]
ok("five at once: five answers, each its own",
   r == [b"%d %d " % (i, i) + b"%d" % i * i for i in range(2, 7)], r)
b.send(b"other")
r = hear(b)
ok("another client has a session of its own", r == b"1 5 other", r)
b.send(b"L" * 1472)
r = hear(b)
ok("1472 bytes whole", r == b"2 1472 " + b"L" * 1472, r[:20])
b.send(b"M" * 5000)
r = hear(b)
ok("5000 bytes, in fragments both ways", r == b"3 5000 " + b"M" * 5000, r[:20])
# empty ones
a.send(b"")
time.sleep(0.3)
a.send(b"after")
r = hear(a)
ok("an empty datagram is no end of the session", r == b"7 5 after", r)
c = client()
c.send(b"")
c.send(b"x")
r = hear(c)
ok("...nor its beginning", r == b"1 1 x", r)
# 31
c = client(port=69)
start = mark()
c.send(b"GET")
r = [hear(c), hear(c)]
ok("2000 bytes answered arrive whole", r == [b"GET", b"x" * 2000],
   [len(x) for x in r])
time.sleep(0.3)
f = since(start, lambda p: IP in p and p[IP].src == D and
          (p[IP].flags.MF or p[IP].frag))
ok("...in two fragments of one datagram", len(f) == 2 and
   f[0][IP].id == f[1][IP].id and f[0][IP].flags.MF and not f[1][IP].flags.MF
   and not f[0][IP].flags.DF and f[0][IP].len <= 1500 and
   f[1][IP].frag * 8 == f[0][IP].len - 20 and
   f[1][IP].frag * 8 + f[1][IP].len - 20 == 2008, f)
for s in (a, b, c):
    s.close()

# Lengths that lie, beside the right one.
h = to(D, proto=17)
for name, u in (("length 7", struct.pack("!4H", 4000, 53, 7, 0)),
                ("length 0", struct.pack("!4H", 4000, 53, 0, 0)),
                ("a length beyond the packet",
                 struct.pack("!4H", 4000, 53, 100, 0) + b"abc"),
                ("half a header", b"\x0f\xa0\0\x35")):
    ok("%s: silence" % name, not ask(h / Raw(u), lambda p: IP in p))
r = ask(h / Raw(struct.pack("!4H", 4000, 53, 11, 0) + b"abcTRAILER"),
        lambda p: UDP in p and p[UDP].dport == 4000, want=1)
ok("no checksum is a right one, and the length cuts",
   len(r) == 1 and b"1 3 abc" in bytes(r[0]) and
   b"TRAILER" not in bytes(r[0]), r)
# 27: no errors about what is no datagram of its own
r = ask(to(D, frag=2) / UDP(dport=999), lambda p: ICMP in p)
ok("no error about a later fragment", not r, r)

# 32: twenty thousand clients of a host that is not there, to both kinds.
SRC = NET + ".77"
net0, svc0 = rss(NETPID), rss(SVCPID)
base = bytes(Ether(src=MAC, dst=mac(E)) / IP(src=SRC, dst=E) /
             UDP(sport=1, dport=53, chksum=0) / (b"f" * 400))
f = bytearray(base)
f[40:42] = b"\0\0"
t = time.time()
for port in range(20000):
    struct.pack_into("!H", f, 34, 10000 + port)
    send(bytes(f))
    if port % 500 == 0:
        time.sleep(0.02)
took = time.time() - t
time.sleep(1)
net1, svc1 = rss(NETPID), rss(SVCPID)
ok("20000 source ports in %.1f s: hpd-net grew by %d KB, hpd-svc by %d KB" %
   (took, net1 - net0, svc1 - svc0),
   net1 - net0 < 65536 and svc1 - svc0 < 32768)
kids = len(open("/proc/%s/task/%s/children" % (SVCPID, SVCPID)).read().split())
ok("...and %d scripts run, not more than one source may have" % kids,
   kids <= 40)
ok("the decoys answer ping", alive(D) and alive(E))
a = client()
a.send(b"me")
r = hear(a)
ok("another source is served", r == b"1 2 me", r)
done()
