#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Client of the echo decoy for scenarios, inside a network namespace:
echoclient.py hold|short NETNS ADDR PORT STOPFILE
hold: one connection, a line every 20 ms, until STOPFILE exists.
short: connection after connection. Exit 1 when anything was not echoed."""
import os
import socket
import sys
import time

mode, netns, addr, port, stop = sys.argv[1:6]
fd = os.open(f"/run/netns/{netns}", os.O_RDONLY)
if hasattr(os, "setns"):
    os.setns(fd, 0x40000000)
else:
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(fd, 0x40000000) != 0:
        sys.exit("setns")


def connect():
    s = socket.create_connection((addr, int(port)), timeout=10)
    s.settimeout(10)
    return s, s.makefile("rb")


def echo(s, f, n):
    line = b"line %d\n" % n
    s.sendall(line)
    while True:
        got = f.readline()
        if got == line:
            return
        if not got:
            raise OSError(f"closed at line {n}")


n = 0
try:
    if mode == "hold":
        s, f = connect()
        while not os.path.exists(stop):
            echo(s, f, n)
            n += 1
            time.sleep(0.02)
    else:
        while not os.path.exists(stop):
            s, f = connect()
            echo(s, f, n)
            f.close()
            s.close()
            n += 1
            time.sleep(0.05)
except OSError as e:
    print(f"{mode}: {e} after {n}")
    sys.exit(1)
print(f"{mode}: {n} ok")
