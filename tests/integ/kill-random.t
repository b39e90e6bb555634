#!/bin/sh
# SPDX-License-Identifier: ISC
# The children are killed 20 times in a mixed order while somebody downloads:
# what does not serve that connection may die without harm to it, the rest is
# back for the next one. Then the parent is killed with shell sessions running
# that have children in the background: nothing is left.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
cat >> "$W/hpd.conf" <<'END'
add web tcp port 1000 "sh -c 'yes'" profile shell
add web tcp port 1001 "sh -c 'sleep 300 & sleep 301 & (sleep 302 & sleep 303) & echo up; cat'" profile shell
END
cat > "$W/get.py" <<'PY'
import ctypes, os, socket, sys, time
fd = os.open(f"/run/netns/{sys.argv[1]}", os.O_RDONLY)
ctypes.CDLL(None).setns(fd, 0x40000000)
s = socket.create_connection(("10.66.0.11", 1000), 10)
s.settimeout(10)
n = 0
while True:
    b = s.recv(8192)
    if not b:
        sys.exit(1)
    n += len(b)
    with open(sys.argv[2] + ".new", "w") as f:
        f.write(str(n))
    os.rename(sys.argv[2] + ".new", sys.argv[2])
    time.sleep(0.02)
PY
GET=
bytes() { cat "$W/bytes" 2>/dev/null || echo 0; }
flows() { # more than before, by the same client
	b0=$(bytes); sleep 0.3
	kill -0 "$GET" && [ "$(bytes)" -gt "$b0" ]
}
get() {
	[ -z "$GET" ] || { kill "$GET" 2>/dev/null; wait "$GET" 2>/dev/null; }
	rm -f "$W/bytes"
	python3 "$W/get.py" "$NS_T" "$W/bytes" 2>/dev/null &
	GET=$! KILL_PIDS=$!
}
downloads() { get; sleep 0.5; flows; }
ok "the suite starts" hpd_start || finish
ok "a download runs" eventually 10 downloads
i=0
for k in hpd-log hpd-svc hpd-log hpd-net hpd-svc hpd-svc-shell hpd-log hpd-svc hpd-net hpd-log \
    hpd-svc hpd-svc-shell hpd-log hpd-net hpd-svc hpd-log hpd-svc-shell hpd-svc hpd-log hpd-net; do
	i=$((i + 1))
	eventually 10 hpd_pid $k
	old=$(hpd_pid $k)
	kill -KILL "$old"
	case $k in
	hpd-log|hpd-svc) ok "$i: $k dies: the download goes on" flows ;;
	*) ok "$i: $k dies: the next download works" eventually 20 downloads ;;
	esac
	ok "...it comes back" eventually 20 hpd_pid_new $k "$old"
done
kill "$GET"; wait "$GET" 2>/dev/null; KILL_PIDS=
downs() { [ "$(events proc.down | wc -l)" -ge 20 ]; }
ok "all 20 deaths are in the log" eventually 10 downs
ok "no gap but log.lost" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl

# The parent, with three sessions of five processes each.
for n in 1 2 3; do
	(sleep 30) | tester nc -w 30 $NET.10 1001 > "$W/s$n" 2>&1 &
	KILL_PIDS="$KILL_PIDS $!"
done
below() { # all descendants
	for c in $(pgrep -P "$1"); do echo "$c"; below "$c"; done
}
busy() { [ "$(below "$(hpd_pid hpd-svc-shell)" | wc -l)" -ge 15 ]; }
ok "three sessions with children in the background" eventually 15 busy
pids=$(below "$HPD" | tr '\n' ' ')
note "$(echo "$pids" | wc -w) processes"
kill -KILL "$HPD"
wait "$HPD" 2>/dev/null
HPD=
sleep 1
left=
for p in $pids; do
	[ ! -d "/proc/$p" ] || grep -q '^State:.*Z' "/proc/$p/status" 2>/dev/null || left="$left $p"
done
is "nothing is left after a second" "$left" ""
for p in $KILL_PIDS; do kill "$p" 2>/dev/null; done
finish
