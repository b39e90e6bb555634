/* SPDX-License-Identifier: ISC */
/*
 * Untrusted text on a terminal, in hpview. The one way for it: must never let
 * a byte through that could drive the terminal, reorder or hide text.
 */
#include <stdio.h>
#include <string.h>

#include "hpd-log/hpview/view.h"
#include "hpd-log/json_out.h"

size_t
view_safe(const void *data, size_t len, char *out, size_t cap)
{
	const uint8_t *p = data, *end = p + len;
	char b[16], raw[8];
	size_t n, used = 0;
	struct wbuf w;
	int clean;

	if (cap == 0)
		return 0;
	while (p < end) {
		size_t step = 1;

		if (*p >= 0x20 && *p < 0x7f) {
			b[0] = (char)*p;
			n = 1;
		} else if (*p < 0x80) {
			n = (size_t)snprintf(b, sizeof(b), "\\x%02x", *p);
		} else {
			/* Valid and harmless: as it is. */
			wbuf_init(&w, raw, sizeof(raw));
			clean = 1;
			step = json_utf8(&w, p, (size_t)(end - p), &clean);
			if (step > 0 && clean) {
				memcpy(b, p, step);
				n = step;
			} else if (step > 0) {
				uint32_t c = step == 2 ? p[0] & 0x1fu :
				    step == 3	       ? p[0] & 0x0fu :
							 p[0] & 0x07u;
				size_t i;

				for (i = 1; i < step; i++)
					c = c << 6 | (p[i] & 0x3fu);
				n = (size_t)snprintf(b, sizeof(b), "\\u{%x}",
				    c);
			} else {
				step = 1;
				n = (size_t)snprintf(b, sizeof(b), "\\x%02x",
				    *p);
			}
		}
		if (cap - 1 - used < n)
			break;
		memcpy(out + used, b, n);
		used += n;
		p += step;
	}
	out[used] = '\0';
	return used;
}

void
view_say(const char *name, const char *what)
{
	char safe[4096];

	(void)view_safe(name, strlen(name), safe, sizeof(safe));
	fprintf(stderr, "hpview: %s: %s\n", safe, what);
}
