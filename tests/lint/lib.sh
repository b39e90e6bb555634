# TAP for the lints: check NAME COMMAND... (ok when it prints nothing).
n=0 bad=0
check() {
	name=$1; shift
	n=$((n + 1))
	out=$("$@" 2>&1)
	if [ -z "$out" ]; then
		echo "ok $n - $name"
	else
		bad=1
		echo "not ok $n - $name"
		printf '%s\n' "$out" | head -30 | sed 's/^/# /'
	fi
}
finish() {
	echo "1..$n"
	exit $bad
}
files() { git ls-files -- "$@" 2>/dev/null || find . -name "${1#*/}"; }
