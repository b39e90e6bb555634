# SPDX-License-Identifier: ISC
"""Run by frag.t in the tester's namespace with the pid of hpd-net: fragments.
The payload of an echo is made of blocks of eight bytes whose sum is the same
whatever digit they carry, so that the checksum is right whoever wins and the
reply shows which bytes won."""
import os, struct, sys, time
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../lib"))
from wire import *

PID = sys.argv[3]
LIN, XP, BSD, SUN, IOS, VISTA = (NET + ".%d" % i for i in range(10, 16))
ALL = (LIN, XP, BSD, SUN, IOS, VISTA)
ident = 1000


def block(c):
    w = ord(c) << 8 | ord(c)
    return struct.pack("!4H", w, 0xffff - w, w, 0xffff - w)


def blocks(text):
    return b"".join(block(c) for c in text)


HEAD = bytes(ICMP(id=77, seq=1) / blocks("."))[:8]


def winner(r):
    """The letters of an echo reply's payload, '' for none, '?' for junk."""
    r = [p for p in r if ICMP in p]
    if not r:
        return ""
    b = bytes(r[0][ICMP])[8:]
    out = ""
    for i in range(0, len(b), 8):
        c = chr(b[i])
        out += c if b[i:i + 8] == block(c) else "?"
    return out if len(r) == 1 else "twice"


def play(dst, pieces):
    """pieces: (block, text), the last one without MF. The header block goes
    first by itself."""
    global ident
    ident += 1
    f = [frag(dst, ident, 0, 1, HEAD)]
    for i, (at, text) in enumerate(pieces):
        f.append(frag(dst, ident, 8 + 8 * at, i + 1 < len(pieces),
                      blocks(text)))
    want = dict(want=1) if EXPECT else {}
    return winner(ask(f, is_echo(dst), **want))


# 36, begun now: the first piece of a datagram only; a middle one only.
start = mark()
began = time.time()
first = {}
for d in (IOS, LIN):
    first[d] = bytes(frag(d, 999, 0, 1, HEAD + blocks("abcdefg")))
    send(first[d], frag(d, 998, 16, 1, blocks("xyz")))

# 33: Novak's model: what came first, what comes last, and what lies in between.
EXPECT = True
MODEL = [(0, "111"), (4, "22"), (6, "333"), (1, "4444"), (6, "555"), (9, "666")]
# 34: one fragment over three others and two holes, then one inside of it.
WIDE = [(0, "aa"), (3, "bb"), (6, "cc"), (1, "DDDDDDD"), (4, "e"), (8, "ff")]
# An older one begins with the newer one, ends with it, lies within it.
EDGES = [(0, "aa"), (0, "BBB"), (4, "c"), (3, "DD"), (6, "e"), (5, "FFF"),
         (8, "g")]
expected = {
    "first":   ("111422333666", "aaDbbDccff", "aaBDcFeFg"),
    "last":    ("144442555666", "aDDDeDDDff", "BBBDDFFFg"),
    "BSD":     ("111442333666", "aaDDDDDDff", "aaBDDFFFg"),
    "Linux":   ("111442555666", "aaDDDDDDff", "BBBDDFFFg"),
    "Windows": ("111422333666", "aaDDDDccff", "aaBDcFFFg"),
}
policy = {LIN: "Linux", XP: "Windows", BSD: "BSD", SUN: "first", IOS: "last",
          VISTA: "Windows"}
for d in ALL:
    for name, pieces, want in zip(("the model", "a wide one", "edges"),
                                  (MODEL, WIDE, EDGES), expected[policy[d]]):
        got = play(d, pieces)
        ok("%s (%s): %s" % (d, policy[d], name), got == want,
           "got %s, wanted %s" % (got, want))
for d in ALL:
    ok("%s: an exact duplicate changes nothing" % d, play(d, [
        (0, "ab"), (0, "ab"), (2, "cd"), (2, "cd"), (4, "ef")]) == "abcdef")
    ok("%s: backwards" % d, winner(ask(
        [frag(d, 7, 32, 0, blocks("d")), frag(d, 7, 16, 1, blocks("bc")),
         frag(d, 7, 8, 1, blocks("a")), frag(d, 7, 0, 1, HEAD)],
        is_echo(d), want=1)) == "abcd")

# 38
for d in ALL:
    got = winner(ask([frag(d, 8, 0, 1, HEAD), frag(d, 8, 8, 1, blocks("ab"),
                                                   df=1),
                      frag(d, 8, 24, 0, blocks("cd"))], is_echo(d), want=1))
    ok("%s: a middle fragment with DF does not flush it" % d, got == "abcd",
       got)

