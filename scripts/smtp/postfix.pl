#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A mail host: Postfix on Debian. Takes mail for its own domain and throws it
# away, refuses to relay, lets everybody try passwords. What was said is noted.
# HPD_BANNER, if set, stands in the first lines of the greeting (RFC 5321 4.2).
# Bounded: 12 MiB a connection, 20 errors, 100 recipients.
use strict;
require((substr($0, 0, 1) eq '/' ? '' : './') .
    ($0 =~ m{\A(.*/)} ? $1 : '') . '../lib/hpd.pl');

my $host = hpd::env('HPD_HOSTNAME', 'mail');
my @domains = qw(localdomain lan intern office.lan);
my $domain = $host =~ /\A[^.]+\.(.+)\z/ ? $1 :
    $domains[hpd::pick(scalar @domains, 'domain')];
$host .= ".$domain" if $host !~ /\./;
my ($name) = $domain =~ /\A([^.]+)/;
my $size = 10240000 * (1 + hpd::pick(4, 'size'));
my ($errors, $helo, $from, @rcpt) = (0, '', undef);

$hpd::left = 12 << 20;

sub say_line { hpd::out("$_[0]\r\n") }

# An error counts; after twenty the client is sent away, as Postfix does.
sub wrong {
	say_line($_[0]);
	if (++$errors >= 20) {
		say_line("421 4.7.0 $host Error: too many errors");
		exit 0;
	}
}

sub unbase64 {
	my ($s) = @_;
	my $out = '';

	return undef if $s !~ m{\A[A-Za-z0-9+/]*={0,2}\z} || length $s > 1024;
	$s =~ s/=+\z//;
	$s =~ tr{A-Za-z0-9+/}{ -_};
	while ($s =~ /(.{1,60})/gs) {
		$out .= unpack 'u', chr(32 + int(length($1) * 3 / 4)) . $1;
	}
	return $out;
}

sub tried {
	my ($how, $user, $pass) = @_;

	hpd::note('login', 'mechanism', $how, 'user', $user, 'password',
	    $pass);
	select undef, undef, undef, 0.8 + hpd::pick(100, 'delay') / 100;
	wrong("535 5.7.8 Error: authentication failed: " .
	    ($how eq 'LOGIN' ? 'UGFzc3dvcmQ6' : 'authentication failure'));
}

# One line of an authentication dialogue. undef: it was broken off.
sub reply {
	my $l = hpd::line(2048);

	exit 0 unless defined $l;
	if ($l eq '*') {
		wrong('501 5.7.0 Authentication aborted');
		return undef;
	}
	my $d = unbase64($l);
	wrong('535 5.7.8 Error: authentication failed: Invalid base64 data')
	    unless defined $d;
	return $d;
}

sub auth {
	my ($how, $first) = split ' ', $_[0], 2;
	my ($user, $pass);

	$how = uc $how;
	if ($how eq 'PLAIN') {
		if (!defined $first) {
			say_line('334 ');
			$first = reply();
			return unless defined $first;
		} else {
			$first = unbase64($first);
		}
		if (!defined $first || $first !~ /\A[^\0]*\0([^\0]*)\0([^\0]*)\z/) {
			wrong('535 5.7.8 Error: authentication failed: ' .
			    'bad protocol / cancel');
			return;
		}
		tried('PLAIN', $1, $2);
	} elsif ($how eq 'LOGIN') {
		if (defined $first) {
			$user = unbase64($first);
		} else {
			say_line('334 VXNlcm5hbWU6');
			$user = reply();
		}
		return unless defined $user;
		say_line('334 UGFzc3dvcmQ6');
		$pass = reply();
		return unless defined $pass;
		tried('LOGIN', $user, $pass);
	} else {
		wrong('535 5.7.8 Error: authentication failed: Invalid ' .
		    'authentication mechanism');
	}
}

sub ehlo {
	say_line(join "\r\n", "250-$host", '250-PIPELINING', "250-SIZE $size",
	    '250-VRFY', '250-ETRN', '250-AUTH PLAIN LOGIN',
	    '250-ENHANCEDSTATUSCODES', '250-8BITMIME', '250-DSN',
	    '250 SMTPUTF8');
}

# <address> and what follows it, or undef.
sub path {
	my ($s) = @_;

	return undef unless $s =~ /\A\s*<([^<>\s]*)>\s*(.*)\z/s ||
	    $s =~ /\A\s*([^<>\s]+)\s*(.*)\z/s;
	return ($1, $2);
}

sub mail {
	my ($addr, $opts) = path($_[0]);

	return wrong('503 5.5.1 Error: send HELO/EHLO first') if $helo eq '';
	return wrong('503 5.5.1 Error: nested MAIL command') if defined $from;
	return wrong('501 5.5.4 Syntax: MAIL FROM:<address>')
	    unless defined $addr;
	return wrong('552 5.3.4 Message size exceeds fixed limit')
	    if $opts =~ /\bSIZE=(\d{1,12})/i && $1 > $size;
	$from = $addr;
	@rcpt = ();
	say_line('250 2.1.0 Ok');
}

