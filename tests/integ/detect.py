# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by detect.t: interface, first three bytes of
the network. What gave honeyd away, looked for in decoys of eight systems;
TAP."""
import os, statistics, struct, sys, time
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
ME = NET + ".200"
w = Wire(IF, ME)
NAMES = ["Linux", "Windows XP", "Windows 10", "FreeBSD", "OpenBSD", "macOS",
         "Solaris", "IOS"]
HOSTS = dict((n, "%s.%d" % (NET, 10 + i)) for i, n in enumerate(NAMES))
port = 30000
TSVAL = 0x12345678
SYNOPTS = bytes.fromhex("020405b40402080a") + struct.pack("!II", TSVAL, 0) + \
    bytes.fromhex("01030307")


def one(h, dport, flags, opts=SYNOPTS, ack=0, wait=1.0):
    global port
    port += 1
    w.send(h, port, dport, 77000, ack, flags, opts=opts)
    r = [p for p in w.listen(wait, lambda p: p.dport == port and p.src == h)
         if p.dport == port and p.src == h]
    if r and r[0].flags & SYN:
        w.send(h, port, dport, 77001, 0, RST)
    return r[0] if r else None


def icmp(h, body):
    """One ICMP message to h, the first answer's TTL and message."""
    a, b = socket.inet_aton(ME), socket.inet_aton(h)
    body = body[:2] + struct.pack("!H", csum(body)) + body[4:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 7, 0, 64, 1, 0)
    ip += a + b
    ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
    w.s.send(w.macs[h] + w.mac + b"\x08\0" + ip + body)
    end = time.time() + 1
    while True:
        f = w.frame(end)
        if f is None:
            return None, None
        if len(f) > 42 and f[12:14] == b"\x08\0" and f[23] == 1 and \
                f[26:30] == b and f[30:34] == a:
            return f[22], f[34:14 + struct.unpack("!H", f[16:18])[0]]


for n, h in HOSTS.items():
    w.find(h)
    sa = [one(h, 80, SYN) for _ in range(6)]
    t0 = time.time()
    if not ok(n + ": answers ordinary SYNs", all(sa), sa):
        continue
    o, v = parse_opts(sa[0].opts)
    ok(n + ": a window to send into, an MSS", sa[0].win >= 512 and
       v.get("M", 0) >= 536, (sa[0].win, o))
    bare = one(h, 80, SYN, bytes.fromhex("020405b4"))
    ok(n + ": no option that was not offered", bare and
       parse_opts(bare.opts)[0].strip("NE") == "M", bare)
    ecn = [one(h, 80, SYN | ECE | CWR) for _ in range(3)]
    ok(n + ": ECN does not make the ISN 1", all(
        p and p.seq > 1 for p in ecn) and len({p.seq for p in ecn}) == 3, ecn)
    rst = [one(h, 81, SYN) for _ in range(6)]
    ok(n + ": one TTL on SYN/ACKs, one on RSTs", all(rst) and
       len({p.ttl for p in sa + ecn}) == 1 and
       len({p.ttl for p in rst}) == 1, (sa, rst))
    pings = [icmp(h, b"\x08\0\0\0\0\1\0" + bytes([i]) + b"x" * 40)
             for i in range(5)]
    ok(n + ": one TTL on echoes", len({p[0] for p in pings}) == 1 and
       pings[0][0], [p[0] for p in pings])
    if n in ("Linux", "Windows XP", "Windows 10", "FreeBSD", "macOS", "IOS"):
        ok(n + ": the same as on SYN/ACKs", pings[0][0] == sa[0].ttl,
           (pings[0][0], sa[0].ttl))
    if "T" in v and v["T"][0] != 0:  # XP: both are 0 in a SYN/ACK
        ok(n + ": TSecr is what we sent", all(
            parse_opts(p.opts)[1]["T"][1] == TSVAL for p in sa))
    # (these BSDs begin elsewhere with every connection)
    if "T" in v and v["T"][0] != 0 and n not in ("FreeBSD", "OpenBSD"):
        time.sleep(max(0, t0 + 1.5 - time.time()))
        last = parse_opts(one(h, 80, SYN).opts)[1]["T"][0]
        ok(n + ": the TSval went on until the next SYN",
           1 <= (last - v["T"][0]) & 0xffffffff < 10000, (v["T"][0], last))
    ok(n + ": silence to SYN RST", one(h, 80, SYN | RST, wait=0.2) is None)
    ttl, r = icmp(h, b"\x0d\0\0\0\0\1\0\1" + struct.pack("!III", 1000, 0, 0))
    if r is not None and r[0] == 14:
        orig, rx, tx = struct.unpack("!III", r[8:20])
        now = (time.time() % 86400) * 1000
        ok(n + ": timestamp reply repeats ours, has its own time", len(r) == 20
           and orig == 1000 and (rx & 1 << 31 or abs(rx - now) < 60000 or
                                 rx == tx), (orig, rx, tx, now))
    c = Conn(w, h, 7, port + 1000, opts=SYNOPTS[:4])
    c.say(b"y" * 1400)
    c.get(0.3)
    c.seq, at = c.seq, c.seq
    # three pieces, the last first: they are kept, and acknowledged as one
    for i in (2, 1, 0):
        c.put(ACK | PSH, bytes([97 + i]) * 100, seq=100 * i)
    c.seq += 300
    r = c.get(1.0, lambda p: p.ack == c.seq & 0xffffffff)
    ok(n + ": segments out of order are kept", r and
       r[-1].ack == c.seq & 0xffffffff, r[-1:])
    c.put(RST)

