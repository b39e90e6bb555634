/* SPDX-License-Identifier: ISC */
/* hpd-conf's lexer and small readers: tokens, lines, macros, addresses, edit
 * distance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/parse.h"

static struct conf c;

static int
setup(void **state)
{
	(void)state;
	conf_init(&c, NULL);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_free(&c);
	return 0;
}

static void
text(const char *s)
{
	lex_push_mem(&c, "t", s, strlen(s));
}

static void
expect(enum tok_kind kind, const char *s, unsigned line, int first)
{
	struct tok t = lex_next(&c);

	assert_int_equal(t.kind, kind);
	assert_string_equal(t.text, s);
	assert_int_equal(t.len, strlen(s));
	if (kind == TOK_EOF)
		return;
	assert_int_equal(t.pos.line, line);
	assert_int_equal(t.first, first);
}

static void
test_tokens(void **state)
{
	(void)state;
	text("create a-b_c.d(1)/x  \"two words\"\n# all of it is\n\n"
	     "  /abs/path 10.0.0.1/8 2k#c\n\tx\"y\"z");
	expect(TOK_WORD, "create", 1, 1);
	expect(TOK_WORD, "a-b_c.d(1)/x", 1, 0);
	expect(TOK_STRING, "two words", 1, 0);
	expect(TOK_WORD, "/abs/path", 4, 1);
	expect(TOK_WORD, "10.0.0.1/8", 4, 0);
	expect(TOK_WORD, "2k", 4, 0);
	expect(TOK_WORD, "x", 5, 1);
	expect(TOK_STRING, "y", 5, 0);
	expect(TOK_WORD, "z", 5, 0);
	expect(TOK_EOF, "", 0, 0);
	expect(TOK_EOF, "", 0, 0);
	assert_int_equal(c.nerrors, 0);
}

static void
test_strings(void **state)
{
	(void)state;
	text("\"over\nlines\" next \"open here\nset x");
	expect(TOK_STRING, "over\nlines", 1, 1);
	expect(TOK_WORD, "next", 2, 0);
	assert_int_equal(c.nerrors, 0);
	expect(TOK_STRING, "open here", 2, 0); /* "set " ends it */
	assert_int_equal(c.nerrors, 1);
	expect(TOK_WORD, "set", 3, 1);
	expect(TOK_WORD, "x", 3, 0);
	expect(TOK_EOF, "", 0, 0);
}

static void
test_macros(void **state)
{
	(void)state;
	assert_int_equal(conf_macro_add(&c, "a=1"), 0);
	assert_int_equal(conf_macro_add(&c, "a=two"), 0); /* last one counts */
	assert_int_equal(conf_macro_add(&c, "long_er2=x"), 0);
	assert_int_equal(conf_macro_add(&c, "empty="), 0);
	assert_int_equal(conf_macro_add(&c, "2a=1"), -1);
	assert_int_equal(conf_macro_add(&c, "=1"), -1);
	assert_int_equal(conf_macro_add(&c, "a"), -1);
	assert_int_equal(conf_macro_add(&c, "a=\""), -1);
	assert_int_equal(conf_macro_add(&c, "a b=c"), -1);
	text("$a x$long_er2.y $ $5 \"$a$empty-$b\" $ipsrc $b");
	expect(TOK_WORD, "two", 1, 1);
	expect(TOK_WORD, "xx.y", 1, 0);
	expect(TOK_WORD, "$", 1, 0);
	expect(TOK_WORD, "$5", 1, 0);
	assert_int_equal(c.nwarnings, 0);
	expect(TOK_STRING, "two-$b", 1, 0);
	assert_int_equal(c.nwarnings, 1);
	expect(TOK_WORD, "$ipsrc", 1, 0);
	assert_int_equal(c.nerrors, 0);
	expect(TOK_WORD, "$b", 1, 0);
	assert_int_equal(c.nerrors, 1);
}

static void
test_bounds(void **state)
{
	size_t n = 3 * CONF_STRING_MAX;
	char *big = malloc(n + 1);
	struct tok t;

	(void)state;
	assert_non_null(big);
	memset(big, 'x', n);
	big[n] = '\0';
	text(big);
	t = lex_next(&c);
	assert_int_equal(t.len, CONF_STRING_MAX);
	assert_int_equal(c.nerrors, 1);
	expect(TOK_EOF, "", 0, 0);
	big[0] = '"';
	text(big);
	c.lex.have_ahead = 0;
	t = lex_next(&c);
	assert_int_equal(t.kind, TOK_STRING);
	assert_int_equal(t.len, CONF_STRING_MAX);
	assert_int_equal(c.nerrors, 3);
	free(big);
}

