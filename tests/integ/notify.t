#!/bin/sh
# SPDX-License-Identifier: ISC
# Under a service manager: stays in the foreground, says READY=1 when all run
# and STOPPING=1 when it was told to stop.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
cat > "$W/listen.py" <<'PY'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(sys.argv[1])
open(sys.argv[2] + ".up", "w").close()
with open(sys.argv[2], "w") as f:
    while True:
        d = s.recv(4096).decode()
        f.write(d + "\n")
        f.flush()
PY
for sock in "$W/notify" "@hpd-it-$$"; do
	rm -f "$W/said" "$W/said.up"
	python3 - "$sock" "$W/said" "$W/listen.py" > /dev/null 2>&1 <<'PY' &
import sys
name = sys.argv[1]
src = open(sys.argv[3]).read()
sys.argv = [sys.argv[3], name.replace("@", "\0", 1), sys.argv[2]]
exec(src)
PY
	KILL_PIDS=$!
	eventually 5 test -e "$W/said.up"
	rm -rf "$W/log"
	NOTIFY_SOCKET="$sock" "$B/bin/hpd-parent" -A -L "$B/bin" -f "$W/hpd.conf" \
	    -l "$W/log" -N "$NS_D" -i "$IF_D" > "$W/err" 2>&1 &
	HPD=$!
	ok "READY=1 on $sock" eventually 15 grep -qx READY=1 "$W/said"
	ok "...and it stays in the foreground" kill -0 "$HPD"
	ok "...and the children have no environment" test -z "$(tr -d '\0' < /proc/$(hpd_pid hpd-net)/environ)"
	ok "TERM ends it with 0" hpd_stop
	ok "STOPPING=1 was said" eventually 5 grep -qx STOPPING=1 "$W/said"
	kill $KILL_PIDS
	wait $KILL_PIDS 2>/dev/null
	KILL_PIDS=
done
finish
