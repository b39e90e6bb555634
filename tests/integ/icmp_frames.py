# SPDX-License-Identifier: ISC
"""Run by icmp.t in the tester's namespace. .10 Linux, .11 Windows 10, .12
FreeBSD, ... .17: eight personalities."""
import os, struct, sys, time
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from wire import *

LIN, WIN = NET + ".10", NET + ".11"
ALL = [NET + ".%d" % i for i in range(10, 18)]

# 17: options of every kind; the answer has the request's data and no byte of
# the options, of padding or of an earlier frame.
ask(to(LIN) / ICMP(id=1) / (b"STALE---" * 180), is_echo(LIN), want=1)
options = (b"\x01" * 40, b"\x07\x27\x04" + b"secret" * 6 + b"\0",
           b"\x44\x28\x05\x00" + b"secret" * 6, b"\x94\x04\x00\x00" + b"\0" * 36,
           b"\x82\x0b" + b"s" * 9 + b"\1" * 29, b"\x88\x04ab" + b"\1" * 4)
for o in options:
    data = b"0123456789abcdefg"
    r = ask(to(LIN, options=IPOption(o)) / ICMP(id=7, seq=3) / data,
            is_echo(LIN), want=1)
    good = len(r) == 1
    if good:
        b = bytes(r[0])[14:]
        total = struct.unpack("!H", b[2:4])[0]
        hl = (b[0] & 15) * 4
        good = b[hl + 8:total] == data and b"secret" not in b and \
            b"STALE" not in b and not any(b[total:]) and \
            b[hl + 4:hl + 8] == b"\0\x07\0\x03"
    ok("echo with options %s..: answered, nothing stale" % o[:4].hex(), good,
       r)
for name, o in (("length 0", b"\x07\x00\x00\x00"), ("length 1", b"\x44\x01" * 2),
                ("too long", b"\x07\x28\x04\x00"),
                ("loose source route", b"\x83\x07\x04" + b"\1\2\3\4\0"),
                ("strict source route", b"\x89\x07\x04" + b"\1\2\3\4\0")):
    p = bytearray(bytes(IP(src=ME, dst=LIN, options=b"\1" * 8) /
                        ICMP(id=7)))
    p[20:20 + len(o)] = o
    p[10:12] = b"\0\0"
    s = ~sum(struct.unpack("!14H", p[:28])) % 0xffff
    p[10:12] = struct.pack("!H", s)
    ok("option %s: silence" % name, not ask(
        bytes(Ether(src=MAC, dst=mac(LIN), type=0x800)) + bytes(p),
        is_echo(LIN)))

# 19, 20
body = bytes(ICMP(id=9) / b"x")


