/* SPDX-License-Identifier: ISC */
/*
 * The matcher: expressions as nmap 7.93 reads them, tables whole and damaged,
 * and the whole installed one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#include <cmocka.h>

#include "hpd-parent/conf/osseq.h"

#define TABLE "/usr/share/nmap"

/* --- expressions ---------------------------------------------------------- */

static void
test_expr(void **state)
{
	static const struct {
		const char *expr, *value;
		int yes;
	} t[] = {
		{ "FF", "FF", 1 }, { "FF", "F", 0 }, { "F", "FF", 0 },
		{ "", "", 1 }, { "", "0", 0 }, { "Y|N", "N", 1 },
		{ "3B-45", "3B", 1 }, { "3B-45", "45", 1 },
		{ "3B-45", "46", 0 }, { "3B-45", "3A", 0 },
		{ "0-5|10-20", "11", 1 }, { "0-5|10-20", "6", 0 },
		{ "<10", "F", 1 }, { "<10", "10", 0 }, { ">10", "10", 0 },
		{ ">10", "11", 1 }, { "<2|>FFFF", "10000", 1 },
		{ "1|<8", "7", 1 }, { "1-3|9", "9", 1 },
		/* a single number before a range never matches as one */
		{ "1|5-7", "1", 0 }, { "1|5-7", "6", 1 },
		{ "5|1-6", "5", 1 }, { "1|2|5-7", "2", 0 },
		/* ... but "<" does, and words do */
		{ "<2|5-7", "1", 1 }, { "Z|5-7", "Z", 1 },
		/* what is not last matches what it is a prefix of */
		{ "M5B4|M218", "M5B4NW0", 1 }, { "M218|M5B4", "M5B4NW0", 0 },
		{ "|M5B4", "ANY", 1 }, { "|M5B4", "", 1 },
		{ "M5B4|", "M5B", 0 }, { "M5B4|", "", 1 },
		{ "1|3|FF", "1F", 1 }, { "|1-2", "9", 0 },
		{ "|1-2", "ZZ", 1 },
		/* by string: no leading zeros, no small letters */
		{ "C", "0C", 0 }, { "ab", "AB", 0 }, { "A-E", "0C", 1 },
		/* values that look like numbers: A, AF, nothing */
		{ "0-5", "", 1 }, { "A0-AF", "A", 0 }, { "9-B", "A", 1 },
		{ "AS|A", "AS", 1 }, { "0-1000", "AF", 1 },
		{ "0-1000", "AS", 0 }, { "S+|O", "S+", 1 }, { "S|O", "S+", 1 },
		{ "O|S", "S+", 0 }, { "FFFFFFFE-FFFFFFFF", "FFFFFFFF", 1 },
		{ "80000000|FFFFFFFF", "FFFFFFFF", 1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (os_expr_match(t[i].expr, strlen(t[i].expr), t[i].value) !=
		    t[i].yes)
			fail_msg("'%s' and '%s': not %d", t[i].expr,
			    t[i].value, t[i].yes);
	assert_int_equal(os_expr_match("FFxx", 2, "FF"), 1);
}

static struct os_obs obs;

/* --- tables --------------------------------------------------------------- */

static const char sample[] =
    "MatchPoints\nSEQ(SP=25%TS=100)\nT1(R=100%DF=20)\n\n"
    "Fingerprint A\nClass x | y || z\n"
    "SEQ(SP=10-20%TS=7)\nT1(R=Y%DF=Y)\nU1(DF=N)\n"
    "Fingerprint B\nClass x | y || z\nSEQ(SP=10-30%TS=7)\nT1(R=Y%DF=Y)\n"
    "Fingerprint A\nClass x | y || z\nSEQ(SP=1F%TS=8)\nT1(R=Y%DF=Y)\n";

static struct conf conf;
static char *messages;
static size_t messages_len;

static struct nmapdb *
table(const char *text)
{
	free(messages);
	messages = NULL;
	conf_init(&conf, open_memstream(&messages, &messages_len));
	return nmapdb_index(&conf, "db", strdup(text), strlen(text));
}

static void
done(struct nmapdb *db)
{
	nmapdb_free(db);
	fclose(conf.out);
	conf_free(&conf);
}

static void
test_match(void **state)
{
	struct nmapdb *db = table(sample);
	struct osdb *d = osdb_get(&conf, db);
	enum os_attr bad = OSA_MAX;
	uint32_t e[4];

	(void)state;
	assert_non_null(d);
	assert_ptr_equal(osdb_get(&conf, db), d);
	assert_string_equal(osdb_expr(d, 0, OSA_SEQ_SP), "10-20");
	assert_null(osdb_expr(d, 1, OSA_U1_DF));
	assert_ptr_equal(osdb_expr(d, 0, OSA_SEQ_TS),
	    osdb_expr(d, 1, OSA_SEQ_TS));
	assert_int_equal(osdb_line(d, 0, OSA_T1_R), 8);
	assert_int_equal(osdb_line(d, 0, OSA_T2_R), 5);
	os_obs_clear(&obs);
	os_obs_set(&obs, OSA_SEQ_SP, "1F");
	os_obs_set(&obs, OSA_SEQ_TS, "7");
	os_obs_set(&obs, OSA_T1_R, "Y");
	os_obs_set(&obs, OSA_T1_DF, "Y");
	assert_int_equal(os_match_entry(d, 0, &obs, &bad), 1);
	assert_int_equal(os_match_entry(d, 2, &obs, &bad), 0);
	assert_int_equal(bad, OSA_SEQ_TS);
	assert_true(os_match_score(d, 0, &obs) == 1.0);
	assert_true(os_match_score(d, 2, &obs) == 145.0 / 245);
	assert_int_equal(os_match_names(d, &obs, e, 4), 2);
	assert_int_equal(e[0], 0);
	assert_int_equal(e[1], 1);
	assert_int_equal(os_match_others(d, &obs, 0), 1);
	assert_int_equal(os_match_others(d, &obs, 2), 1);
	/* another value: what was remembered of the first does not count */
	os_obs_set(&obs, OSA_SEQ_TS, "8");
	assert_int_equal(os_match_names(d, &obs, e, 1), 1);
	assert_int_equal(e[0], 2); /* the name's second entry */
	assert_int_equal(os_match_others(d, &obs, 0), 0);
	os_obs_set(&obs, OSA_T1_DF, "N");
	assert_int_equal(os_match_names(d, &obs, e, 4), 0);
	/* what an observation lacks is not compared */
	os_obs_set(&obs, OSA_T1_DF, NULL);
	os_obs_set(&obs, OSA_SEQ_TS, NULL);
	assert_int_equal(os_match_names(d, &obs, e, 4), 2);
	os_obs_set(&obs, OSA_U1_DF, "Y"); /* only the first has it */
	assert_int_equal(os_match_names(d, &obs, e, 4), 2);
	assert_int_equal(e[0], 1);
	done(db);
}

static void
test_damage(void **state)
{
	static const struct {
		const char *line, *message;
	} t[] = {
		{ "T9(R=N)", "db:3: no such test: 'T9(R=N)'" },
		{ "T1(R=N%X=1)", "db:3: no attribute of this test: "
				 "'X=1'" },
		{ "T1(R=N%DF)", "db:3: no attribute of this test: "
				"'DF'" },
		{ "T1(R=N)\nT1(R=N)", "db:4: a second line of this "
				      "test: 'T1(R=N)'" },
		{ "T1(R=N%R=Y)", "db:3: attribute given twice: "
				 "'R=Y'" },
		{ "T1(T=1-)", "db:3: not an expression: '1-'" },
		{ "T1(T=1-2-3)", "db:3: not an expression: '1-2-3'" },
		{ "T1(T=<)", "db:3: not an expression: '<'" },
		{ "T1(T=a)", "db:3: not an expression: 'a'" },
		{ "T1(T=123456789-2)", "db:3: not an expression: "
				       "'123456789-2'" },
	};
	char text[200];
	struct nmapdb *db;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		snprintf(text, sizeof(text), "Fingerprint A\nClass a\n%s\n",
		    t[i].line);
		db = table(text);
		assert_non_null(db);
		assert_null(osdb_get(&conf, db));
		assert_null(osdb_get(&conf, db)); /* told once */
		assert_int_equal(conf.nerrors, 1);
		done(db);
		if (strncmp(messages, t[i].message,
			strlen(t[i].message)) != 0)
			fail_msg("'%s': %s", t[i].line, messages);
	}
	db = table("MatchPoints\nT1(R=x)\nFingerprint A\n");
	assert_non_null(db);
	assert_null(osdb_get(&conf, db));
	done(db);
	assert_non_null(strstr(messages, "db:2: not a number of "
	    "points: 'x'"));
}

/* Every expression of the installed table is understood, and an entry's own
 * values, taken literally, satisfy it. */
static void
test_installed(void **state)
{
	struct conf_pos pos = { 0 };
	struct nmapdb *db;
	struct osdb *d;
	const char *x, *bar;
	char value[256];
	uint32_t i, wrong = 0;
	unsigned a;

	(void)state;
	if (access(TABLE "/nmap-os-db", R_OK) != 0)
		skip();
	conf_init(&conf, stderr);
	conf.db_dir = open(TABLE, O_RDONLY | O_DIRECTORY);
	conf.db_name = "nmap-os-db";
	db = nmapdb_get(&conf, pos);
	assert_non_null(db);
	d = osdb_get(&conf, db);
	assert_non_null(d);
	for (i = 0; i < db->n; i++) {
		os_obs_clear(&obs);
		for (a = 0; a < OSA_MAX; a++) {
			x = osdb_expr(d, i, a);
			if (x == NULL)
				continue;
			bar = strrchr(x, '|'); /* the last is taken as it is */
			snprintf(value, sizeof(value), "%s", bar ? bar + 1 : x);
			value[strcspn(value, "-")] = '\0';
			if (value[0] != '<' && value[0] != '>')
				os_obs_set(&obs, a, "%s", value);
		}
		wrong += !os_match_entry(d, i, &obs, NULL);
		if (i % 97 == 0) {
			assert_true(os_match_names(d, &obs, NULL, 0) >= 1);
			assert_true(os_match_score(d, i, &obs) == 1.0);
		}
	}
	assert_int_equal(wrong, 0);
	close(conf.db_dir);
	conf_free(&conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expr),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_installed),
	};
	int r;

	cmocka_set_message_output(CM_OUTPUT_TAP);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	free(messages);
	return r;
}
