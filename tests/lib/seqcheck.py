#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Event segments: every line JSON, and each producer's sequence without a gap
but those that a log.lost or log.gap record of a dead producer explains.
Duplicates are allowed (a killed hpd-log). A producer's life is
(boot, producer, instance, run)."""
import json
import sys

seen = {}
lines = 0
for path in sys.argv[1:]:
    with open(path, encoding="utf-8") as f:
        for n, line in enumerate(f, 1):
            if not line.endswith("\n"):
                # torn by a kill; the successor wrote it again elsewhere
                print(f"# {path}:{n}: torn line")
                continue
            e = json.loads(line)
            lines += 1
            h = e.get("hpd", e)
            key = (h["boot"], h["producer"], h["instance"], h.get("run", ""))
            if "run" in h:  # hpd-log itself: a life is a run
                key = ("", h["producer"], h["instance"], h["run"])
            seen.setdefault(key, set()).add(int(h["seq"]))

bad = 0
for key, s in sorted(seen.items()):
    want = max(s) - min(s) + 1
    if len(s) != want:
        missing = sorted(set(range(min(s), max(s) + 1)) - s)
        print(f"{key}: {len(missing)} sequence numbers missing, first {missing[:5]}")
        bad = 1
    if min(s) > 1:
        print(f"{key}: begins with {min(s)}")
        bad = 1
if lines == 0:
    print("no lines at all")
    bad = 1
print(f"# {lines} lines, {len(seen)} lives of producers")
sys.exit(bad)
