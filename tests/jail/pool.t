#!/bin/sh
# SPDX-License-Identifier: ISC
# Scripts started ahead (pool N): they wait jailed, each serves one session and
# no second, others take their places; a reload and an end take them along.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
mkdir -p "$W/s/lib" && cp scripts/lib/HpdPool.pm "$W/s/lib"
cat > "$W/s/env.pl" <<'P'
use strict; use warnings; use POSIX qw(strftime); use Getopt::Std;
$| = 1;
print "pid $$ uid $< from $ENV{HONEYD_IP_SRC}:$ENV{HONEYD_SRC_PORT} to $ENV{HONEYD_DST_PORT} session $ENV{HPD_SESSION}\n";
print STDERR "served $ENV{HPD_SESSION}\n";
my $l = <STDIN>;
print "got $l" if defined $l;
P
echo 'sub { this is no perl' > "$W/s/broken.pl"
cat > "$W/s/time.pl" <<'P'
use strict;
while (sysread STDIN, my $d, 2048) { syswrite STDOUT, "udp $ENV{HONEYD_SRC_PORT} $d" }
P
ok "a jail" "$B/bin/hpaudit" mkjail -m scripts/jail.manifest -s "$W/s" -i "$B/bin/hpd-init" "$W/jail" || finish
conf() {
	cat > "$W/hpd.conf" <<-C
	create web
	set web default tcp action closed
	add web tcp port 1000 "perl scripts/env.pl" pool ${1:-4} sessions 50 source 50
	add web udp port 37 "perl scripts/time.pl" pool 2 idle 1
	$2
	bind $NET.10 web
	C
}
conf 4
ok "the suite starts" hpd_start -j "$W/jail" || finish
waiting() { pgrep -P "$(hpd_pid hpd-svc)" | wc -l; }
is_waiting() { [ "$(waiting)" = "$1" ]; }
ok "six scripts wait" eventually 10 is_waiting 6
pids() { pgrep -P "$(hpd_pid hpd-svc)" | sort | tr '\n' ' '; }
ask() { printf 'hello\n' | tester timeout 10 nc -N -w 5 -p "$1" "$NET.10" 1000; }
# as the runner numbers them: the first in a pid namespace of its own is 1
before=$(pids)
ask 4001 > "$W/a"
ok "a session knows its client" grep -q "from $NET.1:4001 to 1000" "$W/a"
ok "... and talks" grep -qx 'got hello' "$W/a"
ok "... in a script that waited" sh -c '
	for p in '"$before"'; do [ -d /proc/$p ] || exit 0; done; exit 1'
ok "another took its place" eventually 10 is_waiting 6
ok "its stderr is the session's in the log" eventually 5 sh -c "
	cat '$W'/log/events-*.jsonl | jq -c 'select(.event.action == \"hpd.svc.line\" and .source.port == 4001)' | grep -q served"
n=1
while [ $n -le 20 ]; do ask $((4100 + n)) > "$W/b.$n" & n=$((n + 1)); done
wait_all() { for i in $(seq 20); do grep -qx 'got hello' "$W/b.$i" || return 1; done; }
ok "20 at once are all served" eventually 20 wait_all
is "... by 20 different processes" "$(cat "$W"/b.* | sed -n 's/^pid \([0-9]*\) .*/\1/p' | sort -u | wc -l)" 20
is "... told apart by their sessions" "$(cat "$W"/b.* | sed -n 's/.* session //p' | sort -u | wc -l)" 20
is "... each the right client" "$(for i in $(seq 20); do grep -c "from $NET.1:$((4100 + i)) " "$W/b.$i"; done | sort -u)" 1
is "UDP: the first datagram is the client's" \
    "$(printf 'one' | tester timeout 10 nc -u -w 2 -p 4300 "$NET.10" 37)" "udp 4300 one"
ok "the pool is full again" eventually 10 is_waiting 6
ok "hpaudit proc finds nothing wrong with them" "$B/bin/hpaudit" proc --all "$HPD"
# One that dies while it waits, before anybody could know, takes nobody along.
svc=$(hpd_pid hpd-svc)
kill -STOP "$svc"
kill -KILL $(pids)
ask 4350 > "$W/dead" &
DEAD=$!
sleep 1
kill -CONT "$svc"
wait $DEAD
ok "all that waited died: a session is served all the same" grep -qx 'got hello' "$W/dead"
is "... by the same runner" "$(hpd_pid hpd-svc)" "$svc"
sleep 6 # the pause after such deaths
ok "... and others wait again" eventually 10 is_waiting 6
old=$(pids)
conf 3
kill -HUP "$HPD"
ok "after a reload the new number waits" eventually 10 is_waiting 5
none_of() { for p in $old; do [ ! -d "/proc/$p" ] || return 1; done; }
ok "... none of the old ones" eventually 5 none_of
ask 4400 > "$W/a"
ok "... and they serve" grep -qx 'got hello' "$W/a"
conf 3 'add web tcp port 1001 "perl scripts/broken.pl" pool 2'
kill -HUP "$HPD"
ok "a script that does not compile is told" eventually 15 grep -q 'broken.pl: ended while it waited' "$W/err"
sleep 2
ok "... not again and again" [ "$(grep -c 'broken.pl: ended while' "$W/err")" -le 4 ]
ask 4500 > "$W/a"
ok "... the others go on" grep -qx 'got hello' "$W/a"
svc=$(hpd_pid hpd-svc)
left=$(pids)
ok "TERM ends it with 0" hpd_stop
gone() { for p in $left; do [ ! -d "/proc/$p" ] || return 1; done; }
ok "none of the waiting is left" eventually 5 gone
is "no session was lost in the log" "$(events svc.start | wc -l)" "$(events svc.exit | wc -l)"
# What cannot wait is refused.
cat > "$W/bad.conf" <<C
create web
add web tcp port 1 "sh scripts/x.sh" pool 2
add web tcp port 2 "perl -e 1" pool 2
add web tcp port 3 "perl scripts/env.pl" pool 65
C
mkdir "$W/c" && mv "$W/bad.conf" "$W/c/hpd.conf"
"$B/bin/hpd-parent" -n -L "$B/bin" -j "$W/jail" -f "$W/c/hpd.conf" > "$W/out" 2>&1
ok "pool of a shell is refused" grep -qE 'hpd.conf:2: (pool is for perl|no script)' "$W/out"
ok "pool of a one-liner is refused" grep -q 'hpd.conf:3: pool is for perl' "$W/out"
ok "more than 64 are refused" grep -q 'hpd.conf:4: ' "$W/out"
finish
