#!/bin/sh
# SPDX-License-Identifier: ISC
# The shipped policies have nothing hpaudit warns of, and every one is linked.
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/lib.sh
: "${B:=build}"
clean() { "$B/bin/hpaudit" check "$1" 2>&1 | grep -v ', 0 to look at$'; }
named() { # policy NAME is the file's name
	grep -qx "policy $(basename "$1" .policy) v1" "$1" || echo "another name inside"
}
linked() {
	n=$(basename "$1" .policy | tr - _)
	grep -qE "policy_$n\b" common/sandbox.h || echo "policy_$n not in common/sandbox.h"
}
for p in policies/*.policy; do
	check "$p is clean" clean "$p"
	check "$p is named as its file" named "$p"
	check "$p is declared" linked "$p"
done
# A wider sandbox shows in review: its table is committed.
snapshot() {
	n=$(basename "$1" .policy)
	"$B/bin/hpaudit" show -t "$1" | diff -u "tests/data/policies/$n.table" - ||
	    echo "if meant: hpaudit show -t $1 > tests/data/policies/$n.table"
}
for p in policies/*.policy; do check "$p is as last reviewed" snapshot "$p"; done
cases() { "$B/bin/hpaudit" test -d policies "$1" 2>&1 | grep -vE '^(ok|1\.\.)'; }
for c in tests/data/policies/*.cases; do check "$c holds" cases "$c"; done
finish
