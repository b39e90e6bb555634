#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_audit_policy" tests/fuzz/corpus/audit_policy >/dev/null && echo "ok 1 - audit_policy corpus" || echo "not ok 1 - audit_policy corpus"
