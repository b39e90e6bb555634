#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_view_honeyd" tests/fuzz/corpus/view_honeyd >/dev/null && echo "ok 1 - view_honeyd corpus" || echo "not ok 1 - view_honeyd corpus"
