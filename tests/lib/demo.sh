#!/bin/sh
# SPDX-License-Identifier: ISC
# make demo: a private network with decoys on it. Two namespaces and a cable
# between them; the suite on one end, you on the other. Nothing outside of them
# is touched, and all of it goes away again. TOUR=1: the guided tour only; the
# exit code says whether everything in it worked.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
[ "$(id -u)" = 0 ] || { echo "make demo needs root: sudo make demo"; exit 1; }
NS_T_WANT=hpd-demo
if ip netns list | grep -q "^$NS_T_WANT\b"; then
	NS_T_WANT=hpd-demo-$$
fi
netns_up
CONF=${CONF:-scripts/demo.conf}
cp "$CONF" "$W/hpd.conf"

if [ -t 1 ]; then BOLD=$(printf '\033[1m') DIM=$(printf '\033[2m') RED=$(printf '\033[31m') GREEN=$(printf '\033[32m') OFF=$(printf '\033[0m'); fi
say() { printf '\n%s%s%s\n' "$BOLD" "$*" "$OFF"; }
failed=0 LINES_SHOWN=14

# Events in a form for people, as they come.
watch_events() {
	tail -q -n +1 -F "$W/log/events.jsonl" "$W/log/probes.jsonl" 2>/dev/null | jq -r --unbuffered '
	    (.event.action | ltrimstr("hpd.")) as $a
	    | select($a | IN("arp.claim", "arp.yield", "diag", "sandbox.missing", "svc.field", "session.data") or startswith("log.") | not)
	    | "  | " + .["@timestamp"][11:19] + "  " + ($a + "              ")[0:14]
	    + (if .source then .source.ip
		+ (if .source.port then ":" + (.source.port | tostring) else "" end)
		+ " > " + .destination.ip
		+ (if .destination.port then ":" + (.destination.port | tostring) else "" end)
	      else "" end)
	    + (if .hpd.template then "  " + .hpd.template else "" end)
	    + (if .hpd.verdict then "  " + .hpd.verdict else "" end)
	    + (if (.hpd.count // 1) > 1 then "  x" + (.hpd.count | tostring) else "" end)
	    + (if .hpd.service then "  [" + .hpd.service + "]" else "" end)
	    + (if .hpd.why then "  " + .hpd.why else "" end)
	    + (if .message then "  " + (.message | gsub("[[:cntrl:]]"; "."))[0:100] else "" end)' &
	KILL_PIDS="$KILL_PIDS $!"
}

addr_of() { # the address bound to template $1
	awk -v t="$1" '$1 == "bind" && $3 == t { print $2; exit }' "$W/hpd.conf"
}

# step WHAT PATTERN COMMAND...: run it, show it, demand PATTERN in its output
step() {
	what=$1 pattern=$2; shift 2
	say "$what"
	case $1 in
	tester) shown=${*#tester } ;;
	view) shown="hpview ${*#view }" ;;
	dialogue) shown="nc $2 $3     (then type: ${*#dialogue * * })" ;;
	*) shown= ;;
	esac
	[ -z "$shown" ] || printf '%s$ %s%s\n' "$DIM" "$shown" "$OFF"
	"$@" > "$W/step" 2>&1
	tr -cd '\t\n -~' < "$W/step" | sed '/^ *$/d' | cut -c1-76 | head -$LINES_SHOWN | sed 's/^/  /'
	[ "$(wc -l < "$W/step")" -le $LINES_SHOWN ] || printf '  %s...%s\n' "$DIM" "$OFF"
	if grep -aqE -- "$pattern" "$W/step"; then
		printf '  %sworked%s\n' "$GREEN" "$OFF"
	else
		failed=$((failed + 1))
		printf '  %sDID NOT WORK%s (no "%s")\n' "$RED" "$OFF" "$pattern"
	fi
	sleep 0.6
}
dialogue() { # address port lines...: send them half a second apart
	d_addr=$1 d_port=$2; shift 2
	{ sleep 1; for l in "$@"; do printf '%s\r\n' "$l"; sleep 0.5; done; sleep 0.5; } |
	    tester timeout 15 nc -q 1 -w 5 "$d_addr" "$d_port"
}
view() { "$B/bin/hpview" "$@"; }
verified() { # with the key that a sensor shows once
	view key -f -q none -s "$W/log/.seal" | grep -o 'hpd1-[a-z2-7-]*' > "$W/key"
	view verify -k "$W/key" -s "$W/log/.seal" "$W/log"
}
logged() { # every kind of event the tour must have left
	sleep 1.5
	for k in start proc.up icmp.probe tcp.probe tcp.open tcp.close svc.start svc.exit; do
		n=$(events $k | wc -l)
		echo "$k: $n"
		[ "$n" -gt 0 ] || { echo "MISSING $k"; return; }
	done
	echo "all kinds there"
}

