#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# frames_cut.py FILE SNAP [OUT]: OUT is FILE with frames cut to SNAP bytes;
# without OUT: "kept wire" of each frame.
import struct, sys

data = open(sys.argv[1], "rb").read()
snap = int(sys.argv[2])
magic = struct.unpack_from("<I", data)[0]
assert magic in (0xa1b2c3d4, 0xa1b23c4d), hex(magic)
out, at = [data[:24]], 24
while at + 16 <= len(data):
    s, u, kept, wire = struct.unpack_from("<IIII", data, at)
    frame = data[at + 16:at + 16 + kept]
    at += 16 + kept
    if len(sys.argv) < 4:
        print(kept, wire)
        continue
    frame = frame[:snap]
    out.append(struct.pack("<IIII", s, u, len(frame), wire) + frame)
assert at == len(data), "torn"
if len(sys.argv) > 3:
    open(sys.argv[3], "wb").write(b"".join(out))
