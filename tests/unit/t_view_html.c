/* SPDX-License-Identifier: ISC */
/* Escaping for the report: every byte, every character, base64 there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-log/hpview/html.h"

static char *
str(const void *p, size_t n)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	html_str(f, p, n);
	fclose(f);
	return text;
}

static void
expect(const char *in, const char *want)
{
	char *got = str(in, strlen(in));

	assert_string_equal(got, want);
	free(got);
}

static void
strings(void **state)
{
	(void)state;
	expect("", "\"\"");
	expect("plain", "\"plain\"");
	expect("</script>", "\"\\u003c/script\\u003e\"");
	expect("a&b\"c\\d'e`", "\"a\\u0026b\\u0022c\\u005cd\\u0027e\\u0060\"");
	expect("\x1b\n\x7f", "\"\\u001b\\u000a\\u007f\"");
	expect("\xc3\xa9\xe2\x80\xae\xe2\x80\xa8", "\"\\u00e9\\u202e\\u2028\"");
	expect("\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",
	    "\"\\ud83d\\ude00\\udbff\\udfff\"");
	/* overlong, surrogate, beyond the last, cut, stray */
	expect("\xc0\xaf", "\"\\ufffd\\ufffd\"");
	expect("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"");
	expect("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
	expect("\xe2\x82", "\"\\ufffd\\ufffd\"");
	expect("\x80x", "\"\\ufffdx\"");
	expect("\xf0\x80\x80\xbc", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"");
}

/* No pair of bytes gives a character that means something to HTML. */
static void
all_pairs(void **state)
{
	char out[HTML_CHAR_MAX];
	unsigned int i, k;
	uint8_t in[2];
	size_t n, used;

	(void)state;
	for (i = 0; i < 65536; i++) {
		in[0] = (uint8_t)(i >> 8);
		in[1] = (uint8_t)i;
		n = html_char(in, 2, out, &used);
		assert_true(n >= 1 && n <= sizeof(out));
		assert_true(used >= 1 && used <= 2);
		for (k = 0; k < n; k++) {
			assert_true(out[k] >= 0x20 && out[k] < 0x7f);
			assert_null(memchr("<>&'\"`", out[k], 6));
			if (out[k] == '\\')
				assert_true(k % 6 == 0 && out[k + 1] == 'u');
		}
	}
}

static void
base64(void **state)
{
	static const char *const pairs[][2] = { { "", "\"\"" },
		{ "f", "\"Zg==\"" }, { "fo", "\"Zm8=\"" }, { "foo", "\"Zm9v\"" },
		{ "foob", "\"Zm9vYg==\"" } };
	uint8_t in[256], back[256];
	char *text;
	size_t len, i, n;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		f = open_memstream(&text, &len);
		html_b64(f, pairs[i][0], strlen(pairs[i][0]));
		fclose(f);
		assert_string_equal(text, pairs[i][1]);
		free(text);
	}
	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)(255 - i);
	for (n = 0; n <= sizeof(in); n++) {
		f = open_memstream(&text, &len);
		html_b64(f, in, n);
		fclose(f);
		assert_int_equal(html_unb64(text + 1, len - 2, back,
		    sizeof(back)), n);
		assert_memory_equal(in, back, n);
		free(text);
	}
	/* stops at the bound and at what is not base64 */
	assert_int_equal(html_unb64("QUJDREVG", 8, back, 4), 4);
	assert_int_equal(html_unb64("QUJD*EVG", 8, back, 9), 3);
	assert_int_equal(html_unb64("\"", 1, back, 9), 0);
}

static void
times(void **state)
{
	char *text;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	html_ms(f, 1795392000123456789);
	fputc(' ', f);
	html_ms(f, 0);
	fputc(' ', f);
	html_ms(f, -5);
	fclose(f);
	assert_string_equal(text, "1795392000123.456 0.000 0.000");
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings),
		cmocka_unit_test(all_pairs),
		cmocka_unit_test(base64),
		cmocka_unit_test(times),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
