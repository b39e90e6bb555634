#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Says hello and waits for the client to go.
$| = 1;
print "hello\n";
1 while sysread STDIN, my $b, 4096;
