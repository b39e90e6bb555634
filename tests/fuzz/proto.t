#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_proto under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_proto
"$t" "${0%/*}/corpus/proto" >&2 && echo "ok 1 - fuzz_proto" || echo "not ok 1 - fuzz_proto"
