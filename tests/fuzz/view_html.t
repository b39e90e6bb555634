#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_view_html" tests/fuzz/corpus/view_html >/dev/null && echo "ok 1 - view_html corpus" || echo "not ok 1 - view_html corpus"
