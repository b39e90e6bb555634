#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_conf_srcos under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_conf_srcos
"$t" "${0%/*}/corpus/conf_srcos" >&2 && echo "ok 1 - fuzz_conf_srcos" || echo "not ok 1 - fuzz_conf_srcos"
