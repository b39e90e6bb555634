#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A page of 300,000 bytes for whoever asks.
use strict;
use warnings;

while (my $l = <STDIN>) { last if $l =~ /^\r?$/ }
print "HTTP/1.0 200 OK\r\nContent-Length: 300000\r\n\r\n", "123456789\n" x 30000;
