/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a line of honeyd's packet log and of its service log; what was
 * understood of the first is written again in that form and must be understood
 * as the same.
 */
#include <stdlib.h>

#include "hpd-log/hpview/export.h"
#include "hpd-log/hpview/vtime.h"
#include "tests/unit/view_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char mem[1 << 16];
	static const struct pseudo none;
	struct vrec a, b;
	struct wbuf w;
	char *line;

	if (size > 4096)
		return 0;
	(void)vtime_zone("UTC");
	line = malloc(size > 0 ? size : 1);
	if (line == NULL)
		abort();
	memcpy(line, data, size);
	if (vrec_parse_service(line, size, &a) == 0) {
		char raw[8192], safe[8192];
		size_t n = vstr_text(a.message, raw, sizeof(raw));

		(void)view_safe(raw, n, safe, sizeof(safe));
	}
	if (vrec_parse_honeyd(line, size, &a) == 0 && a.kind != EV_START &&
	    a.kind != EV_STOP) {
		wbuf_init(&w, mem, sizeof(mem));
		export_honeyd(&w, &a, &none);
		if (w.len == 0 || vrec_parse_honeyd(w.data, w.len - 1, &b) == -1)
			abort();
		/* Senders' systems come back from JSON only. */
		memset(&a.os, 0, sizeof(a.os));
		if (!same_rec(&a, &b))
			abort();
	}
	free(line);
	return 0;
}
