#!/bin/sh
# SPDX-License-Identifier: ISC
# limit scripts: what all scripts together use stays below it, whoever they
# are; the others live. The groups are gone when the suite is, and after a KILL
# with the next start. Where there are no groups it is said.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
groups_left() { find /sys/fs/cgroup -type d -name "hpd-$1" 2>/dev/null | grep -q .; }
cleanup() { # the suite's own does not return
	(netns_cleanup)
	for g in $MINE; do
		find /sys/fs/cgroup -depth -type d \( -path "*/hpd-$g" -o -path "*/hpd-$g/*" \) \
		    -exec rmdir {} \; 2>/dev/null
	done
	rmdir /sys/fs/cgroup/*/hpd 2>/dev/null
	[ -z "$OWN" ] || find "$OWN" -depth -type d -exec rmdir {} \; 2>/dev/null
}
trap cleanup EXIT
MINE='' OWN='' ENTER=:
real=$B
wrapped() { # DIR HOW: an hpd-parent that is started by HOW "$@"
	rm -rf "${W:?}/$1" && mkdir -p "$W/$1/bin" && ln -s "$real"/bin/* "$W/$1/bin" &&
	    rm "$W/$1/bin/hpd-parent" && cat > "$W/$1/bin/hpd-parent" <<-P && chmod 755 "$W/$1/bin/hpd-parent"
	#!/bin/sh
	$ENTER
	exec $2 "$real/bin/hpd-parent" "\$@"
	P
}
# With version 2 alone a group is given to the suite, as a service manager does.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
	OWN=/sys/fs/cgroup/hpd-test-${W##*.}
	ok "a group for the suite" sh -c "mkdir $OWN && grep -qw pids $OWN/cgroup.controllers ||
	    echo +pids +memory +cpu > /sys/fs/cgroup/cgroup.subtree_control"
	ENTER="echo \$\$ > $OWN/cgroup.procs"
	wrapped own ''
	B=$W/own
fi
undivide() { # what a parent that was killed left; a service manager does it
	[ -z "$OWN" ] || for ug in "$OWN"/hpd-*/ "$OWN"; do
		echo -pids -memory -cpu > "$ug/cgroup.subtree_control"
	done
}
mkdir "$W/s"
cat > "$W/s/many.sh" <<'P'
echo hello
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done
cat
P
cat > "$W/s/hog.pl" <<'P'
$| = 1; print "hello\n"; my $go = <STDIN>; my @a;
push @a, "x" x 1048576 while @a < 300;
print "has it all\n"; <STDIN>;
P
cat > "$W/s/echo.pl" <<'P'
$| = 1; print "hello\n"; print while <STDIN>;
P
cat > "$W/s/busy.pl" <<'P'
$| = 1; print "hello\n"; 1 while 1;
P
ok "a jail" "$B/bin/hpaudit" mkjail -m scripts/jail.manifest -s "$W/s" -i "$B/bin/hpd-init" "$W/jail" || finish
conf() {
	cat > "$W/hpd.conf" <<-C
	${1:-# no limit}
	create web
	set web default tcp action closed
	add web tcp port 1 "sh scripts/many.sh"
	add web tcp port 2 "perl scripts/hog.pl" memory 1G
	add web tcp port 3 "perl scripts/echo.pl"
	add web tcp port 4 "perl scripts/busy.pl" cpu 120
	bind $NET.10 web
	C
}
n=0
hold() { # PORT: a client that stays; its input is what $W/in.$n gets
	n=$((n + 1))
	mkfifo "$W/in.$n"
	ip netns exec "$NS_T" nc "$NET.10" "$1" < "$W/in.$n" > "$W/held.$n" 2>&1 &
	KILL_PIDS="$KILL_PIDS $!" CLIENTS="$CLIENTS $!" LAST=$!
	exec 9> "$W/in.$n" # a writer that outlives the one below
	sleep 300 9>&- > "$W/in.$n" &
	KILL_PIDS="$KILL_PIDS $!" CLIENTS="$CLIENTS $!"
	exec 9>&-
}
got() { grep -q hello "$W/held.$1"; }
hang_up() {
	for p in $CLIENTS; do kill "$p" 2>/dev/null; done
	for p in $CLIENTS; do wait "$p" 2>/dev/null; done
	CLIENTS=
}
# Processes below both runners, from the process table alone.
below() {
	ps -e -o pid= -o ppid= | awk -v a="$(hpd_pid hpd-svc)" -v b="$(hpd_pid hpd-svc-shell)" '
	{ up[$1] = $2 }
	END { for (p in up) { for (q = p; q in up && q != a && q != b; q = up[q]); n += q == a || q == b }
	print n + 0 }'
}
below_is() { [ "$(below)" "$@" ]; }
quiet() { below_is -le 2; }
# The group of the limits for a controller, and a limit's value.
group() {
	gl=$(grep -E "^[0-9]+:([a-z,]*,)?$1(,[a-z,]*)?:|^0::/.*/hpd-" "/proc/$(hpd_pid hpd-svc)/cgroup" | tail -1)
	gp=${gl#*:*:}
	case $gl in 0::*) echo "$CG2${gp%/svc}" ;; *) echo "/sys/fs/cgroup/$1${gp%/svc}" ;; esac
}
CG2=$(sed -n 's/^[^ ]* [^ ]* [^ ]* [^ ]* \([^ ]*\) .* - cgroup2 .*/\1/p' /proc/self/mountinfo | head -1)
value() { cat "$(group "$1")/$2"; }

