#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Does what only an intruder does: ptrace(PTRACE_ATTACH, 1).
use strict;
use warnings;
use POSIX ();

my $n = (POSIX::uname())[4] eq 'x86_64' ? 101 : 117;
syscall $n, 16, 1, 0, 0;
print "still here\n";
