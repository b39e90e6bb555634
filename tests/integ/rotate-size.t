#!/bin/sh
# SPDX-License-Identifier: ISC
# A segment that reached its size is followed by the next one; honeyd's two
# logs are written beside when asked for; none of it is lost.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
conf_default
cat >> "$W/hpd.conf" <<'END'
log size 1M
log packets
log services
END
ok "the suite starts" hpd_start || finish
segs() { [ "$(ls "$W"/log/events-*.jsonl | wc -l)" -ge "$1" ]; }
# What sessions say is in the log, escaped and in base64: large.
head -c 60000 /dev/urandom > "$W/in"
for i in 1 2 3 4 5 6; do
	tester timeout 10 nc -N -w 3 $NET.10 7 < "$W/in" > "$W/out"
done
ok "a second segment" eventually 20 segs 2
ok "a session for the service log" sh -c "echo x | ip netns exec $NS_T nc -N -w 3 $NET.10 7 | grep -q x"
sleep 1.5
ok "TERM ends it with 0" hpd_stop
ok "no segment is over its size by more than one batch" test -z "$(find "$W/log" -name '*-*.jsonl' -size +2100k)"
ok "all is JSON" sh -c "cat '$W'/log/*-*.jsonl | jq -e . > /dev/null"
ok "no gap" python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl
note "$(python3 tests/lib/seqcheck.py "$W"/log/*-*.jsonl | tail -1)"
ok "honeyd's packet log has the session" grep -qE "tcp\(6\) S .* $NET.10 7( |\$)" "$W"/log/honeyd-*.log
ok "...and its end" grep -qE "tcp\(6\) E .* $NET.10 7: 2 2( |\$)" "$W"/log/honeyd-*.log
note "$(ls "$W/log" | tr '\n' ' ')"
finish
