/* SPDX-License-Identifier: ISC */
/*
 * Overrides as a scanner sees them: configured in the language, compiled, and
 * what nmap would observe of the record, on systems of very different kinds.
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
#include "hpd-parent/conf/osmatch.h"

static const char *const systems[] = { "Linux 4.15 - 5.6",
	"Microsoft Windows 10 1507 - 1607", "Microsoft Windows XP SP3",
	"FreeBSD 11.0-RELEASE", "OpenBSD 5.5", "Oracle Solaris 10",
	"Apple iOS 4.0", "3Com 3924 switch", "line:60509" };
#define NSYSTEMS (sizeof(systems) / sizeof(systems[0]))

/* What is set, and what the observation must be then. "!X": must not have the
 * letter X; "~X": must have it; "-": the attribute is not there. */
static const struct check {
	const char *set;
	struct {
		enum os_attr attr;
		const char *want;
	} see[6];
} checks[] = {
	{ "ttl 200", { { OSA_T1_T, "C8" }, { OSA_ECN_T, "C8" } } },
	{ "window 12345", { { OSA_WIN_W1, "3039" }, { OSA_WIN_W2, "3039" },
			      { OSA_WIN_W6, "3039" }, { OSA_ECN_W, "3039" } } },
	{ "mss 1380", { { OSA_OPS_O1, "~M564" }, { OSA_ECN_O, "~M564" } } },
	{ "wscale 13", { { OSA_OPS_O1, "~WD" }, { OSA_OPS_O5, "~WD" },
			   { OSA_OPS_O6, "!W" }, { OSA_ECN_O, "~WD" } } },
	{ "wscale off", { { OSA_OPS_O1, "!W" }, { OSA_OPS_O3, "!W" },
			    { OSA_ECN_O, "!W" } } },
	{ "sack no", { { OSA_OPS_O1, "!S" }, { OSA_OPS_O4, "!S" },
			 { OSA_ECN_O, "!S" } } },
	{ "sack yes", { { OSA_OPS_O1, "~S" }, { OSA_OPS_O3, "!S" },
			  { OSA_OPS_O6, "~S" }, { OSA_ECN_O, "~S" } } },
	{ "tsrate off", { { OSA_OPS_O1, "!T" }, { OSA_OPS_O6, "!T" },
			    { OSA_SEQ_TS, "U" } } },
	{ "tsrate 1000", { { OSA_OPS_O1, "~T11" }, { OSA_OPS_O6, "~T11" },
			     { OSA_ECN_O, "!T" }, { OSA_SEQ_TS, "A" } } },
	{ "tsrate 100", { { OSA_SEQ_TS, "7" } } },
	{ "tsrate 2", { { OSA_SEQ_TS, "1" } } },
	{ "df no", { { OSA_T1_DF, "N" }, { OSA_T5_DF, "N" } } },
	{ "df yes", { { OSA_T1_DF, "Y" }, { OSA_T6_DF, "Y" } } },
	{ "ipid zero", { { OSA_SEQ_TI, "Z" }, { OSA_SEQ_CI, "Z" },
			   { OSA_SEQ_II, "Z" }, { OSA_SEQ_SS, "-" } } },
	{ "ipid incremental", { { OSA_SEQ_TI, "I" }, { OSA_SEQ_CI, "I" },
				  { OSA_SEQ_II, "I" }, { OSA_SEQ_SS, "S" } } },
	{ "ipid broken", { { OSA_SEQ_TI, "BI" }, { OSA_SEQ_CI, "BI" },
			     { OSA_SEQ_II, "BI" } } },
	{ "ipid randominc", { { OSA_SEQ_TI, "RI" }, { OSA_SEQ_II, "RI" } } },
	{ "ipid random", { { OSA_SEQ_TI, "RD" }, { OSA_SEQ_SS, "-" } } },
	{ "isn constant 7", { { OSA_SEQ_GCD, "0" }, { OSA_SEQ_SP, "0" },
				{ OSA_SEQ_ISR, "0" } } },
	{ "isn 64k", { { OSA_SEQ_GCD, "FA00" } } },
	{ "isn time", { { OSA_SEQ_ISR, "8F" } } },
	{ "ecn no", { { OSA_ECN_CC, "N" } } },
	{ "ecn yes", { { OSA_ECN_CC, "Y" } } },
	{ "finscan no", { { OSA_T2_R, "Y" } } },
	{ "finscan yes", { { OSA_T2_R, "N" } } },
};

static int
seen(const char *v, const char *want)
{
	if (strcmp(want, "-") == 0)
		return v == NULL;
	if (v == NULL)
		return 0;
	if (want[0] == '~')
		return strstr(v, want + 1) != NULL;
	if (want[0] == '!')
		return strchr(v, want[1]) == NULL;
	return strcmp(v, want) == 0;
}

static int
wrong(const char *name, const struct check *k, const struct img_persona *p)
{
	static struct os_obs obs;
	enum os_attr a;
	const char *v;
	int i, bad = 0;

	os_predict(p, &obs);
	for (i = 0; i < 6 && k->see[i].want != NULL; i++) {
		a = k->see[i].attr;
		v = obs.v[a];
		if (seen(v, k->see[i].want))
			continue;
		printf("# %s, %s: %s.%s is %s, not %s\n", name, k->set,
		    os_attr_line(a), os_attr_name(a), v ? v : "(none)",
		    k->see[i].want);
		bad++;
	}
	return bad;
}

static void
test_seen(void **state)
{
	static char text[sizeof(checks) / sizeof(checks[0]) * 100];
	struct conf c;
	size_t i, k, n;
	int bad = 0;

	(void)state;
	for (i = 0; i < NSYSTEMS; i++) {
		conf_init(&c, NULL);
		c.db_dir = open("/usr/share/nmap", O_RDONLY | O_DIRECTORY);
		c.db_name = "nmap-os-db";
		if (c.db_dir == -1) {
			conf_free(&c);
			skip();
		}
		n = (size_t)snprintf(text, sizeof(text), "create x\n"
		    "set x personality \"%s\"\n", systems[i]);
		for (k = 0; k < sizeof(checks) / sizeof(checks[0]); k++)
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "clone x%zu x\nset x%zu %s\n", k, k,
			    checks[k].set);
		assert_true(n < sizeof(text));
		assert_int_equal(conf_load_mem(&c, "x", text, n), 0);
		for (k = 0; k < sizeof(checks) / sizeof(checks[0]); k++)
			bad += wrong(systems[i], &checks[k],
			    &c.personas[c.tmpls[k + 1].made].p);
		close(c.db_dir);
		conf_free(&c);
	}
	assert_int_equal(bad, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_seen),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
