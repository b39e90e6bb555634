#!/bin/sh
# SPDX-License-Identifier: ISC
# The seal of a real log: intact while it is written, after kills of its writer,
# after the suite's sudden death, over several starts; what is changed in a copy
# of it is named; the key is shown once.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
cat >> "$W/hpd.conf" <<'END'
log size 1M
log packets
log frames "udp"
END
V="$B/bin/hpview"
verify() { "$V" verify -v -k "$W/key" "$@" > "$W/verify" 2>&1; v_rc=$?; cat "$W/verify"; return $v_rc; }
# A lot of everything, for SECONDS.
traffic() {
	python3 - "$NS_T" "$1" <<'PY'
import ctypes, os, socket, sys, time
ctypes.CDLL(None).setns(os.open(f"/run/netns/{sys.argv[1]}", os.O_RDONLY), 0x40000000)
end = time.monotonic() + float(sys.argv[2])
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
n = 0
while time.monotonic() < end:
    n += 1
    try:
        u.sendto(b"x" * 100, ("10.66.0.1%d" % (n % 2), 1000 + n % 5000))
    except OSError:
        pass
    if n % 20 == 0:
        s = socket.socket()
        s.settimeout(2)
        try:
            s.connect(("10.66.0.10", 7))
            s.send(b"line %d\n" % n)
            s.recv(100)
        except OSError:
            pass
        s.close()
    time.sleep(0.001)
PY
}

ok "the suite starts" hpd_start || finish
ok "it says that the key was not taken" grep -q "hpview key" "$W/err"
tester ping -c1 -W2 $NET.10 > /dev/null

# The key: not into a pipe, once on a terminal, then gone.
"$V" key -s "$W/log/.seal" > "$W/out" 2>&1
is "not shown where there is no terminal" "$? $(grep -c hpd1- "$W/out")" "64 0"
ok "and not taken by that" test -f "$W/log/.seal/root"
ok "verify works with the key where it lies" "$V" verify "$W/log"
cat > "$W/onterm.py" <<'PY'
import os, pty, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.environ["LC_ALL"] = "C.UTF-8"
    os.execv(sys.argv[1], sys.argv[1:])
out = b""
said = False
while True:
    try:
        d = os.read(fd, 4096)
    except OSError:
        break
    if not d:
        break
    out += d
    if b"(yes/no)" in out and not said:
        os.write(fd, b"yes\n")
        said = True
sys.stdout.buffer.write(out)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
ok "shown on a terminal" python3 "$W/onterm.py" "$V" key -s "$W/log/.seal"
cp "$tap_tmp" "$W/shown"
python3 - "$W/shown" "$W/key" <<'PY'
import re, sys
t = open(sys.argv[1], encoding="utf-8").read()
open(sys.argv[2], "w").write(re.search(r"hpd1(-[a-z2-7]{4}){15}", t).group(0) + "\n")
PY
ok "with a QR code" grep -q '▀' "$W/shown"
not_ok "it is gone from the sensor" test -e "$W/log/.seal/root"
"$V" key -f -s "$W/log/.seal" > "$W/out" 2>&1
is "a second call says so" "$? $(grep -c 'taken already' "$W/out")" "1 1"

# While it is written.
traffic 6 & T=$!
KILL_PIDS="$KILL_PIDS $T"
i=0 bad=0
while [ $i -lt 8 ]; do
	verify "$W/log" > "$W/running.$i" || { bad=$((bad + 1)); note "$(cat "$W/running.$i")"; }
	i=$((i + 1))
	[ $i -eq 2 ] && kill -USR1 "$HPD" # the next segments
	[ $i -eq 5 ] && kill -USR1 "$HPD"
	sleep 0.3
done
is "intact at each look while it is written" $bad 0
wait $T

# The writer killed in the midst of it.
traffic 8 & T=$!
KILL_PIDS="$KILL_PIDS $T"
i=0
while [ $i -lt 4 ]; do
	old=$(hpd_pid hpd-log) && kill -KILL "$old"
	eventually 10 hpd_pid_new hpd-log "$old"
	i=$((i + 1))
	sleep 0.7
