#!/bin/sh
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_svc_lines" tests/fuzz/corpus/svc_lines >/dev/null 2>&1 && echo "ok 1 - corpus of svc_lines" || echo "not ok 1 - corpus of svc_lines"
