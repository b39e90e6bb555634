#!/bin/sh
# make bench: what the packet path, the sessions and the memory cost, beside the
# limit of this machine in the same run: a reflector on the same rings and
# sockets with no logic (reflect.c), the kernel's TCP without offloads, a bare
# posix_spawn. Prints a table and writes $B/bench.tsv: name, value, unit, limit,
# ratio. Needs root; everything happens in namespaces made here. Figures move
# with the machine, ratios less so.
#   BENCH="cpu rtt lossless bulk memory sessions pool image persona log view" picks parts.
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/bench/lib.sh

OUT=$B/bench.tsv
PARTS=${BENCH:-cpu rtt lossless bulk memory sessions pool image persona log view}
ROUNDS=${ROUNDS:-5}
N=10.67.0.0/16

netns_up
ip -n "$NS_T" addr add 10.67.255.254/16 dev "$IF_T"
ip netns exec "$NS_T" ethtool -K "$IF_T" tso off gso off gro off >/dev/null 2>&1
ip netns exec "$NS_D" ethtool -K "$IF_D" tso off gso off gro off >/dev/null 2>&1
MAC=$(ip netns exec "$NS_D" cat "/sys/class/net/$IF_D/address")
printf 'name\tvalue\tunit\tlimit\tratio\n' > "$OUT"

conf_bench() {
	cat > "$W/hpd.conf" <<-C
	create default
	set default personality "Linux 4.15 - 5.6"
	set default default tcp action closed
	set default default udp action closed
	add default tcp port 80 open
	add default tcp port 7001 "perl scripts/bench/get.pl" wall 120 profile nofork bytes 2G
	add default tcp port 7003 "perl scripts/bench/hello.pl" wall 120 pool 32
	add default tcp port 7004 "perl scripts/bench/hello.pl" wall 120
	add default tcp port 7002 "perl scripts/bench/put.pl" wall 120 profile nofork
	limit connections 65536 source 65536
	C
}

bench_start() {
	conf_bench
	hpd_start "$N" || exit 1
	NETPID=$(hpd_pid hpd-net)
	taskset -pc 1 "$NETPID" >/dev/null
}

reflect_start() { # syn|rst
	ip netns exec "$NS_D" taskset -c 1 "$B/bench/reflect" "$IF_D" "$N" "$1" > "$W/reflect" &
	REF=$!
	KILL_PIDS="$KILL_PIDS $REF"
	eventually 5 test -s "$W/reflect"
}
reflect_stop() { kill "$REF"; wait "$REF" 2>/dev/null; }

load() { # flood|rtt KIND PORT COUNT RATE
	tester taskset -c 0 "$B/bench/load" "$1" "$2" "$IF_T" "$MAC" 10.68.0.1 10.67.1.0 4096 "$3" "$4" "$5"
}

# CPU ns an answer of pid $1 under: KIND PORT
cost() {
	co_pid=$1; shift
	# 100,000 SYNs in half a second: before the first SYN/ACK is sent again.
	c0=$(cpu_ns "$co_pid")
	set -- $(load flood "$1" "$2" 100000 200000)
	c1=$(cpu_ns "$co_pid")
	awk -v d=$((c1 - c0)) -v n="$4" 'BEGIN { printf "%.0f", n ? d / n : 0 }'
}

part_cpu() {
	for row in "cpu_ns_syn_open syn 80 syn" "cpu_ns_syn_reset syn 81 rst" \
	    "cpu_ns_echo echo 0 syn" "cpu_ns_arp arp 0 syn"; do
		set -- $row
		: > "$W/a"; : > "$W/b"; : > "$W/r"
		r=0
		while [ $r -lt "$ROUNDS" ]; do
			reflect_start "$4"
			x=$(cost "$REF" "$2" "$3")
			reflect_stop
			bench_start
			settle "$2"
			y=$(cost "$NETPID" "$2" "$3")
			hpd_stop
			echo "$x" >> "$W/a"; echo "$y" >> "$W/b"
			awk -v x="$x" -v y="$y" 'BEGIN { printf "%.3f\n", x ? y / x : 0 }' >> "$W/r"
			r=$((r + 1))
		done
		result "$1" "$(median "$W/b")" ns "$(median "$W/a")" "$(median "$W/r")"
	done
}

# ARP is answered by addresses that are claimed: wait for the probes to end.
settle() {
	[ "$1" = arp ] || return 0
	load flood arp 0 8192 8192 >/dev/null
	sleep 1
}

part_rtt() {
	for f in a50 a99 b50 b99 r50 r99; do : > "$W/$f"; done
	r=0
	while [ $r -lt "$ROUNDS" ]; do
		reflect_start syn
		set -- $(load rtt syn 80 20000 5000 2> "$W/hist.reflect")
		x50=$4 x99=$6
		reflect_stop
		bench_start
		set -- $(load rtt syn 80 20000 5000 2> "$W/hist.hpd")
		hpd_stop
		echo "$x50" >> "$W/a50"; echo "$x99" >> "$W/a99"
		echo "$4" >> "$W/b50"; echo "$6" >> "$W/b99"
		ratio "$4" "$x50" >> "$W/r50"; echo >> "$W/r50"
		ratio "$6" "$x99" >> "$W/r99"; echo >> "$W/r99"
		r=$((r + 1))
	done
	for p in 50 99; do
		result "rtt_p${p}_us" "$(median "$W/b$p")" us "$(median "$W/a$p")" "$(median "$W/r$p")"
	done
	echo "# histogram of hpd's RTT (20 us a row):"; sed 's/^/#  /' "$W/hist.hpd"
}

