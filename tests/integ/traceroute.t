#!/bin/sh
# SPDX-License-Identifier: ISC
# traceroute by ICMP, UDP and TCP reaches a decoy, on the link and behind a
# router that is real.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "a router and a host behind it" netns_far || finish
ok "the suite starts" hpd_start || finish
ok "a decoy answers" eventually 10 tester ping -c1 -W1 $NET.10

# The last line must be the decoy, at hop $1, and no line a star.
reaches() { # hops address options...
	rt_hops=$1 rt_addr=$2; shift 2
	"$WHO" timeout 30 traceroute -n -q 1 -m 4 -w 3 "$@" "$rt_addr" > "$W/tr" 2>&1
	cat "$W/tr"
	tail -1 "$W/tr" | grep -qE "^ *$rt_hops  $rt_addr  [0-9.]+ ms" &&
	    [ "$(grep -cE '^ *[0-9]+ ' "$W/tr")" = "$rt_hops" ] &&
	    ! grep -q '\*' "$W/tr"
}
for a in $NET.10 $NET.20; do
	WHO=tester
	[ $a = $NET.10 ] && tcp=22 || tcp=135
	ok "$a by ICMP: one hop" reaches 1 $a -I
	ok "$a by TCP to an open port: one hop" reaches 1 $a -T -p $tcp
	ok "$a by TCP to a closed port: one hop" reaches 1 $a -T -p 81
	WHO=far
	ok "$a by ICMP behind a router: two hops" reaches 2 $a -I
	ok "$a by TCP behind a router: two hops" reaches 2 $a -T -p $tcp
done
# An answer to UDP needs a closed port: $NET.10 has them, $NET.20 filters.
WHO=tester
ok "$NET.10 by UDP: one hop" reaches 1 $NET.10 -U -p 33434
ok "$NET.10 by UDP to growing ports: one hop" reaches 1 $NET.10
WHO=far
sleep 3 # the decoy tells one target of few closed ports at once
ok "$NET.10 by UDP behind a router: two hops" reaches 2 $NET.10 -U -p 33434
far traceroute -n -q 1 -m 2 -w 1 -U $NET.20 > "$W/tr" 2>&1
not_ok "$NET.20, UDP filtered, does not show itself" grep -qF "  $NET.20  " "$W/tr"
ok "TERM ends it with 0" hpd_stop
finish
