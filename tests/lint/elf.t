#!/bin/sh
# The hardening asked for at compile time is really in the programs.
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/lib.sh
: "${B:=build}"
relro() { readelf -lW "$1" | grep -q GNU_RELRO || echo "no relro"; }
now() { readelf -dW "$1" | grep -q 'NOW' || echo "lazy binding"; }
pie() { readelf -hW "$1" | grep -q 'DYN' || echo "not PIE"; }
stack() { readelf -lW "$1" | grep GNU_STACK | grep -q 'RWE' && echo "executable stack"; }
canary() { readelf -sW "$1" | grep -q '__stack_chk_fail' || echo "no stack protector"; }
for p in hpd-parent hpd-conf hpd-net hpd-svc hpd-log hpship hpview hpaudit; do
	f=$B/bin/$p
	[ -x "$f" ] || { check "$p is built" echo missing; continue; }
	check "$p relro" relro "$f"
	check "$p bind now" now "$f"
	check "$p position independent" pie "$f"
	check "$p stack not executable" stack "$f"
	check "$p stack protector" canary "$f"
done
static() { readelf -lW "$B/bin/hpd-init" | grep -q INTERP && echo dynamic; }
check "hpd-init is static" static
lean() { ldd "$B/bin/hpd-$1" | grep -E "$2"; }
check "hpd-net has no seccomp compiler in it" lean net 'seccomp'
check "hpd-log has no packet library in it" lean log 'pcap'
finish
