#!/bin/sh
# The nofork profile: what a script sees, may, may not, and how it ends.
cd "$(dirname "$0")/../.." || exit 1
B=$(realpath "${B:-build}")
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
. tests/jail/svc.sh
trap svc_jail_gone EXIT
svc_jail
"$B/tests/jail/svc_driver" "$B/bin/hpd-svc" "$JAIL"
