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
finish
