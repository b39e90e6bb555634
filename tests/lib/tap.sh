# SPDX-License-Identifier: ISC
# TAP for scenario scripts. ok NAME CMD... / not_ok NAME CMD... / pass / fail /
# skip NAME WHY; finish at the end prints the plan and exits.
tap_n=0 tap_bad=0
pass() { tap_n=$((tap_n + 1)); echo "ok $tap_n - $*"; }
fail() {
	tap_n=$((tap_n + 1)); tap_bad=$((tap_bad + 1))
	echo "not ok $tap_n - $*"
	[ -z "$tap_out" ] || printf '%s\n' "$tap_out" | tail -20 | sed 's/^/#   /'
	tap_out=
	return 1
}
# A skip is printed; under CI, where everything is installed, it is a failure.
skip() {
	[ "${CI:-}" != true ] || { fail "$1: skipped, $2"; return; }
	tap_n=$((tap_n + 1)); name=$1; shift; echo "ok $tap_n - $name # SKIP $*"
}
note() { printf '%s\n' "$*" | sed 's/^/# /'; }
tap_tmp=$(mktemp "${TMPDIR:-/tmp}/hpd-tap.XXXXXX")
tap_run() { # in this shell, so that what it sets stays
	"$@" > "$tap_tmp" 2>&1 < /dev/null
	tap_rc=$?
	tap_out=$(tail -20 "$tap_tmp")
	return $tap_rc
}
ok() {
	tap_name=$1; shift
	if tap_run "$@"; then pass "$tap_name"; else fail "$tap_name"; fi
}
not_ok() {
	tap_name=$1; shift
	if tap_run "$@"; then fail "$tap_name"; else pass "$tap_name"; fi
}
# is NAME GOT WANTED
is() {
	tap_out="got '$2', wanted '$3'"
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1"; fi
}
# eventually SECONDS CMD...: until it succeeds, ten times a second
eventually() {
	ev_left=$(($1 * 10)); shift
	while ! "$@" >/dev/null 2>&1; do
		ev_left=$((ev_left - 1))
		[ $ev_left -gt 0 ] || return 1
		sleep 0.1
	done
}
finish() {
	rm -f "$tap_tmp"
	echo "1..$tap_n"
	[ $tap_bad -eq 0 ]
	exit
}
