#!/bin/sh
# SPDX-License-Identifier: ISC
# Retention by age: what is older than `log keep' goes, of the streams it was
# said for, and the log proves that this was the reason. What an administrator
# made immutable, and what is no segment, stays.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
trap 'rc=$?; chattr -R -i "$W" 2>/dev/null; (exit $rc); netns_cleanup' EXIT
conf_default
cat >> "$W/hpd.conf" <<'END'
log keep probes 8
log keep service 1h
log services
END
mkdir "$W/log"; chmod 750 "$W/log"
old() { echo "old $1" > "$W/log/$1"; touch -d "$2" "$W/log/$1"; }
# Of earlier starts: too old, not too old, kept for ever, held, no segments.
old service-20240101T000000Z-000001.log '2 hours ago'
old service-20240101T000000Z-000002.log '10 minutes ago'
old events-20240101T000000Z-000001.jsonl '2 years ago'
old probes-20240101T000000Z-000001.jsonl.gz '2 years ago'
old probes-20240101T000000Z-000003.jsonl '2 years ago'
old notes '2 years ago'
echo victim > "$W/victim"
ln -s "$W/victim" "$W/log/probes-20240101T000000Z-000002.jsonl"
held=
chattr +a "$W/log/service-20240101T000000Z-000001.log" 2> /dev/null &&
chattr +i "$W/log/probes-20240101T000000Z-000003.jsonl" 2> /dev/null && held=1
ok "the suite starts" hpd_start || finish
tester ping -c 3 -i 0.2 -W1 $NET.10 > /dev/null
first=$(readlink "$W/log/probes.jsonl")
probed() { grep -q icmp.probe "$W/log/$first"; }
ok "a probe is in $first" eventually 10 probed
gone() { [ ! -e "$W/log/$1" ]; }
ok "the segment of an earlier start went, append-only or not" \
    eventually 10 gone service-20240101T000000Z-000001.log
ok "the probes went when they were old, with no new segment asked for" eventually 40 gone "$first"
ok "there is a newest one" test -e "$W/log/$(readlink "$W/log/probes.jsonl")"
retired() { # NAME STREAM
	events log.retired | jq -e --arg n "$1" --arg s "$2" 'select(.hpd.retired.name == $n and
	    .hpd.retired.stream == $s and .hpd.retired.why == "age" and .hpd.retired.bytes > 0 and
	    (.hpd.retired.newest | test("^20[0-9-]+T[0-9:.]+Z$")))' | grep -q .
}
ok "the log says why" retired "$first" probes
ok "...of the other too" retired service-20240101T000000Z-000001.log service
counted() {
	events log.segment | jq -e 'select(.hpd.segment.stream == "probes" and .hpd.segment.phase == "end" and
	    .hpd.segment.number == 1 and .hpd.segment.packets["icmp.probe"] >= 1)' | grep -q .
}
ok "...and what was in it" counted
ok "a younger one is there" test -s "$W/log/service-20240101T000000Z-000002.log"
ok "events are kept for ever" test -s "$W/log/events-20240101T000000Z-000001.jsonl"
ok "what is no segment stays" test -s "$W/log/notes"
ok "...and what only looks like one" test -s "$W/log/probes-20240101T000000Z-000001.jsonl.gz"
ok "a link stays" test -L "$W/log/probes-20240101T000000Z-000002.jsonl"
is "...and what it points at" "$(cat "$W/victim")" victim
if [ -n "$held" ]; then
	ok "what is immutable stays" test -s "$W/log/probes-20240101T000000Z-000003.jsonl"
	is "...and that is said once" "$(grep -c 'probes-20240101T000000Z-000003.jsonl cannot be removed' "$W/err")" 1
else
	skip "what is immutable stays" "no such attribute on this file system"
fi
before() { # its record stands before the removal: durable when it went
	sleep 1
	for n in $(cat "$W"/log/events-*.jsonl | grep -F hpd.log.retired | jq -r .hpd.retired.name); do
		case $n in *000003.jsonl) continue ;; esac
		[ ! -e "$W/log/$n" ] || { echo "$n"; return 1; }
	done
}
ok "what is recorded is gone" eventually 10 before
ok "TERM ends it with 0" hpd_stop
chattr -i "$W/log/probes-20240101T000000Z-000003.jsonl" 2>/dev/null
rm "$W"/log/*-2024*
"$B/bin/hpview" verify -v "$W/log" > "$W/verify" 2>&1
is "the seal is intact" "$?" 0
ok "...and the removal the retention's" grep -qE 'probes segment .* removed by retention \(age\)' "$W/verify"
ok "all is JSON" sh -c "cat '$W'/log/events-*.jsonl | jq -e . > /dev/null"
finish
