#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# ask.pl PORT [SECONDS [linger]]: sends stdin to 127.0.0.1:PORT, prints what
# comes back. Closes its sending side first unless linger is given; ends when
# the peer closes or after so many seconds without a byte.
use strict;
use warnings;
use Socket;

my ($port, $wait, $linger) = @ARGV;
local $/;
my $text = <STDIN>;
socket my $s, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
connect $s, sockaddr_in($port, INADDR_LOOPBACK) or die "connect: $!";
syswrite $s, $text if length $text;
shutdown $s, 1 unless $linger;
binmode STDOUT;
for (;;) {
	my $r = '';
	vec($r, fileno $s, 1) = 1;
	last unless select $r, undef, undef, $wait || 10;
	last unless sysread $s, my $buf, 65536;
	syswrite STDOUT, $buf;
}