# How SYN/ACKs are sent again: not the same everywhere.
start = time.time()
for i, (n, h) in enumerate(HOSTS.items()):
    w.send(h, 40000 + i, 80, 5, 0, SYN, opts=SYNOPTS)
seen = w.listen(12)
plans = {}
for i, (n, h) in enumerate(HOSTS.items()):
    t = [p.t for p in seen if p.src == h and p.dport == 40000 + i and
         p.flags == SYN | ACK]
    plans[n] = tuple(round(x - t[0]) for x in t[1:])
    print("# %s: SYN/ACK again after %s" % (n, plans[n]))
ok("SYN/ACKs are sent again by at least four different schedules",
   len(set(plans.values())) >= 4, plans)
ok("and by all", all(plans.values()), plans)


# A neighbour's load is not to be felt.
def rtts(h, k=150):
    out = []
    for i in range(k):
        t = time.time()
        if icmp(h, b"\x08\0\0\0\0\2\0" + bytes([i]) + b"x" * 40)[0]:
            out.append(time.time() - t)
        time.sleep(0.003)
    return out


idle = rtts(HOSTS["Linux"])
pid = os.fork()
if pid == 0:
    end, x, i = time.time() + 60, HOSTS["Windows 10"], 0
    while time.time() < end:
        i += 1
        w.send(x, 1024 + i % 60000, 80, i, 0, SYN, opts=SYNOPTS)
        if i % 20 == 0:
            time.sleep(0.004)
    os._exit(0)
time.sleep(0.5)
busy = rtts(HOSTS["Linux"])
os.kill(pid, 9)
os.waitpid(pid, 0)
a, b = statistics.median(idle), statistics.median(busy)
print("# round trip %.2f ms, %.2f ms while a neighbour is flooded" % (
      a * 1e3, b * 1e3))
ok("a flood at one decoy does not slow another by 5 ms", len(busy) > 120 and
   b < a + 0.005, (a, b))

# The first byte of a service.
first = []
for i in range(15):
    c = Conn(w, HOSTS["Linux"], 21, 50000 + i)
    t = time.time()
    r = c.get(3, lambda p: p.data)
    first.append(time.time() - t if r else 9)
    c.put(RST)
print("# first byte of a service after %s ms" % ", ".join(
      "%.1f" % (x * 1e3) for x in first))
ok("a service's first byte takes no second to come",
   statistics.median(first) < 0.25 and max(first) < 3, first)
finish()
