#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# start.pl PROGRAM ARG...: start a child of the suite as hpd-parent does it
# (namespaces, descriptors 0-4, empty environment) and print "hello" when its
# first message arrives, which it only sends with its sandbox complete. Then
# the channel is closed, which ends it. Prints "exit N" or "signal N"; what the
# program writes on descriptor 2 goes to ours. START_PLAIN=1: no namespaces.
use strict;
use warnings;
use Socket;
use POSIX qw(dup2 _exit WNOHANG);
use Fcntl;

our %keep;
my ($p0, $p1, $l0, $l1, $deadline);
# Non-blocking, as the parent's are: a child may not change that.
socketpair($p0, $p1, AF_UNIX, SOCK_SEQPACKET | Socket::SOCK_NONBLOCK, 0) or die "socketpair: $!";
socketpair($l0, $l1, AF_UNIX, SOCK_SEQPACKET | Socket::SOCK_NONBLOCK, 0) or die "socketpair: $!";
my $plain = $ENV{START_PLAIN};
my $pid = fork() // die "fork: $!";
if ($pid == 0) {
	%ENV = ();
	dup2(fileno($l1), 40);
	dup2(fileno($p1), 3);
	dup2(40, 4);
	POSIX::close(40);
	open(my $null, '+<', '/dev/null') or _exit(126);
	dup2(fileno($null), 0);
	dup2(fileno($null), 1);
	$^F = 4;
	for my $fd (3, 4) {
		open(my $h, '+<&=', $fd) or _exit(126);
		fcntl($h, F_SETFD, 0);
		exec('/usr/bin/unshare', '--kill-child', '-fpnium', '--', @ARGV)
		    if $fd == 4 && !$plain;
		exec(@ARGV) if $fd == 4;
		$keep{$fd} = $h;
	}
	_exit(127);
}
close($p1);
close($l1);
$deadline = time + 10;
my $in = '';
vec($in, fileno($p0), 1) = 1;
if (select(my $r = $in, undef, undef, 10)) {
	my $got = recv($p0, my $buf, 65536, 0);
	print "hello\n" if defined $got && length($buf) >= 24;
}
close($p0);
close($l0);
while (time < $deadline) {
	if (waitpid($pid, WNOHANG) == $pid) {
		print $? & 127 ? "signal " . ($? & 127) : "exit " . ($? >> 8),
		    "\n";
		exit 0;
	}
	select(undef, undef, undef, 0.01);
}
print "still there\n";
kill 'KILL', $pid;
waitpid($pid, 0);
