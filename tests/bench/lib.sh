# SPDX-License-Identifier: ISC
# Small measuring helpers of bench.sh.

# CPU time a process has used, in ns.
cpu_ns() { cut -d' ' -f1 "/proc/$1/schedstat"; }
rss_kb() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status"; }
anon_kb() { awk '/^RssAnon/ { print $2 }' "/proc/$1/status"; }
# Resident memory of the whole suite, shared pages counted once.
suite_rss_mb() {
	for sp in "$HPD" $(hpd_pids); do
		awk '/^Pss:/ { print $2 }' "/proc/$sp/smaps_rollup"
	done | awk '{ s += $1 } END { printf "%.1f", s / 1024 }'
}
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", (b > 0 ? a / b : 0) }'; }
result() {
	printf '%s\t%s\t%s\t%s\t%s\n' "$@" >> "$OUT"
	printf '%-18s %12s %-5s limit %12s ratio %s\n' "$@"
}
