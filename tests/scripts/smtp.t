#!/bin/sh
# SPDX-License-Identifier: ISC
# The mail host: a whole dialogue, passwords, relaying, nonsense.
. tests/scripts/lib.sh
HPD_HOSTNAME=mx1.example.com serve perl scripts/smtp/postfix.pl

ask 'EHLO me\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<root@example.com>\r\nRCPT TO:<x@elsewhere.org>\r\nDATA\r\nSubject: win\r\n\r\nbuy\r\n..dot\r\n.\r\nQUIT\r\n'
ok "banner" has '^220 mx1.example.com example ESMTP Postfix (Debian/GNU)$'
ok "EHLO names itself" has '^250-mx1.example.com$'
ok "offers AUTH" has '^250-AUTH PLAIN LOGIN$'
ok "last extension ends the list" has '^250 SMTPUTF8$'
ok "sender" has '^250 2.1.0 Ok$'
ok "own recipient" has '^250 2.1.5 Ok$'
ok "relaying is refused" has '^[45]54 [45].7.1 <x@elsewhere.org>: Relay access denied$'
ok "takes the mail" has '^250 2.0.0 Ok: queued as 4[0-9A-Za-z]*$'
ok "goodbye" has '^221 2.0.0 Bye$'
ok "mail is noted" noted '"mail.subject":"win"'
ok "relay try is noted" noted '"event":"relay","mail.from":"a@b.c","mail.to":"x@elsewhere.org"'

ask 'EHLO me\r\nAUTH PLAIN AHJvb3QAc2VjcmV0\r\nAUTH LOGIN\r\nYWRtaW4=\r\nMTIzNDU2Nzg5MGFiY2RlZg==\r\nAUTH PLAIN\r\n*\r\nAUTH CRAM-MD5\r\nQUIT\r\n' 12
ok "AUTH PLAIN noted" noted '"user":"root","password":"secret"'
ok "AUTH LOGIN noted" noted '"user":"admin","password":"1234567890abcdef"'
is "all refused" "$(count '^535 5.7.8 ')" 3
ok "LOGIN asks as base64" has '^334 VXNlcm5hbWU6$'
ok "aborted" has '^501 5.7.0 Authentication aborted$'

ask 'RCPT TO:<a@b>\r\nMAIL FROM:<>\r\nHELO\r\nHELO x\r\nMAIL FROM:<> SIZE=99999999999\r\nMAIL FROM:<>\r\nMAIL FROM:<>\r\nDATA\r\nRCPT TO:\r\nVRFY root\r\nVRFY zed\r\nNOPE\r\n\r\nRSET\r\nNOOP\r\nSTARTTLS\r\nQUIT\r\n'
for want in '503 5.5.1 Error: need MAIL command' \
    '503 5.5.1 Error: send HELO/EHLO first' '501 Syntax: HELO hostname' \
    '552 5.3.4 Message size exceeds fixed limit' \
    '503 5.5.1 Error: nested MAIL command' \
    '503 5.5.1 Error: need RCPT command' \
    '501 5.5.4 Syntax: RCPT TO:<address>' '252 2.0.0 root' \
    '550 5.1.1 <zed>: Recipient address rejected' \
    '502 5.5.2 Error: command not recognized' '500 5.5.2 Error: bad syntax'; do
	ok "$want" has "^$want"
done
ask 'GET / HTTP/1.0\r\n\r\n'
ok "a browser is sent away" has '^221 2.7.0 Error: I can break rules'
i=0 text=; while [ $i -lt 30 ]; do text="${text}BAD\\r\\n"; i=$((i + 1)); done
ask "$text"
ok "twenty errors end it" has '^421 4.7.0 mx1.example.com Error: too many'
head -c 300000 /dev/urandom | perl tests/lib/ask.pl "$port" 10 >"$dir/answer"
ok "garbage ends too" has '^220 '
ok "notes are flat, plain, clean" notes_ok
# A notice of the operator's comes before anything else.
long=$(printf 'word%03d ' $(seq 1 100))
HPD_HOSTNAME=mx1.example.com HPD_BANNER="Zugriff nur für Befugte. $long" serve perl scripts/smtp/postfix.pl
ask 'QUIT\r\n'
is "notice: lines before the greeting" "$(sed -n 's/ .*//p' "$dir/answer" | tr '\n' ' ')" \
    "220-mx1.example.com 220-mx1.example.com 220-mx1.example.com 220 221 "
ok "notice: in its first line" test "$(sed -n '1s/\(Befugte\. word001 word002\).*/\1/p' "$dir/answer")" = \
    "220-mx1.example.com Zugriff nur f??r Befugte. word001 word002"
is "notice: all of it" "$(grep -o 'word[0-9]*' "$dir/answer" | wc -l)" 100
is "notice: no line longer than RFC 5321 allows" "$(awk 'length($0) > 510' "$dir/answer")" ""
ok "then the server's name" test "$(sed -n 4p "$dir/answer")" = \
    "220 mx1.example.com example ESMTP Postfix (Debian/GNU)"
ok "no word gives it away" no_word
finish
