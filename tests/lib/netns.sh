# SPDX-License-Identifier: ISC
# A private network for scenarios: two namespaces, a veth pair, the suite on
# one end and a tester on the other. Everything has a name of its own and is
# removed again by trap, however the script ends. Source after tap.sh:
#
#   netns_up            tester 10.66.0.1/24 on $IF_T in $NS_T; $IF_D in $NS_D
#                       has no address. Work directory $W.
#   tester CMD...       run something on the tester's side
#   netns_far           a third one behind the tester, which becomes a router;
#                       far CMD... runs something at 10.67.0.2 there
#   hpd_start [ARGS]    start the suite (-d) with $W/hpd.conf on $IF_D, wait
#                       until it runs; its messages are in $W/err
#   hpd_stop            TERM, wait; the exit code is the result
#   hpd_pid NAME        pid of hpd-net, hpd-svc, hpd-svc-shell or hpd-log
#   events [ACTION]     all log lines so far (events, then probes), or those of
#                       one kind
: "${B:=build}"
case $B in /*) ;; *) B=$PWD/$B ;; esac
SRC=$(cd "$(dirname "$0")/../.." && pwd)
[ -d "$SRC/hpd-parent" ] || SRC=$PWD
NET=10.66.0
. "$SRC/tests/lib/schema.sh"

need_root() {
	[ "$(id -u)" = 0 ] || { echo "1..0 # SKIP needs root"; exit 0; }
}

netns_cleanup() {
	rc=$?
	rm -f "$tap_tmp"
	trap - EXIT INT TERM HUP
	if [ -n "$HPD" ]; then
		kill -TERM "$HPD" 2>/dev/null
		for i in 1 2 3 4 5 6 7 8 9 10; do
			kill -0 "$HPD" 2>/dev/null || break
			sleep 0.1
		done
		kill -KILL "$HPD" 2>/dev/null
	fi
	for p in $KILL_PIDS; do kill -KILL "$p" 2>/dev/null; done
	# Whatever else was started in the namespaces made here.
	for ns in "$NS_T" "$NS_D"; do
		[ -z "$ns" ] || ip netns pids "$ns" 2>/dev/null | xargs -r kill -KILL 2>/dev/null
	done
	for ns in "$NS_T" "$NS_D" "$NS_F"; do
		[ -z "$ns" ] || ip netns del "$ns" 2>/dev/null
	done
	# Where the suite makes its control groups, when no other has any there.
	rmdir /sys/fs/cgroup/hpd /sys/fs/cgroup/*/hpd 2>/dev/null
	if [ -n "$W" ]; then
		schema_check "$W" || [ $rc -ne 0 ] || rc=1
	fi
	if [ -n "$W" ] && [ -z "$KEEP" ]; then
		chattr -R -a "$W" 2>/dev/null
		rm -rf "$W"
	elif [ -n "$W" ]; then
		echo "# kept: $W"
	fi
	exit $rc
}

