#!/bin/sh
# SPDX-License-Identifier: ISC
# p0f 3 listens to a client's connections to decoys of every system it knows
# servers of, and names it: with all that the client's kernel offers, and with
# timestamps, window scaling and SACK turned off one by one.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
[ -x /usr/sbin/p0f ] || { echo "1..0 # SKIP no p0f"; exit 0; }
netns_up
# What p0f calls it, the personality, the client's MSS: stacks that round
# their windows up to whole segments were met by p0f's author from behind a
# tunnel (1331 and about 1352 bytes).
cat > "$W/rows" <<'EOF'
Linux 3.x|Linux 3.8#10|1460
Linux 3.x|Linux 3.6#2|1460
Linux 2.6.x|Linux 2.6.18 (CentOS 5.4)|1460
Linux 2.6.x|Linux 2.6.12 - 2.6.14 (embedded)|1460
Linux 2.4.x|Linux 2.4.20|1460
Windows XP|Microsoft Windows XP Professional SP3#4|1460
Windows XP|Microsoft Windows Server 2003 SP0 or Windows XP SP2|1460
Windows 7 or 8|Microsoft Windows 7 SP1|1460
Windows 7 or 8|Microsoft Windows 8.1|1460
FreeBSD 9.x|FreeBSD 9.1-RELEASE|1460
FreeBSD 8.x|FreeBSD 8.2-RELEASE|1460
OpenBSD 5.x|OpenBSD 5.0|1460
OpenBSD 5.x|OpenBSD 5.3|1460
Mac OS X 10.x|Apple Mac OS X 10.4 (Tiger) (Darwin 8.11.0)|1460
Mac OS X 10.x|Apple Mac OS X 10.4.10 (Tiger) (Darwin 8.10.1)|1460
Solaris 6|Sun Solaris 2.6|1331
Solaris 8|Sun Solaris 8 (SPARC)|1352
Solaris 10|Sun Solaris 10 (SPARC)|1352
HP-UX 11.x|HP-UX B.11.11|1460
HP-UX 11.x|HP-UX B.11.00|1460
OpenVMS 7.x|HP OpenVMS 7.3-2|1331
Tru64 4.x|Compaq Tru64 UNIX V4.0F|1331
EOF
: > "$W/hpd.conf"
i=10
while IFS='|' read -r want name mss; do
	cat >> "$W/hpd.conf" <<-CONF
		create t$i
		set t$i personality "$name"
		set t$i default tcp action closed
		add t$i tcp port 80 "sh -c 'while read x; do case \$x in ?) break;; esac; done; echo HTTP/1.0 200 OK; echo; echo hello'"
		bind $NET.$i t$i
	CONF
	tester ip route replace "$NET.$i/32" dev "$IF_T" src "$NET.1" advmss "$mss"
	i=$((i + 1))
done < "$W/rows"
last=$((i - 1))
ok "the suite starts" hpd_start || { cat "$W/err"; finish; }

# Captures a curl of every decoy, or a mere connect, to $W/$1.log
listen() {
	capture "$W/$1.pcap" tcp port 80
	for i in $(seq 10 $last); do
		if [ "$1" = all ]; then
			tester curl -s -m 10 -o "$W/page" "http://$NET.$i/" -o "$W/page2" "http://$NET.$i/" &&
			    grep -q hello "$W/page" && grep -q hello "$W/page2"
		else
			tester nc -z -w 3 "$NET.$i" 80
		fi || fail "no connection to $NET.$i ($1)"
	done
	capture_end
	p0f -r "$W/$1.pcap" -o "$W/$1.log" > "$W/$1.out" 2>&1
}
# Which rows did it name right? judge LOG: counts into $right of $rows
judge() {
	right=0 rows=0 families=$W/families.$1
	: > "$families"
	i=10
	while IFS='|' read -r want name mss; do
		got=$(grep 'mod=syn+ack' "$W/$1.log" | grep -F "srv=$NET.$i/" | head -1)
		os=$(printf '%s' "$got" | sed -n 's/.*|os=\([^|]*\).*/\1/p')
		rows=$((rows + 1))
		# the system's name; 2.4 and 2.6 are not always told apart
		if [ "${os%% [0-9]*}" = "${want%% [0-9]*}" ]; then
			right=$((right + 1))
			echo "${want%% [0-9]*}" >> "$families"
		else
			note "$1: $name: ${os:-no answer}, not $want: $(printf '%s' "$got" | sed 's/.*raw_sig=//')"
		fi
		i=$((i + 1))
	done < "$W/rows"
	note "$1: $right of $rows right, $(sort -u "$families" | wc -l) systems"
}

ok "curl of all decoys with p0f listening" listen all
judge all
ok "p0f names 9 of 10 personalities ($right of $rows)" [ $((right * 10)) -ge $((rows * 9)) ]
known=$(cut -d'|' -f1 "$W/rows" | sed 's/ [0-9].*//' | sort -u | wc -l)
ok "and every system it knows ($known)" [ "$(sort -u "$W/families.all" | wc -l)" -eq "$known" ]
is "p0f knows of no further systems" "$(awk '/^\[/ { s = $1 }
    s == "[tcp:response]" && $1 == "label" { split($0, a, ":"); sub(/ .*/, "", a[3]); print a[3] }' \
    /etc/p0f/p0f.fp | sort -u | tr '\n' ' ')" \
    "$(cut -d'|' -f1 "$W/rows" | sed 's/ .*//' | sort -u | tr '\n' ' ')"
for off in timestamps window_scaling sack; do
	tester sysctl -qw net.ipv4.tcp_$off=0
	listen "no-$off" && judge "no-$off"
	ok "without tcp_$off: 9 of 10 named ($right of $rows)" [ $((right * 10)) -ge $((rows * 9)) ]
	tester sysctl -qw net.ipv4.tcp_$off=1
done
ok "nothing calls it a honeypot" sh -c "! grep -qiE 'honey' '$W'/*.log '$W'/*.out"
ok "nor sees one server as several" sh -c "! grep 'mod=host change' '$W/all.log' | grep -q 'subj=srv'"
ok "the suite stops" hpd_stop
finish
