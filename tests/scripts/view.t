#!/bin/sh
# SPDX-License-Identifier: ISC
# hpview session, top and report on a small log made here.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
V=${B:-build}/bin/hpview
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir" "$tap_tmp"' EXIT
trap 'exit 1' INT TERM
py() { /usr/bin/python3 tests/scripts/view.py "$@"; }
py log "$dir/log" || exit 1
L=$dir/log
said() { grep -qF -e "$1" "$dir/out" || { cat "$dir/out"; return 1; }; }
session() { "$V" session "$@" "$L" > "$dir/out" 2> "$dir/err"; }

# session
ok "the list" session
is "newest first" "$(cut -c1-16 "$dir/out" | tr '\n' ' ')" \
    "0000010000000001 0000010000000002 0000010000000001 "
ok "an id without its zeros" session 10000000002
ok "names the session" said "Session 0000010000000002, boot 00000000000000b1"
ok "a prefix of one" session 0000010000000002
not_ok "an id of two starts is asked back" session 10000000001
is "with their names" "$(grep -c ':0000010000000001' "$dir/err")" 2
not_ok "one that is not there" session 77
ok "start and id" session b1:10000000001
ok "who and when" said "192.0.2.7 port 40001"
ok "time" said "2026-11-23 00:00:00.000 UTC, 9.500 s"
ok "to the visitor" said "0.200 > login: "
ok "from the visitor, CR LF is a line" said "1.200 < root"
ok "bytes are shown" said "1.200 < \\x1b]0;x\\x07\\xff\\u{202e}"
ok "what is missing is told" said "24 bytes from the visitor are not in the log"
ok "so is the cap" said "the log keeps no more from the visitor"
ok "the script's line" said "! a line of the script"
ok "its fields" said '* {"event":"login","user":"ro<b>ot"'
ok "how it ended" said "tcp.close fin"
ok "what a script noted that is no object" sh -c "'$V' session b2:10000000001 '$L' | grep -qF '* \"no</script>object'"
ok "hex" session -x b1:10000000001
ok "offset, bytes, text" said "00000000  72 6f 6f 74 0d 0a 1b 5d 30 3b 78 07 ff e2 80 ae  |root...]0;x.....|"
session -i b1:10000000001
is "the very bytes in" "$(od -An -tx1 "$dir/out" | tr -d ' \n')" 726f6f740d0a1b5d303b7807ffe280ae6c61746572
session -o b1:10000000001
is "and out" "$(cat "$dir/out")" "login: "
t0=$(date +%s%N)
ok "replayed, four times as fast" session -r4 b1:10000000001
t1=$(date +%s%N)
ms=$(((t1 - t0) / 1000000))
ok "took its time ($ms ms)" test $ms -ge 2300 -a $ms -lt 20000
t0=$(date +%s%N)
ok "pauses cut" session -cr10 b1:10000000001
ms=$((($(date +%s%N) - t0) / 1000000))
ok "took less ($ms ms)" test $ms -ge 300 -a $ms -lt 20000
not_ok "no such speed" session -r0 b1:10000000001
not_ok "not by half" session -rx b1:10000000001

# top
ok "top without a terminal is one frame" sh -c "'$V' top -a 2026-11-20 '$L' > '$dir/out'"
ok "of 24 lines at most" test "$(wc -l < "$dir/out")" -le 24
ok "counts" said "records 14"
ok "an alert" said "svc.trip 192.0.2.7 perl telnet.pl"
ok "an odd password is plain text" said 'ro<b>ot / \u{202e}'
for how in q c TERM; do
	ok "top on a terminal, ended by $how" py top $how "$V" top -i 0.3 -a 2026-11-20 "$L"
done

# report
ok "report" "$V" report --html "$dir/page.html" --chart none "$L"
is "for its owner only" "$(stat -c %a "$dir/page.html")" 600
is "nothing is left beside it" "$(ls "$dir" | grep -c page)" 1
is "one script, three transcripts" "$(grep -c '^<script>' "$dir/page.html")$(grep -c 'id="t[0-9]' "$dir/page.html")" 13
is "no markup of others" "$(grep -c '<b>ot' "$dir/page.html")" 0
ok "its data is JSON" sh -c "sed -n '/id=\"data\"/,/<.script>/p' '$dir/page.html' |
    sed '1s/^[^{]*//; s/<.script>\$//' | jq -e '.totals.sessions >= 2 and .records == 14 and (.alerts | length) == 1 and
    (.losses[0] | .[1] == \"log.lost\" and (.[2] | fromjson | .count) == 6)'"
ok "to standard output" sh -c "'$V' report --html - --chart none '$L' | cmp -s - '$dir/page.html' ||
    test \$('$V' report --html - --chart none '$L' | wc -c) -eq \$(wc -c < '$dir/page.html')"
not_ok "no such chart library" "$V" report --html "$dir/x.html" --chart /nonexistent "$L"
echo 'x="</script>"' > "$dir/odd.js"
not_ok "one that would break out" "$V" report --html "$dir/x.html" --chart "$dir/odd.js" "$L"
not_ok "and no half page" test -e "$dir/x.html"
not_ok "not into the log" "$V" report --html "$L/x.html" "$L"
not_ok "no place for it" "$V" report --html "$dir/none/x.html" "$L"
not_ok "no FILE" "$V" report "$L"
not_ok "no log" "$V" report --html "$dir/x.html" "$dir/none"
is "the log's directory is as it was" "$(ls -A "$L")" events-20261123T000000Z-000001.jsonl
finish
