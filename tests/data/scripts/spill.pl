#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Writes what the client sends, byte for byte, to the service log and to the
# field channel; then says so.
use strict;
use warnings;
use IO::Handle;

open my $notes, '>&=', 3 or die "notes: $!";
while (sysread STDIN, my $b, 65536) {
	syswrite STDERR, $b;
	syswrite $notes, $b;
}
print "spilled\n";
