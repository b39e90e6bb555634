#!/bin/sh
# SPDX-License-Identifier: ISC
# What the kernel says of each running process: ids, capabilities, filter,
# namespaces, root directory, descriptors.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
. tests/lib/jail.sh
netns_up
conf_default
echo "log syslog unix \"$W/s\" probes" >> "$W/hpd.conf"
python3 tests/integ/syslog_recv.py unix "$W/s" "$W/syslog" > "$W/recv" 2>&1 &
KILL_PIDS=$!
eventually 10 grep -q ready "$W/recv"
ok "the suite starts" hpd_start || finish
sleep 0.3

st() { sed -n "s/^$2:[ 	]*//p" "/proc/$1/status" | tr '\t' ' '; }
fds() { ls "/proc/$1/fd" | sort -n | tr '\n' ' '; }
ns_differs() {
	[ "$(readlink /proc/$1/ns/$2)" != "$(readlink /proc/$HPD/ns/$2)" ]
}
common() { # name pid
	is "$1 goes by its name" "$(cat /proc/$2/comm)" $1
	is "$1 has no_new_privs" "$(st $2 NoNewPrivs)" 1
	is "$1 is filtered" "$(st $2 Seccomp)" 2
	ok "$1 carries the parent's filter below its own" test "$(st $2 Seccomp_filters)" -ge 2
	is "$1 has no supplementary groups" "$(st $2 Groups | tr -d ' ')" ""
	is "$1 can inherit nothing" "$(st $2 CapInh)" 0000000000000000
	is "$1 has no ambient capability" "$(st $2 CapAmb)" 0000000000000000
	for n in net ipc uts mnt pid; do
		ok "$1 has a $n namespace of its own" ns_differs $2 $n
	done
	is "$1 has an empty environment" "$(tr -d '\0' < /proc/$2/environ | wc -c)" 0
	is "$1 dumps no core" "$(sed -n 's/^Max core file size *\([0-9]*\).*/\1/p' /proc/$2/limits)" 0
	ifs=$(nsenter -n -t $2 ip -o link 2>/dev/null | grep -vc ': lo:')
	is "$1 sees no interface" "$ifs" 0
}
for k in hpd-net hpd-log hpship; do
	pid=$(hpd_pid $k)
	common $k "$pid"
	is "$k has no capability" "$(st $pid CapPrm)" 0000000000000000
	is "$k can get none" "$(st $pid CapBnd)" 0000000000000000
	not_ok "$k is not root" grep -qE '^Uid:.*[	 ]0([	 ]|$)' /proc/$pid/status
	not_ok "$k has not root's group" grep -qE '^Gid:.*[	 ]0([	 ]|$)' /proc/$pid/status
	is "$k has an empty root" "$(ls -A /proc/$pid/root/ | wc -l)" 0
done
pid=$(hpd_pid hpd-svc)
common hpd-svc "$pid"
# KILL (5), SETGID (6), SETUID (7)
is "hpd-svc keeps three capabilities" "$(st $pid CapEff)" 00000000000000e0
is "hpd-svc can get no other" "$(st $pid CapBnd)" 00000000000000e0
ok "hpd-svc's root is the jail" test -x /proc/$pid/root/bin/sh
not_ok "hpd-svc's root has no /etc/shadow" test -e /proc/$pid/root/etc/shadow
not_ok "hpd-svc's root is read-only" sh -c "echo > /proc/$pid/root/x"

is "hpd-parent has no_new_privs or filter" "$(st $HPD Seccomp)" 2
not_ok "hpd-parent has not all capabilities" test "$(st $HPD CapEff)" = "$(st 1 CapEff)"
not_ok "hpd-parent cannot load modules (SYS_MODULE)" sh -c "[ \$((0x$(st $HPD CapBnd) >> 16 & 1)) = 1 ]"