conf
ok "the suite starts" hpd_start -j "$W/jail" || finish
MINE="$MINE $HPD"
if grep -q 'all scripts together are not limited' "$W/err"; then
	skip "limits" "no control groups here: $(grep 'not limited' "$W/err")"
	finish
fi
is "-v says which groups, once" "$(grep -cE 'scripts are limited by control groups, version [12], in /' "$W/err")" 1
V=$(sed -n 's/.*control groups, version \([12]\),.*/\1/p' "$W/err")
case $V in
1) MEM=memory.limit_in_bytes NOMEM=9223372036854771712 CPU=cpu.cfs_quota_us NOCPU=-1 CPU20=20000 ;;
2) MEM=memory.max NOMEM=max CPU=cpu.max NOCPU='max 100000' CPU20='20000 100000' ;;
esac
is "without a word: 2048 processes" "$(value pids pids.max)" 2048
is "... no limit of memory" "$(value memory $MEM)" $NOMEM
is "... none of processor time" "$(value cpu $CPU)" "$NOCPU"
ok "the runner's group is the scripts' own" sh -c "grep -q '/scripts/svc$' /proc/$(hpd_pid hpd-svc)/cgroup"
ok "... and the other runner's" sh -c "grep -q '/scripts/svc-S$' /proc/$(hpd_pid hpd-svc-shell)/cgroup"
not_ok "hpd-net is in none of them" grep -q '/scripts/' "/proc/$(hpd_pid hpd-net)/cgroup"
not_ok "hpd-log neither" grep -q '/scripts/' "/proc/$(hpd_pid hpd-log)/cgroup"
not_ok "nor hpd-parent" grep -q '/scripts/' "/proc/$HPD/cgroup"

# Processes. First that the sessions do have that many.
for i in 1 2 3 4 5 6; do hold 1; done
ok "six sessions of 15 processes" eventually 30 below_is -ge 80
hang_up
ok "... end" eventually 20 quiet
conf "limit scripts processes 40"
kill -HUP "$HPD"
ok "a reload takes the limit over" eventually 20 grep -q 'configuration taken, generation 2' "$W/err"
is "... it is in force" "$(value pids pids.max)" 40
for i in 1 2 3 4 5 6; do hold 1; done
worst=0
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
	now=$(below)
	[ "$now" -le "$worst" ] || worst=$now
	sleep 0.2
