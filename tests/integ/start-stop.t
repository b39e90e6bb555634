#!/bin/sh
# SPDX-License-Identifier: ISC
# Exit codes, what is refused, one whole life of the suite.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
P="$B/bin/hpd-parent -L $B/bin"
code() { # wanted code, then the command
	want=$1; shift
	"$@" > "$W/out" 2>&1
	got=$?
	[ $got -eq "$want" ] || { echo "exit $got, wanted $want"; cat "$W/out"; return 1; }
}
nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

ok "-V says the version and exits 0" code 0 $P -V
ok "-h exits 0" code 0 $P -h
ok "an unknown flag exits 64" code 64 $P -Z
ok "no interface exits 64" code 64 $P -f "$W/hpd.conf"
ok "a bad -D exits 64" code 64 $P -D novalue -i lo
ok "five interfaces exit 64" code 64 $P -i a -i b -i c -i d -i e
ok "not root exits 77" code 77 nobody $P -f "$W/hpd.conf" -i lo
ok "-n without root accepts a good configuration" code 0 nobody $P -n -f "$W/hpd.conf"
echo 'create' > "$W/bad.conf"
ok "-n without root refuses a bad one with 78" code 78 nobody $P -n -f "$W/bad.conf"
ok "...and names file and line" grep -q 'bad.conf:1:' "$W/out"
ok "a bad one does not start: 78" code 78 $P -d -f "$W/bad.conf" -l "$W/l1" -i "$IF_D" -N "$NS_D"
not_ok "a missing file does not start" code 0 $P -d -f "$W/nothere.conf" -l "$W/l1" -i "$IF_D" -N "$NS_D"
nobody $P -n -v -f "$W/hpd.conf" > "$W/printed.conf" 2>"$W/out"
ok "-nv prints text" test -s "$W/printed.conf"
ok "...that compiles" code 0 nobody $P -n -f "$W/printed.conf"
nobody $P -n -v -f "$W/printed.conf" > "$W/printed2.conf" 2>/dev/null
ok "...to the same" cmp "$W/printed.conf" "$W/printed2.conf"
ok "an interface that is not there does not start" code 1 $P -d -f "$W/hpd.conf" -l "$W/l1" -i nosuch0 -N "$NS_D"
ok "...and is named" grep -q nosuch0 "$W/out"
mkdir "$W/open"; chmod 777 "$W/open"
ok "a log directory others can write is refused" code 1 $P -d -f "$W/hpd.conf" -l "$W/open" -i "$IF_D" -N "$NS_D"

ok "the suite starts" hpd_start || finish
sleep 0.5
is "four children run, a runner for each profile" "$(hpd_pids | wc -l)" 4
ok "hpd-net is one" hpd_pid hpd-net
ok "hpd-svc is one" hpd_pid hpd-svc
ok "hpd-log is one" hpd_pid hpd-log
ok "a decoy answers echo" eventually 5 tester ping -c1 -W1 $NET.10
ok "TERM ends it with 0" hpd_stop
is "nothing is left" "$(pgrep -f "^hpd-(net|svc|log).*$B" | wc -l)" 0
ok "the log has the start" event_said start 'hpd '
ok "...each process" event_said proc.up hpd-net
ok "...and the stop" event_said stop 'asked to'
ok "the log is JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
is "one segment" "$(ls "$W"/log/events-*.jsonl | wc -l)" 1
ok "events.jsonl points at it" test -s "$W/log/events.jsonl"

# In the background: the caller learns how the start went.
ok "background: a bad configuration is told with 78" code 78 \
    $P -A -f "$W/bad.conf" -l "$W/log" -i "$IF_D" -N "$NS_D"
ok "background: returns 0 when all run" code 0 timeout 20 \
    $P -A -f "$W/hpd.conf" -l "$W/log" -i "$IF_D" -N "$NS_D"
HPD=$(pgrep -f "^$B/bin/hpd-parent .*$W/log" | head -1)
ok "...and it runs on" test -n "$HPD"
ok "...and answers" eventually 5 tester ping -c1 -W1 $NET.10
ok "a second one into the same log is refused" code 1 timeout 20 \
    $P -A -f "$W/hpd.conf" -l "$W/log" -i "$IF_D" -N "$NS_D"
ok "...with the reason" grep -q 'another hpd-parent' "$W/out"
kill -TERM "$HPD"
ok "...and ends on TERM" eventually 10 hpd_gone
HPD=
finish
