# SPDX-License-Identifier: ISC
# Every scenario's log against the schema, at its end (netns_cleanup calls it):
#
#   schema_check DIR    all lines of the segments of events and probes at or
#                       below DIR; kinds that passed go to $B/events-seen, which
#                       tests/jail/zz-events.t reads. What is wrong is said as
#                       notes, and the result is 1: the scenario fails.
#                       SCHEMA=no leaves it out.
schema_check() {
	[ "${SCHEMA:-}" != no ] && [ -d "$1" ] || return 0
	[ -f "$B/gen/hpd-events.schema.json" ] || {
		echo "# schema: $B/gen/hpd-events.schema.json is not there"
		return 1
	}
	sc_n=$(find "$1" -type f \( -name 'events-[0-9]*' -o -name 'probes-[0-9]*' \) | wc -l)
	[ "$sc_n" -gt 0 ] || return 0
	sc_out=$(find "$1" -type f \( -name 'events-[0-9]*' -o -name 'probes-[0-9]*' \) -print0 |
	    sort -z | xargs -0 /usr/bin/python3 "$SRC/tests/lib/schema.py" \
	    "$B/gen/hpd-events.schema.json" "$B/events-seen" 2>&1)
	sc_rc=$?
	printf '%s\n' "$sc_out" | sed 's/^/# schema: /'
	return $sc_rc
}
