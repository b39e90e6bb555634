#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Segments of events and probes: every line JSON, and each producer's sequence
without a gap but what stands in no line and is told: records that became counts
(log.folded), frames in the pcap stream (ends of its segments), and what log.gap
names of a dead producer. Duplicates are allowed (a killed hpd-log). A
producer's life is (boot, producer, instance, run)."""
import json
import sys

seen = {}
told = {}  # records that are in no line, by who told them
gaps = {}  # (producer, instance): numbers
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
            if "folded" in h:
                told[key, h["seq"]] = h["folded"]["records"]
            elif h.get("segment", {}).get("stream") == "pcap":
                told[key, h["seq"]] = h["segment"].get("lines", 0)
            elif e.get("event", {}).get("action") == "hpd.log.gap":
                g = h["lost"]
                gaps.setdefault((g["producer"], g["instance"]), set()).update(
                    range(g["first"], g["last"] + 1))

bad = 0
spare = sum(told.values())
if spare:
    print(f"# {spare} records are told as counts or frames")
for key, s in sorted(seen.items()):
    want = max(s) - min(s) + 1
    if len(s) != want:
        missing = sorted(set(range(min(s), max(s) + 1)) - s -
                         gaps.get((key[1], key[2]), set()))
        if key[1] == "hpd-net" and len(missing) <= spare:
            spare -= len(missing)
        elif missing:
            print(f"{key}: {len(missing)} sequence numbers missing, first {missing[:5]}")
            bad = 1
    if min(s) > 1 and key[1] == "hpd-net" and min(s) - 1 <= spare:
        spare -= min(s) - 1
    elif min(s) > 1:
        print(f"{key}: begins with {min(s)}")
        bad = 1
if lines == 0:
    print("no lines at all")
    bad = 1
print(f"# {lines} lines, {len(seen)} lives of producers")
sys.exit(bad)
