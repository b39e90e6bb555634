#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A login prompt that keeps its own record, where there is none to keep.
$| = 1;
print "login: ";
$user = <STDIN>;
chomp $user;
open(LOG, '>>/tmp/log') || die "cannot append to /tmp/log: $!\n";
print LOG "$ENV{HONEYD_IP_SRC} $user\n";
close LOG;
print "Login incorrect\n";