netns_up() {
	need_root
	umask 022
	W=$(mktemp -d "${TMPDIR:-/tmp}/hpd-it.XXXXXX") || exit 1
	trap netns_cleanup EXIT
	trap 'exit 130' INT TERM HUP
	chmod 755 "$W"
	id=${W##*.}
	NS_T=${NS_T_WANT:-hpd-it-$id} NS_D=$NS_T-decoys IF_T=tap0 IF_D=decoy0
	ip netns add "$NS_T" && ip netns add "$NS_D" &&
	ip link add "$IF_T" netns "$NS_T" type veth peer name "$IF_D" netns "$NS_D" &&
	ip -n "$NS_T" addr add "$NET.1/24" dev "$IF_T" &&
	ip -n "$NS_T" link set lo up && ip -n "$NS_D" link set lo up &&
	ip -n "$NS_T" link set "$IF_T" up && ip -n "$NS_D" link set "$IF_D" up || {
		echo "Bail out! no network namespaces here"
		exit 1
	}
	# The decoys' side must not speak for itself.
	ip netns exec "$NS_D" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
	ip netns exec "$NS_T" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null
	:
}

tester() { ip netns exec "$NS_T" "$@"; }
far() { ip netns exec "$NS_F" "$@"; }

netns_far() {
	NS_F=$NS_T-far
	ip netns add "$NS_F" &&
	ip link add far0 netns "$NS_F" type veth peer name near0 netns "$NS_T" &&
	ip -n "$NS_T" addr add 10.67.0.1/24 dev near0 &&
	ip -n "$NS_F" addr add 10.67.0.2/24 dev far0 &&
	ip -n "$NS_F" link set lo up && ip -n "$NS_T" link set near0 up &&
	ip -n "$NS_F" link set far0 up &&
	ip -n "$NS_F" route add default via 10.67.0.1 &&
	tester sysctl -qw net.ipv4.ip_forward=1 &&
	far ethtool -K far0 tx off gro off > /dev/null
}

# Capture on the tester's interface: capture FILE FILTER..., capture_end
capture() {
	cap_file=$1; shift
	ip netns exec "$NS_T" tcpdump -i "$IF_T" -U --immediate-mode -w "$cap_file" -Z root "$@" \
	    > /dev/null 2> "$cap_file.err" &
	CAPTURE=$!
	KILL_PIDS="$KILL_PIDS $CAPTURE"
	eventually 10 grep -q listening "$cap_file.err"
}
capture_end() {
	sleep 0.3
	kill -INT $CAPTURE
	wait $CAPTURE 2>/dev/null
}
captured() { # FILE [FILTER...]: one line a frame
	cp_file=$1; shift
	tcpdump -e -n -r "$cp_file" "$@" 2>/dev/null
}

# The configuration most scenarios use.
conf_default() {
	cat "$SRC/tests/data/integ.conf" > "$W/hpd.conf"
}

hpd_spawn() {
	[ -f "$W/hpd.conf" ] || conf_default
	: > "$W/err"
	"$B/bin/hpd-parent" -A -d -v -L "$B/bin" -f "$W/hpd.conf" -l "$W/log" \
	    -N "$NS_D" -i "$IF_D" "$@" >> "$W/err" 2>&1 < /dev/null &
	HPD=$!
}

hpd_running() { grep -q 'hpd-parent: running' "$W/err"; }
hpd_gone() { ! kill -0 "$HPD" 2>/dev/null; }
hpd_started() { hpd_running || hpd_gone; }

hpd_start() {
	hpd_spawn "$@"
	eventually 20 hpd_started
	if ! hpd_running; then
		note "the suite did not start:"
		sed 's/^/#   /' "$W/err" | tail -20
		return 1
	fi
}

hpd_stop() {
	[ -n "$HPD" ] || return 1
	kill -TERM "$HPD"
	wait "$HPD"
	hs_rc=$?
	HPD=
	return $hs_rc
}

# All processes of the suite below the parent; one of them by its name.
hpd_pids() { pgrep -P "$HPD" 2>/dev/null; }
hpd_pid() {
	for hp in $(hpd_pids); do
		ha=$(tr '\0' ' ' < "/proc/$hp/cmdline" 2>/dev/null)
		case "$1:$ha" in
		hpd-svc-shell:hpd-svc*' -S '*) echo "$hp"; return ;;
		hpd-svc-shell:*) ;;
		hpd-svc:*' -S '*) ;;
		"$1:$1 "*) echo "$hp"; return ;;
		esac
	done
	return 1
}
# Is there one, another than OLD?
hpd_pid_new() { hn=$(hpd_pid "$1") && [ "$hn" != "$2" ]; }

events() {
	if [ -n "$1" ]; then
		cat "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl 2>/dev/null |
		    grep -F "\"hpd.$1\""
	else
		cat "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl 2>/dev/null
	fi
}
event_said() { events "$1" | grep -qE -- "$2"; }
