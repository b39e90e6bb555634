#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_conf_osexpr under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_conf_osexpr
"$t" "${0%/*}/corpus/conf_osexpr" >&2 && echo "ok 1 - fuzz_conf_osexpr" || echo "not ok 1 - fuzz_conf_osexpr"