sub rcpt {
	my ($addr) = path($_[0]);

	return wrong('503 5.5.1 Error: need MAIL command')
	    unless defined $from;
	return wrong('501 5.5.4 Syntax: RCPT TO:<address>')
	    unless defined $addr && $addr ne '';
	return wrong('452 4.5.3 Error: too many recipients') if @rcpt >= 100;
	my $at = $addr =~ /\@([^\@]*)\z/ ? lc $1 : $domain;
	if ($at ne lc $domain && $at ne lc $host && $at ne 'localhost') {
		hpd::note('relay', 'mail.from', $from, 'mail.to', $addr);
		return wrong("454 4.7.1 <$addr>: Relay access denied")
		    if hpd::pick(2, 'relay');
		return wrong("554 5.7.1 <$addr>: Relay access denied");
	}
	push @rcpt, $addr;
	say_line('250 2.1.5 Ok');
}

sub queue_id {
	my $set = '0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz';

	return '4' . join '', map { substr $set, rand 51, 1 } 1 .. 14;
}

sub data {
	my ($text, $n, $subject) = ('', 0, '');

	return wrong('503 5.5.1 Error: need RCPT command') unless @rcpt;
	say_line('354 End data with <CR><LF>.<CR><LF>');
	for (;;) {
		my $l = hpd::line(2048);
		exit 0 unless defined $l;
		last if $l eq '.';
		$n += length($l) + 2;
		$subject = $1 if $subject eq '' && $l =~ /\ASubject:\s*(.*)/i;
		$text .= "$l\n" if length $text < 400;
	}
	hpd::note('mail', 'mail.from', $from, 'mail.to', join(' ', @rcpt),
	    'n_bytes', $n, 'mail.subject', $subject, 'body', $text);
	($from, @rcpt) = (undef);
	return say_line('552 5.3.4 Error: message file too big') if $n > $size;
	say_line('250 2.0.0 Ok: queued as ' . queue_id());
}

sub vrfy {
	my ($who) = @_;

	return wrong('501 5.5.4 Syntax: VRFY address') if $who eq '';
	hpd::note('vrfy', 'user', $who);
	return say_line("252 2.0.0 $who")
	    if $who =~ /\A(?:root|postmaster|abuse)(?:\@|\z)/i;
	$who =~ s/[^\x20-\x7e]/?/g;
	wrong("550 5.1.1 <$who>: Recipient address rejected: User unknown in " .
	    'local recipient table');
}

# One command. False: the end.
sub command {
	my ($verb, $rest) = $_[0] =~ /\A\s*(\S*)\s*(.*?)\s*\z/s;

	$verb = uc $verb;
	if ($verb eq 'QUIT') {
		say_line('221 2.0.0 Bye');
		return 0;
	} elsif ($verb =~ /\A(?:GET|POST|CONNECT|HEAD|PUT)\z/ ||
	    $_[0] =~ /\A[!-~]{1,60}: /) {
		hpd::note('not mail', 'line', $_[0]);
		say_line('221 2.7.0 Error: I can break rules, too. Goodbye.');
		return 0;
	} elsif ($verb eq 'EHLO' || $verb eq 'HELO') {
		if ($rest eq '') {
			wrong("501 Syntax: $verb hostname");
			return 1;
		}
		hpd::note('helo', 'verb', $verb, 'name', $rest);
		$helo = $rest;
		($from, @rcpt) = (undef);
		$verb eq 'EHLO' ? ehlo() : say_line("250 $host");
	} elsif ($verb eq 'MAIL' && $rest =~ /\AFROM:(.*)\z/is) {
		mail($1);
	} elsif ($verb eq 'RCPT' && $rest =~ /\ATO:(.*)\z/is) {
		rcpt($1);
	} elsif ($verb eq 'MAIL' || $verb eq 'RCPT') {
		wrong("501 5.5.4 Syntax: $verb " .
		    ($verb eq 'MAIL' ? 'FROM' : 'TO') . ':<address>');
	} elsif ($verb eq 'DATA') {
		data();
	} elsif ($verb eq 'RSET') {
		($from, @rcpt) = (undef);
		say_line('250 2.0.0 Ok');
	} elsif ($verb eq 'NOOP') {
		say_line('250 2.0.0 Ok');
	} elsif ($verb eq 'VRFY') {
		vrfy($rest);
	} elsif ($verb eq 'ETRN') {
		wrong($rest eq '' ? '500 Syntax: ETRN domain' :
		    "459 <$rest>: service unavailable");
	} elsif ($verb eq 'AUTH') {
		if ($helo eq '') {
			wrong('503 5.5.1 Error: send HELO/EHLO first');
		} elsif ($rest eq '') {
			wrong('501 5.5.4 Syntax: AUTH mechanism');
		} else {
			auth($rest);
		}
	} elsif ($verb eq 'STARTTLS') {
		wrong('502 5.5.1 Error: command not implemented');
	} elsif ($verb eq '') {
		wrong('500 5.5.2 Error: bad syntax');
	} else {
		hpd::note('unknown', 'line', $_[0]);
		wrong('502 5.5.2 Error: command not recognized');
	}
	return 1;
}

for my $l (hpd::banner(400)) {
	$l =~ s/[^\x20-\x7e]/?/g;	# nothing else before SMTPUTF8
	say_line("220-$host $l");
}
say_line("220 $host $name ESMTP Postfix (Debian/GNU)");
while (defined(my $l = hpd::line(2048))) {
	last unless command($l);
}
