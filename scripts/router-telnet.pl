#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A Cisco router's telnet login (IOS 12): options as IOS offers them, user
# access verification, three tries, then the door. Nobody gets in; what was
# tried is noted. HPD_BANNER, if set, is the message of the day: the first text
# that is shown.
use strict;
require((substr($0, 0, 1) eq '/' ? '' : './') .
    ($0 =~ m{\A(.*/)} ? $1 : '') . 'lib/hpd.pl');

my ($IAC, $DONT, $DO, $WONT, $WILL, $SB, $SE) =
    map { chr } 255, 254, 253, 252, 251, 250, 240;
my ($ECHO, $SGA, $TTYPE, $NAWS) = map { chr } 1, 3, 24, 31;

$hpd::left = 64 << 10;

my %said = map { $_ => 1 } $DO . $ECHO, $DO . $SGA, $WILL . $TTYPE,
    $WILL . $NAWS;		# answers to what we offered: nothing to say
my $options = 0;

sub byte {
	return undef if $hpd::in eq '' && !hpd::more();
	return substr $hpd::in, 0, 1, '';
}

# Behind an IAC: answer what must be answered. False at the end.
sub command {
	my $c = byte();

	return 0 unless defined $c;
	if ($c eq $SB) {		# up to IAC SE, unread
		my $last = '';
		for (1 .. 1024) {
			my $b = byte();
			return 0 unless defined $b;
			return 1 if $last eq $IAC && $b eq $SE;
			$last = $b;
		}
		return 0;
	}
	return 1 unless $c ge $WILL && $c le $DONT;
	my $opt = byte();
	return 0 unless defined $opt;
	return 1 if delete $said{$c . $opt} || ++$options > 40;
	hpd::out($IAC . $DONT . $opt) if $c eq $WILL;
	hpd::out($IAC . $WONT . $opt) if $c eq $DO;
	return 1;
}

my $cr = 0;			# the last byte was a CR

# One line as typed, with or without echo. undef at the end.
sub typed {
	my ($echo) = @_;
	my $l = '';

	for (;;) {
		my $c = byte();
		return undef unless defined $c;
		my $after = $cr;
		$cr = $c eq "\r";
		if ($after && ($c eq "\n" || $c eq "\0")) {
			next;		# CR LF and CR NUL are one
		} elsif ($c eq $IAC) {
			return undef unless command();
		} elsif ($c eq "\r" || $c eq "\n") {
			hpd::out("\r\n");
			return $l;
		} elsif ($c eq "\x7f" || $c eq "\x08") {
			hpd::out("\x08 \x08") if $echo && $l ne '';
			chop $l;
		} elsif ($c eq "\x15") {
			hpd::out("\x08 \x08" x length $l) if $echo;
			$l = '';
		} elsif ($c eq "\x03" || $c eq "\x1a") {
			return '';
		} elsif ($c ge ' ' && length $l < 80) {
			$l .= $c;
			hpd::out($c) if $echo;
		}
	}
}

my $motd = join '', map { "\r\n$_" } hpd::banner(78);
my $prompt = 'Username: ';
my $users = hpd::pick(4, 'aaa') > 0;	# most have names, some a line password

$prompt = 'Password: ' unless $users;
hpd::out($IAC . $WILL . $ECHO . $IAC . $WILL . $SGA . $IAC . $DO . $TTYPE .
    $IAC . $DO . $NAWS, $motd =~ s/\xff/\xff\xff/gr,
    "\r\n\r\nUser Access Verification\r\n\r\n$prompt");

for my $try (1 .. 3) {
	my $user = '';

	if ($users) {
		hpd::out('Username: ') if $try > 1;
		for (1 .. 3) {	# an empty name is asked again
			$user = typed(1);
			exit 0 unless defined $user;
			last if $user ne '';
			hpd::out('Username: ');
		}
		hpd::out('Password: ');
	} elsif ($try > 1) {
		hpd::out('Password: ');
	}
	my $pass = typed(0);
	exit 0 unless defined $pass;
	hpd::note('login', 'user', $user, 'password', $pass, 'n_try', $try);
	# IOS takes about two seconds to refuse.
	select undef, undef, undef, 1.5 + hpd::pick(100, 'delay') / 100;
	hpd::out($users ? "% Login invalid\r\n\r\n" : '');
}
hpd::out($users ? '' : "% Bad passwords\r\n");
