#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_view_verify" tests/fuzz/corpus/view_verify >/dev/null && echo "ok 1 - view_verify corpus" || echo "not ok 1 - view_verify corpus"