# 35
u = bytes(UDP(sport=4000, dport=999, chksum=0) / blocks("uvwx"))
for d in (LIN, XP):
    r = ask([frag(d, 9, 0, 1, HEAD), frag(d, 9, 8, 0, blocks("abc"), proto=17),
             frag(d, 10, 0, 1, u[:24], proto=17), frag(d, 10, 24, 0, u[24:])],
            lambda p: IP in p)
    ok("%s: fragments of two protocols do not make a datagram" % d, not r, r)
    r = ask(frag(d, 9, 8, 0, blocks("abc")), is_echo(d), want=1)
    ok("...and the right one completes it", winner(r) == "abc", r)
    r = ask([frag(d, 11, 0, 1, HEAD), frag(d, 11, 8, 0, blocks("abc"),
                                           src=NET + ".5")],
            lambda p: IP in p)
    ok("%s: nor do those of two sources" % d, not r, r)

# Lengths that lie.
bad = {
    "beyond 65535": [frag(LIN, 20, 0, 1, HEAD),
                     frag(LIN, 20, 65528, 0, blocks("zz"))],
    "a piece not of whole blocks": [frag(LIN, 21, 0, 1, HEAD + b"odd"),
                                    frag(LIN, 21, 8, 0, blocks("a"))],
    "two ends": [frag(LIN, 22, 0, 1, HEAD), frag(LIN, 22, 16, 0, blocks("a")),
                 frag(LIN, 22, 24, 0, blocks("b")),
                 frag(LIN, 22, 40, 1, blocks("c"))],
    "empty": [frag(LIN, 23, 0, 1, b""), frag(LIN, 23, 8, 1, b"")],
}
for name, f in bad.items():
    ok("%s: silence" % name, not ask(f, is_echo(LIN)))

# 36: the verdict
def is_exceeded(d):
    return lambda p: IP in p and ICMP in p and p[IP].src == d and \
        p[ICMP].type == 11


time.sleep(max(0, began + 32 - time.time()))
for d, low, high in ((IOS, 3, 8), (LIN, 29, 40)):
    with_time = [(w - began, p) for w, p in
                 ((w, Ether(b)) for w, b in list(seen)[start:])
                 if is_exceeded(d)(p) and bytes(p[ICMP])[12:14] == b"\x03\xe7"]
    ok("%s: time exceeded in reassembly, once, in its time" % d,
       len(with_time) == 1 and with_time[0][1][ICMP].code == 1 and
       low <= with_time[0][0] <= high, [w for w, _ in with_time])
    if with_time:
        q = bytes(with_time[0][1])[14 + 28:14 + with_time[0][1][IP].len]
        ok("...quoting the first fragment", len(q) >= 28 and
           plain(first[d][14:]).startswith(plain(q)), q.hex())
    ok("%s: none without a first fragment" % d, not since(
        start, lambda p: is_exceeded(d)(p) and
        bytes(p[ICMP])[12:14] == b"\x03\xe6"))

# 37: incomplete datagrams of many sources, of every size of piece.
t = time.time()
before = rss(PID)
body = [HEAD + bytes(1472), HEAD, HEAD + bytes(592)]
h = Ether(src=MAC, dst=mac(LIN))
frames = []
for i in range(3000):
    p = bytearray(bytes(h / IP(src=ME, dst=LIN, proto=1, flags=1, frag=0) /
                        Raw(body[i % 3])))
    frames.append(p)
count = 0
while count < 80000 and time.time() - t < 12:
    for p in frames:
        count += 1
        struct.pack_into("!HH", p, 18, count & 0xffff,
                         0x2000 | (count >> 4 & 0x7f))
        struct.pack_into("!I", p, 26, 0x0a420000 | 2 + count % 60 + 100)
        p[24:26] = b"\0\0"
        s = sum(struct.unpack("!10H", p[14:34]))
        s = (s & 0xffff) + (s >> 16)
        struct.pack_into("!H", p, 24, ~((s & 0xffff) + (s >> 16)) & 0xffff)
        send(bytes(p))
flood = time.time() - t
grown = rss(PID) - before
ok("%d fragments in %.1f s: hpd-net grew by %d KB" % (count, flood, grown),
   grown < 16384)
ok("...the decoys are alive", all(alive(d) for d in ALL))
got = play(XP, MODEL)
ok("...and still put datagrams together", got == expected["Windows"][0], got)
done()
