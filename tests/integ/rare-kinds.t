#!/bin/sh
# SPDX-License-Identifier: ISC
# Kinds of events that no ordinary traffic makes, each really made: a process
# that dies of its filter, a script that floods its log, a full queue, a
# datagram hpd-log dies of twice, a kernel without some step of the sandbox.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
conf_default
test_jail > /dev/null || { fail "a jail of its own"; finish; }
cat >> "$W/hpd.conf" <<'E'
create spill
set spill default tcp action closed
add spill tcp port 25 "perl scripts/spill.pl"
bind 10.66.0.25 spill
set 10.66.0.10 transcript 1G
E
said() { event_said "$1" "$2"; }
talks() { [ "$(echo hello | tester timeout 5 nc -q1 -w3 $NET.10 7)" = hello ]; }

ok "the suite starts" hpd_start -j "$W/jail" || finish
ok "a session" eventually 20 talks

# More lines than a session may log in its time.
seq 1 20000 | tester timeout 20 nc -q2 -w5 $NET.25 25 > /dev/null
ok "svc.lost: lines over the script's rate" eventually 15 said svc.lost '"count":[0-9]{3}'

# More connections to an open port in a second than are told one by one.
tester /usr/bin/python3 - $NET.10 <<'E'
import resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
for i in range(3): # on a busy machine the first may take too long
    all = []
    for i in range(3000):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex((sys.argv[1], 22))
        all.append(s)
    time.sleep(2)
    for s in all:
        s.close()
E
ok "tcp.connects: connections in one count" eventually 20 said tcp.connects '"of":"tcp.close"'

old=$(hpd_pid hpd-net)
call() { eventually 5 /usr/bin/python3 "$SRC/tests/lib/makecall.py" "$old" 101; }
ok "hpd-net is made to call ptrace" call
ok "sandbox.kill: it died of its filter" eventually 15 said sandbox.kill "hpd-net.* $old"
ok "... and is back" eventually 20 hpd_pid_new hpd-net "$old"
ok "... with sessions" eventually 20 talks

# hpd-log stands still, its queue fills.
p=$(hpd_pid hpd-log)
kill -STOP "$p"
yes "a line of a session" | head -c 40000000 | tester timeout 30 nc -q1 -w5 $NET.10 7 > /dev/null
kill -CONT "$p"
ok "log.lost: a queue was full" eventually 30 said log.lost '"lost":{"first":[0-9]+'

# The same datagram is in front at two deaths of hpd-log.
twice() {
	tw_p=$(hpd_pid hpd-log)
	kill -STOP "$tw_p"
	talks; sleep 1
	/usr/bin/python3 - "$HPD" "$tw_p" <<'E'
import os, signal, sys, time
parent, old = int(sys.argv[1]), int(sys.argv[2])
def logs():
    for p in open("/proc/%d/task/%d/children" % (parent, parent)).read().split():
        try:
            if open("/proc/%s/cmdline" % p, "rb").read().startswith(b"hpd-log\0"):
                yield int(p)
        except OSError:
            pass
os.kill(old, signal.SIGKILL)
end = time.time() + 20
while time.time() < end:
    for p in logs():
        if p != old: # before it has read anything
            os.kill(p, signal.SIGKILL)
            sys.exit(0)
sys.exit(1)
E
	eventually 15 said log.skip 'datagram of [0-9]+ bytes skipped'
}
ok "log.skip: a datagram hpd-log died of twice" twice || ok "... at the second try" twice
ok "log.gap: what was in it" eventually 10 said log.gap '"lost":\{"first":[0-9]+'
ok "the log goes on" eventually 20 talks
ok "TERM ends it with 0" hpd_stop

if [ ! -x "${INJECTB:-/nowhere}/bin/hpd-parent" ]; then
	skip "sandbox.missing" "no test build (INJECTB)"
	finish
fi
plain=$B
B=$INJECTB
case $B in /*) ;; *) B=$PWD/$B ;; esac
rm -rf "$W/log2"
mv "$W/log" "$W/log2"
ok "test build: the suite starts" hpd_start -j "$W/jail" -X net:mdwe=absent
B=$plain
ok "sandbox.missing: a kernel without a step" eventually 10 said sandbox.missing 'hpd-net.*mdwe'
ok "TERM ends it with 0" hpd_stop
finish
