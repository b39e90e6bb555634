#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# What the peers of transcript.t send and get: transcript_client.py NET DIR
# writes, per conversation, DIR/NAME.PORT.in and .out (NAME, the peer's port).
# transcript_client.py --log DIR LOG...: compares them with session.data.
import base64, collections, datetime, json, os, socket, sys, threading, time

KEYS = (b"\xff\xfd\x01\xff\xfd\x03", b"a", b"d", b"m", b"i", b"n", b"\r\n",
        b"c", b"\x1b[31m", b"\x80\x9f\xff\xff", b"o", b"\r\n", b"root\r\n",
        bytes(range(1, 255)).replace(b"\xff", b"").replace(b"\r", b"").replace(b"\n", b"") + b"\r\n",
        "n\u00fc\u202eon\u00e9".encode() + b"\r\n", b"x\r\n")

def save(d, name, port, sent, got):
    for way, b in (("in", sent), ("out", got)):
        with open("%s/%s.%d.%s" % (d, name, port, way), "wb") as f:
            f.write(b)

def drain(s, got, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        s.settimeout(max(0.01, end - time.monotonic()))
        try:
            b = s.recv(65536)
        except socket.timeout:
            return True
        except ConnectionResetError:
            return False
        if not b:
            return False
        got += b
    return True

def typist(host, d, n):
    s = socket.create_connection((host, 23), 10)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sent, got = bytearray(), bytearray()
    drain(s, got, 0.5)
    for k in KEYS:
        s.sendall(k)
        sent += k
        if not drain(s, got, 0.06):
            break
    while drain(s, got, 3):
        s.shutdown(socket.SHUT_WR)
        break
    drain(s, got, 10)
    save(d, "telnet", s.getsockname()[1], sent, got)
    s.close()

def bulk(host, d, name, port, sent, wait):
    s = socket.create_connection((host, port), 10)
    got = bytearray()
    t = threading.Thread(target=lambda: s.sendall(sent))
    t.start()
    t.join()
    s.shutdown(socket.SHUT_WR) # the script's end comes back
    drain(s, got, wait)
    save(d, name, s.getsockname()[1], sent, got)
    s.close()

def udp(host, d):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((host, 53))
    s.settimeout(10)
    sent, got = bytearray(), bytearray()
    for n in (1, 2, 100, 1400, 6000):
        b = bytes((i * n) & 255 for i in range(n))
        s.send(b)
        sent += b
        got += s.recv(65536)
    save(d, "udp", s.getsockname()[1], sent, got)

def client(net, d):
    host, small, silent = (net + ".%d" % i for i in (10, 11, 12))
    ts = [threading.Thread(target=typist, args=(host, d, n)) for n in range(3)]
    every = bytes(range(256))
    ts += [threading.Thread(target=bulk, args=(host, d, "echo", 1002, every * 100, 10)),
           threading.Thread(target=bulk, args=(small, d, "small", 1003, every * 40, 10)),
           threading.Thread(target=bulk, args=(host, d, "orphan", 1004, every * 10, 1)),
           threading.Thread(target=bulk, args=(silent, d, "silent", 1005, every * 10, 10)),
           threading.Thread(target=udp, args=(host, d))]
    for t in ts:
        t.start()
    for t in ts:
        t.join()

class Way:
    def __init__(self):
        self.b, self.records, self.cut, self.dgrams = bytearray(), 0, False, 0
        self.times = []

def read_log(files):
    ways = collections.defaultdict(Way)
    for name in sorted(files):
        for line in open(name, encoding="utf-8"):
            o = json.loads(line)
            if o["event"]["action"] != "hpd.session.data":
                continue
            h = o["hpd"]
            w = ways[o["source"]["port"], h["data"]["direction"]]
            b = base64.b64decode(h["raw_b64"]) if "raw_b64" in h else o["message"].encode()
            assert not w.cut, "records behind the cut"
            assert h["data"]["offset"] == len(w.b), (h, len(w.b))
            w.b += b
            w.records += 1
            w.cut = w.cut or h["data"].get("cut", False)
            w.dgrams += h["data"].get("datagram", False)
            w.times.append(datetime.datetime.strptime(o["@timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ"))
    return ways

def main():
    if sys.argv[1] != "--log":
        client(sys.argv[1], sys.argv[2])
        return
    d, ways, n = sys.argv[2], read_log(sys.argv[3:]), 0
    caps = {"telnet": (65536, 65536), "echo": (65536, 65536), "udp": (65536, 65536),
            "small": (1000, 1000), "orphan": (1024, 0), "silent": (0, 0)}

    def ok(good, what):
        nonlocal n
        n += 1
        print("%sok %d - %s" % ("" if good else "not ", n, what))

    for f in sorted(os.listdir(d)):
        name, port, way = f.split(".")
        want = open(d + "/" + f, "rb").read()
        cap = caps[name][way == "out"]
        w = ways.pop((int(port), way), Way())
        ok(bytes(w.b) == want[:cap], "%s: %d of %d bytes, %d records" % (f, len(w.b), len(want), w.records))
        ok(w.cut == (len(want) >= cap > 0), "%s: cut %s" % (f, w.cut))
        if name == "telnet" and way == "in":
            # slow keys come one by one, and no faster in the log
            ok(w.records >= len(KEYS) - 1, "%s: every keystroke has its time" % f)
            ok((w.times[-1] - w.times[0]).total_seconds() > 0.05 * (w.records - 1), "%s: as slow as it was" % f)
        if name == "udp":
            ok(w.dgrams == 5, "%s: five datagrams" % f)
    ok(not ways, "nothing else was kept: %s" % list(ways))
    print("1..%d" % n)
    sys.exit(0)

main()
