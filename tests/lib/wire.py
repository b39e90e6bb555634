# SPDX-License-Identifier: ISC
"""Frames of any form from the tester's side, and what comes back. Import it in
a script run in the tester's namespace with the arguments IFACE NET (three
bytes of the network). Prints TAP; end with done()."""
import logging, socket, sys, threading, time
logging.getLogger("scapy.runtime").setLevel(logging.ERROR)
from scapy.all import ARP, ICMP, IP, TCP, UDP, Ether, IPOption, Raw

IF, NET = sys.argv[1], sys.argv[2]
ME = NET + ".1"
BCAST = "ff:ff:ff:ff:ff:ff"
with open("/sys/class/net/%s/address" % IF) as f:
    MAC = f.read().strip()
n = bad = 0
seen = []      # every frame that came in, (time, bytes)
macs = {}
_lock = threading.Lock()


def _socket():
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    s.bind((IF, 0))
    s.setsockopt(socket.SOL_SOCKET, 33, 32 << 20)  # SO_RCVBUFFORCE
    return s


_out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
_out.bind((IF, 0))
_in = _socket()


def _reader():
    while True:
        data, where = _in.recvfrom(65536)
        if where[2] != 4:  # PACKET_OUTGOING
            with _lock:
                seen.append((time.time(), data))


threading.Thread(target=_reader, daemon=True).start()


def ok(name, cond, note=""):
    global n, bad
    n += 1
    bad += not cond
    print(("ok" if cond else "not ok") + " %d - %s" % (n, name), flush=True)
    if not cond and note != "":
        for line in str(note).splitlines()[:12]:
            print("# " + line, flush=True)


def done():
    print("1..%d" % n)
    sys.exit(bad != 0)


def send(*frames):
    for f in frames:
        while True:
            try:
                _out.send(f if isinstance(f, bytes) else bytes(f))
                break
            except OSError as e:
                if e.errno != 105:  # ENOBUFS
                    raise
                time.sleep(0.001)


def mark():
    with _lock:
        return len(seen)


def since(start, match=lambda p: True):
    with _lock:
        new = seen[start:]
    return [p for p in (Ether(d) for _, d in new) if match(p)]


def ask(frames, match=lambda p: IP in p or ARP in p, want=None, wait=0.3):
    """Send; what comes back and matches. With want: up to 5 s for that many
    and a moment for one too many. Without: whatever comes within wait."""
    start = mark()
    send(*(frames if isinstance(frames, list) else [frames]))
    if want:
        end = time.time() + 5
        while time.time() < end and len(since(start, match)) < want:
            time.sleep(0.02)
        time.sleep(0.1)
    else:
        time.sleep(wait)
    return since(start, match)


def arp(dst, op=1, src=ME, hw=MAC, **k):
    return Ether(src=hw, dst=k.pop("to", BCAST)) / \
        ARP(op=op, psrc=src, pdst=dst, hwsrc=hw, **k)


def is_reply(dst):
    return lambda p: ARP in p and p[ARP].op == 2 and p[ARP].psrc == dst


def mac(dst):
    for _ in range(5):
        if dst not in macs:
            r = ask(arp(dst), is_reply(dst), want=1)
            if r:
                macs[dst] = r[0][ARP].hwsrc
    return macs[dst]


def to(dst, **k):
    return Ether(src=MAC, dst=mac(dst)) / IP(src=k.pop("src", ME), dst=dst, **k)


def is_echo(src):
    return lambda p: IP in p and ICMP in p and p[IP].src == src and \
        p[ICMP].type == 0


def frag(dst, ident, off, more, data, proto=1, df=0, src=ME):
    return Ether(src=MAC, dst=mac(dst)) / \
        IP(src=src, dst=dst, id=ident, proto=proto, frag=off // 8,
           flags=(1 if more else 0) | (2 if df else 0)) / Raw(data)


def rss(pid):
    with open("/proc/%s/status" % pid) as f:
        return [int(x.split()[1]) for x in f if x.startswith("VmRSS")][0]


def alive(dst):
    return len(ask(to(dst) / ICMP(id=1) / b"alive", is_echo(dst), want=1)) == 1


def plain(b):
    """A quoted IP header and 8 bytes without what a stack may spoil in them:
    lengths, ID, TTL, checksums."""
    b = bytearray(b)
    for i in (2, 3, 4, 5, 8, 10, 11, 26, 27):
        b[i:i + 1] = b"?"[:len(b[i:i + 1])]
    return bytes(b)
