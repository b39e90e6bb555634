#!/bin/sh
# SPDX-License-Identifier: ISC
# Replays the corpus of fuzz_event under the sanitizers.
echo 1..1
t=${SANB:-${B:-build}/san}/tests/fuzz/fuzz_event
"$t" "${0%/*}/corpus/event" >&2 && echo "ok 1 - fuzz_event" || echo "not ok 1 - fuzz_event"
