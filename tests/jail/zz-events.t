#!/bin/sh
# SPDX-License-Identifier: ISC
# The last of all scenarios: every kind of event was in the log of one of them
# in this run, in a line as the schema has it. They leave a sample of each in
# $B/events-seen (tests/lib/schema.sh); "make check-root" empties it first. A
# kind that is missing names the scenario that makes it.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
: "${B:=build}"
[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
S=$B/gen/hpd-events.schema.json
makes() { # where a kind surely comes from
	case $1 in
	arp.*) echo integ/arp.t ;;
	chan.broken) echo integ/garbage.t ;;
	flood) echo integ/flood-sums.t ;;
	tcp.connects) echo integ/rare-kinds.t ;;
	ship.lost) echo integ/syslog.t ;;
	ip.probe) echo integ/ip-persona.t ;;
	log.retired) echo integ/log-budget.t ;;
	log.level | log.folded) echo integ/log-reserve.t ;;
	log.digest | log.text) echo integ/honeyd-log.t ;;
	log.lost | log.gap | log.skip | sandbox.* | svc.lost) echo integ/rare-kinds.t ;;
	net.limit | svc.denied) echo integ/caps.t ;;
	net.link) echo integ/link.t ;;
	proc.down) echo integ/kill-child.t ;;
	reload) echo integ/reload.t ;;
	session.data | svc.*) echo integ/honeyd-log.t jail/escape.t ;;
	tool) echo integ/srcos.t ;;
	*) echo integ/start-stop.t jail/svc-honeyd.t ;;
	esac
}
ok "the schema is built" test -s "$S" || finish
kinds=$(jq -r '."$defs" | keys[]' "$S")
ok "it has all kinds of the table but frames" test \
    "$(grep -cE '^\{EV_[A-Z_]+, "' common/event.c)" = "$(($(echo "$kinds" | wc -l) + 1))"
for k in $kinds; do
	if [ -s "$B/events-seen/$k" ]; then
		pass "$k"
	else
		tap_out="not in the log of any scenario; first run: $(makes "$k" | sed 's,[^ ]*,tests/&,g')"
		fail "$k"
	fi
done
# What lies there is of this build's format.
valid() {
	for k in "$B"/events-seen/*; do set -- "$@" "$k"; done
	/usr/bin/python3 tests/lib/schema.py "$S" - "$@"
}
ok "the samples are as described" valid
finish
