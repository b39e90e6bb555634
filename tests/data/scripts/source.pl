#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Takes a line "N", sends N bytes; when the client has closed its side, adds
# nothing. What is read after the first line is thrown away.
use strict;
use warnings;

my $line = '';
until ($line =~ /\n/) {
	sysread STDIN, my $b, 1 or exit 1;
	$line .= $b;
}
my $n = int $line;
my $chunk = join '', map { chr(33 + $_ % 90) } 0 .. 65535;
while ($n > 0) {
	my $done = syswrite STDOUT, $chunk, $n < 65536 ? $n : 65536;
	last unless $done;
	$n -= $done;
}
1 while sysread STDIN, my $b, 65536;
