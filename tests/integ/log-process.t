#!/bin/sh
# SPDX-License-Identifier: ISC
# The real hpd-log in its sandbox against a driver that plays its parent and
# its producers: killed under load it loses no record.
B=${B:-build}
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
SRC=$(cd "$(dirname "$0")/../.." && pwd)
. "$SRC/tests/lib/schema.sh"
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT INT TERM
"$B/tests/integ/log_driver" "$(realpath "$B/bin/hpd-log")" "$dir" 2>"$dir/err"
rc=$?
sed 's/^/# /' "$dir/err"
schema_check "$dir" || rc=1
exit $rc
