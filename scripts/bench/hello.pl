#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# For the bench: a script with the modules old ones use, and one line.
use strict;
use warnings;
use POSIX qw(strftime);
use Getopt::Std;
use IO::Handle;
$| = 1;
print "hello $ENV{HONEYD_IP_SRC}\n";
