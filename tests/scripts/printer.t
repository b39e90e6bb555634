#!/bin/sh
# SPDX-License-Identifier: ISC
# The printer's raw port, run by the shell that is in the jail.
. tests/scripts/lib.sh
serve busybox sh scripts/printer/jetdirect.sh

ask '\033%%-12345X@PJL INFO ID\r\n@PJL INFO STATUS\r\n@PJL INFO PAGECOUNT\r\n@PJL INFO NONSENSE\r\n\033%%-12345X\r\n'
ok "INFO ID" has '^"HP LaserJet 4250"$'
ok "INFO STATUS" has '^CODE=10001$'
pages=$(grep -A1 PAGECOUNT "$dir/answer" | tail -1)
ok "INFO PAGECOUNT" test "$pages" -gt 0
ok "unknown INFO" has '^?$'
ok "noted" noted '"line":".%-12345X@PJL INFO ID"\|"line":"@PJL INFO ID"'
ask '@PJL FSUPLOAD NAME="0:/../../etc/passwd" OFFSET=0 SIZE=99\r\n'
ok "no files" has '^FILEERROR=3$'
ask 'hello $(id) `id` \\033[31m "\\\\\r\n\033[0m\377\r\n'
is "a job is silent" "$(wc -c <"$dir/answer")" 0
head -c 200000 /dev/urandom | perl tests/lib/ask.pl "$port" 10 >"$dir/answer"
eventually 5 noted '"event":"end"'
ok "notes are flat, plain, clean" notes_ok
ok "no word gives it away" no_word
# serve starts it with descriptor 3; without one it must work as well.
printf '@PJL INFO ID\r\n' | busybox sh scripts/printer/jetdirect.sh 3>&- \
    >"$dir/answer" 2>/dev/null
ok "works without descriptor 3" has 'LaserJet'
seed=ffffffffffffffff serve busybox sh scripts/printer/jetdirect.sh
ask '@PJL INFO PAGECOUNT\r\n'
ok "another decoy, another count" test "$pages" != \
    "$(grep -A1 PAGECOUNT "$dir/answer" | tail -1)"
HPD_BANNER='Authorized use only' serve busybox sh scripts/printer/jetdirect.sh
ask 'hello\r\n'
is "a notice has no place in it" "$(wc -c <"$dir/answer")" 0
finish
