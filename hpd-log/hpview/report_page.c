/* SPDX-License-Identifier: ISC */
/*
 * The report's page, in hpview: report.html with style, scripts, data and a
 * Content-Security-Policy that allows exactly those two or three elements by
 * their hash and nothing else: no network, no other script, no other style.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "hpd-log/hpview/html.h"
#include "hpd-log/hpview/report.h"

#define B64_SHA256 sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL)

/* Could this end the element it stands in, or be changed by the parser (the
 * hash is of what stands between the tags)? */
static int
fits(const char *s, size_t n, const char *end)
{
	size_t i, m = strlen(end);

	for (i = 0; i < n; i++) {
		if (s[i] == '\r' || s[i] == '\0')
			return 0;
		if (s[i] == '<' && n - i >= m &&
		    strncasecmp(s + i, end, m) == 0)
			return 0;
		if (s[i] == '<' && n - i >= 4 && memcmp(s + i, "<!--", 4) == 0)
			return 0;
	}
	return 1;
}

static void
put_hash(FILE *f, const void *p, size_t n)
{
	unsigned char h[crypto_hash_sha256_BYTES];
	char text[B64_SHA256];

	crypto_hash_sha256(h, p, n);
	sodium_bin2base64(text, sizeof(text), h, sizeof(h),
	    sodium_base64_VARIANT_ORIGINAL);
	fprintf(f, " 'sha256-%s'", text);
}

static void
put_csp(FILE *f, const char *chart, size_t chart_len)
{
	fprintf(f, "default-src 'none'; script-src");
	if (chart != NULL)
		put_hash(f, chart, chart_len);
	put_hash(f, page_js, page_js_len);
	fprintf(f, "; style-src");
	put_hash(f, page_css, page_css_len);
	fprintf(f, "; base-uri 'none'; form-action 'none'; "
		   "require-trusted-types-for 'script'; trusted-types 'none'");
}

int
report_page(FILE *f, struct report *r, const char *chart, size_t chart_len)
{
	const char *p = (const char *)page_html, *end = p + page_html_len;
	const char *mark, *name;

	if (chart != NULL && !fits(chart, chart_len, "</script")) {
		fprintf(stderr, "hpview report: that chart library cannot "
			"stand in a page\n");
		return -1;
	}
	if (!fits((const char *)page_js, page_js_len, "</script") ||
	    !fits((const char *)page_css, page_css_len, "</style")) {
		fprintf(stderr, "hpview report: its own script is broken\n");
		return -1;
	}
	while ((mark = memmem(p, (size_t)(end - p), "%%", 2)) != NULL) {
		fwrite(p, 1, (size_t)(mark - p), f);
		name = mark + 2;
		p = memmem(name, (size_t)(end - name), "%%", 2);
		if (p == NULL)
			return -1;
		p += 2;
		if (strncmp(name, "CSP", 3) == 0) {
			put_csp(f, chart, chart_len);
		} else if (strncmp(name, "STYLE", 5) == 0) {
			fwrite(page_css, 1, page_css_len, f);
		} else if (strncmp(name, "SCRIPT", 6) == 0) {
			fwrite(page_js, 1, page_js_len, f);
		} else if (strncmp(name, "DATA", 4) == 0) {
			report_data(f, r);
		} else if (strncmp(name, "TALKS", 5) == 0) {
			report_talks(f, r);
		} else if (strncmp(name, "CHART", 5) == 0 && chart != NULL) {
			fprintf(f, "<script>");
			fwrite(chart, 1, chart_len, f);
			fprintf(f, "</script>");
		}
	}
	fwrite(p, 1, (size_t)(end - p), f);
	return 0;
}
