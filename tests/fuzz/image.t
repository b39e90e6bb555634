#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_image under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_image
"$t" "${0%/*}/corpus/image" >&2 && echo "ok 1 - fuzz_image" || echo "not ok 1 - fuzz_image"