# Highest rate answered to 99.9 %.
lossless() { # load args: KIND PORT
	best=0 bad=0
	for rate in 50000 100000 150000 200000 300000 400000 500000 600000 700000 800000 1000000; do
		set -- $(load flood "$1" "$2" $((rate / 2)) "$rate") "$1" "$2"
		ok=$(awk -v s="$2" -v a="$4" -v t="$6" 'BEGIN { print (a >= s * 0.999) ? int(s / t) : 0 }')
		shift 6
		if [ "$ok" -gt 0 ]; then best=$ok bad=0; else bad=$((bad + 1)); fi
		[ "$bad" -lt 2 ] || break
	done
	echo "$best"
}

part_lossless() {
	reflect_start syn; x=$(lossless syn 80); reflect_stop
	bench_start; y=$(lossless syn 81); hpd_stop
	result lossless_pps "$y" 1/s "$x" "$(ratio "$y" "$x")"
}

# One transfer: SERVER command... in the decoys' namespace (or none), then the
# client's KIND HOST PORT. Client on CPU 0, the sending stack on CPU 1.
bulk() {
	tester taskset -c 0 "$B/bench/bulk" "$1" "$2" "$3" "$SIZE" || echo 0
}
kernel_bulk() { # get|put PORT
	case $1 in get) set -- get "$2" "$SIZE" ;; *) set -- put "$2" ;; esac
	kb=$1; shift
	ip netns exec "$NS_D" taskset -c 1 "$B/bench/bulk" "serve-$kb" "$@" &
	sleep 0.3
	bulk "$kb" 10.66.0.2 "$1"
	wait $!
}

part_bulk() {
	SIZE=${BULK:-200000000}
	: > "$W/d"; : > "$W/u"; : > "$W/kd"; : > "$W/ku"
	r=0
	while [ $r -lt "$ROUNDS" ]; do
		bench_start
		bulk get 10.67.9.9 7001 >> "$W/d"
		bulk put 10.67.9.9 7002 >> "$W/u"
		hpd_stop
		ip -n "$NS_D" addr add 10.66.0.2/24 dev "$IF_D"
		kernel_bulk get 7003 >> "$W/kd"
		kernel_bulk put 7004 >> "$W/ku"
		ip -n "$NS_D" addr del 10.66.0.2/24 dev "$IF_D"
		r=$((r + 1))
	done
	for r in d u; do
		x=$(median "$W/$r") k=$(median "$W/k$r")
		case $r in d) name=bulk_down_mbs ;; *) name=bulk_up_mbs ;; esac
		result "$name" "$x" MB/s "$k" "$(ratio "$x" "$k")"
	done
}

part_memory() {
	bench_start
	result rss_idle_mb "$(suite_rss_mb)" MB "" ""
	before=$(rss_kb "$NETPID")
	set -- $(load flood syn 80 20000 20000)
	after=$(rss_kb "$NETPID")
	result bytes_half_open $(((after - before) * 1024 / 20000)) B 128 ""
	hpd_stop
	bench_start
	load flood syn 81 60000 30000 >/dev/null # rings and tables in memory
	before=$(rss_kb "$NETPID")
	mkfifo "$W/hold"
	tester "$B/bench/bulk" hold 10.67.9.9 80 10000 < "$W/hold" > "$W/held" &
	exec 9> "$W/hold"
	eventually 20 test -s "$W/held"
	after=$(rss_kb "$NETPID")
	result bytes_established $(((after - before) * 1024 / $(cat "$W/held"))) B 128 ""
	exec 9>&-
	hpd_stop
	awk 'BEGIN { print "create default\nset default default tcp action closed"
	    for (i = 0; i < 65536; i++) printf "bind 10.67.%d.%d default\n", i / 256, i % 256 }' > "$W/hpd.conf"
	t0=$(date +%s%N)
	hpd_start
	t1=$(date +%s%N)
	result start_65536_s "$(awk -v d=$((t1 - t0)) 'BEGIN { printf "%.2f", d / 1e9 }')" s 2 ""
	result rss_65536_mb "$(suite_rss_mb)" MB "" ""
	hpd_stop
}

part_sessions() {
	for s in busybox perl; do
		"$B/tests/jail/svc_cost" "$B/bin/hpd-svc" "$B/jail" 400 "$s" > "$W/cost"
		set -- $(sed -n 's/^# bench //p' "$W/cost")
		result "sessions_$s" "${1:-0}" us "${2:-0}" "$(ratio "${1:-0}" "${2:-0}")"
		# the same shell in other jailers' jails, where they are installed
		sed -n 's/^# other //p' "$W/cost" > "$W/others"
		while read -r jailer us; do
			result "session_of_$jailer" "$us" us "${1:-0}" "$(ratio "$us" "${1:-0}")"
		done < "$W/others"
	done
}