say "Starting the suite on a network of its own ($NET.0/24)"
hpd_start "$NET.0/24" || exit 1
for p in hpd-parent hpd-conf hpd-net hpd-svc hpd-svc-shell hpd-log; do
	pid=$(hpd_pid $p)
	[ $p = hpd-parent ] && pid=$HPD
	[ -z "$pid" ] || printf '  %-14s pid %-7s uid %-11s %s\n' $p "$pid" \
	    "$(awk '/^Uid:/ { print $2 }' /proc/$pid/status)" \
	    "$(awk '/^CapEff:/ { print ($2 == "0000000000000000") ? "no capabilities" : "capabilities " $2 }' /proc/$pid/status)"
done
watch_events
WEB=$(addr_of windows) ROUTER=$(addr_of router) MAIL=$(addr_of mail) PRINTER=$(addr_of printer)
sleep 1

tour() {
	step "Is somebody there?" ' 0% packet loss' \
	    tester ping -c 3 -i 0.3 "$WEB"
	step "Which hosts are up around it?" 'hosts? up' \
	    tester nmap -n -sn "$NET.8-40"
	step "Which ports are open?" '80/tcp +open' \
	    tester nmap -n -sS -p 21-25,80,135,139,443,445 "$WEB"
	step "A web page" 'IIS' \
	    tester curl -s -i --max-time 8 "http://$WEB/"
	step "A router's login" '[Pp]assword|Username|incorrect|failed|invalid' \
	    dialogue "$ROUTER" 23 admin cisco enable
	step "A mail server" '^250' \
	    dialogue "$MAIL" 25 'EHLO tester' QUIT
	step "An SSH server" 'SSH-2.0-' \
	    dialogue "$MAIL" 22 'SSH-2.0-demo'
	step "What does nmap take it for?" '22/tcp +open +ssh' \
	    tester nmap -n -sV -p 22,25 "$MAIL"
	step "And all of it is in the log (events by kind)" 'all kinds there' logged
	LINES_SHOWN=60
	step "The viewer: who came, what did they try?" 'admin +cisco' view summary -N 4 "$W/log"
	LINES_SHOWN=14
}
tour
if [ -n "$TOUR" ]; then
	say "Stopping"
	hpd_stop || { echo "  exit code $?"; failed=$((failed + 1)); }
	step "Is the log as it was written? (hpview verify)" '^intact' verified
	[ $failed -eq 0 ] && say "The tour worked." || say "$failed steps of the tour did not work."
	[ $failed -eq 0 ]
	exit
fi
[ $failed -eq 0 ] || say "$failed steps did not work."
trap 'exit 0' INT TERM
say "Your turn"
cat <<END
  Attack from another terminal; the events appear here.
    sudo ip netns exec $NS_T nmap -sS -sV -O $NET.0/24
    sudo ip netns exec $NS_T curl -i http://$WEB/
    sudo ip netns exec $NS_T nc $ROUTER 23
    sudo ip netns exec $NS_T bash
  Decoys: web $WEB, router $ROUTER, mail $MAIL, printer $PRINTER,
  and a default host on every other address of $NET.0/24.
  Log: $W/log   Live: sudo $B/bin/hpview top $W/log   Ctrl-C ends it and cleans up.
END
wait "$HPD"