# Descriptors: the fixed table and nothing else.
all_in() { # pid, allowed ranges
	for f in $(ls /proc/$1/fd); do
		# a reserved number is no right
		[ "$(readlink /proc/$1/fd/$f)" != /dev/null ] || continue
		good=
		for r in $2; do
			[ $f -ge ${r%-*} ] && [ $f -le ${r#*-} ] && good=1
		done
		[ -n "$good" ] || { echo "fd $f: $(readlink /proc/$1/fd/$f)"; return 1; }
	done
}
ok "hpd-net holds its descriptors only" all_in "$(hpd_pid hpd-net)" "0-5 6-15 16-31 48-63"
ok "hpd-log holds its descriptors only" all_in "$(hpd_pid hpd-log)" "0-3 5-5 16-31 32-47 48-63"
ok "hpship holds its descriptors only" all_in "$(hpd_pid hpship)" "0-5 32-45 48-63"
ok "hpship's segments are opened to read" sh -c "
	n=0
	for f in /proc/$(hpd_pid hpship)/fd/*; do
		[ \${f##*/} -ge 32 ] && [ \${f##*/} -le 44 ] || continue
		[ \"\$(readlink \$f)\" != /dev/null ] || continue
		n=\$((n + 1))
		fl=\$(sed -n 's/^flags:[	 ]*//p' /proc/$(hpd_pid hpship)/fdinfo/\${f##*/})
		[ \$((0\${fl#0} & 03)) -eq 0 ] || { echo \$fl; exit 1; }
	done; [ \$n -ge 1 ]"
ok "hpd-svc holds its descriptors only" all_in "$(hpd_pid hpd-svc)" "0-5 16-31 48-63 64-1100"
is "hpd-net has no file open" "$(find /proc/$(hpd_pid hpd-net)/fd -lname '/*' ! -lname '/dev/null' ! -lname "$W/err" ! -lname '/memfd:*' | wc -l)" 0
ok "hpd-log's files are append-only opened" sh -c "
	for f in /proc/$(hpd_pid hpd-log)/fd/3[2-9]; do
		i=/proc/$(hpd_pid hpd-log)/fdinfo/\${f##*/}
		fl=\$(sed -n 's/^flags:[	 ]*//p' \$i)
		[ \$((0\${fl#0} & 02003)) -eq \$((02001)) ] || { echo \$fl; exit 1; }
	done"
ok "TERM ends it with 0" hpd_stop

# hpaudit on all of it, running scripts of both profiles too; and again after
# every child was killed.
ok "a jail with the tests' scripts" test_jail || finish
cat >> "$W/hpd.conf" <<'END'
add web tcp port 1000 "perl scripts/wait.pl"
add web tcp port 1001 "perl scripts/wait.pl" profile shell
END
ok "the suite starts again" hpd_start -j "$W/jail" || finish
scripts() { # both say hello, and stay
	for port in 1000 1001; do
		timeout 60 ip netns exec "$NS_T" nc -d 10.66.0.10 $port > "$W/got.$port" 2>&1 &
		KILL_PIDS="$KILL_PIDS $!"
	done
	eventually 15 grep -q hello "$W/got.1000" && eventually 15 grep -q hello "$W/got.1001"
}
audited() { # every process is right, and none is missing
	"$B/bin/hpaudit" proc -t --all "$HPD" > "$W/audit" || { grep -v '^ok' "$W/audit"; return 1; }
	for k in hpd-parent hpd-net hpd-svc hpd-log hpship; do
		grep -q "^ok .* $k: filter .* byte for byte" "$W/audit" || { echo "no $k"; return 1; }
	done
	for p in parent svc svc-nofork svc-S svc-shell; do
		grep -q "^ok .* script: filter .* is policy $p, byte for byte" "$W/audit" ||
			{ echo "no script under $p"; grep script "$W/audit"; return 1; }
	done
}
ok "two sessions are open" scripts
ok "hpaudit proc --all agrees with every process and script" audited
note "$(grep -c '^ok' "$W/audit") checks of $(grep -c ': no_new_privs' "$W/audit") processes"
killed() { [ "$(hpd_pid "$1")" != "$2" ] && [ -n "$(hpd_pid "$1")" ]; }
for k in hpd-net hpd-svc hpd-svc-shell hpd-log hpship; do
	old=$(hpd_pid $k)
	kill -KILL "$old"
	ok "$k is started again" eventually 10 killed $k "$old"
	sleep 1.2 # not a storm: back-off and its limit are tested elsewhere
done
ok "sessions open again" eventually 20 scripts
ok "hpaudit proc --all agrees after every child was killed" audited
ok "TERM ends it with 0" hpd_stop
finish
