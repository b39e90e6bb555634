#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Reads one word and tells what a script has of it: env, fds, ids, reach, eat,
# burn.
use POSIX ();
$| = 1;
$_ = <STDIN>;
if (/env/) {
	print map { "$_=$ENV{$_}\n" } sort keys %ENV;
} elsif (/fds/) {
	print join(' ', grep { defined POSIX::dup2($_, $_) } 0 .. 2000), "\n";
} elsif (/ids/) {
	# prctl: seccomp
	print "$> ", $) + 0, ' ', syscall(157, 21, 0, 0, 0, 0), "\n";
} elsif (/reach/) {
	$r = syscall(41, 2, 1, 0);
	print 'socket ', $r == -1 ? $! : 'made', "\n";
	for $f ('/etc/shadow', '/etc/passwd', '/proc/self/status', '/root') {
		print "$f ", open(F, '<', $f) ? 'open' : $!, "\n";
	}
	print 'fork ', defined(fork) ? 'made' : $!, "\n";
} elsif (/eat/) {
	print "eating\n";
	$n = 1 << 30;
	$x = 'x' x $n;
	print "ate\n";
} elsif (/burn/) {
	print "burning\n";
	1 while 1;
}
