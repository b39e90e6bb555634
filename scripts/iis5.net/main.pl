#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# A web server of Windows 2000: IIS 5.0 with its start page, its errors, its
# order of headers, and nothing behind it. Requests are noted; those that look
# for a hole are noted as such. Bounded: 100 requests, 8 KiB of header, 64 KiB
# of body. HPD_BANNER, if set, stands first in the body of every page: the
# protocol has no place before that.
use strict;
require((substr($0, 0, 1) eq '/' ? '' : './') .
    ($0 =~ m{\A(.*/)} ? $1 : '') . '../lib/hpd.pl');

my $server = 'Microsoft-IIS/5.0';
my $host = hpd::env('HPD_HOSTNAME', 'www');
my $addr = hpd::env('HONEYD_IP_DST', '127.0.0.1');
# Installed some day in 2001, files of that time, a number of the volume.
my $born = 980000000 + hpd::pick(30000000, 'born');
my $etag = sprintf '"%08x%03x1c11:%x"', hpd::pick(0xffffffff, 'etag'),
    hpd::pick(0xfff, 'etag2'), 0x800 + hpd::pick(0x700, 'volume');

my $page = <<"END";
<html>

<head>
<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=Windows-1252">
<title>Under Construction</title>
</head>

<body bgcolor=white>
<table border=0 cellspacing=0 cellpadding=0 width=410>
<tr><td width=60><img src="pagerror.gif" width=36 height=48></td>
<td><font style="font: 13pt/15pt verdana">Under Construction</font></td></tr>
<tr><td colspan=2><hr color="#C0C0C0" noshade>
<p><font style="font: 8pt/11pt verdana">The site you are looking for has no
default page yet. It may be on its way to a newer version.</font></p>
<p><font style="font: 8pt/11pt verdana">Please try this site again later. If
the problem goes on, write to the owner of the Web site.</font></p>
</td></tr>
</table>
</body>
</html>
END
$page =~ s/\n/\r\n/g;
my $notice = join ' ', hpd::banner(1024);
if ($notice ne '') {
	utf8::decode($notice);
	$notice =~ s/([^\x20-\x7e]|[<>&"'])/'&#' . ord($1) . ';'/ge;
	$notice = "<p>$notice</p>";
	$page =~ s/(<body [^>]*>)/$1$notice/;
}

# What a request is after, by what is in its target or a header.
my @signs = (
	[ qr{(?:\.\.|%2e%2e|%c0%ae|%252e)(?:[/\\]|%2f|%5c|%25|%c0|%c1|%u)}i,
	    'traversal' ],
	[ qr{cmd\.exe|root\.exe|command\.com}i, 'shell' ],
	[ qr{\A/default\.ida}i, 'ida_overflow' ],
	[ qr{\.printer|\.idq|\.htr|\.ism|\.htw}i, 'isapi' ],
	[ qr{/_vti_|/_mem_bin|/msadc}i, 'frontpage' ],
	[ qr{\$\{[a-z:\$\{]}i, 'jndi' ],
	[ qr{/\.(?:env|git|svn|ssh|aws)|wp-(?:login|admin)|phpmyadmin|\.php}i,
	    'inventory' ],
	[ qr{\A(?:https?:)?//|\A[^/*]}i, 'proxy' ],
	[ qr{[^\x21-\x7e]|.{1024}}s, 'overflow' ],
);

sub sign {
	for my $s (@signs) {
		return $s->[1] if $_[0] =~ $s->[0];
	}
	return undef;
}

my %reason = (
	200 => 'OK', 304 => 'Not Modified', 400 => 'Bad Request',
	403 => 'Access Forbidden', 404 => 'Object Not Found',
	405 => 'Method not allowed', 411 => 'Length Required',
	413 => 'Request Entity Too Large', 414 => 'Request-URI Too Long',
	501 => 'Not Implemented', 505 => 'HTTP Version not supported',
);

# An answer: status, whether the connection stays, headers behind Date, body
# (undef: none), whether the body is only announced (HEAD).
sub answer {
	my ($status, $keep, $headers, $body, $head) = @_;
	my $h = "HTTP/1.1 $status $reason{$status}\r\nServer: $server\r\n" .
	    'Date: ' . hpd::http_date(time) . "\r\n";

	$h .= "Connection: close\r\n" unless $keep;
	$h .= $headers;
	$h .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;
	hpd::out($h, "\r\n", defined $body && !$head ? $body : '');
}

sub failure {
	my ($status, $keep, $head, $more) = @_;
	my $t = "$status $reason{$status}";
	my $body = $status == 400 ?
	    "<html><head><title>Error</title></head><body>$notice" .
	    'The parameter is incorrect. </body></html>' :
	    "<html><head><title>$t</title></head><body>$notice" .
	    "<h1>HTTP/1.1 $t</h1>" .
	    '</body></html>';

	answer($status, $keep, (defined $more ? $more : '') .
	    "Content-Type: text/html\r\n", $body, $head);
}

# The header lines of a request: a hash of names in lower case, or undef when
# there were too many bytes.
sub headers {
	my %h;
	my $room = 8192;

	while (defined(my $l = hpd::line(4096))) {
		last if $l eq '';
		$room -= length($l) + 2;
		return undef if $room < 0;
		if ($l =~ /\A([!-9;-~]{1,64}):[ \t]*(.*?)[ \t]*\z/s) {
			$h{lc $1} = $2 unless exists $h{lc $1};
		}
	}
	return \%h;
}

# The body, read and thrown away but for its beginning. undef: an answer was
# given and the connection must end.
sub body {
	my ($method, $h, $chunked) = @_;
	my $n = $h->{'content-length'};

	if (defined $h->{'transfer-encoding'} ||
	    (!defined $n && $method =~ /\A(?:POST|PUT)\z/)) {
		failure(411, 0, 0);
		return undef;
	}
	return '' unless defined $n;
	if ($n !~ /\A[0-9]{1,9}\z/ || $n > 65536) {
		failure($n =~ /\A[0-9]+\z/ ? 413 : 400, 0, 0);
		return undef;
	}
	hpd::out("HTTP/1.1 100 Continue\r\nServer: $server\r\nDate: " .
	    hpd::http_date(time) . "\r\n\r\n")
	    if lc($h->{expect} || '') eq '100-continue';
	return hpd::swallow($n, 400);
}

sub static {
	my ($h, $keep, $head) = @_;
	my $since = $h->{'if-none-match'};

	if (defined $since && $since eq $etag) {
		answer(304, $keep, "ETag: $etag\r\n", undef, 0);
		return;
	}
	answer(200, $keep, "Content-Type: text/html\r\n" .
	    "Accept-Ranges: bytes\r\nLast-Modified: " .
	    hpd::http_date($born) . "\r\nETag: $etag\r\n", $page, $head);
}

# One request whose header was read. True when the connection goes on.
sub respond {
	my ($method, $target, $h, $keep, $head, $sent) = @_;
	my ($path) = $target =~ m{\A(?:https?://[^/]*)?([^?#]*)}i;

	if ($method eq 'OPTIONS') {
		answer(200, $keep, "MS-Author-Via: DAV\r\nDASL: <DAV:sql>\r\n" .
		    "DAV: 1, 2\r\nPublic: OPTIONS, TRACE, GET, HEAD, DELETE, " .
		    "PUT, POST, COPY, MOVE, MKCOL, PROPFIND, PROPPATCH, LOCK, " .
		    "UNLOCK, SEARCH\r\nAllow: OPTIONS, TRACE, GET, HEAD, COPY, " .
		    "PROPFIND, SEARCH, LOCK, UNLOCK\r\nCache-Control: private\r\n",
		    '', 0);
	} elsif ($method eq 'TRACE') {
		answer(200, $keep, "Content-Type: message/http\r\n",
		    "TRACE $target HTTP/1.1\r\n" . (defined $h->{host} ?
			'Host: ' . substr($h->{host}, 0, 255) . "\r\n" : '') .
		    "\r\n", 0);
	} elsif ($method !~ /\A(?:GET|HEAD|POST)\z/) {
		if ($method =~ /\A(?:PUT|DELETE|COPY|MOVE|MKCOL|PROPFIND|PROPPATCH|LOCK|UNLOCK|SEARCH)\z/) {
			failure(403, $keep, 0);
		} else {
			failure(501, 0, 0);
			return 0;
		}
	} elsif ($path =~ m{\A/(?:default\.html?|iisstart\.asp|index\.html?)?\z}i) {
		if ($method eq 'POST') {
			failure(405, $keep, 0,
			    "Allow: OPTIONS, TRACE, GET, HEAD\r\n");
		} else {
			static($h, $keep, $head);
		}
	} elsif ($path =~ m{\A/(?:scripts|images|iissamples|iishelp|printers|_vti_bin)/?\z}i) {
		failure(403, $keep, $head);
	} else {
		failure(404, $keep, $head);
	}
	return $keep;
}

sub one {
	my ($first) = @_;

	if (length $first >= 8192) {
		hpd::note('request too long', 'http.request.line', $first,
		    'attack', 'overflow');
		failure(414, 0, 0);
		return 0;
	}
	my ($method, $target, $version) =
	    $first =~ m{\A([!-~]{1,32}) +(\S+)(?: +HTTP/(\d+\.\d+))?\s*\z};

	if (!defined $method) {
		hpd::note('bad request', 'http.request.line', $first);
		headers() if $first ne '';
		failure(400, 0, 0);
		return 0;
	}
	if (!defined $version) {	# HTTP/0.9: no header either way
		hpd::note('request', 'http.method', $method, 'url', $target,
		    'http.version', '0.9', 'attack', sign($target));
		hpd::out($method eq 'GET' && $target eq '/' ? $page :
		    "<html><head><title>404 $reason{404}</title></head>" .
		    ($notice eq '' ? '' : "<body>$notice</body>") . '</html>');
		return 0;
	}
	my $h = headers();
	if (!defined $h) {
		hpd::note('header too large', 'url', $target);
		failure(400, 0, 0);
		return 0;
	}
	my $sent = body($method, $h);
	my $sign = sign($target) || sign(join ' ', map { "/$h->{$_}" }
	    grep { /\A(?:user-agent|referer|x-api-version|cookie)\z/ &&
	    $h->{$_} =~ /\$\{/ } keys %$h);
	hpd::note('request', 'http.method', $method, 'url', $target,
	    'http.version', $version, 'host', $h->{host},
	    'user_agent', $h->{'user-agent'}, 'attack', $sign,
	    (defined $h->{authorization} ?
		('authorization', $h->{authorization}) : ()),
	    (defined $sent && $sent ne '' ? ('body', $sent) : ()));
	return 0 unless defined $sent;
	if (length $target > 4000) {
		failure(414, 0, 0);
		return 0;
	}
	if ($version !~ /\A1\./) {
		failure(505, 0, 0);
		return 0;
	}
	if ($version eq '1.1' && !defined $h->{host}) {
		failure(400, 0, 0);
		return 0;
	}
	my $c = lc($h->{connection} || '');
	my $keep = $version eq '1.1' ? $c !~ /close/ : $c =~ /keep-alive/;
	return respond($method, $target, $h, $keep, $method eq 'HEAD', $sent);
}

for (1 .. 100) {
	my $first = hpd::line(8192);
	$first = hpd::line(8192)	# one empty line before is forgiven
	    if defined $first && $first eq '' && $hpd::in ne "\r\n" &&
	    $hpd::in ne '';
	last unless defined $first;
	last unless one($first);
}
