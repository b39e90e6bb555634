# SPDX-License-Identifier: ISC
#
# Loaded into a script that is started ahead of its session (a service with
# `pool N`). Everything is compiled and loaded when INIT runs; then we wait for
# the session: 4096 bytes on the connection, NUL-ended variables of the
# environment, filled up with NUL. They come from hpd-svc, before any byte of
# the client's. The end of file instead means that no session will come.
package HpdPool;

INIT {
	my $head = '';
	while (length($head) < 4096) {
		my $n = sysread(STDIN, $head, 4096 - length($head), length($head));
		exit 0 unless $n;
	}
	%ENV = map { split /=/, $_, 2 } grep { length } split /\0/, $head;
	$^T = time;
}

1;
