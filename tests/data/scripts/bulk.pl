#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Takes a line "N" and sends N blocks of a megabyte, no two alike.
use strict;
use warnings;

my $n = int <STDIN>;
my $x = 12345;
my $block = join '', map { $x = ($x * 1103515245 + 12345) & 0x7fffffff;
    pack 'N', $x } 1 .. 262143;
for my $i (1 .. $n) {
	my $b = pack('N', $i) . $block;
	while (length $b) {
		my $done = syswrite STDOUT, $b, 65536;
		exit 1 unless $done;
		substr $b, 0, $done, '';
	}
}
