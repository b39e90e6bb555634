#!/bin/sh
# SPDX-License-Identifier: ISC
# Attackers' bytes through real services (a telnet login, a web server, a script
# that echoes and notes everything) into every place where somebody reads them:
# lines of JSON, the viewer on a terminal, the report in a browser. All 256
# values, terminal sequences, bidi, broken UTF-8, a line of 1 MiB, markup.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
cat > "$W/hpd.conf" <<C
create web
set web personality "Linux 4.15 - 5.6"
set web default tcp action closed
add web tcp port 23 "perl scripts/router-telnet.pl"
add web tcp port 80 "perl scripts/iis5.net/main.pl"
add web tcp port 1002 "perl -e 'open(F,q(>&=3));while(sysread(STDIN,\$b,4096)){syswrite(STDERR,\$b);syswrite(F,\$b);syswrite(STDOUT,\$b)}'"
add web tcp port 1003 "perl -e 'open(F,q(>&=3));while(sysread(STDIN,\$b,4096)){syswrite(F,\$b)}'"
bind $NET.10 web
C
HB="/usr/bin/python3 tests/integ/hostile_bytes.py"
V=$B/bin/hpview
ok "the suite starts" hpd_start || finish
ok "a decoy is there" eventually 10 tester ping -c1 -W1 $NET.10
ok "everything was said" tester timeout 120 $HB send $NET.10
ok "top shows it live" env PTY_ANSI=1 PTY_SECONDS=3 $HB pty "$V" top -i 0.3 "$W/log"
sleep 1
ok "TERM ends it with 0" hpd_stop
ok "every line is JSON without a raw control" $HB json "$W"/log/events-*.jsonl "$W"/log/probes-*.jsonl

# terminals
for c in show "show -j" summary session "top -1" "export -f json" "export -f csv" "export -f service"; do
	ok "hpview $c: nothing but text" env NO_COLOR=1 $HB pty "$V" $c "$W/log"
done
ids=$(cat "$W"/log/events-*.jsonl | jq -r 'select(.event.action == "hpd.tcp.open") | .hpd.session' |
    sort -u)
n=0 bad=0
for id in $ids; do
	n=$((n + 1))
	[ $n -le 24 ] || break
	env NO_COLOR=1 $HB pty "$V" session "$id" "$W/log" > "$W/one" 2>&1 || bad=$((bad + 1))
done
tap_out=$(cat "$W/one")
is "hpview session ID: nothing but text ($n sessions)" "$bad" 0
ok "with colours: those and text" env PTY_ANSI=1 $HB pty "$V" session "$(echo "$ids" | head -1)" "$W/log"
"$V" session -i "$(echo "$ids" | head -1)" "$W/log" > "$W/in"
/usr/bin/python3 - "$W/in" <<'P' > "$W/same" 2>&1
import sys
sys.path.insert(0, "tests/integ")
import hostile_bytes as h
sent = b"\n".join(h.payloads()) + b"\n" + h.ALL
got = open(sys.argv[1], "rb").read()
print("same" if got == sent[:65536] else "%d of %d" % (len(got), len(sent)))
P
is "hpview session -i: the very bytes" "$(cat "$W/same")" same

# made-up seals and records of the log in the text: none is taken for one
ok "the seal is intact" "$V" verify -v "$W/log"
is "no removal, no loss, nothing in doubt" "$("$V" verify -j "$W/log" | tail -1 |
    jq -c '[.removed, .in_doubt, .bad_lines, .lost]')" "[0,0,0,0]"

# the report in a browser
ok "a report" "$V" report --html "$W/report.html" "$W/log"
is "nobody else reads it" "$(stat -c %a "$W/report.html")" 600
not_ok "not among the logs" "$V" report --html "$W/log/report.html" "$W/log"
command -v chromium > /dev/null || { skip "in a browser" "no chromium"; finish; }
see() { /usr/bin/python3 tests/lib/browser.py "$@"; }
READY='document.documentElement.dataset.ready !== undefined'
# What the page says when every session, row and hex dump was looked at.
cat > "$W/tour.js" <<'J'
(() => {
	let text = '';
	for (const id of ['logins-table', 'sources-table', 'losses-table']) {
		const next = () => [...byId(id).querySelectorAll('button')].find((b) => b.textContent === 'Next');
		for (let i = 0; i < 60; i++) {
			text += byId(id).textContent;
			if (!next() || next().disabled)
				break;
			next().click();
		}
	}
	byId('sessions-table').querySelector('td button').click();
	for (let i = 0; i < 400; i++) {
		text += byId('talk-body').textContent;
		if (byId('talk-next').disabled)
			break;
		byId('talk-next').click();
	}
	byId('talk-hex').click();
	text += byId('talk-body').textContent;
	byId('talk-text').click();
	byId('talk-close').click();
	return text;
})()
J
mkdir -p "$B/artefacts"
see "$W/report.html" --wait "$READY" --size 1280x1600 --shot "$B/artefacts/report.png" \
    --eval "window.tour = $(cat "$W/tour.js"); tour.length" \
    --eval 'window.pwned === undefined && document.title === "hpd report"' \
    --eval '["<img src=x onerror=", "</script><script>document", "<svg onload=", "=cmd|"].every((s) => tour.includes(s))' \
    --eval '/\\u\{202e\}/.test(tour) && /\\xff/.test(tour) && /\\e/.test(tour)' \
    --eval '!/[\u202a-\u202e\u2066-\u2069\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f]/.test(tour)' \
    --eval 'document.querySelectorAll("img,svg,iframe,object,embed,base,link,form,a[href^=javascript]").length' \
    --eval 'document.scripts.length - document.querySelectorAll("script[type]").length' \
    --eval 'document.querySelectorAll("tr").length < 600' > "$W/seen" 2>&1
tap_out=$(cat "$W/seen")
field() { jq -c ".$1" "$W/seen"; }
is "the page is shown" "$(field ready)" true
ok "it was looked at" test "$(field 'eval[0]')" -gt 10000
is "no script but its own ran" "$(field 'eval[1]')" true
is "markup is visible as text" "$(field 'eval[2]')" true
is "so are bidi, broken UTF-8 and ESC" "$(field 'eval[3]')" true
is "none of them is raw" "$(field 'eval[4]')" true
is "no element of theirs" "$(field 'eval[5]')" 0
is "two scripts" "$(field 'eval[6]')" 2
is "the document stays small" "$(field 'eval[7]')" true
is "no exception, no violation of the policy" "$(field exceptions)$(field log)$(field console)" "[][][]"
is "nothing was asked for" "$(field requests)" "[]"

# The detector works: unescaped, they run; in our page, the policy stops them.
$HB control "$W/control.html"
see "$W/control.html" --eval 'window.pwned > 0 && document.title === "PWNED"' > "$W/seen" 2>&1
tap_out=$(cat "$W/seen")
is "control: without escaping they run" "$(field 'eval[0]')" true
sed "s|</main>|</main><script>window.pwned=1</script><img src=x onerror='window.pwned=2'>|" \
    "$W/report.html" > "$W/broken.html"
see "$W/broken.html" --wait "$READY" --eval 'window.pwned === undefined' > "$W/seen" 2>&1
tap_out=$(cat "$W/seen")
is "control: smuggled into the page they do not" "$(field 'eval[0]')" true
ok "control: and the browser says so" test "$(field 'log|length')" -ge 2
finish
