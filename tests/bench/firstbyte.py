#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# firstbyte.py ADDRESS PORT COUNT: the median time from connect() to the first
# byte, in microseconds, of COUNT connections one after the other, paced so that
# a pool is full each time.
import socket
import sys
import time

took = []
for _ in range(int(sys.argv[3])):
    began = time.monotonic()
    with socket.create_connection((sys.argv[1], int(sys.argv[2])), 10) as s:
        s.settimeout(10)
        if s.recv(1):
            took.append(time.monotonic() - began)
    time.sleep(0.05)
took.sort()
print(round(took[len(took) // 2] * 1e6) if took else 0)
