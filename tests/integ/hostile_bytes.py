#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Attackers' bytes through real services, and what became of them.
  hostile_bytes.py send HOST         say all of it to telnet, HTTP and an echo
  hostile_bytes.py json FILE...      every line is JSON and harmless as it stands
  hostile_bytes.py pty CMD...        CMD on a pseudo-terminal: only text came out
                                     (PTY_ANSI=1: and the viewer's own sequences)
  hostile_bytes.py control FILE      a page that shows them without escaping
Prints what is wrong and exits 1."""
import concurrent.futures
import json
import os
import pty
import re
import select
import signal
import socket
import sys
import time
import unicodedata

JS = "document.title='PWNED';window.pwned=(window.pwned||0)+1;"
MARKUP = [
    "</script><script>" + JS + "</script>",
    "<img src=x onerror=\"" + JS + "\">",
    "<svg onload=\"" + JS + "\">",
    "<iframe srcdoc=\"<script>parent." + JS[9:] + "</script>\">",
    "<!--<script>" + JS + "</script>-->",
    "\"><body onpageshow=" + JS + ">",
    "<style>*{display:none}</style>",
    "<meta http-equiv=refresh content=0;url=http://127.0.0.1:9/>",
    "<base href=http://127.0.0.1:9/><link rel=stylesheet href=x>",
    "</title></textarea></style></noscript><script>fetch('http://127.0.0.1:9/')</script>",
    "]]><a href=javascript:" + JS + ">x</a>",
]
TEXT = [
    "\",\"hpd\":{\"boot\":\"0\"},\"x\":\"", "\\", "\\u0000\\ud800", "\"}\n{\"fake\":1}",
    "x\",\"seal\":\"0.AAAAAAAAAAAAAAAAAAAAAA\"}",
    ",\"hpd\":{\"schema\":1,\"boot\":\"0\",\"seq\":1,\"retired\":{\"stream\":\"events\",\"number\":1,"
    "\"name\":\"events-20260101T000000Z-000001.jsonl\",\"why\":\"age\"}",
    "\"event\":{\"action\":\"hpd.log.gap\"},\"lost\":{\"first\":1,\"last\":9,\"count\":9}",
    "'\"`${7*7}{{7*7}}", "=cmd|' /C calc'!A0", "@SUM(1+1)", "+1", "-2+3", "%n%s%x",
    "\u202egnp.exe", "\u2066a\u2069\u200b\ufeff\u061c\u00ad", "\u2028\u2029\u0085",
    "e\u0301" + "\u0301" * 20, "\U000e0041\U000e007f", "\ud7ff\ue000\ufffe\U0010ffff",
]
ESC = [
    b"\x1b]0;PWNED\x07", b"\x1b[2J\x1b[1;1H", b"\x1b[31mred", b"\x9b31mC1", b"\x9d0;t\x9c",
    b"\x1b]52;c;cm0gLXJm\x07", b"\x1bP$q\"p\x1b\\", b"\x1b[6n", b"\x0e\x0f\x05\x08\x7f",
    b"a\rb\x0bc\x0cd\0e", b"\x1b_x\x1b\\\x1b^y\x1b\\", b"\x1b[?1049h\x1b[8;1;1t",
]
BROKEN = [
    b"\x80", b"\xc0\xaf", b"\xe2\x82", b"\xed\xa0\x80\xed\xb0\x80", b"\xf4\x90\x80\x80",
    b"\xff\xfe", b"\xf8\x88\x80\x80\x80", b"\xe2\x80\xae\xe2\x80",
]
ALL = bytes(range(256))


def payloads():
    for s in MARKUP + TEXT:
        yield s.encode("utf-8", "surrogatepass")
    yield from ESC
    yield from BROKEN
    yield ALL


def talk(host, port, data, until=b"", seconds=20):
    s = socket.create_connection((host, port), timeout=seconds)
    s.settimeout(seconds)
    got = b""
    try:
        s.sendall(data)
        s.shutdown(socket.SHUT_WR)
        while True:
            b = s.recv(65536)
            if not b:
                break
            got += b
    except OSError as e:
        print("port %d: %s" % (port, e))
    s.close()
    return got


def send(host):
    """Everything to the echo, which also notes it; the rest as a login, a path
    and a header."""
    bad = 0
    lines = b"\n".join(payloads()) + b"\n" + ALL
    if talk(host, 1002, lines) != lines:
        print("the echo did not say it all")
        bad = 1
    long = b"A" * (1 << 20) + MARKUP[0].encode()
    if len(talk(host, 1002, long)) != len(long):
        print("the long line did not come back")
        bad = 1
    work = []
    for p in payloads():
        work.append((1002, p))
        field = json.dumps(p.decode("latin-1"), ensure_ascii=False).encode("utf-8")
        work.append((1003, b'{"event":"login","user":%s,"password":%s}\n' % (field, field)))
    words = [p.replace(b"\xff", b"").replace(b"\n", b"").replace(b"\r", b"")
             for p in payloads()]
    for i in range(0, len(words), 3):
        work.append((23, b"".join(w + b"\r\n" + w + b"\r\n" for w in words[i:i + 3])))
    for w in words:
        w = w.replace(b" ", b"%20")
        work.append((80, b"GET /" + w + b" HTTP/1.0\r\nUser-Agent: " + w + b"\r\nHost: " + w +
                     b"\r\nAuthorization: Basic " + w + b"\r\n\r\n"))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda w: talk(host, *w), work))
    return bad


def hidden(c):
    """Characters no terminal must get from the log. (Those that Unicode has
    not assigned yet are another matter: one version's are the next one's.)"""
    return (unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") or
            ord(c) & 0xfffe == 0xfffe or 0xfdd0 <= ord(c) <= 0xfdef)


def check_json(files):
    bad = n = 0
    kinds = {}
    for name in files:
        with open(name, "rb") as f:
            for line in f:
                n += 1
                try:
                    text = line.decode("utf-8")
                    row = json.loads(text)
                except ValueError as e:
                    print("%s:%d: %s: %r" % (name, n, e, line[:200]))
                    bad += 1
                    continue
                kinds[row["event"]["action"]] = kinds.get(row["event"]["action"], 0) + 1
                if not text.endswith("}\n") or any(hidden(c) for c in text[:-1]):
                    print("%s:%d: a raw control: %r" % (name, n, text[:200]))
                    bad += 1
    for want in ("hpd.svc.field", "hpd.svc.line", "hpd.session.data"):
        if kinds.get(want, 0) < 20:
            print("only %d %s" % (kinds.get(want, 0), want))
            bad += 1
    print("# %d lines" % n)
    return bad


OWN = re.compile("\x1b\\[(?:[0-9]*m|H|K|2J|\\?25[hl]|\\?1049[hl])")


def check_pty(argv):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", LC_ALL="C.UTF-8")
        os.execvp(argv[0], argv)
    out = b""
    end = time.time() + float(os.environ.get("PTY_SECONDS", "30"))
    asked = False
    while True:
        left = end - time.time()
        if left <= 0 and not asked:
            asked = True
            os.write(fd, b"q")
            end += 5
            continue
        if left <= 0:
            os.kill(pid, signal.SIGKILL)
            print("did not end")
            return 1
        if not select.select([fd], [], [], left)[0]:
            continue
        try:
            b = os.read(fd, 65536)
        except OSError:
            break
        if not b:
            break
        out += b
    rc = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if rc not in (0, 1):
        print("exit code %d" % rc)
        return 1
    try:
        text = out.decode("utf-8")
    except ValueError as e:
        print("not UTF-8: %s: %r" % (e, out[max(0, e.start - 60):e.start + 60]))
        return 1
    if os.environ.get("PTY_ANSI"):
        text = OWN.sub("", text)
    bad = [i for i, c in enumerate(text) if c not in "\r\n" and hidden(c)]
    bad += [i for i, c in enumerate(text) if c == "\r" and text[i + 1:i + 2] != "\n"]
    for i in bad[:5]:
        print("%r in %r" % (text[i], text[max(0, i - 60):i + 60]))
    print("# %d bytes" % len(out))
    if len(out) < int(os.environ.get("PTY_LEAST", "200")):
        print("nothing came: %r" % out)
        return 1
    return len(bad)


def control(path):
    with open(path, "w") as f:
        f.write("<!doctype html><meta charset=utf-8><title>control</title>")
        for s in MARKUP[:6]:
            f.write("<p>" + s + "</p>\n")
    return 0


def main(argv):
    run = {"send": lambda a: send(a[0]), "json": check_json, "pty": check_pty,
           "control": lambda a: control(a[0])}[argv[0]]
    return 1 if run(argv[1:]) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
