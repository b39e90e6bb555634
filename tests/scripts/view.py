#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""For view.t: a small log (view.py log DIR) and hpview top on a terminal that
changes its size and is ended in some way (view.py top HOW CMD...)."""
import base64
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

T0 = 1795392000


def line(kind, ms, seq, session=0, **more):
    when = time.gmtime(T0 + ms // 1000)
    o = {"@timestamp": time.strftime("%Y-%m-%dT%H:%M:%S", when) + ".%06dZ" % (ms % 1000 * 1000),
         "ecs": {"version": "8.11.0"},
         "event": {"action": "hpd." + kind, "kind": "event", "category": ["network"], "type": ["info"]},
         "observer": {"name": "s", "type": "honeypot", "vendor": "hpd", "product": "hpd", "version": "0.1"},
         "source": {"ip": "192.0.2.7", "port": 40001}, "destination": {"ip": "10.66.0.10", "port": 23},
         "network": {"type": "ipv4", "transport": "tcp", "iana_number": "6"},
         "hpd": {"schema": 1, "boot": more.pop("boot", "00000000000000b1"), "seq": seq, "producer": "hpd-net",
                 "instance": 0, "run": "0000000000000001"}}
    if session:
        o["hpd"]["session"] = "%016x" % session
    o["hpd"].update(template="web", count=1)
    top = {k: more.pop(k) for k in list(more) if k == "message"}
    for k in ("source", "destination", "event"):
        o[k].update(more.pop(k, {}))
    o["hpd"].update(more)
    o.update(top)
    return json.dumps(o, separators=(",", ":")) + "\n"


def chunk(ms, seq, session, direction, offset, data, **more):
    d = {"direction": direction, "offset": offset}
    d.update({k: True for k in more})
    return line("session.data", ms, seq, session, data=d, raw_b64=base64.b64encode(data).decode(),
                message=data.decode("latin-1"))


def log(path):
    os.mkdir(path)
    s, t = 0x10000000001, 0x10000000002
    rows = [
        line("tcp.open", 0, 1, s, service="perl telnet.pl"),
        chunk(200, 2, s, "out", 0, b"login: "),
        chunk(1200, 3, s, "in", 0, b"root\r\n\x1b]0;x\x07\xff\xe2\x80\xae"),
        chunk(1300, 4, s, "in", 40, b"later", cut=True),
        line("svc.field", 1400, 5, s, script={"event": "login", "user": "ro<b>ot", "password": "\u202e"}),
        line("svc.line", 1500, 6, s, message="a line of the script"),
        line("tcp.close", 9500, 7, s, why="fin", source={"bytes": 45}, destination={"bytes": 7},
             event={"duration": 9500000000}),
        line("tcp.open", 20000, 8, t, service="perl telnet.pl"),
        chunk(20100, 9, t, "in", 0, b"x\n"),
        line("tcp.close", 20200, 10, t, why="rst", source={"bytes": 2}, destination={"bytes": 0},
             event={"duration": 200000000}),
        line("tcp.open", 90000, 1, s, service="perl telnet.pl", boot="00000000000000b2"),
        line("svc.trip", 90100, 2, s, service="perl telnet.pl", boot="00000000000000b2"),
        line("log.lost", 90200, 3, boot="00000000000000b2",
             lost={"first": 4, "last": 9, "count": 6, "producer": "hpd-net", "instance": 0}),
        line("svc.field", 90300, 10, s, boot="00000000000000b2", script_text="no</script>object"),
    ]
    with open(path + "/events-20261123T000000Z-000001.jsonl", "w") as f:
        f.writelines(rows)


def resize(fd, rows, cols):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


def read_for(fd, seconds):
    out, end = b"", time.time() + seconds
    while time.time() < end:
        if select.select([fd], [], [], 0.05)[0]:
            try:
                b = os.read(fd, 65536)
            except OSError:
                break
            if not b:
                break
            out += b
    return out


def whole(out):
    """The last frame that is there from its beginning to its end."""
    return ([f for f in out.split(b"\x1b[H") if b"q: quit" in f] or [b""])[-1].split(b"\r\n")


def top(how, argv):
    pid, fd = pty.fork()
    if pid == 0:
        time.sleep(0.3)
        os.execvp(argv[0], argv)
    resize(fd, 24, 80)
    before = termios.tcgetattr(fd)[3]
    first = read_for(fd, 2)
    during = termios.tcgetattr(fd)[3]
    resize(fd, 40, 132)
    second = read_for(fd, 2)
    if how == "q":
        os.write(fd, b"q")
    elif how == "c":
        os.write(fd, b"\x03")
    else:
        os.kill(pid, getattr(signal, "SIG" + how))
    last = read_for(fd, 2)
    try:
        after = termios.tcgetattr(fd)[3]
    except termios.error:
        after = before
    rc = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    frame, wide = whole(first), whole(second)
    plain = [len(r.replace(b"\x1b[K", b"")) for r in frame]
    checks = {
        "other screen": b"\x1b[?1049h" in first and b"\x1b[?25l" in first,
        "80x24": len(frame) <= 24 and max(plain) <= 80,
        "132x40": 24 < len(wide) <= 40,
        "no echo while it runs": not during & termios.ECHO and bool(before & termios.ECHO),
        "screen back": last.endswith(b"\x1b[?25h\x1b[?1049l"),
        "keys back": after == before,
        "exit 0": rc == 0,
    }
    bad = [k for k, v in checks.items() if not v]
    if bad:
        print("not so: %s; %r" % (", ".join(bad), (plain, len(wide), last[-80:], rc)))
    return 1 if bad else 0


if __name__ == "__main__":
    if sys.argv[1] == "log":
        log(sys.argv[2])
    else:
        sys.exit(top(sys.argv[2], sys.argv[3:]))
