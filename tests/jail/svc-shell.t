#!/bin/sh
# The shell profile: pipelines work, nothing outlives its session.
cd "$(dirname "$0")/../.." || exit 1
B=$(realpath "${B:-build}")
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
. tests/jail/svc.sh
trap svc_jail_gone EXIT
svc_jail
"$B/tests/jail/svc_shell_driver" "$B/bin/hpd-svc" "$JAIL"
