#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# For tests of services without the suite: listens on a free loopback port (or
# LISTEN_PORT), writes its number to PORTFILE, and runs COMMAND for each connection with the
# connection as stdin and stdout, descriptor 3 and stderr appended to files.
# inetd.pl PORTFILE FIELDS STDERR COMMAND [ARG ...]
use strict;
use warnings;
use Socket;

my ($portfile, $fields, $stderr, @cmd) = @ARGV;
die "usage: inetd.pl PORTFILE FIELDS STDERR COMMAND...\n" unless @cmd;
$SIG{CHLD} = 'IGNORE';
socket my $l, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
bind $l, sockaddr_in($ENV{LISTEN_PORT} || 0, INADDR_LOOPBACK) or die "bind: $!";
listen $l, 64 or die "listen: $!";
my ($port) = sockaddr_in(getsockname $l);
open my $p, '>', "$portfile.new" or die "$portfile: $!";
print $p "$port\n";
close $p;
rename "$portfile.new", $portfile or die "$portfile: $!";
for (;;) {
	accept my $c, $l or next;
	my $pid = fork;
	next if !defined $pid;
	if ($pid == 0) {
		require POSIX;
		close $l;
		open STDERR, '>>', $stderr or die;
		$^F = 3; # descriptor 3 stays open at exec, the rest does not
		open my $f, '>>', $fields or die;
		POSIX::dup2(fileno $f, 3) if fileno($f) != 3;
		POSIX::dup2(fileno $c, 0);
		POSIX::dup2(fileno $c, 1);
		%ENV = map { $_ => $ENV{$_} }
		    grep { /\A(?:HPD_|HONEYD_|PATH\z|LC_ALL\z)/ } keys %ENV;
		exec @cmd or die "exec: $!";
	}
	close $c;
}
