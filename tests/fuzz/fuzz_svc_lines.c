/* SPDX-License-Identifier: ISC */
/* Lines of a script, fed in pieces, against a second splitter that sees the
 * whole: the same lines must come out. The first byte chooses the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-svc/lines.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

struct whole {
	const char *at, *end;
};

/* The next line as it should be; len 0: none left. */
static const char *
whole_next(struct whole *w, size_t *len)
{
	const char *start;

	while (w->at < w->end && *w->at == '\n')
		w->at++;
	start = w->at;
	while (w->at < w->end && *w->at != '\n')
		w->at++;
	*len = (size_t)(w->at - start);
	if (*len > LINES_MAX)
		*len = LINES_MAX;
	return start;
}

static void
same(void *arg, const char *line, size_t len)
{
	size_t want;
	const char *p = whole_next(arg, &want);

	if (len == 0 || len != want || memcmp(line, p, len) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char part[LINES_MAX];
	struct lines l;
	struct whole w;
	size_t i, n, left;
	uint32_t rnd;

	if (size < 1)
		return 0;
	rnd = data[0];
	w.at = (const char *)data + 1;
	w.end = w.at + size - 1;
	lines_init(&l, part);
	for (i = 1; i < size; i += n) {
		rnd = rnd * 1103515245u + 12345u;
		n = data[0] & 1 ? 1 + (rnd >> 16) % 7 : 1 + (rnd >> 8) % 5000;
		if (n > size - i)
			n = size - i;
		lines_feed(&l, (const char *)data + i, n, same, &w);
	}
	lines_end(&l, same, &w);
	whole_next(&w, &left);
	if (left != 0)
		abort();
	return 0;
}