done
wait $T
ok "intact after kills of hpd-log" verify "$W/log"
note "$(grep -c "in doubt:" "$W/verify") doubts; $(tail -4 "$W/verify")"
ok "no number is missing without a reason" sh -c "! grep -q unexplained '$W/verify'"
ok "TERM ends it with 0" hpd_stop
ok "intact after the end" verify "$W/log"
note "$(tail -4 "$W/verify")"

# All dies at once, as with the power; then it goes on with the next start.
ok "a second start" hpd_start
traffic 2
kill -KILL "$HPD"
wait "$HPD" 2>/dev/null
HPD=
eventually 10 sh -c "! ip netns pids $NS_D | grep -q ."
ok "intact after the parent's death" verify "$W/log"
ok "a third start" hpd_start
traffic 1
ok "intact with three starts" verify "$W/log"
ok "TERM ends it with 0 again" hpd_stop
ok "intact at the end of all" verify "$W/log"
is "three starts" "$(grep -o '[0-9]* starts' "$W/verify")" "3 starts"
note "$(tail -5 "$W/verify")"

# Changes in a copy.
copy() { rm -rf "$W/copy"; cp -a "$W/log" "$W/copy" 2>/dev/null; [ -d "$W/copy/.seal" ]; }
named() { # NAME PATTERN
	verify "$W/copy" > /dev/null
	tap_out=$(head -5 "$W/verify")
	if [ $v_rc -eq 1 ] && grep -qE "$2" "$W/verify"; then pass "$1"; else fail "$1"; fi
}
first() { ls "$W/copy"/$1 | sed -n "$2p"; }
copy
f=$(first 'events-*' 2)
python3 - "$f" <<'PY'
import sys
b = bytearray(open(sys.argv[1], "rb").read())
at = b.index(b"\n", b.index(b"\n") + 1) + 100
b[at] ^= 1
open(sys.argv[1], "wb").write(b)
PY
named "a bit in a record" "${f##*/}:3: altered"
copy; sed -i 5d "$f"
named "a line removed" "${f##*/}:5: missing"
copy; sed -i '4{h;d};5{G}' "$f"
named "two lines exchanged" "${f##*/}:[456]: (missing|out of order)"
copy; rm "$f"
named "a segment removed" "missing segment: events segment 2 of start 0"
copy; l=$(ls "$W/copy"/events-* | tail -1); truncate -s -200 "$l"
named "the end cut" "${l##*/}:?[0-9]*: truncated"
copy; l=$(ls "$W/copy"/events-* | tail -1); sed -i '$d' "$l"
named "the last line removed" "${l##*/}:?[0-9]*: truncated"
copy; p=$(first 'frames-*' 1); printf x | dd of="$p" bs=1 seek=60 conv=notrunc 2>/dev/null
named "a byte of a frame" "${p##*/}: altered text"
copy; p=$(first 'honeyd-*' 1); rm "$p"
named "a text segment removed" "honeyd segment 1 of start 0"
copy; rm "$W/copy"/*-*.*
"$V" verify -k "$W/key" "$W/copy" > /dev/null 2>&1
is "nothing there" $? 66
copy; rm "$W/copy/.seal/state"
named "the state removed" "seal state"
copy
sed 's/.$/a/; s/aa$/ba/' "$W/key" > "$W/key.bad"
"$V" verify -k "$W/key.bad" "$W/copy" > "$W/out" 2>&1
is "a mistyped key is no key" "$? $(grep -c mistyped "$W/out")" "64 1"
head -c 32 /dev/urandom > "$W/key.other"
"$V" verify -k "$W/key.other" "$W/copy" > "$W/out" 2>&1
is "another key is told as that" "$? $(grep -c 'wrong key' "$W/out")" "1 1"
"$V" verify -j -k "$W/key" "$W/copy" > "$W/out" 2>&1
is "JSON lines" "$? $(jq -r .summary "$W/out" 2>/dev/null | tail -1)" "0 intact"
finish
