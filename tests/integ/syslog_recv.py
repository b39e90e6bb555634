# SPDX-License-Identifier: ISC
"""A syslog receiver for the scenarios: syslog_recv.py unix PATH | udp PORT |
tcp PORT, then OUT. Each message it gets becomes a line of OUT (there is no
newline in a message of ours; one that has any, or any other control
character, is written as its repr behind "BAD "). Says "ready" when it listens
and ends by TERM. Slow by SLEEP seconds a message with SLEEP in the
environment."""
import os
import signal
import socket
import sys
import time

kind, where, out = sys.argv[1:4]
pause = float(os.environ.get("SLEEP", "0"))
signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
f = open(out, "ab", buffering=0)


def put(m):
    if any(c < 0x20 or c == 0x7F for c in m):
        m = b"BAD " + repr(m).encode()
    f.write(m + b"\n")
    if pause:
        time.sleep(pause)


def datagrams(s):
    print("ready", flush=True)
    while True:
        put(s.recv(1 << 20))


def octets(s):
    """RFC 6587 3.4.1, one connection after the other."""
    print("ready", flush=True)
    while True:
        c, _ = s.accept()
        buf = b""
        try:
            while d := c.recv(1 << 16):
                buf += d
                while True:
                    n, sp, rest = buf.partition(b" ")
                    if not n.isdigit() and buf:
                        put(b"BAD framing " + repr(buf[:80]).encode())
                        os._exit(1)
                    if not sp or len(rest) < int(n):
                        break
                    put(rest[: int(n)])
                    buf = rest[int(n):]
        except ConnectionError:
            pass
        if buf:
            print("part of a message:", len(buf), flush=True)


if kind == "unix":
    if os.path.exists(where):
        os.unlink(where)
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(where)
    datagrams(s)
elif kind == "udp":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    s.bind(("127.0.0.1", int(where)))
    datagrams(s)
else:
    s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", int(where)))
    s.listen(4)
    octets(s)
