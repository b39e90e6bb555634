#!/bin/sh
# SPDX-License-Identifier: ISC
# The catalogue of attacks, from every process it names, beside controls outside
# the sandbox; all bombs at once. hpaudit attack makes its own namespaces, jail
# and suite.
cd "$(dirname "$0")/../.." || exit 1
: "${B:=build}"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
exec "$B/bin/hpaudit" attack --all