def raw(first=0x45, total=None, pad=b"", cut=None, csum=None, data=body):
    h = bytearray(struct.pack("!BBHHHBBH4s4s", first, 0, total if total is not
                              None else 20 + len(data), 1, 0, 64, 1, 0,
                              bytes(map(int, ME.split("."))),
                              bytes(map(int, LIN.split(".")))))
    h += data + pad
    hl = max((first & 15) * 4, 20)
    s = sum(struct.unpack("!%dH" % (len(h[:hl]) // 2), h[:len(h[:hl]) // 2 * 2]))
    s = (s & 0xffff) + (s >> 16)
    s = (s & 0xffff) + (s >> 16)
    struct.pack_into("!H", h, 10, (~s & 0xffff) if csum is None else csum)
    return bytes.fromhex(mac(LIN).replace(":", "") + MAC.replace(":", "")) + \
        b"\x08\x00" + bytes(h[:cut])


frames = {"version %d" % v: raw(v << 4 | 5) for v in range(16) if v != 4}
frames.update({"header of %d words" % i: raw(0x40 | i) for i in range(5)})
frames.update({"header of %d words in 29 bytes" % i: raw(0x40 | i)
               for i in range(8, 16)})
frames.update({"length %d" % n: raw(total=n) for n in (0, 1, 19, 20, 23)})
frames.update({"length %d of 29 bytes" % n: raw(total=n)
               for n in (30, 100, 1500, 65535)})
frames.update({"checksum %04x" % c: raw(csum=c) for c in (0, 0xffff, 0x1234)})
frames.update({"a frame of %d bytes" % n: raw(cut=n)[:14 + n]
               for n in (0, 1, 10, 19, 20, 27)})
for name, f in frames.items():
    r = ask(f, lambda p: IP in p, wait=0.04)
    ok("%s: silence" % name, not r, r)
time.sleep(0.3)
r = ask(raw(pad=b"PADDING" * 3), is_echo(LIN), want=1)
ok("padding behind the length is not echoed", len(r) == 1 and
   b"PADDING" not in bytes(r[0]) and r[0][IP].len == 29, r)
for src in ("255.255.255.255", NET + ".255", "224.0.0.1", "0.0.0.0",
            "127.0.0.1", "240.1.1.1", LIN):
    f = Ether(src=MAC, dst=mac(LIN)) / IP(src=src, dst=LIN)
    r = ask([f / ICMP(), f / TCP(sport=9, dport=22), f / UDP(dport=999)],
            lambda p: IP in p)
    ok("source %s: silence" % src, not r, r)

# 18
for d in (LIN, WIN):
    r = ask([to(d) / ICMP(), to(d) / TCP(sport=4001, dport=22),
             to(d) / TCP(sport=4002, dport=81), to(d) / UDP(dport=999)],
            lambda p: IP in p, want=4)
    ok("%s: one TTL in echo, SYN/ACK, RST, unreachable" % d, len(r) == 4 and
       len({p[IP].ttl for p in r}) == 1, r)
time.sleep(1.1)

# 23: the host's own clock, near ours; old Windows writes it little-endian.
XP = NET + ".14"
swapped = lambda x: struct.unpack("<I", struct.pack(">I", x))[0]
now = lambda: int(time.time() * 1000) % 86400000
for d in ALL:
    p = IP(src=ME, dst=d, proto=1) / Raw(bytes(ICMP(type=13, id=77, seq=5,
                                                    ts_ori=123456789,
                                                    ts_rx=0, ts_tx=0)))
    t = now()
    r = ask(Ether(src=MAC, dst=mac(d)) / p, lambda q: IP in q and ICMP in q)
    good = len(r) <= 1
    if r:
        i = r[0][ICMP]
        b = bytes(r[0])[14:]
        good = i.type == 14 and i.id == 77 and i.seq == 5 and \
            i.ts_ori == 123456789 and r[0][IP].len == 40 and \
            not any(b[40:]) and all(
                abs((x - t + 43200000) % 86400000 - 43200000) < 3000
                for x in map(swapped if d == XP else int,
                             (i.ts_rx, i.ts_tx)))
    ok("%s: timestamp %s" % (d, "right" if r else "silent"), good, r)
    for type, size in ((17, 12), (15, 8)):
        q = bytes([type, 0, 0, 0, 0, 77, 0, 5]) + b"\0" * (size - 8)
        s = sum(struct.unpack("!%dH" % (size // 2), q))
        q = q[:2] + struct.pack("!H", ~((s & 0xffff) + (s >> 16)) & 0xffff) + \
            q[4:]
        r = ask(to(d, proto=1) / Raw(q), lambda x: IP in x and ICMP in x,
                wait=0.15)
        good = len(r) <= 1 and all(
            p[ICMP].type == type + 1 and p[IP].len == 20 + size and
            bytes(p[ICMP])[4:8] == q[4:8] for p in r)
        ok("%s: type %d %s" % (d, type, "right" if r else "silent"), good, r)

# 26: what is quoted is what was sent, all of it or the first 8 bytes behind
# the header at least; a stack may have spoiled lengths, ID, TTL and checksums
# (ip-persona.t knows which), nothing else.
for size in (0, 40, 1000):
    for d in ALL:
        u = to(d, id=4242, ttl=33, tos=8) / UDP(sport=5002, dport=999) / \
            (b"Q" * size)
        sent = bytes(u)[14:]
        r = ask(u, lambda q: IP in q and ICMP in q, want=1)
        good = len(r) == 1 and (r[0][ICMP].type, r[0][ICMP].code) == (3, 3)
        if good:
            b = bytes(r[0])[14:r[0][IP].len + 14]
            quote = b[28:]
            good = len(quote) >= min(28, len(sent)) and \
                plain(sent).startswith(plain(quote)) and \
                b[24:26] == b"\0\0" and \
                len(b) <= 576 + 20 and \
                Ether(bytes(r[0]))[IP].src == d
            s = sum(struct.unpack("!%dH" % ((len(b) - 19) // 2),
                                  b[20:] + b"\0" * (len(b) % 2)))
            while s >> 16:
                s = (s & 0xffff) + (s >> 16)
            good = good and s == 0xffff
        ok("%s: a quote of %d bytes is the datagram's" % (d, size), good, r)
    time.sleep(1.1)  # the limit of some
# Every other type: nobody minds.
other = [bytes(ICMP(type=t, code=t % 16) / (b"z" * 20)) for t in range(256)
         if t not in (8, 13, 15, 17)]
for d in ALL:
    head = {n: bytes(to(d, proto=1) / Raw(b"z" * n))[:34]
            for n in set(map(len, other))}
    send(*[head[len(o)] + o for o in other])
time.sleep(0.5)
ok("all is well", all(alive(d) for d in ALL))
done()
