/* SPDX-License-Identifier: ISC */
/* hpd-conf: a whole file into memory, bounded. */
#include "conf.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

char *
conf_slurp(int fd, size_t max, size_t *len)
{
	size_t cap = 1 << 16, n = 0;
	char *buf = malloc(cap + 1), *p;
	ssize_t r;

	while (buf != NULL) {
		r = read(fd, buf + n, cap - n);
		if (r == -1 && errno == EINTR)
			continue;
		if (r == 0) {
			buf[n] = '\0';
			*len = n;
			return buf;
		}
		if (r == -1)
			break;
		n += (size_t)r;
		if (n > max) {
			errno = EFBIG;
			break;
		}
		if (n == cap) {
			cap *= 2;
			p = realloc(buf, cap + 1);
			if (p == NULL)
				break;
			buf = p;
		}
	}
	free(buf);
	return NULL;
}
