#!/bin/sh
# SPDX-License-Identifier: ISC
# What the viewer costs on a log of a million events (genlog, sealed): the
# summary, the report, and the report in a headless browser until it can be
# used; median of ROUNDS. Prints name, value, unit, limit, ratio as bench.sh.
#   N=1000000 ROUNDS=3 OUT=FILE sh tests/bench/view.sh
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}
. tests/bench/lib.sh
OUT=${OUT:-/dev/null} N=${N:-1000000} ROUNDS=${ROUNDS:-3}
dir=$(mktemp -d "${TMPDIR:-/tmp}/hpd-view.XXXXXX") || exit 1
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
"$B/tests/lib/genlog" -n "$N" -k -o "$dir/log" > "$dir/meant" || exit 1
READY='document.documentElement.dataset.ready !== undefined'
seconds() { # FILE CMD...: wall time of one run, appended
	se_file=$1; shift
	se_t0=$(date +%s%N)
	"$@" > "$dir/out" || { echo "$* failed"; exit 1; }
	awk -v d=$(($(date +%s%N) - se_t0)) 'BEGIN { printf "%.3f\n", d / 1e9 }' >> "$se_file"
}
r=0
while [ $r -lt "$ROUNDS" ]; do
	seconds "$dir/summary" "$B/bin/hpview" summary "$dir/log"
	seconds "$dir/report" "$B/bin/hpview" report --html "$dir/page.html" "$dir/log"
	if command -v chromium > /dev/null; then
		python3 tests/lib/browser.py "$dir/page.html" --wait "$READY" \
		    --eval 'document.documentElement.dataset.ready' > "$dir/seen" || exit 1
		jq -r '.eval[0]' "$dir/seen" >> "$dir/render"
	fi
	r=$((r + 1))
done
x=$(median "$dir/summary"); result summary_1m_s "$x" s 1 "$(ratio "$x" 1)"
x=$(median "$dir/report"); result report_1m_s "$x" s "" ""
result report_1m_mb "$(awk -v b="$(stat -c %s "$dir/page.html")" 'BEGIN { printf "%.2f", b / 1048576 }')" MB "" ""
[ ! -s "$dir/render" ] || {
	x=$(median "$dir/render"); result report_render_ms "$x" ms 3000 "$(ratio "$x" 3000)"
}
