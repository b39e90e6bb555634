#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A UDP service: one datagram in, one out.
use POSIX;
sysread(STDIN, $_, 1500);
$n = length;
syswrite(STDOUT, sprintf("%s %d %s", strftime('%Y', gmtime), $n, uc $_));
