#!/bin/sh
# SPDX-License-Identifier: ISC
# The SSH server up to the key exchange, against our own packets and, where it
# is installed, a real client.
. tests/scripts/lib.sh
serve perl scripts/ssh/openssh.pl

# kexinit KEX...: a client's greeting and KEXINIT.
kexinit() {
	perl -e 'my @l = (shift, "ssh-ed25519", ("aes128-ctr") x 2,
	    ("hmac-sha2-256") x 2, ("none") x 2, "", "");
	    my $p = chr(20) . "c" x 16 . join("", map { pack "N/a*", $_ } @l) .
	    pack("CN", 0, 0);
	    my $pad = 8 - (5 + length $p) % 8; $pad += 8 if $pad < 4;
	    print "SSH-2.0-Test_1\r\n", pack("NC", 1 + length($p) + $pad, $pad),
	    $p, "\0" x $pad;
	    # ECDH_INIT with 32 bytes
	    print pack("NC", 44, 6), chr(30), pack("N", 32), "k" x 32, "\0" x 6
	    ' "$1"
}

kexinit curve25519-sha256 | perl tests/lib/ask.pl "$port" >"$dir/answer"
ok "version line" has '^SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u[0-9]'
is "then a KEXINIT" "$(perl -e 'local $/; $_ = <STDIN>; s/\A.*?\n//s;
    my ($l, $p, $t) = unpack "NCC"; print "$t ", (4 + $l) % 8' <"$dir/answer")" "20 0"
ok "offers what OpenSSH offers" has 'chacha20-poly1305@openssh.com,aes128-ctr'
ok "client is noted" noted '"ssh.client":"SSH-2.0-Test_1"'
ok "its algorithms are noted" noted '"ssh.kex":"curve25519-sha256","ssh.host_key":"ssh-ed25519"'
ok "what is agreed is noted" noted '"event":"negotiated","ssh.kex":"curve25519-sha256"'
ok "its first message is noted" noted '"event":"key exchange","n_message":30'
ok "it disconnects in words" has 'Key exchange failed'
kexinit made-up@example.com | perl tests/lib/ask.pl "$port" >"$dir/answer"
ok "nothing in common" has 'no matching algorithm'
ask 'GET / HTTP/1.0\r\n\r\n'
ok "not SSH" has '^Invalid SSH identification string.$'
ask 'SSH-2.0-x\r\n\377\377\377\377\377'
ok "bad length" has 'Packet corrupt'
ask 'SSH-2.0-x\r\n\0\0\0\014\004\024aaaaaaaaaaaaaa'
ok "short KEXINIT" has 'Invalid KEXINIT'
(printf 'SSH-2.0-x\r\n'; head -c 400000 /dev/urandom) |
    perl tests/lib/ask.pl "$port" >"$dir/answer"
ok "garbage ends" has '^SSH-2.0'
ok "notes are flat, plain, clean" notes_ok
ok "no word gives it away" no_word
if command -v ssh >/dev/null; then
	ssh -o BatchMode=yes -o StrictHostKeyChecking=no -p "$port" \
	    -o UserKnownHostsFile=/dev/null x@127.0.0.1 >"$dir/answer" 2>&1
	ok "a real client gets as far as the key exchange" has \
	    'Key exchange failed'
else
	skip "a real client" "no ssh here"
fi
# A notice of the operator's comes before anything else.
HPD_BANNER="SSH-1.5-x is no version here: this is a notice, and it goes on for longer than one line" serve perl scripts/ssh/openssh.pl
kexinit curve25519-sha256 | perl tests/lib/ask.pl "$port" >"$dir/answer"
is "notice: before the version, never like one" "$(head -c 150 "$dir/answer" | tr -d '\r' |
    sed 's/u[0-9]$/u/' | sed -n 1,3p)" " SSH-1.5-x is no version here: this is a notice, and it goes on for longer
than one line
SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u"
ok "notice: the dialogue goes on" has 'Key exchange failed'
if command -v ssh >/dev/null; then
	ssh -v -o BatchMode=yes -o StrictHostKeyChecking=no -p "$port" \
	    -o UserKnownHostsFile=/dev/null x@127.0.0.1 >"$dir/answer" 2>&1
	ok "notice: a real client reads it and goes on" has 'Key exchange failed'
	ok "notice: it has it" has 'this is a notice'
else
	skip "a real client" "no ssh here"
fi
finish
