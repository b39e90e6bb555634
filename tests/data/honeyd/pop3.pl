#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A mail host's POP3, as such scripts were written: options by Getopt::Std, the
# date by POSIX, the peer from the environment, messages to stderr.
use POSIX qw(strftime);
use Getopt::Std;
getopts('h:v');
$| = 1;
$SIG{ALRM} = sub { print "-ERR timeout\r\n"; exit 0 };
$host = $opt_h || 'localhost';
$date = strftime('%Y', gmtime);
print "+OK POP3 $host ready <$$.$date\@$host>\r\n";
while (defined($_ = <STDIN>)) {
	alarm 60;
	s/[\r\n]+$//;
	if (/^USER (\S+)/i) {
		$user = $1;
		print "+OK\r\n";
	} elsif (/^PASS (.+)/i) {
		print STDERR "$ENV{HONEYD_IP_SRC} $user $1\n";
		print "-ERR invalid password\r\n";
	} elsif (/^QUIT/i) {
		print "+OK bye\r\n";
		exit 0;
	} else {
		print "-ERR unknown command\r\n";
	}
}
