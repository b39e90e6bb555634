#!/bin/sh
# SPDX-License-Identifier: ISC
# A service that an intruder took over tries to get out, over a real connection
# to a decoy, in both profiles; each attack is tried outside as well, as nobody,
# to see what it is worth here. Killed ones are in the log as svc.trip.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP numbers of x86_64"; exit 0; }
netns_up
ok "a jail with the tests' scripts" test_jail || finish
conf_default
cat >> "$W/hpd.conf" <<'END'
add web tcp port 1000 "perl scripts/escape.pl"
add web tcp port 1001 "perl scripts/escape.pl" profile shell
END
ok "the suite starts" hpd_start -j "$W/jail" || finish

cat > "$W/try.py" <<'PY'
import ctypes, os, socket, sys
fd = os.open(f"/run/netns/{sys.argv[1]}", os.O_RDONLY)
ctypes.CDLL(None).setns(fd, 0x40000000)
for name in open(sys.argv[3]).read().splitlines():
    name = name.split(" ", 1)[1]
    got = b""
    try:
        s = socket.create_connection(("10.66.0.10", int(sys.argv[2])), 10)
        s.settimeout(10)
        s.sendall(name.encode() + b"\n")
        while True:
            b = s.recv(4096)
            if not b:
                break
            got += b
        s.close()
    except OSError as e:
        got = str(e).encode()
    got = got.decode("latin-1").strip().replace("\n", "/")
    print(f"{got or 'NOTHING'}|{name}", flush=True)
PY
control() { # what each is worth without a jail
	C=$W/control
	mkdir "$C" && cp tests/data/scripts/escape.pl "$C/e.pl"
	while read -r _ name; do
		rm -rf "$C/x"; mkdir "$C/x"
		touch "$C/x/old" "$C/x/old2" "$C/x/old3"
		chown -R 65534:65534 "$C"
		r=$(cd "$C/x" && timeout 20 setpriv --reuid=65534 --regid=65534 --clear-groups \
		    perl ../e.pl "$name" "$C/x" 2>/dev/null < /dev/null | tail -1)
		echo "${r:-NOTHING}|$name"
	done < "$W/list"
}
perl tests/data/scripts/escape.pl list > "$W/list"
n=$(wc -l < "$W/list")
control > "$W/free" &
CONTROL=$!
for port in 1000 1001; do
	python3 "$W/try.py" "$NS_T" $port "$W/list" > "$W/got.$port" &
	KILL_PIDS="$KILL_PIDS $!"
done
wait $CONTROL $KILL_PIDS 2>/dev/null
KILL_PIDS=
for p in 0:1000:nofork 1:1001:shell; do
	at=${p%%:*} profile=${p##*:} port=${p#*:}; port=${port%:*}
	while read -r want name; do
		got=$(grep -F -x -e "WORKED|$name" -e "REFUSED|$name" -e "NOTHING|$name" "$W/got.$port" | cut -d'|' -f1)
		free=$(grep -F -x -e "WORKED|$name" "$W/free" | cut -d'|' -f1)
		w=$(echo "$want" | cut -c$((at + 1)))
		case $w:$got in
		E:REFUSED|K:NOTHING|W:WORKED) pass "$profile: $name ($got; outside: ${free:-absent})" ;;
		E:NOTHING) case $name in '200 MB') pass "$profile: $name (dies; outside: ${free:-absent})" ;;
			*) fail "$profile: $name: wanted refused, nothing came" ;; esac ;;
		*) fail "$profile: $name: wanted $w, got '$got'" ;;
		esac
	done < "$W/list"
done
real=$(grep -c '^WORKED' "$W/free")
ok "the attacks are real: $real of $n work outside" [ "$real" -ge $((n / 3)) ]
k=$(grep -c '^KK' "$W/list")
trips() { [ "$(events svc.trip | wc -l)" -ge $((2 * k)) ]; }
ok "each killed one is in the log as a trip" eventually 5 trips
note "$(events svc.trip | wc -l) of $((2 * k))"
is "no process of the suite was lost" "$(events proc.down | wc -l)" 0
none_left() { for s in hpd-svc hpd-svc-shell; do ! pgrep -P "$(hpd_pid $s)" || return 1; done; }
ok "no script is left" eventually 10 none_left
ok "TERM ends it with 0" hpd_stop
finish
