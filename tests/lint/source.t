#!/bin/sh
# Rules of the tree that a reader relies on: who may include what, file
# lengths, licence lines, no system-specific code inside functions.
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/lib.sh
C=$(git ls-files '*.c' '*.h')

common_alone() { grep -nE '#include "(\.\./)*hpd-' $(git ls-files 'common/*.[ch]'); }
no_cross() {
	for d in net svc log parent; do
		git ls-files "hpd-$d/*.[ch]" | xargs grep -nE '#include ".*hpd-' 2>/dev/null |
		    grep -v "\"[./]*hpd-$d/"
	done
}
only() { # header pattern, files allowed
	grep -lE "#include <$1" $(echo "$C" | grep -v '^tests/') | grep -vE "$2"
}
spdx() { for f in $C; do head -1 "$f" | grep -q 'SPDX-License-Identifier: ISC' || echo "$f"; done; }
heads() {
	for f in $(git ls-files 'common/*.c' 'hpd-*/*.c' 'policies/*.c'); do
		sed -n 2,3p "$f" | grep -q '^/\*' || echo "$f: no opening comment"
	done
}
lengths() { wc -l $C | awk '$2 != "total" && $1 > 600 { print $2 ": " $1 " lines" }'; }
banned() {
	grep -nE '\b(strcpy|strcat|sprintf|vsprintf|gets|atoi|strtok|alloca)\(' \
	    $(echo "$C" | grep -v '^tests/')
}
osifdef() { # an #ifdef of an OS between a function's braces
	for f in $(git ls-files 'common/*.c' 'hpd-*/*.c'); do
		awk -v f="$f" '/^{/ { b = 1 } /^}/ { b = 0 }
		    b && /^#[ ]*if.*(__linux__|__OpenBSD__)/ { print f ":" FNR }' "$f"
	done
}
check "common/ includes nothing of hpd-*" common_alone
check "no process includes another's headers" no_cross
check "event2 only in loop.c" only 'event2/' '^common/loop\.c$'
check "seccomp.h only in the policy tools" only 'seccomp\.h' '^policies/'
check "cap-ng.h only in privdrop.c" only 'cap-ng\.h' '^common/privdrop\.c$'
check "pcap.h only in ifopen, io_pcap and the filters of log frames" only 'pcap' '^hpd-parent/ifopen|^hpd-net/frame\.c$|^hpd-net/io_pcap|^hpd-parent/conf/frames\.c'
check "every source names its licence" spdx
check "every program source opens with what it is" heads
check "no file above 600 lines" lengths
check "no unbounded string functions" banned
check "no OS ifdef inside a function" osifdef
finish
