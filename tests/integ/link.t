#!/bin/sh
# SPDX-License-Identifier: ISC
# Link down and up, a new MTU, an interface that goes and comes back.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
ok "the suite starts" hpd_start || finish
sleep 1.5 # the kernel says "running" a little later
pids0=$(hpd_pids | sort | tr '\n' ' ')
answers() { tester ping -c1 -W1 $NET.10; }
ok "a decoy answers" eventually 5 answers
ip -n "$NS_D" link set "$IF_D" down
ok "link down is recorded" eventually 5 event_said net.link "$IF_D.*down"
not_ok "no answer meanwhile" answers
ip -n "$NS_D" link set "$IF_D" up
ok "link up is recorded" eventually 5 event_said net.link "$IF_D.*up"
ok "a decoy answers again" eventually 8 answers
ip -n "$NS_D" link set "$IF_D" mtu 1400
ip -n "$NS_T" link set "$IF_T" mtu 1400
sleep 1.5
ok "a decoy answers with the new MTU" eventually 5 answers
ip -n "$NS_D" link del "$IF_D"
ok "interface gone is recorded" eventually 5 event_said net.link "$IF_D.*gone"
is "no process died of it" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ip link add "$IF_T" netns "$NS_T" type veth peer name "$IF_D" netns "$NS_D"
ip -n "$NS_T" addr add $NET.1/24 dev "$IF_T"
ip -n "$NS_T" link set "$IF_T" up
ip -n "$NS_D" link set "$IF_D" up
ok "a decoy answers on the new interface" eventually 10 answers
is "still no process died" "$(hpd_pids | sort | tr '\n' ' ')" "$pids0"
ok "TERM ends it with 0" hpd_stop
finish
