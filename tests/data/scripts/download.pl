#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A web server of one answer: GET /N sends N bytes.
use strict;
use warnings;
$| = 1;
my $size;
while (defined(my $line = <STDIN>)) {
	$size = $1 if !defined $size && $line =~ m{^GET /(\d*) };
	last if $line =~ /^\r?$/;
}
$size ||= 0;
print "HTTP/1.0 200 OK\r\nContent-Length: $size\r\n\r\n";
my $block = "x" x 65536;
while ($size > 0) {
	my $n = syswrite(STDOUT, $block, $size < 65536 ? $size : 65536);
	last if !defined $n;
	$size -= $n;
}
