#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_conf_text under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_conf_text
"$t" "${0%/*}/corpus/conf_text" >&2 && echo "ok 1 - fuzz_conf_text" || echo "not ok 1 - fuzz_conf_text"
