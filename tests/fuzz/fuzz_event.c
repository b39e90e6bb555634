/* SPDX-License-Identifier: ISC */
/*
 * event_check() on hostile bytes, in the name of every producer. What it takes
 * must lie inside the bytes there are, with its data inside the record.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/event.h"
#include "common/proc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static volatile uint64_t sink;

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct event *e;
	const struct event_row *r;
	const uint8_t *d;
	uint8_t *mem, proc;
	size_t n, len, i;

	if ((mem = malloc(size > 0 ? size : 1)) == NULL)
		return 0;
	if (size > 0)
		memcpy(mem, data, size);
	for (proc = 0; proc <= PROC_MAX; proc++) {
		n = event_check(mem, size, proc);
		if (n == 0)
			continue;
		e = (const struct event *)(const void *)mem;
		r = event_row(e->kind);
		d = event_data(e, &len);
		if (n > size || r == NULL || !(r->producers >> proc & 1) ||
		    len > EVENT_DATA_MAX || d + len > mem + n)
			abort();
		for (i = 0; i < len; i++)
			sink += d[i];
	}
	free(mem);
	return 0;
}
