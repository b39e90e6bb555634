/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a string of the report: what comes out is ASCII, can't end the
 * element it stands in, and is one JSON string. Base64 comes back the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static void
check(const char *s, size_t n)
{
	size_t i;

	if (n < 2 || s[0] != '"' || s[n - 1] != '"')
		abort();
	for (i = 1; i < n - 1; i++) {
		if (s[i] < 0x20 || s[i] > 0x7e ||
		    memchr("<>&'\"`", s[i], 6) != NULL)
			abort();
		if (s[i] != '\\')
			continue;
		if (n - 1 - i < 6 || s[i + 1] != 'u' ||
		    strspn(s + i + 2, "0123456789abcdef") < 4)
			abort();
		i += 5;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t back[1 << 16];
	char *text = NULL;
	size_t len, i;
	FILE *f;

	if (size > sizeof(back) || (f = open_memstream(&text, &len)) == NULL)
		return 0;
	html_str(f, data, size);
	fclose(f);
	check(text, len);
	free(text);
	f = open_memstream(&text, &len);
	if (f == NULL)
		return 0;
	html_b64(f, data, size);
	fclose(f);
	for (i = 0; i < len; i++)
		if (memchr("<>&", text[i], 3) != NULL)
			abort();
	if (html_unb64(text + 1, len - 2, back, sizeof(back)) != size ||
	    (size > 0 && memcmp(back, data, size) != 0))
		abort();
	free(text);
	(void)html_unb64((const char *)data, size, back, sizeof(back) / 2);
	return 0;
}
