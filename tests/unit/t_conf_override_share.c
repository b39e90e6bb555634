/* SPDX-License-Identifier: ISC */
/*
 * Overrides through the language: templates that come to the same record share
 * it, and an uptime that is set chooses the rate of the timestamps.
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

#include "hpd-parent/conf/conf.h"

/* By what nmap divides the stamp, and that its class stays. */
static void
test_uptime_rate(void **state)
{
	static const uint32_t rows[][2] = { { 0, 0 }, { 2500, 2000 },
		{ 1, 2000 }, { 8600, 8000 }, { 16000, 16000 },
		{ 32000, 32000 }, { 56000, 56000 }, { 100000, 100000 },
		{ 90000, 100000 }, { 250000, 250000 }, { 200000, 200000 },
		{ 500000, 500000 }, { 1000000, 1000000 },
		{ 1024000, 1000000 }, { 4096000, 4096000 },
		{ UINT32_MAX, UINT32_MAX } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(persona_uptime_rate(rows[i][0]), rows[i][1]);
}

/* Through the language: who shares a persona with whom. */
static void
test_shared(void **state)
{
	static const char text[] =
	    "create plain\ncreate a\nset a ttl 33\nclone b a\n"
	    "set b ttl default\nclone c a\nclone d a\nset d icmprate 7\n"
	    "create e\nset e icmprate 7\nset e ttl 33\ncreate f\nset f ttl 64\n"
	    "bind 10.0.0.1 a\nset 10.0.0.1 tsrate 7\n"
	    "bind 10.0.0.2 c\nset 10.0.0.2 tsrate 7\nbind 10.0.0.3 a\n";
	struct conf_tmpl *t;
	struct image img;
	struct conf c;
	size_t size;
	void *mem;

	(void)state;
	conf_init(&c, NULL);
	assert_int_equal(conf_load_mem(&c, "x", text, sizeof(text) - 1), 0);
	t = c.tmpls;
	assert_int_equal(c.ntmpls, 9);
	assert_int_not_equal(t[1].made, t[0].made);
	assert_int_equal(t[2].made, t[0].made);
	assert_int_equal(t[3].made, t[1].made);
	assert_int_not_equal(t[4].made, t[1].made);
	assert_int_equal(t[5].made, t[4].made);
	assert_int_equal(c.personas[t[5].made].p.ttl, 33);
	assert_int_equal(t[6].made, t[0].made); /* it is 64 anyway */
	assert_int_equal(t[7].made, t[8].made);
	mem = conf_image(&c, 1, &size);
	assert_non_null(mem);
	assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
	assert_int_equal(img.npersonas, 4);
	free(mem);
	conf_free(&c);
}

/* An uptime that is set chooses the rate, within what the entry takes. */
static void
test_uptime_entry(void **state)
{
	static const struct {
		const char *name;
		uint32_t mhz; /* 0: what the personality has */
	} rows[] = {
		{ "Linux 4.15 - 5.6", 1000000 },     /* TS=A */
		{ "Linux 2.6.32 - 3.1", 1000000 }, /* TS=8|A */
		{ "Linux 2.6.16 - 2.6.28", 100000 },  /* TS=7|8 */
		{ "Arris TM502G or TM602B cable modem", 250000 }, /* TS=8 */
		{ "3Com 3924 switch", 2000 },	      /* TS=1 */
		{ "Apple iOS 4.0", 8000 },	      /* TS=3 */
		{ "OpenBSD 5.5", 0 },
	};
	char text[400];
	const struct img_persona *p;
	struct conf c;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		conf_init(&c, NULL);
		c.db_dir = open("/usr/share/nmap", O_RDONLY | O_DIRECTORY);
		c.db_name = "nmap-os-db";
		if (c.db_dir == -1) {
			conf_free(&c);
			skip();
		}
		n = snprintf(text, sizeof(text), "create plain\n"
		    "set plain personality \"%s\"\nclone a plain\n"
		    "set a uptime 1000\nclone b a\nset b tsrate 77\n",
		    rows[i].name);
		assert_int_equal(conf_load_mem(&c, "x", text, (size_t)n), 0);
		assert_int_equal(c.tmpls[0].made, c.tmpls[0].persona);
		p = &c.personas[c.tmpls[1].made].p;
		assert_int_equal(p->ts_mhz, rows[i].mhz ? rows[i].mhz :
		    c.personas[c.tmpls[0].made].p.ts_mhz);
		/* who says the rate too gets it */
		assert_int_equal(c.personas[c.tmpls[2].made].p.ts_mhz, 77000);
		close(c.db_dir);
		conf_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uptime_rate),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_uptime_entry),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
