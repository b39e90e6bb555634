/* SPDX-License-Identifier: ISC */
/*
 * Processes, descriptor numbers and ids: ranges that do not touch, names, and
 * the $names of the policies, which must mean the same numbers.
 */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/image.h"
#include "common/proc.h"
#include "common/proto.h"
#include "policies/policy.h"

static const struct range {
	const char *name;
	int64_t lo, hi;
} fds[] = {
    {"$diag", FD_DIAG, FD_DIAG},
    {"$parent", FD_PARENT, FD_PARENT},
    {"$log", FD_LOG, FD_LOG},
    {"$image", FD_IMAGE, FD_IMAGE},
    {"$packet", FD_PACKET_MIN, FD_PACKET_MAX},
    {"$peer", FD_PEER_MIN, FD_PEER_MAX},
    {"$segment", FD_SEGMENT_MIN, FD_SEGMENT_MAX},
    {"$sealpage", FD_SEAL_PAGE, FD_SEAL_PAGE},
    {"$sealfile", FD_SEAL_FILE, FD_SEAL_FILE},
    {"$loop", FD_LOOP_MIN, FD_LOOP_MAX},
    {"$session", FD_SESSION_MIN, 0},
    {"$syslog", FD_SYSLOG, FD_SYSLOG}, /* hpship: the last segment's */
}, ids[] = {
    {"$slot", SLOT_BASE, (int64_t)SLOT_BASE + SLOT_COUNT - 1},
    {"$slotshell", SLOT_BASE_SHELL, (int64_t)SLOT_BASE_SHELL + SLOT_COUNT - 1},
};

/* One behind the other, from diag to the sessions, without a hole. */
static void
descriptors(void **state)
{
	size_t i;

	(void)state;
	for (i = 1; fds[i].hi != 0 || fds[i - 1].hi + 1 == fds[i].lo; i++) {
		assert_int_equal(fds[i].lo, fds[i - 1].hi + 1);
		if (fds[i].hi == 0)
			break;
	}
	assert_int_equal(fds[i].lo, FD_SESSION_MIN);
	assert_int_equal(FD_SYSLOG, FD_SEGMENT_MAX);
	assert_int_equal(fds[0].lo, 2);
	assert_true(FD_INTERP > FD_SESSION_MIN);
	assert_true(STREAM_MAX <= FD_SEGMENT_MAX - FD_SEGMENT_MIN + 1);
	assert_int_equal(FD_PEER_MAX - FD_PEER_MIN + 1, 16);
}

static void
uids(void **state)
{
	static const uint32_t daemons[] = {UID_CONF_FALLBACK, UID_NET_FALLBACK,
	    UID_LOG_FALLBACK, UID_SHIP_FALLBACK};
	size_t i, j;

	(void)state;
	assert_true(ids[0].hi < ids[1].lo);
	assert_true(ids[1].hi < INT32_MAX); /* positive for everybody */
	for (i = 0; i < sizeof(daemons) / sizeof(daemons[0]); i++) {
		assert_true(daemons[i] < ids[0].lo);
		for (j = 0; j < i; j++)
			assert_int_not_equal(daemons[i], daemons[j]);
	}
}

static void
names(void **state)
{
	unsigned int i, j;

	(void)state;
	for (i = PROC_PARENT; i < PROC_MAX; i++) {
		assert_memory_equal(proc_name((uint8_t)i),
		    i == PROC_SHIP ? "hpsh" : "hpd-", 4);
		for (j = PROC_PARENT; j < i; j++)
			assert_string_not_equal(proc_name((uint8_t)i),
			    proc_name((uint8_t)j));
	}
	assert_string_equal(proc_name(PROC_NONE), "?");
	assert_string_equal(proc_name(PROC_MAX), "?");
	assert_string_equal(proc_name(255), "?");
}

static void
same(const struct range *r)
{
	int64_t lo, hi;

	assert_int_equal(policy_name(r->name, &lo, &hi), 0);
	assert_int_equal(lo, r->lo);
	if (r->hi != 0)
		assert_int_equal(hi, r->hi);
}

static void
policy_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		same(&fds[i]);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		same(&ids[i]);
}

/* No policy writes a slot id as a number: only the names keep pace. */
static void
no_bare_ids(void **state)
{
	char line[1024];
	glob_t g;
	size_t i;
	FILE *f;

	(void)state;
	/* from the top of the source tree, as make check does */
	assert_int_equal(glob("policies/*.policy", 0, NULL, &g), 0);
	for (i = 0; i < g.gl_pathc; i++) {
		assert_non_null(f = fopen(g.gl_pathv[i], "r"));
		while (fgets(line, sizeof(line), f) != NULL)
			assert_null(strstr(line, "18791"));
		fclose(f);
	}
	assert_true(g.gl_pathc >= 8);
	globfree(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(descriptors),
	    cmocka_unit_test(uids),
	    cmocka_unit_test(names),
	    cmocka_unit_test(policy_names),
	    cmocka_unit_test(no_bare_ids),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
