#!/bin/sh
# SPDX-License-Identifier: ISC
# The router's telnet login.
. tests/scripts/lib.sh
serve perl scripts/router-telnet.pl

ask '\377\375\001\377\375\003\377\374\030\377\374\037admin\r\ncisco\r\nroot\r\0toor\r\nx\bcc\r\nlast\r\n' 20 linger
ok "banner" has 'User Access Verification'
is "asked for three names" "$(grep -ao 'Username: ' "$dir/answer" | wc -l)" 3
is "refused three times" "$(count '^% Login invalid')" 3
ok "first try noted" noted '"user":"admin","password":"cisco","n_try":1}'
ok "CR NUL ends a line too" noted '"user":"root","password":"toor","n_try":2}'
ok "backspace works" noted '"user":"cc","password":"last","n_try":3}'
ok "name is echoed" has 'Username: admin'
not_ok "password is not" has 'cisco'
is "options first, as IOS" "$(head -c 12 "$dir/answer" | od -An -tx1 |
    tr -d ' \n')" fffb01fffb03fffd18fffd1f
ok "notes are flat, plain, clean" notes_ok
ok "no word gives it away" no_word

ask '\377\372\030\000XTERM\377\360\377\375\005\377\373\047bob\r\npw\r\n' 4 linger
is "options it does not know are refused" "$(od -An -tx1 "$dir/answer" |
    tr -d ' \n' | grep -o 'fffc05fffe27')" fffc05fffe27
ok "behind them the login goes on" noted '"user":"bob","password":"pw"'
ask '\377\372' 3
pass "open subnegotiation and the end"
head -c 100000 /dev/zero | tr '\0' 'A' | perl tests/lib/ask.pl "$port" 5 >"$dir/answer"
ok "a line without end is cut" test "$(wc -c <"$dir/answer")" -lt 400
# A notice of the operator's comes before anything else.
export HPD_BANNER="Authorized use only. All activity is recorded, and whoever goes on agrees to that. $(printf '\033[2J\377')"
serve perl scripts/router-telnet.pl
ask '' 3
is "notice: the first text" "$(tail -c +13 "$dir/answer" | sed -n '2,5p')" \
    "Authorized use only. All activity is recorded, and whoever goes on agrees to
that. [2J$(printf '\377\377')

User Access Verification"
finish
