# SPDX-License-Identifier: ISC
#
# What our Perl services share: bounded reading of the connection, plain
# writing, notes for the log, and choices that differ from decoy to decoy but
# never change on one. No modules but strict: start-up time is a service's
# whole cost. Never opens anything but the descriptors it was given.
use strict;

package hpd;

our $in = '';		# read, not yet used
our $eof = 0;
our $left = 4 << 20;	# bytes a connection may send us in all
my $fields;		# handle of descriptor 3, false when there is none

binmode STDIN;
binmode STDOUT;
binmode STDERR;
$SIG{PIPE} = sub { exit 0 };

# Anything at all to the peer; ends the program when the peer is gone.
sub out {
	my $data = join '', @_;
	my $off = 0;

	while ($off < length $data) {
		my $n = syswrite STDOUT, $data, length($data) - $off, $off;
		exit 0 unless defined $n;
		$off += $n;
	}
}

# One read into $in. False at the end.
sub more {
	return 0 if $eof || $left <= 0;
	my $n = sysread STDIN, $in, $left < 4096 ? $left : 4096, length $in;
	if (!$n) {
		$eof = 1;
		return 0;
	}
	$left -= $n;
	return 1;
}

# The next line without its end (CR LF, LF, or CR NUL), at most max bytes: a
# longer one is cut there and the rest read and dropped. undef at the end.
sub line {
	my ($max) = @_;
	my $cut;

	for (;;) {
		if ($in =~ s/\A([^\n]*?)\r?\n//s) {
			my $l = defined $cut ? $cut : $1;
			return substr $l, 0, $max;
		}
		if (length $in > $max) {
			$cut = substr $in, 0, $max unless defined $cut;
			$in = substr $in, -1;	# may be the CR of a CR LF
		}
		if (!more()) {
			return $cut if defined $cut;
			return undef if $in eq '';
			my $l = $in;
			$in = '';
			return $l;
		}
	}
}

# Exactly n bytes, or fewer at the end.
sub bytes {
	my ($n) = @_;

	while (length $in < $n && more()) { }
	return substr $in, 0, $n, '';
}

# Read n bytes, keep only the first keep of them.
sub swallow {
	my ($n, $keep) = @_;
	my $got = '';

	while ($n > 0 && ($in ne '' || more())) {
		my $part = substr $in, 0, $n, '';
		$n -= length $part;
		$got .= substr $part, 0, $keep - length $got
		    if length $got < $keep;
	}
	return $got;
}

sub json_text {
	my ($s) = @_;

	$s = substr $s, 0, 512;
	$s =~ s/(["\\])/\\$1/g;
	$s =~ s/([^\x20-\x7e])/sprintf '\\u%04x', ord $1/ge;
	return '"' . $s . '"';
}

# note('what happened', name => value, ...): one line for people on stderr, one
# flat JSON object on descriptor 3. Names of [a-z0-9_.]; undefined values are
# left out.
sub note {
	my ($text, @f) = @_;
	my $line = $text;
	my $json = '{"event":' . json_text($text);

	for (my $i = 0; $i < @f; $i += 2) {
		my $v = $f[$i + 1];
		next unless defined $v;
		$json .= ",\"$f[$i]\":" .
		    ($v =~ /\A(?:0|[1-9][0-9]{0,8})\z/ && $f[$i] =~ /\An_/ ?
			$v : json_text($v));
		$v = substr $v, 0, 200;
		$v =~ s/([^\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
		$line .= " $f[$i]=$v";
	}
	if (!defined $fields) {
		my $h;
		$fields = open($h, '>&=', 3) ? $h : 0;
	}
	syswrite STDERR, $line . "\n";
	syswrite $fields, $json . "}\n" if $fields;
}

# A number below n that depends on this decoy and on what it is for.
sub pick {
	my ($n, $for) = @_;
	my $h = 2166136261;

	for my $c (unpack 'C*',
	    (defined $ENV{HPD_SEED} ? $ENV{HPD_SEED} : '0') . "/$for") {
		$h = (($h ^ $c) * 16777619) & 0xffffffff;
	}
	# A little more mixing: the last characters alone move few bits.
	$h ^= $h >> 15;
	$h = ($h * 2246822519) & 0xffffffff;
	$h ^= $h >> 13;
	return $h % $n;
}

sub env {
	my ($name, $default) = @_;
	my $v = $ENV{$name};

	return defined $v && $v =~ /\A[\x20-\x7e]{1,255}\z/ ? $v : $default;
}

# The operator's notice (HPD_BANNER) as lines of at most width bytes, control
# bytes left out. An empty list when there is none.
sub banner {
	my ($width) = @_;
	my $v = $ENV{HPD_BANNER};
	my @lines;

	return () unless defined $v;
	$v = substr $v, 0, 1024;
	$v =~ s/[\x00-\x1f\x7f]/ /g;
	for my $w (split ' ', $v) {
		if (@lines && length($lines[-1]) + 1 + length $w <= $width) {
			$lines[-1] .= " $w";
			next;
		}
		push @lines, $1 while $w =~ s/\A(.{$width})(?=.)//s;
		push @lines, $w;
	}
	return @lines;
}

our @days = qw(Sun Mon Tue Wed Thu Fri Sat);
our @months = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);

# "Mon, 23 Nov 2026 06:31:02 GMT"
sub http_date {
	my ($s, $m, $h, $d, $mon, $y, $w) = gmtime $_[0];

	return sprintf '%s, %02d %s %04d %02d:%02d:%02d GMT', $days[$w], $d,
	    $months[$mon], $y + 1900, $h, $m, $s;
}

1;
