#!/bin/sh
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_ship_line" tests/fuzz/corpus/ship_line >/dev/null 2>&1 && echo "ok 1 - corpus of ship_line" || echo "not ok 1 - corpus of ship_line"
