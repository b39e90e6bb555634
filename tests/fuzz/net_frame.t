#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; out=$("${SANB:-build/san}/tests/fuzz/fuzz_net_frame" tests/fuzz/corpus/net_frame 2>&1) && echo "ok 1 - net_frame: $out" || { echo "$out" | sed 's/^/# /'; echo "not ok 1 - net_frame"; exit 1; }
