#!/bin/sh
# SPDX-License-Identifier: ISC
echo 1..1; "${SANB:-build/san}/tests/fuzz/fuzz_net_tcp" tests/fuzz/corpus/net_tcp && echo ok 1 - net_tcp corpus || echo not ok 1 - net_tcp corpus
