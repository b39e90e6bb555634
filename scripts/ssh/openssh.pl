#!/usr/bin/perl
# SPDX-License-Identifier: ISC
#
# The start of an SSH server: OpenSSH on Debian up to the key exchange (RFC
# 4253 sections 4.2 to 7.1). It sends a real KEXINIT, reads the client's, notes
# which algorithms the client offers and in which order (they tell one client
# from another), picks what would be used, waits for the client's first key
# exchange message and then disconnects: there is no host key behind it.
# HPD_BANNER, if set, stands in lines before the version (RFC 4253 4.2).
use strict;
require((substr($0, 0, 1) eq '/' ? '' : './') .
    ($0 =~ m{\A(.*/)} ? $1 : '') . '../lib/hpd.pl');

$hpd::left = 256 << 10;

my @builds = ('9.2p1 Debian-2+deb12u2', '9.2p1 Debian-2+deb12u3',
    '9.2p1 Debian-2+deb12u5', '9.2p1 Debian-2+deb12u6');
my $version = 'SSH-2.0-OpenSSH_' .
    $builds[hpd::pick(scalar @builds, 'build')];

my @offer = (
	'sntrup761x25519-sha512@openssh.com,curve25519-sha256,' .
	    'curve25519-sha256@libssh.org,ecdh-sha2-nistp256,' .
	    'ecdh-sha2-nistp384,ecdh-sha2-nistp521,' .
	    'diffie-hellman-group-exchange-sha256,' .
	    'diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,' .
	    'diffie-hellman-group14-sha256,kex-strict-s-v00@openssh.com',
	'rsa-sha2-512,rsa-sha2-256,ecdsa-sha2-nistp256,ssh-ed25519',
	('chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,' .
	    'aes128-gcm@openssh.com,aes256-gcm@openssh.com') x 2,
	('umac-64-etm@openssh.com,umac-128-etm@openssh.com,' .
	    'hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,' .
	    'hmac-sha1-etm@openssh.com,umac-64@openssh.com,' .
	    'umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1') x 2,
	('none,zlib@openssh.com') x 2, '', '');
my @names = qw(kex host_key cipher_in cipher_out mac_in mac_out
    compression_in compression_out language_in language_out);

# A binary packet without cipher: length, padding length, payload, padding.
sub packet {
	my ($payload) = @_;
	my $pad = 8 - (5 + length $payload) % 8;

	$pad += 8 if $pad < 4;
	return pack('NC', 1 + length($payload) + $pad, $pad) . $payload .
	    "\0" x $pad;
}

sub disconnect {
	my ($code, $text) = @_;

	hpd::out(packet(pack 'CNN/a*N/a*', 1, $code, $text, ''));
	exit 0;
}

# Payload of the next packet. undef at the end; a bad one ends the session.
sub next_packet {
	for (1 .. 64) {
		my $head = hpd::bytes(5);
		return undef if length $head < 5;
		my ($len, $pad) = unpack 'NC', $head;
		if ($len < 5 || $len > 35000 || $pad < 4 || $pad > $len - 2 ||
		    (4 + $len) % 8) {
			hpd::note('bad packet', 'n_length', $len, 'n_padding',
			    $pad);
			disconnect(2, 'Packet corrupt');
		}
		my $body = hpd::bytes($len - 1);
		return undef if length $body < $len - 1;
		my $payload = substr $body, 0, $len - 1 - $pad;
		my $type = ord $payload;
		next if $type == 2 || $type == 4;	# IGNORE, DEBUG
		return $payload;
	}
	return undef;
}

# First name of the client's list that we offer too (RFC 4253 7.1).
sub common {
	my ($theirs, $ours) = @_;
	my %have = map { $_ => 1 } split /,/, $ours;

	for (split /,/, $theirs) {
		return $_ if $have{$_};
	}
	return undef;
}

sub client_kexinit {
	my ($p) = @_;
	my (%list, $at);

	return undef if length $p < 17;
	$at = 17;
	for my $n (@names) {
		return undef if length($p) < $at + 4;
		my $len = unpack 'N', substr $p, $at, 4;
		return undef if $len > 8192 || length($p) < $at + 4 + $len;
		$list{$n} = substr $p, $at + 4, $len;
		return undef if $list{$n} =~ /[^!-~]/;
		$at += 4 + $len;
	}
	return undef if length($p) != $at + 5;
	return \%list;
}

# No such line may look like the version.
hpd::out((map { (/\ASSH-/ ? ' ' : '') . "$_\r\n" } hpd::banner(76)),
    "$version\r\n");
my $client = hpd::line(255);
exit 0 unless defined $client;
if ($client !~ /\ASSH-(?:2\.0|1\.99)-[ -~]+\z/) {
	hpd::note('no ssh client', 'line', $client);
	hpd::out("Invalid SSH identification string.\r\n");
	exit 0;
}
hpd::note('client', 'ssh.client', $client);

hpd::out(packet(chr(20) . join('', map { chr int rand 256 } 1 .. 16) .
    join('', map { pack 'N/a*', $_ } @offer) . pack('CN', 0, 0)));
my $p = next_packet();
exit 0 unless defined $p;
disconnect(2, 'Unexpected packet') if ord $p != 20;
my $list = client_kexinit($p);
disconnect(2, 'Invalid KEXINIT') unless defined $list;
hpd::note('kexinit', map { ("ssh.$_", $list->{$_}) }
    grep { $list->{$_} ne '' } @names[0 .. 2, 4, 6]);

my %use;
for my $i (0 .. 7) {
	my $got = common($list->{$names[$i]}, $offer[$i]);
	# AEAD ciphers need no mac; OpenSSH looks only for the others'.
	disconnect(3, 'no matching algorithm') unless defined $got;
	$use{$names[$i]} = $got;
}
hpd::note('negotiated', 'ssh.kex', $use{kex}, 'ssh.host_key', $use{host_key},
    'ssh.cipher', $use{cipher_in}, 'ssh.mac', $use{mac_in});

# The client's half of the exchange: ECDH_INIT, DH_INIT or GEX_REQUEST.
$p = next_packet();
if (defined $p) {
	hpd::note('key exchange', 'n_message', ord $p, 'n_bytes', length $p);
	disconnect(3, 'Key exchange failed');
}