# From the connect to the first byte of a perl script with modules, started for
# the session and started ahead of it.
part_pool() {
	bench_start
	sleep 3
	for p in 7004 7003; do
		tester python3 tests/bench/firstbyte.py 10.67.1.1 $p 100 > "$W/fb.$p"
	done
	set -- $(cat "$W/fb.7003") $(cat "$W/fb.7004")
	result first_byte_pool "$1" us "$2" "$(ratio "$1" "$2")"
	hpd_stop > /dev/null
}

# 65,536 addresses over 500 personalities from all over the table, compiled.
part_image() {
	db=/usr/share/nmap
	grep -n '^Fingerprint ' $db/nmap-os-db | awk -F: 'NR % 11 == 5 && n < 500 {
	    printf "create p%d\nset p%d personality \"line:%d\"\n", n, n, $1; n++ }
	    END { for (i = 0; i < 65536; i++)
	    printf "bind 10.67.%d.%d p%d\n", i / 256, i % 256, i % n }' > "$W/image.conf"
	: > "$W/t"
	r=0
	while [ $r -lt "$ROUNDS" ]; do
		t0=$(date +%s%N)
		"$B/bin/hpd-conf" -c 7:image.conf -p 8:nmap-os-db -m 8:nmap-mac-prefixes \
		    -J 9 -o 6 7<"$W" 8<"$db" 9<"$B/jail" 6<>"$W/img" 2> "$W/image.err" ||
		    sed 's/^/# /' "$W/image.err"
		awk -v d=$(($(date +%s%N) - t0)) 'BEGIN { printf "%.3f\n", d / 1e9 }' >> "$W/t"
		r=$((r + 1))
	done
	x=$(median "$W/t")
	result image_500_s "$x" s 2 "$(ratio "$x" 2)"
	result image_500_mb "$(awk -v b="$(stat -c %s "$W/img")" 'BEGIN { printf "%.2f", b / 1048576 }')" MB "" ""
}

# What hpd-net keeps of its own for a decoy that is configured (the image is
# shared and mapped), and for one that was found by ARP and scanned: an echo, a
# SYN to a closed port. (Connections have figures of their own.)
part_persona() {
	for n in 1 65536; do
		awk -v n=$n 'BEGIN { print "create t\nset t personality \"Linux 4.15 - 5.6\""
		    print "set t default tcp action closed\nadd t tcp port 80 open"
		    for (i = 0; i < n; i++) printf "bind 10.67.%d.%d t\n", i / 256, i % 256 }' > "$W/hpd.conf"
		hpd_start || exit 1
		NETPID=$(hpd_pid hpd-net)
		anon_kb "$NETPID" > "$W/rss.$n"
		[ $n = 65536 ] || hpd_stop
	done
	result bytes_idle_decoy $((($(cat "$W/rss.65536") - $(cat "$W/rss.1")) * 1024 / 65535)) B 0 ""
	scan_range() { # DST NDST
		for k in "arp 0" "echo 0" "syn 81"; do
			set -- "$1" "$2" $k
			tester "$B/bench/load" flood "$3" "$IF_T" "$MAC" 10.67.255.254 "$1" "$2" "$4" "$2" 20000 > /dev/null
		done
	}
	# Rings, queues and tables that are there once.
	scan_range 10.67.0.0 16384
	before=$(anon_kb "$NETPID")
	scan_range 10.67.64.0 32768
	sleep 1
	after=$(anon_kb "$NETPID")
	result bytes_scanned_decoy $(((after - before) * 1024 / 32768)) B 256 \
	    "$(ratio $(((after - before) * 1024 / 32768)) 256)"
	hpd_stop
}

# hpd-log with its seal: half a million records a second on tmpfs; and as fast
# as it goes onto a disk, beside that disk's own rate.
part_log() {
	OUT=$OUT TMPDIR=/dev/shm RATE=500000 SECS=${SECS:-60} sh tests/bench/log.sh log_tmpfs
	OUT=$OUT TMPDIR=/var/tmp RATE=0 SECS=20 BUDGET=8G sh tests/bench/log.sh log_disk
	dd if=/dev/zero of="/var/tmp/hpd-bench.$$" bs=1M count=2048 conv=fdatasync 2> "$W/dd"
	rm -f "/var/tmp/hpd-bench.$$"
	result disk_write_mbs "$(sed -n 's/.*, \([0-9.]*\) GB\/s$/\1e3/p; s/.*, \([0-9.]*\) MB\/s$/\1/p' "$W/dd" | awk '{ printf "%.0f", $1 }')" MB/s "" ""
}

part_view() {
	OUT=$OUT ROUNDS=$ROUNDS sh tests/bench/view.sh
}

echo "# $(uname -r), $(nproc) CPUs; ratio = value / limit"
for p in $PARTS; do
	"part_$p"
done
column -t -s "$(printf '\t')" "$OUT" 2>/dev/null || cat "$OUT"