done
note "at most $worst processes"
ok "the same sessions stay below it" [ "$worst" -le 40 ]
# Version 1 counts where the fork was, 2 where the limit is.
refused() { cat "$(group pids)/pids.events" "$(group pids)"/*/pids.events | grep -q '^max [1-9]'; }
ok "... and had wanted more" eventually 10 refused
hang_up
ok "they end" eventually 20 quiet
hold 3; first=$n
ok "a session afterwards is served" eventually 10 got $first

# Memory: a session that was there before lives on.
conf "limit scripts memory 64M"
kill -HUP "$HPD"
ok "a reload to another limit" eventually 20 grep -q 'configuration taken, generation 3' "$W/err"
is "... memory is limited" "$(value memory $MEM)" 67108864
is "... processes are as without a word" "$(value pids pids.max)" 2048
svc=$(hpd_pid hpd-svc)
hold 2; hog=$n
ok "a hog's session" eventually 10 got $hog
echo go > "$W/in.$hog"
killed() { events svc.exit | jq -e "select(.destination.port == 2 and .process.exit_code == -9)" || event_said svc.exit 'hog.*signal'; }
hog_gone() { ! pgrep -P "$svc" -f hog.pl; }
ok "... is ended" eventually 30 hog_gone
not_ok "... before it had all" grep -q 'has it all' "$W/held.$hog"
is "... the runner lives" "$(hpd_pid hpd-svc)" "$svc"
echo still there > "$W/in.$first"
answered() { grep -q 'still there' "$W/held.$first"; }
ok "... and the other session is answered" eventually 10 answered
hang_up
ok "all end" eventually 20 quiet
# Many small ones: the largest process is the runner itself.
conf "limit scripts memory 16M"
kill -HUP "$HPD"
ok "a reload to little memory" eventually 20 grep -q 'configuration taken, generation 4' "$W/err"
shell=$(hpd_pid hpd-svc-shell)
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do hold 1; done
ok "full of small processes it ends the runner, and that is said" eventually 30 \
    grep -q 'hpd-svc-shell ended: signal 9, scripts were out of memory' "$W/err"
hang_up
ok "... it comes back" eventually 30 hpd_pid_new hpd-svc-shell "$shell"
ok "... quiet again" eventually 20 quiet
in_group() { grep -q '/scripts/svc-S$' "/proc/$(hpd_pid hpd-svc-shell)/cgroup"; }
ok "... and in its group" eventually 10 in_group
svc=$(hpd_pid hpd-svc)

# Processor time: two that want one each.
conf "limit scripts cpu 20"
kill -HUP "$HPD"
ok "a reload to a share" eventually 30 grep -q 'configuration taken, generation 5' "$W/err"
is "... in force" "$(value cpu $CPU)" "$CPU20"
hold 4; hold 4
both() { got $n && got $((n - 1)); }
ok "two busy sessions" eventually 20 both
ticks() { # of the scripts, 1/100 s
	for p in $(pgrep -P "$svc"); do sed 's/.*) //' "/proc/$p/stat"; done | awk '{ s += $12 + $13 } END { print s + 0 }'
}
throttled() { sed -n 's/^nr_throttled //p' "$(group cpu)/cpu.stat"; }
a=$(ticks) t=$(throttled); s=$(date +%s%N)
sleep 4
b=$(ticks) u=$(throttled); e=$(date +%s%N)
share=$(((b - a) * 1000000000 / (e - s)))
note "$share % of a processor for 200 wanted"
ok "they get a share near 20 %" [ "$share" -le 50 ]
ok "... since they are held back" [ "$u" -gt "$t" ]
hang_up
old=$HPD
ok "the groups are there" groups_left "$old"
ok "TERM ends it with 0" hpd_stop
not_ok "... and the groups with it" groups_left "$old"

conf "limit scripts memory 64M"
ok "the suite starts again" hpd_start -j "$W/jail"
MINE="$MINE $HPD"
hold 1
ok "a session" eventually 10 got $n
old=$HPD runners="$(hpd_pid hpd-svc) $(hpd_pid hpd-svc-shell)"
kill -KILL "$HPD"; wait "$HPD" 2>/dev/null
dead() { for p in $runners; do [ ! -d "/proc/$p" ] || return 1; done; }
ok "KILL of the parent ends the runners" eventually 20 dead
ok "... and leaves the groups" groups_left "$old"
hang_up
undivide
ok "the next start" hpd_start -j "$W/jail"
MINE="$MINE $HPD"
not_ok "... removes them" groups_left "$old"
ok "... and has its own" groups_left "$HPD"
old=$HPD
ok "TERM ends it with 0 again" hpd_stop
not_ok "... nothing is left" groups_left "$old"

# A bad configuration leaves none either.
echo nonsense > "$W/hpd.conf"
hpd_spawn -j "$W/jail"; old=$HPD
wait "$HPD"; HPD=
not_ok "a start that fails leaves no groups" groups_left "$old"

# Nothing there, and there but not ours to write.
without() { # HOW: the suite starts where the groups' file systems are HOW
	wrapped no "unshare -m sh -c 'mount --make-rprivate / && $1 && exec \"\$@\"' sh"
	wb=$B B=$W/no
	hpd_start -j "$W/jail"
	wr=$?
	B=$wb
	return $wr
}
conf "limit scripts memory 64M processes 100"
ok "without control groups the suite starts" without 'mount -t tmpfs none /sys/fs/cgroup'
is "... and says so, once" "$(grep -c 'all scripts together are not limited: .*: No such file or directory' "$W/err")" 1
is "... names what is not in force" "$(grep -cE 'limit scripts (memory 67108864|processes 100) is not in force' "$W/err")" 2
ok "... also in the log" eventually 10 event_said diag 'limit scripts memory 67108864 is not in force'
hold 3
ok "... and serves" eventually 10 got $n
hang_up
ok "TERM ends it with 0 there" hpd_stop
# What a service manager's ProtectControlGroups does.
ok "where they are read-only" without '{ for d in /sys/fs/cgroup /sys/fs/cgroup/*/; do mount -o remount,bind,ro $d 2>/dev/null; done; :; }'
is "... that is said" "$(grep -c 'all scripts together are not limited: .*: Read-only file system' "$W/err")" 1
ok "TERM ends it with 0 there too" hpd_stop
finish
