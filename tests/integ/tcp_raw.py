# SPDX-License-Identifier: ISC
"""A TCP peer made by hand, for the tcp-*.t scenarios: frames through an
AF_PACKET socket with an address no kernel owns, so that nothing but the
script answers. Also TAP, and a reader of savefiles."""
import socket, struct, sys, time
from collections import namedtuple

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = (1 << i for i in range(8))
OPTS = bytes.fromhex("020405b4" "0402" "080a" "00000001" "00000000"
                     "01" "030307")  # MSS SACK TS NOP WS 7, as Linux
Seg = namedtuple("Seg", "t src dst id ttl df sport dport seq ack flags win "
                 "opts data")
count = bad = 0


def ok(name, cond, note=""):
    global count, bad
    count += 1
    bad += not cond
    print(("ok" if cond else "not ok") + " %d - %s" % (count, name), flush=True)
    if not cond and note != "":
        print("# " + str(note), flush=True)
    return cond


def finish():
    print("1..%d" % count)
    sys.exit(bad != 0)


def csum(b):
    if len(b) & 1:
        b += b"\0"
    s = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while s >> 16:
        s = (s & 0xffff) + (s >> 16)
    return ~s & 0xffff


def parse_opts(o):
    """Kinds in order as a string (M S T N W E) and the values by letter."""
    s, v, i = "", {}, 0
    while i < len(o):
        k = o[i]
        if k < 2:
            s += "EN"[k]
            i += 1
            if k == 0:
                break
            continue
        d = o[i + 2:i + o[i + 1]]
        c = {2: "M", 3: "W", 4: "S", 5: "K", 8: "T"}.get(k, "?")
        s += c
        v[c] = struct.unpack("!II", d) if k == 8 else int.from_bytes(d, "big")
        i += o[i + 1]
    return s, v


def parse(f, t=0):
    """An Ethernet frame as a Seg, None when it is no TCP."""
    if len(f) < 54 or f[12:14] != b"\x08\0" or f[23] != 6:
        return None
    ip = f[14:14 + struct.unpack("!H", f[16:18])[0]]
    ident, frag = struct.unpack("!HH", ip[4:8])
    l4 = ip[(ip[0] & 15) * 4:]
    sp, dp, seq, ack, off, fl, win = struct.unpack("!HHIIBBH", l4[:16])
    hl = (off >> 4) * 4
    return Seg(t, socket.inet_ntoa(ip[12:16]), socket.inet_ntoa(ip[16:20]),
               ident, ip[8], frag >> 14 & 1, sp, dp, seq, ack, fl, win,
               l4[20:hl], l4[hl:])


def savefile(path):
    b = open(path, "rb").read()
    e = "<" if b[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    i = 24
    while i + 16 <= len(b):
        s, u, n, _ = struct.unpack(e + "IIII", b[i:i + 16])
        p = parse(b[i + 16:i + 16 + n], s + u / 1e6)
        i += 16 + n
        if p:
            yield p


class Wire:
    def __init__(self, iface, me):
        self.s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                               socket.htons(3))
        self.s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.s.bind((iface, 0))
        self.mac = self.s.getsockname()[4]
        self.me, self.macs, self.ident = me, {}, 1

    def find(self, dst):
        """Ask for the decoy's MAC until it has claimed its address."""
        q = (b"\xff" * 6 + self.mac + b"\x08\x06" +
             struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + self.mac +
             socket.inet_aton(self.me) + b"\0" * 6 + socket.inet_aton(dst))
        for _ in range(40):
            self.s.send(q)
            end = time.time() + 0.25
            while time.time() < end:
                f = self.frame(end)
                if f and f[12:14] == b"\x08\x06" and f[21] == 2 and \
                        f[28:32] == socket.inet_aton(dst):
                    self.macs[dst] = f[22:28]
                    return
        sys.exit("Bail out! nobody at " + dst)

    def frame(self, end):
        left = end - time.time()
        if left <= 0:
            return None
        self.s.settimeout(left)
        try:
            return self.s.recv(70000)
        except socket.timeout:
            return None

    def send(self, dst, sport, dport, seq, ack, flags, win=64240, opts=b"",
             data=b"", spoil=0):
        self.ident += 1
        opts += b"\0" * (-len(opts) % 4)
        l4 = struct.pack("!HHIIBBHHH", sport, dport, seq & 0xffffffff,
                         ack & 0xffffffff, (20 + len(opts)) << 2, flags, win,
                         0, 0) + opts + data
        a, b = socket.inet_aton(self.me), socket.inet_aton(dst)
        c = csum(a + b + struct.pack("!HH", 6, len(l4)) + l4) ^ spoil
        l4 = l4[:16] + struct.pack("!H", c) + l4[18:]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(l4),
                         self.ident & 0xffff, 0x4000, 64, 6, 0) + a + b
        ip = ip[:10] + struct.pack("!H", csum(ip)) + ip[12:]
        self.s.send(self.macs[dst] + self.mac + b"\x08\0" + ip + l4)

    def listen(self, wait, want=None, least=0):
        """What decoys send us within wait seconds; stops early when want()
        holds for one of them, or least of them came."""
        got, end = [], time.time() + wait
        while True:
            f = self.frame(end)
            if f is None:
                return got
            p = parse(f, time.time())
            if p is None or p.dst != self.me or f[6:12] == self.mac:
                continue
            got.append(p)
            if (want and want(p)) or (least and len(got) >= least):
                return got


class Conn:
    """One connection: seq is our next byte, ack what we took of theirs."""

    def __init__(self, wire, dst, dport, sport, win=64240, opts=b""):
        self.w, self.dst, self.dport, self.sport = wire, dst, dport, sport
        self.seq, self.win = 1000 * sport, win
        self.put(SYN, opts=opts)
        r = [p for p in wire.listen(5, self.mine) if self.mine(p)]
        if not r or r[0].flags & (SYN | ACK) != SYN | ACK:
            sys.exit("Bail out! no SYN/ACK from %s:%d: %s" % (dst, dport, r))
        self.synack = r[0]
        self.seq += 1
        self.ack = self.una = (r[0].seq + 1) & 0xffffffff
        self.put(ACK)

    def mine(self, p):
        return p.src == self.dst and p.sport == self.dport and \
            p.dport == self.sport

    def put(self, flags, data=b"", seq=0, ack=0, opts=b"", win=None):
        """seq, ack: offsets to where we are."""
        self.w.send(self.dst, self.sport, self.dport, self.seq + seq,
                    (self.ack + ack if flags & ACK else 0), flags,
                    self.win if win is None else win, opts, data)

    def say(self, data):
        self.put(ACK | PSH, data)
        self.seq += len(data)

    def get(self, wait=0.4, want=None, least=0):
        return [p for p in self.w.listen(wait, want, least) if self.mine(p)]

    def take(self, n, wait=5):
        """Acknowledge what comes in order until n bytes are here."""
        b, end = b"", time.time() + wait
        while len(b) < n and time.time() < end:
            for p in self.get(end - time.time(), least=1):
                if p.data and p.seq == self.ack:
                    b += p.data
                    self.ack = (self.ack + len(p.data)) & 0xffffffff
                    self.put(ACK)
        return b
