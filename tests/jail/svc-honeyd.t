#!/bin/sh
# SPDX-License-Identifier: ISC
# Scripts in the style of honeyd's own, unchanged, over real connections: they
# run, or the log says what they lacked. What a script has: environment,
# descriptors, ids, reach, limits.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
[ "$(uname -m)" = x86_64 ] || { echo "1..0 # SKIP numbers of x86_64"; exit 0; }
netns_up
ok "a jail with old scripts" "$B/bin/hpaudit" mkjail -m scripts/jail.manifest \
    -s tests/data/honeyd -i "$B/bin/hpd-init" "$W/jail" || finish
cat > "$W/hpd.conf" <<C
create mail
set mail personality "Linux 4.15 - 5.6"
set mail default tcp action closed
set mail default udp action closed
add mail tcp port 110 "perl scripts/pop3.pl -v -h mail.example"
add mail tcp port 79 "sh scripts/finger.sh"
add mail tcp port 23 "perl scripts/telnet.pl"
add mail tcp port 43 "sh scripts/whois.sh"
add mail udp port 37 "perl scripts/time.pl"
add mail tcp port 1000 "perl scripts/state.pl" cpu 1
add mail tcp port 1001 "perl scripts/state.pl" memory 64M
add mail tcp port 1002 "perl scripts/state.pl" wall 2
bind $NET.10 mail
C
SECRET=of-the-host; export SECRET
ok "the suite starts" hpd_start -j "$W/jail" || finish
H=$NET.10
ask() { # PORT TEXT
	printf "$2" | tester timeout 20 nc -N -w 15 -p "${3:-0}" $H "$1" | tr -d '\r'
}
said() { events "$1" | grep -qF "$2"; }
Y=$(date -u +%Y)

# --- old scripts --------------------------------------------------------------
ask 110 'USER joe\r\nPASS hunter2\r\nNOOP\r\nQUIT\r\n' > "$W/out"
is "perl with POSIX and Getopt::Std: greeting, options, date" \
    "$(sed -n '1s/<[0-9]*\./</p' "$W/out")" "+OK POP3 mail.example ready <$Y@mail.example>"
is "and its dialogue" "$(sed 1d "$W/out" | tr '\n' '|')" \
    "+OK|-ERR invalid password|-ERR unknown command|+OK bye|"
ok "its stderr is in the log" eventually 10 said svc.line "$NET.1 joe hunter2"
is "sh with pipelines and a here-document" "$(ask 79 'Root-User\r\n' | tr '\n\t' '| ')" \
    "Login: rootuser   Letters: 8|Directory: /home/rootuser|"
ok "its stderr too" eventually 10 said svc.line "finger from $NET.1: rootuser"
is "UDP: one datagram in, one out" \
    "$(printf 'what time' | tester timeout 10 nc -u -w 3 $H 37)" "$Y 9 WHAT TIME"
tester hping3 -2 -q -p 37 -d 0 -c 1 $H > /dev/null 2>&1
ignored() { events udp.probe | jq -e 'select(.destination.port == 37)' > /dev/null; }
ok "an empty datagram is an event, no end of file to a script" eventually 5 ignored
is "... and the next one is answered" \
    "$(printf 'what time' | tester timeout 10 nc -u -w 3 $H 37)" "$Y 9 WHAT TIME"
is "appending to /tmp/log fails" "$(ask 23 'root\n')" "login: "
ok "and the log says what was lacking" eventually 10 said svc.line \
    "cannot append to /tmp/log: Read-only file system"
ok "nothing was written" sh -c "! [ -e '$W/jail/tmp/log' ]"
is "a program that the jail lacks" "$(ask 43 'x\n')" "rc 127"
ok "is named in the log" eventually 10 said svc.line "/usr/sbin/sendmail: not found"

# --- what a script has ----------------------------------------------------------
ask 1000 'env\n' 4567 > "$W/env"
is "the environment, exactly" "$(sed -E 's/^(HPD_(SEED|SESSION))=[0-9a-f]+$/\1=N/; s/^(HONEYD_REMOTE_OS=Linux) .*/\1/' "$W/env" | tr '\n' '|')" \
    "HOME=/|HONEYD_DST_PORT=1000|HONEYD_IP_DST=$H|HONEYD_IP_SRC=$NET.1|HONEYD_PERSONALITY=Linux 4.15 - 5.6|HONEYD_REMOTE_OS=Linux|HONEYD_SRC_PORT=4567|HONEYD_TEMPLATE_NAME=mail|HPD_HOSTNAME=mail|HPD_SEED=N|HPD_SESSION=N|LC_ALL=C|PATH=/bin:/usr/bin|"
not_ok "nothing of the host's in it" grep -q "$SECRET" "$W/env"
is "descriptors 0 to 3 and no other" "$(ask 1000 'fds\n')" "0 1 2 3"
set -- $(ask 1000 'ids\n')
ok "an uid of its own, not the daemon's" test "${1:-0}" -ge 1000000
is "its group is the same" "$2" "$1"
is "it is under seccomp" "$3" 2
first=$1
set -- $(ask 1000 'ids\n')
not_ok "the next session has another uid" test "${1:-$first}" = "$first"
is "no network, no file of the host's, no process" "$(ask 1000 'reach\n' | tr '\n' '|')" \
    "socket Operation not permitted|/etc/shadow No such file or directory|/etc/passwd No such file or directory|/proc/self/status No such file or directory|/root No such file or directory|fork Operation not permitted|"

# --- limits -------------------------------------------------------------------------
ended() { events svc.exit | grep -F "$NET.10" | grep -qF "$1"; }
is "memory: what is over is not had" "$(ask 1001 'eat\n')" eating
ok "and perl says why" eventually 10 said svc.line "Out of memory"
is "CPU: it burns" "$(ask 1000 'burn\n')" burning
ok "until its second is over" eventually 10 ended '"cpu"'
sleep 6 | tester timeout 20 nc -w 15 $H 1002 > /dev/null &
KILL_PIDS="$KILL_PIDS $!"
script() { P=$(pgrep -P "$(hpd_pid hpd-svc)" | head -1); [ -n "$P" ]; }
seen() { awk -v f="$1:" '$1 == f { print $2 }' "$W/status"; }
ok "a script that waits" eventually 10 script
script && cat "/proc/$P/status" > "$W/status" && ls "/proc/$P/fd" | tr '\n' ' ' > "$W/fds"
is "from outside: no new privileges" "$(seen NoNewPrivs)" 1
is "the filters of hpd-parent, hpd-svc and its own" "$(seen Seccomp) $(seen Seccomp_filters)" "2 3"
is "no capability" "$(seen CapPrm) $(seen CapEff)" "0000000000000000 0000000000000000"
ok "an uid of a slot" test "$(seen Uid)" -ge 1000000
is "four descriptors" "$(cat "$W/fds")" "0 1 2 3 "
ok "wall: a silent one ends" eventually 15 ended '"wall_time"'
hpd_stop > /dev/null 2>&1
is "the suite ends well" $? 0
finish
