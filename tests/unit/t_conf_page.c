/* SPDX-License-Identifier: ISC */
/*
 * The families of hpd-persona(7) are those of the code: each row of the page's
 * table, made again from the family's record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/table.h"

#define PAGE "hpd-parent/conf/hpd-persona.7" /* from the top of the tree */

static char page[65536];

static void
row(enum img_family fam, char *out, size_t size)
{
	static const char *const frag[] = { "first", "last", "BSD", "Linux",
		"Windows", "drop" };
	struct img_persona p;
	char icmp[32];

	persona_family_defaults(&p, fam);
	assert_in_range(p.frag_policy, 0, 5);
	if (p.icmp_rate == 0)
		snprintf(icmp, sizeof(icmp), "all");
	else if (p.icmp_burst == 0)
		snprintf(icmp, sizeof(icmp), "%u", p.icmp_rate);
	else
		snprintf(icmp, sizeof(icmp), "%u (%u)", p.icmp_rate,
		    p.icmp_burst);
	snprintf(out, size, "\n.It %s Ta %u, %g Ta %u, %g Ta %u Ta %s Ta %s "
	    "%u Ta %s%s%s%s\n", persona_family_name(fam), p.synack_retries,
	    p.rto_init_ms / 1000.0, p.data_retries, p.rto_min_ms / 1000.0,
	    p.time_wait_s, icmp, frag[p.frag_policy], p.frag_timeout_s,
	    p.timestamp_ok ? "t" : "", p.mask_ok ? "m" : "",
	    p.info_ok ? "i" : "", p.timestamp_ok || p.mask_ok || p.info_ok ?
	    "" : "-");
}

static void
test_rows(void **state)
{
	char want[256];
	int f, missing = 0;

	(void)state;
	for (f = 0; f < FAM_MAX; f++) {
		row((enum img_family)f, want, sizeof(want));
		if (strstr(page, want) == NULL) {
			printf("# %s lacks: %s", PAGE, want + 1);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
	};
	FILE *f = fopen(PAGE, "r");

	if (f == NULL || fread(page, 1, sizeof(page) - 1, f) == 0) {
		printf("1..0 # SKIP not started at the top of the tree\n");
		return 0;
	}
	fclose(f);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
