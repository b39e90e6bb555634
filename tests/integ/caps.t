#!/bin/sh
# SPDX-License-Identifier: ISC
# Caps: sessions of a source, of a service, in all; connections of a source
# and in all. What is over one is refused as the template says, and told.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
ok "a jail with the tests' scripts" test_jail || finish
[ -x "$B/bench/bulk" ] || { fail "no $B/bench/bulk"; finish; }
cat > "$W/hpd.conf" <<C
limit sessions 8 source 5
limit connections 1200 source 500
create web
set web default tcp action closed
add web tcp port 22 open
add web tcp port 1002 "perl scripts/wait.pl" source 2
add web tcp port 1003 "perl scripts/wait.pl" sessions 3
add web tcp port 1004 "perl scripts/wait.pl"
clone mute web
set mute denied silence
bind $NET.10 web
clone busy web
set busy denied "421 Too many connections"
bind $NET.11 mute
bind $NET.12 busy
C
for i in 2 3 4 5; do ip -n "$NS_T" addr add $NET.$i/24 dev "$IF_T"; done
ok "the suite starts" hpd_start -j "$W/jail" || finish
tester ping -c 1 -W 5 $NET.10 > /dev/null
tester ping -c 1 -W 5 $NET.11 > /dev/null
tester ping -c 1 -W 5 $NET.12 > /dev/null
n=0
hold() { # SRC DST PORT: a client that stays
	n=$((n + 1))
	ip netns exec "$NS_T" sh -c "sleep 100 | nc -s $1 $2 $3" > "$W/held.$n" 2>&1 &
	KILL_PIDS="$KILL_PIDS $!"
}
held() { grep -q hello "$W/held.$n"; }
got() { hold "$@"; eventually 10 held; }
denials() { # REASON DST-PORT COUNT
	[ "$(events svc.denied | jq -r "select(.hpd.verdict == \"$1\" and .destination.port == $2) | .hpd.seq" | wc -l)" -ge "$3" ]
}
tries() { # SRC DST PORT: "reset", "silence" or "data"
	tester python3 - "$1" "$2" "$3" <<'P'
import socket, sys
try:
    s = socket.create_connection((sys.argv[2], int(sys.argv[3])), 10, (sys.argv[1], 0))
    s.settimeout(3)
    d = s.recv(10)
    print("data" if d else "close")
except ConnectionResetError:
    print("reset")
except socket.timeout:
    print("silence")
P
}
ok "a source's first session of a service" got $NET.1 $NET.10 1002
ok "...its second" got $NET.1 $NET.10 1002
is "its third is reset" "$(tries $NET.1 $NET.10 1002)" reset
is "a template that says silence: nothing" "$(tries $NET.1 $NET.11 1002)" silence
is "one that has a line for it: the line, and an orderly end" \
    "$(tester timeout 10 nc -w 5 -s $NET.1 $NET.12 1002 < /dev/null | tr '\r' '|')" "421 Too many connections|"
ok "all are told" eventually 5 denials limit_source 1002 3
ok "another source gets one" got $NET.2 $NET.10 1002
for i in 3 4 5; do ok "a service's session for $NET.$i" got $NET.$i $NET.10 1003; done
is "its fourth, whoever asks, is reset" "$(tries $NET.2 $NET.10 1003)" reset
ok "it is told" eventually 5 denials limit_service 1003 1
ok "two more sessions: eight in all" got $NET.3 $NET.10 1004
ok "...the eighth" got $NET.4 $NET.10 1004
is "the ninth is reset" "$(tries $NET.5 $NET.10 1004)" reset
ok "it is told" eventually 5 denials limit_total 1004 1
kill $KILL_PIDS; wait $KILL_PIDS 2>/dev/null; KILL_PIDS=
for p in $(ip netns pids "$NS_T"); do kill "$p" 2>/dev/null; done
again() { [ "$(tries $NET.1 $NET.10 1002)" = data ]; }
ok "when they are gone there is room again" eventually 10 again

# connections
limits() { events net.limit | jq -r "select(.message == \"$1\") | .hpd.count" | awk '{ s += $1 } END { exit !(s > 0) }'; }
many() { # SRC WANTED: connections held at a time, of so many tried
	tester python3 - "$1" $NET.10 22 "$2" "$W/stop.$1" "$W/many.$1" <<'P' &
import os, resource, select, socket, sys, time
src, dst, port, want, stop, out = sys.argv[1:]
want = int(want)
resource.setrlimit(resource.RLIMIT_NOFILE, (8192, 8192))
socks = []
for i in range(want):
    s = socket.socket()
    s.setblocking(False)
    s.bind((src, 0))
    s.connect_ex((dst, int(port)))
    socks.append(s)
    if i % 50 == 49:
        time.sleep(0.02)
time.sleep(2)
p = select.poll()
for s in socks:
    p.register(s, select.POLLOUT)
up = sum(1 for fd, ev in p.poll(0) if ev == select.POLLOUT)
with open(out + ".tmp", "w") as f:
    f.write(str(up))
os.rename(out + ".tmp", out)
while not os.path.exists(stop):
    time.sleep(0.1)
P
	KILL_PIDS="$KILL_PIDS $!"
	eventually 20 test -s "$W/many.$1"
}
many $NET.1 2000
note "one source tried 2000, its kernel holds $(cat "$W/many.$NET.1")"
opened() { events tcp.open | jq -r "select(.destination.port == 22 and .source.ip == \"$1\") | .hpd.seq" | wc -l; }
sleep 1
n=$(opened $NET.1)
ok "of 2000 connections of one source no more than 500 are taken, and nearly those: $n" test "$n" -le 500 -a "$n" -ge 490
ok "the rest is told" eventually 5 limits "tcp connections of one source"
is "another source is served at the same time" "$(tries $NET.2 $NET.10 1002)" data
ok "echoes too" tester ping -c 1 -W 5 $NET.10
for i in 2 3; do many $NET.$i 700; done
sleep 1
t=$(($(opened $NET.1) + $(opened $NET.2) + $(opened $NET.3)))
note "three sources: $t"
ok "1200 connections in all, no more" test "$t" -le 1200
ok "...and not many fewer" test "$t" -ge 1000
touch "$W/stop.$NET.1" "$W/stop.$NET.2" "$W/stop.$NET.3"
ok "TERM ends it with 0" hpd_stop
ok "no gap" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
finish
