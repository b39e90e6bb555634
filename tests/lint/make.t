#!/bin/sh
# SPDX-License-Identifier: ISC
# A slip of the keyboard in a make command costs nobody a file: make B= and
# others are refused before anything is written or removed. Nothing is built.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
unset MAKEFLAGS MFLAGS MAKELEVEL
trap 'rm -f "$tap_tmp"' EXIT
for b in '' ' ' / . .. 'a b' "$PWD" ./common/..; do
	not_ok "make B='$b' is refused" make -n "B=$b" all
	not_ok "make B='$b' clean is refused" make -n "B=$b" clean
done
# clean removes only what looks made here. A copy, should it remove it.
T=$(mktemp -d "${TMPDIR:-/tmp}/hpd-make.XXXXXX") || exit 1
trap 'rm -rf "$T"; rm -f "$tap_tmp"' EXIT
mkdir "$T/mine" && echo precious > "$T/mine/file"
not_ok "clean of somebody's folder is refused" make "B=$T/mine" clean
is "...and it is still there" "$(cat "$T/mine/file")" precious
mkdir -p "$T/b/common"
ok "clean of a build folder" make "B=$T/b" clean
not_ok "...removes it" test -e "$T/b"
ok "clean of what is not there" make "B=$T/b" clean
mkdir -p "$T/root/srv" && echo precious > "$T/root/srv/file"
not_ok "uninstall of a JAILDIR too near the root" make "DESTDIR=$T/root" JAILDIR=/srv uninstall
is "...removes nothing" "$(cat "$T/root/srv/file")" precious
finish
