# SPDX-License-Identifier: ISC
# For the tests of services: serve COMMAND... starts it behind a loopback port
# ($port), ask TEXT sends printf's text and prints the answer. $dir/fields and
# $dir/stderr collect what it noted. Cleans up at exit.
. tests/lib/tap.sh
dir=$(mktemp -d) || exit 1
server=
unserve() { [ -z "$server" ] || kill "$server" 2>/dev/null; server=; }
trap 'unserve; rm -rf "$dir"' EXIT
trap 'exit 1' INT TERM
serve() {
	unserve
	rm -f "$dir/port"
	: >"$dir/fields"
	: >"$dir/stderr"
	env PATH=/bin:/usr/bin LC_ALL=C HPD_SEED="${seed-0123456789abcdef}" \
	    HONEYD_IP_DST=127.0.0.1 \
	    perl tests/lib/inetd.pl "$dir/port" "$dir/fields" "$dir/stderr" \
	    "$@" 3>&- &
	server=$!
	eventually 5 test -s "$dir/port" || { fail "server"; finish; }
	port=$(cat "$dir/port")
}
# ask TEXT [SECONDS [linger]]: see tests/lib/ask.pl
ask() {
	printf "$1" | perl tests/lib/ask.pl "$port" "${2:-10}" ${3+"$3"} |
	    tr -d '\r' >"$dir/answer"
}
has() { grep -q -e "$1" "$dir/answer" || { cat "$dir/answer"; return 1; }; }
noted() { grep -q -e "$1" "$dir/fields" || { cat "$dir/fields"; return 1; }; }
count() { grep -c -e "$1" "$dir/answer"; }
# Every line on descriptor 3 is what the log takes as fields: flat, its names
# plain; nothing noted anywhere holds a control byte.
notes_ok() {
	jq -es 'all(.[]; type == "object" and ([.[] | type] |
	    all(. != "object" and . != "array")) and (keys |
	    all(test("^[a-z0-9_.]{1,64}$"))))' "$dir/fields" >/dev/null &&
	    ! LC_ALL=C grep -q '[^ -~]' "$dir/fields" "$dir/stderr"
}
no_word() {
	! grep -aiE 'honey|decoy|emulat|fake' "$dir/answer"
}
