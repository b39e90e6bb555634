/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a stable merge sort. The C library's qsort() asks the system for
 * its memory size first, a call the sandbox has no reason to allow.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"

void
conf_sort(void *mem, size_t n, size_t size,
    int (*cmp)(const void *, const void *))
{
	uint8_t *from = mem, *to, *tmp, *t;
	size_t w, i, j, k, mid, end;

	if (n < 2)
		return;
	tmp = to = reallocarray(NULL, n, size);
	if (tmp == NULL)
		fatalx("out of memory");
	for (w = 1; w < n; w *= 2, t = from, from = to, to = t) {
		for (k = 0; k < n; k = end) {
			mid = n - k > w ? k + w : n;
			end = n - mid > w ? mid + w : n;
			for (i = k, j = mid; i < mid || j < end; to += size) {
				if (j == end || (i < mid && cmp(from + i *
					size, from + j * size) <= 0))
					memcpy(to, from + i++ * size, size);
				else
					memcpy(to, from + j++ * size, size);
			}
		}
		to -= n * size;
	}
	if (from != mem)
		memcpy(mem, from, n * size);
	free(tmp);
}
