/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a line of JSON: parsed or refused, never read beyond, and what
 * the short cuts find is what the long way finds. Then what is shown of it.
 */
#include <stdlib.h>

#include "hpd-log/hpview/export.h"
#include "tests/unit/view_same.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
shown(struct vstr s)
{
	char raw[256], safe[1100];
	size_t n, i;

	n = vstr_text(s, raw, sizeof(raw));
	if (n > sizeof(raw) || n > s.n)
		abort();
	n = view_safe(raw, n, safe, sizeof(safe));
	for (i = 0; i < n; i++)
		if ((uint8_t)safe[i] < 0x20 || safe[i] == 0x7f)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char mem[1 << 20];
	struct pseudo p = { .on = 1 };
	struct vrec a, b;
	char *line, *wide;
	struct wbuf w;
	size_t n;

	if (size > 60000)
		return 0;
	line = malloc(size + 1); /* exactly: ASan sees one more */
	wide = malloc(size * 2 + 1);
	line = realloc(line, size > 0 ? size : 1);
	if (line == NULL || wide == NULL)
		abort();
	memcpy(line, data, size);
	if (vrec_parse(line, size, &a) == 0) {
		n = loosen(line, size, wide);
		if (vrec_parse(wide, n, &b) == -1 || !same_rec(&a, &b))
			abort();
		shown(a.message);
		shown(a.user);
		shown(a.service);
		wbuf_init(&w, mem, sizeof(mem));
		export_csv(&w, &a, "s", &p);
		if (w.len < 2 || memchr(w.data, '\n', w.len) !=
			w.data + w.len - 1)
			abort();
		w.len = 0;
		export_json(&w, &a, &p);
		if (w.len > 0 && vrec_parse(w.data, w.len - 1, &b) == -1 &&
		    a.ver != 0 && !w.over)
			shown(a.message); /* a pseudonym is no address */
		w.len = 0;
		export_honeyd(&w, &a, &p);
		export_service(&w, &a, &p);
	}
	free(line);
	free(wide);
	return 0;
}
