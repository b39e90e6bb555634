#!/bin/sh
# SPDX-License-Identifier: ISC
# hpship: every line of the log reaches a syslog receiver as a message of its
# own, over local datagrams, UDP and TCP; across rotation, a receiver that was
# away, killed processes, reloads; and what could not be sent is counted.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up

# recv KIND WHERE OUT: a receiver, its pid in $RECV
recv() {
	python3 tests/integ/syslog_recv.py "$@" > "$W/recv.out" 2>&1 < /dev/null &
	RECV=$!
	KILL_PIDS="$KILL_PIDS $RECV"
	eventually 10 grep -q ready "$W/recv.out"
}
recv_end() { kill -TERM "$RECV"; wait "$RECV" 2>/dev/null; }
conf() { conf_default; printf '%s\n' "$@" >> "$W/hpd.conf"; }
traffic() { # sessions, and datagrams to closed ports
	for i in 1 2 3; do
		echo "x$i" | tester nc -N -w 3 $NET.10 7 > /dev/null
	done
	tester python3 -c '
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for i in range(60):
    s.sendto(b"x", ("10.66.0.11", 3000 + i + 100 * int(sys.argv[1])))' "$1"
}
rotated() { # one more segment of both streams
	n=$(ls "$W"/log/events-* | wc -l)
	kill -USR1 "$HPD"
	eventually 10 sh -c "[ \$(ls '$W'/log/events-* | wc -l) -gt $n ]"
}
check() { python3 tests/integ/syslog_check.py "$W/log" "$@"; }
newest() { ls "$W"/log/$1-*.jsonl | tail -1; }
# the last line of the newest events segment but one's own came
arrived() { # FILE
	al=$(grep '"hpd.tcp.close"' "$(newest events)" | tail -1)
	[ -n "$al" ] && grep -qF -- "$al" "$1"
}
# nothing is on its way: what is in the log was received, for a second
level_with() { [ "$(wc -l < "$1")" -eq "$(cat "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl | wc -l)" ]; }
quiet() { level_with "$1" && sleep 1.5 && level_with "$1"; }
fresh() { rm -rf "$W/log"; }
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')

# --- no syslog: nobody
conf
ok "without syslog the suite starts" hpd_start || finish
not_ok "...and there is no hpship" hpd_pid hpship

# --- a reload switches it on and off
recv unix "$W/s" "$W/reload.got"
echo before | tester nc -N -w 3 $NET.10 7 > /dev/null
eventually 10 event_said tcp.close .
sleep 0.3
off=$(stat -c %s "$(newest events)")
from=$(newest events):$off
conf "log syslog unix \"$W/s\""
kill -HUP "$HPD"
ok "a reload starts it" eventually 15 event_said proc.up 'hpship pid'
traffic 1
ok "what happens from then on is sent" eventually 15 arrived "$W/reload.got"
not_ok "what was before is not" grep -q '"hpd.start"' "$W/reload.got"
conf
kill -HUP "$HPD"
ok "a reload stops it" eventually 15 sh -c "! ps -o args= --ppid $HPD | grep -q ^hpship"
sleep 0.5
n=$(wc -l < "$W/reload.got")
traffic 2
sleep 0.5
is "nothing is sent any more" "$(wc -l < "$W/reload.got")" "$n"
conf "log syslog unix \"$W/s\""
kill -HUP "$HPD"
ok "and starts it again" eventually 15 hpd_pid hpship
ok "TERM ends the suite with 0" hpd_stop
not_ok "nobody died of its sandbox" grep -q "killed by its sandbox" "$W/err"
recv_end

# --- local datagrams, both streams, rotation
fresh
recv unix "$W/s" "$W/unix.got"
conf "log syslog unix \"$W/s\" facility local5 probes"
hpd_start
ok "hpship runs" hpd_pid hpship
P=$(hpd_pid hpship)
ok "...with nothing of root's" sh -c "grep -q '^CapEff:.0*\$' /proc/$P/status && grep -q '^Seccomp:.2\$' /proc/$P/status && ! grep -q '^Uid:.0' /proc/$P/status"
ok "...in namespaces of its own" sh -c "for n in net ipc uts mnt pid; do [ \$(readlink /proc/$P/ns/\$n) != \$(readlink /proc/$HPD/ns/\$n) ] || exit 1; done"
ok "...as hpaudit finds too" "$B/bin/hpaudit" proc "$P"
for i in 1 2 3; do traffic $i; rotated; done
traffic 4
eventually 15 arrived "$W/unix.got"
ok "TERM ends it with 0" hpd_stop
ok "local datagrams: every line of both streams, once and in order, to the very last" check "$W/unix.got" facility=21
note "$(check "$W/unix.got" facility=21)"
recv_end

# --- UDP, and an attacker's bytes
fresh
recv udp "$PORT" "$W/udp.got"
conf "log syslog udp 127.0.0.1:$PORT" \
    "add web tcp port 6 \"sh -c 'cat >&2'\""
hpd_start
tester python3 -c '
import socket
s = socket.create_connection(("10.66.0.10", 6), 5)
s.sendall(bytes(range(256)) + b"\n\x1b]0;x\x07\xc2\x9b31m \xe2\x80\xae evil <1>1 - - - - \n")
s.sendall(b"A" * 3000 + "ä€😀".encode() * 20 + b"\n" + b"\xff" * 4000 + b"\n" + b"\x00" * 4000 + b"\n")
s.shutdown(socket.SHUT_WR)
s.recv(1)'
eventually 10 event_said svc.exit .
traffic 1
rotated
traffic 2
eventually 15 arrived "$W/udp.got"
ok "UDP: TERM ends it with 0" hpd_stop
ok "UDP: every line of the events, once and in order" check "$W/udp.got" only=events
note "$(check "$W/udp.got" only=events)"
ok "an attacker's bytes are there, escaped" grep -q '\\u001b' "$W/udp.got"
not_ok "...none of them raw" grep -q '^BAD' "$W/udp.got"
ok "what is too long for a datagram says that it is cut" grep -q '\.\.\.\[cut\]$' "$W/udp.got"
recv_end

# --- TCP: the receiver goes away and comes again; never cut
fresh
recv tcp "$PORT" "$W/tcp.got"
conf "log syslog tcp 127.0.0.1:$PORT facility daemon probes" \
    "add web tcp port 6 \"sh -c 'cat >&2'\""
hpd_start
traffic 1
ok "TCP: what is written is received" eventually 20 quiet "$W/tcp.got"
recv_end
tester python3 -c '
import socket
s = socket.create_connection(("10.66.0.10", 6), 5)
s.sendall(b"\xff" * 4000 + b"\n" + b"\x00" * 4000 + b"\n")
s.shutdown(socket.SHUT_WR)
s.recv(1)'
traffic 2
rotated
traffic 3
ok "TCP: a receiver that is away is noticed" eventually 10 event_said diag 'syslog.*tried again'
recv tcp "$PORT" "$W/tcp.got"
eventually 30 arrived "$W/tcp.got"
traffic 4
eventually 15 arrived "$W/tcp.got"
ok "TCP: TERM ends it with 0" hpd_stop
ok "TCP: every line of both streams, once and in order, none cut" check "$W/tcp.got"
note "$(check "$W/tcp.got")"
not_ok "TCP: none cut" grep -q '\.\.\.\[cut\]$' "$W/tcp.got"

# --- killed: hpship, then hpd-log, with traffic all the time
fresh
rm -f "$W/kill.got"
recv_end
recv tcp "$PORT" "$W/kill.got"
hpd_start
for i in 1 2 3; do
	traffic $i
	P=$(hpd_pid hpship)
	kill -KILL "$P"
	traffic 1$i
	[ $i != 2 ] || rotated
	ok "hpship was killed: another one" eventually 20 hpd_pid_new hpship "$P"
done
for i in 4 5; do
	traffic $i
	P=$(hpd_pid hpd-log)
	kill -KILL "$P"
	traffic 1$i
	ok "hpd-log was killed: another one" eventually 20 hpd_pid_new hpd-log "$P"
done
traffic 6
eventually 30 arrived "$W/kill.got"
ok "TERM ends it with 0" hpd_stop
ok "killed hpship, killed hpd-log: no line is missing, few came twice" check "$W/kill.got" dups=200
note "$(check "$W/kill.got" dups=200)"
not_ok "nobody died of its sandbox" grep -q "killed by its sandbox" "$W/err"
recv_end

# --- nobody listens for longer than it can hold
fresh
conf "log syslog unix \"$W/nobody\" probes"
rm -f "$W/nobody"
hpd_start
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	traffic $i
	rotated
done
ok "no receiver: what is given up is counted" eventually 10 sh -c "cat '$W'/log/events-* | grep -q '\"hpd.ship.lost\"'"
recv unix "$W/nobody" "$W/late.got"
# the back-off is up to 60 s by then: the socket is asked for anew by a reload
conf "log syslog unix \"$W/nobody\" facility local0 probes"
kill -HUP "$HPD"
traffic 13
ok "a receiver at last gets the rest" eventually 30 arrived "$W/late.got"
ok "TERM ends it with 0" hpd_stop
gone=$(cat "$W"/log/events-*.jsonl | jq -s '[.[] | select(.event.action == "hpd.ship.lost") | .hpd.lost.count] | add // 0')
have=$(cat "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl | wc -l)
is "lines sent and lines given up are all lines" "$(($(wc -l < "$W/late.got") + gone))" "$have"
note "$gone given up of $have"
recv_end
finish