/* A macro can make text longer: still bounded. */
static void
test_macro_growth(void **state)
{
	char def[1100] = "m=", word[2 * 20 + 1] = "";
	struct tok t;
	int i;

	(void)state;
	memset(def + 2, 'y', 1000);
	assert_int_equal(conf_macro_add(&c, def), 0);
	for (i = 0; i < 20; i++)
		strcat(word, "$m");
	text(word);
	t = lex_next(&c);
	assert_int_equal(t.len, CONF_STRING_MAX);
	assert_int_equal(c.nerrors, 1);
}

static void
test_addresses(void **state)
{
	static const char *const bad[] = { "10.0.0.256", "10.0.0", "01.2.3.4",
		"1.2.3.4.5", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/8",
		"1.2.3.4-1.2.3.3", "1.2.3.4-", "1.2.3.4-5" };
	static const char *const none[] = { "host", "", "80", "1.5", ".1.2.3",
		"a.b.c.d", "winxp" };
	const char *why;
	uint32_t lo, hi;
	uint8_t bits;
	size_t i;

	(void)state;
	assert_int_equal(conf_ip4_span("10.1.2.3", &lo, &hi, &bits, &why), 0);
	assert_true(lo == 0x0a010203 && hi == lo && bits == 32);
	assert_int_equal(conf_ip4_span("10.0.0.0/8", &lo, &hi, &bits, &why),
	    0);
	assert_true(lo == 0x0a000000 && hi == 0x0affffff && bits == 8);
	assert_int_equal(conf_ip4_span("0.0.0.0/0", &lo, &hi, &bits, &why), 0);
	assert_true(lo == 0 && hi == UINT32_MAX && bits == 0);
	assert_int_equal(conf_ip4_span("1.2.3.4-1.2.3.9", &lo, &hi, &bits,
	    &why), 0);
	assert_true(lo == 0x01020304 && hi == 0x01020309 && bits == 255);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(conf_ip4_span(bad[i], &lo, &hi, &bits, &why),
		    -2);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(conf_ip4_span(none[i], &lo, &hi, &bits,
		    &why), -1);
}

struct sum {
	uint64_t next;
	unsigned n;
};

static void
add_up(void *arg, uint32_t addr, uint8_t bits)
{
	struct sum *s = arg;

	assert_int_equal(addr, s->next);
	assert_int_equal(addr & ~conf_mask(bits), 0);
	s->next += 1ULL << (32 - bits);
	s->n++;
}

static void
test_split(void **state)
{
	static const struct {
		uint32_t lo, hi;
		unsigned n;
	} rows[] = { { 5, 5, 1 }, { 0, UINT32_MAX, 1 }, { 3, 9, 3 },
		{ 1, UINT32_MAX - 1, 62 }, { 0x0a000000, 0x0affffff, 1 },
		{ UINT32_MAX, UINT32_MAX, 1 } };
	struct sum s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		s.next = rows[i].lo;
		s.n = 0;
		conf_ip4_split(rows[i].lo, rows[i].hi, add_up, &s);
		assert_true(s.next == (uint64_t)rows[i].hi + 1);
		assert_int_equal(s.n, rows[i].n);
	}
}

static void
test_distance(void **state)
{
	static const char *const words[] = { "create", "clone", "delete",
		"set" };

	(void)state;
	assert_int_equal(conf_distance("open", "open", 2), 0);
	assert_int_equal(conf_distance("opne", "open", 2), 1);
	assert_int_equal(conf_distance("OPEN", "open", 2), 0);
	assert_int_equal(conf_distance("kitten", "sitting", 3), 3);
	assert_int_equal(conf_distance("kitten", "sitting", 2), 3);
	assert_int_equal(conf_distance("", "abc", 5), 3);
	assert_int_equal(conf_distance("abc", "", 1), 2);
	assert_string_equal(conf_nearest("craete", words, 4), "create");
	assert_string_equal(conf_nearest("Set", words, 4), "set");
	assert_null(conf_nearest("xyz", words, 4));
	assert_null(conf_nearest("", words, 4));
}

static int
less(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x & 0xff) < (*y & 0xff) ? -1 : (*x & 0xff) > (*y & 0xff);
}

static void
test_sort(void **state)
{
	uint32_t v[300], x = 12345;
	size_t n, i;

	(void)state;
	for (n = 0; n < 300; n++) {
		for (i = 0; i < n; i++) {
			x = x * 1103515245 + 12345;
			v[i] = (uint32_t)i << 8 | (x >> 16 & 0x3f);
		}
		conf_sort(v, n, sizeof(*v), less);
		for (i = 1; i < n; i++) {
			assert_true((v[i - 1] & 0xff) <= (v[i] & 0xff));
			if ((v[i - 1] & 0xff) == (v[i] & 0xff))
				assert_true(v[i - 1] < v[i]); /* stable */
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_macros, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_macro_growth, setup,
		    teardown),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_sort),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
