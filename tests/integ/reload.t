#!/bin/sh
# SPDX-License-Identifier: ISC
# 100 reloads under traffic, every second one broken: no connection is lost.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
cp "$W/hpd.conf" "$W/good.conf"
sed "s/$NET\.10\$/$NET.77/;s/^bind $NET\.10 /bind $NET.77 /" "$W/good.conf" > "$W/more.tmp"
cat "$W/good.conf" > "$W/more.conf"
echo "bind $NET.77 web" >> "$W/more.conf"
echo 'set nothing personality "none"' > "$W/broken.conf"
ok "the suite starts" hpd_start || finish
ok "a decoy answers" eventually 5 tester ping -c1 -W1 $NET.10
pids0=$(hpd_pids | sort | tr '\n' ' ')

# One connection that lives through all of it, and short ones meanwhile.
python3 tests/lib/echoclient.py hold "$NS_T" $NET.10 7 "$W/stop" > "$W/hold.out" 2>&1 &
HOLD=$!
python3 tests/lib/echoclient.py short "$NS_T" $NET.10 7 "$W/stop" > "$W/short.out" 2>&1 &
SHORT=$!
KILL_PIDS="$HOLD $SHORT"
reloads() { events reload | wc -l; }
got() { [ "$(reloads)" -ge "$1" ]; }
i=0 stuck=0
while [ $i -lt 100 ]; do
	i=$((i + 1))
	case $((i % 4)) in
	0) cp "$W/good.conf" "$W/hpd.conf" ;;
	2) cp "$W/more.conf" "$W/hpd.conf" ;;
	*) cp "$W/broken.conf" "$W/hpd.conf" ;;
	esac
	kill -HUP "$HPD"
	eventually 10 got $i || { stuck=$i; break; }
done
is "100 reloads answered" "$stuck" 0
is "half were refused" "$(events reload | grep -c refused)" 50
is "half were taken" "$(events reload | grep -c 'generation [0-9]*"')" 50
is "no process was replaced" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ok "the messages of the broken one are in the log" event_said diag 'hpd.conf:1:'
touch "$W/stop"
wait $HOLD; is "the long connection lived through all" $? 0
wait $SHORT; is "no short connection failed" $? 0
at_least() { [ "$(sed -n 's/^[a-z]*: \([0-9]*\) ok$/\1/p' "$1")" -ge "$2" ]; }
ok "there were lines and connections enough to lose" eval 'at_least "$W/hold.out" 100 && at_least "$W/short.out" 30'
note "$(tail -1 "$W/hold.out") $(tail -1 "$W/short.out")"
cp "$W/more.conf" "$W/hpd.conf"
kill -HUP "$HPD"
ok "an address bound by the last reload answers" eventually 8 tester ping -c1 -W1 $NET.77
ok "TERM ends it with 0" hpd_stop
ok "no gap in the log" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
finish
