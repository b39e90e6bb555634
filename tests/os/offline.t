#!/bin/sh
# SPDX-License-Identifier: ISC
# Every entry of the installed nmap-os-db as a decoy, asked by nmap's questions
# without a network (offline.c): a perfect match for its own name, alone, with
# two others scanned in between, and, a part of them, under the sanitizers.
B=${B:-build} SANB=${SANB:-$B/san}
if [ ! -r /usr/share/nmap/nmap-os-db ]; then
	echo "1..0 # SKIP no nmap-os-db"
	exit 0
fi
n=0
echo 1..2
try() {
	n=$((n + 1)) name=$1
	shift
	if out=$("$@" 2>&1); then r=ok; else r="not ok"; fi
	echo "$out" | sed 's/^[^#]/# &/'
	echo "$r $n - $name"
}
# nmap's five rounds: alone, three at once, with 20 us of jitter, and while
# another client talks to the host, where only the SEQ line may differ; seven
# routers away
try "every entry of the table" "$B/tests/os/offline" 1:5 3:5 1:5:20000 1:1:2000:0:2 1:5:2000:0:0:7
try "a part of them under the sanitizers" "$SANB/tests/os/offline" -n 250 2:5
