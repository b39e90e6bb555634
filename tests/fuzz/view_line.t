#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_view_line" tests/fuzz/corpus/view_line >/dev/null && echo "ok 1 - view_line corpus" || echo "not ok 1 - view_line corpus"
