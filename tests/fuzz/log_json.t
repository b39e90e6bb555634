#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_log_json" tests/fuzz/corpus/log_json >/dev/null && echo "ok 1 - log_json corpus" || echo "not ok 1 - log_json corpus"
