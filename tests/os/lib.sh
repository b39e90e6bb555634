# SPDX-License-Identifier: ISC
# For scenarios that ask nmap -O about many decoys: after tap.sh, netns.sh.
#   os_conf ARGS     entries as score.py conf picks them, from $NET.10 on, with
#                    port 80 open, 81 closed, 9 filtered, a web server on 8080
#   os_conf_at FIRST ARGS  the same from FIRST on; os_route NET brings them there
#   os_warm          wait until each has its address
#   os_scan NAME ARGS  score.py scan; results in $W/NAME.tsv. WHO=far: from
#                    behind the router
#   os_count NAME KINDS  how many of the kinds (an expression) it got in the end
#   os_first NAME KINDS  the same of the first scan, before --rescan
#   os_ports, os_service  on how many ports or the service are right
os_conf_at() {
	touch "$W/hpd.conf"
	oc_first=$1; shift
	ok "entries of the table" python3 tests/os/score.py conf "$W/targets" \
	    "$W/hpd.conf" "$oc_first" --service "$@"
}
os_conf() { os_conf_at $NET.10 "$@"; }
# Decoys that are not on the link: routed to the sensor, which answers for all.
os_route() {
	or_mac=$(ip netns exec "$NS_D" cat "/sys/class/net/$IF_D/address")
	ip -n "$NS_T" neigh add $NET.254 lladdr "$or_mac" dev "$IF_T" nud permanent
	ip -n "$NS_T" route add "$1" via $NET.254
}
os_addresses() { cut -f1 "$W/targets"; }
os_total() { wc -l < "$W/targets"; }
os_up() {
	[ "$(os_addresses | tester nmap -n -sn -PR -iL - -oG - 2>/dev/null |
	    grep -c 'Status: Up')" -ge "$(os_total)" ]
}
os_warm() { ok "$(os_total) decoys have their addresses" eventually 10 os_up; }
os_scan() {
	os_name=$1; shift
	"${WHO:-tester}" python3 tests/os/score.py scan "$W/targets" "$W/$os_name.tsv" \
	    "$@" > "$W/$os_name.table" 2>/dev/null
	note "$(cat "$W/$os_name.table")"
}
os_count() {
	awk -F '\t' -v want="^($2)\$" 'NR > 1 && $4 ~ want' "$W/$1.tsv" | wc -l
}
os_first() {
	awk -F '\t' -v want="^($2)\$" 'NR > 1 && $5 ~ want' "$W/$1.tsv" | wc -l
}
os_ports() {
	os_addresses | tester nmap -n -Pn -sS -p 9,80,81,8080 -iL - -oG - 2>/dev/null |
	    grep 'Ports:' | grep -c '9/filtered.* 80/open.* 81/closed.* 8080/open'
}
os_service() {
	os_addresses | sed 's,.*,http://&:8080/,' |
	    tester xargs -n 1 -P 4 curl -s -m 20 | grep -c '^hello$'
}
