#!/bin/sh
# SPDX-License-Identifier: ISC
# What gave honeyd away (tests/detect.tsv), as far as other scripts do not test
# it: one peer looks at eight systems. Then nmap's version scan and scripts: no
# word of honeyd or a honeypot.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
i=10
: > "$W/hpd.conf"
while read -r p; do
	cat >> "$W/hpd.conf" <<-CONF
		create t$i
		set t$i personality "$p"
		set t$i default tcp action closed
		set t$i default udp action closed
		add t$i tcp port 7 "cat" profile nofork
		add t$i tcp port 21 "sh -c 'echo 220 ready; cat > /dev/null'"
		add t$i tcp port 22 "sh -c 'echo SSH-2.0-OpenSSH_7.4; cat > /dev/null'"
		add t$i tcp port 80 "sh -c 'while read x; do case \$x in ?) break;; esac; done; echo HTTP/1.0 200 OK; echo; echo hello'"
		bind $NET.$i t$i
	CONF
	i=$((i + 1))
done <<EOF
Linux 4.15 - 5.6
Microsoft Windows XP SP3
Microsoft Windows 10 1607
FreeBSD 9.1-RELEASE
OpenBSD 5.0
Apple Mac OS X 10.6.8 (Snow Leopard) (Darwin 10.8.0)
Sun Solaris 10
Cisco 2600 router (IOS 12.1)
EOF
hpd_start || { echo "Bail out! the suite did not start"; cat "$W/err"; exit 1; }
tester /usr/bin/python3 tests/integ/detect.py "$IF_T" "$NET" > "$W/raw"
rc=$?
grep -v '^1\.\.' "$W/raw"
tap_n=$(grep -cE '^(not )?ok' "$W/raw") tap_bad=$(grep -c '^not ok' "$W/raw")
[ $rc -eq 0 ] || [ "$tap_bad" -gt 0 ] || fail "the raw part ends well"

# On one host of each kind, all at once.
scan() { # NAME HOST ARGS...
	f=$W/$1 h=$2; shift 2
	tester timeout 55 nmap -n -Pn -T4 --max-retries 1 "$@" "$NET.$h" > "$f.$h" 2>&1
}
for h in 10 12; do
	scan sv $h -sV -p 22,81 &
	svs="$svs $!"
	scan sc $h -sC --script "(default or safe) and not broadcast and not external and not *slow*" \
	    --script-timeout 15s -p 22,80,81 &
	svs="$svs $!"
done
wait $svs
cat "$W"/sv.* > "$W/sv"
cat "$W"/sc.* > "$W/sc"
is "nmap -sV: ssh on both" "$(grep -cE '^22/tcp +open +ssh ' "$W/sv")" 2
ok "nmap's default and safe scripts ran" grep -qE '^\|' "$W/sc"
for f in sv sc; do
	not_ok "nothing in nmap -$f names honeyd or a honeypot" grep -iE 'honeyd|honeypot|honey' "$W/$f"
done
ok "the suite stops" hpd_stop
finish
