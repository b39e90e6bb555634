/* SPDX-License-Identifier: ISC */
/* Where a process's control groups are, from what /proc says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-parent/cgroup.h"

static struct cgroup_where w;

static void
find(const char *self, const char *mounts)
{
	FILE *s = fmemopen((void *)(uintptr_t)self, strlen(self), "r");
	FILE *m = fmemopen((void *)(uintptr_t)mounts, strlen(mounts), "r");

	assert_non_null(s);
	assert_non_null(m);
	cgroup_find(s, m, &w);
	fclose(s);
	fclose(m);
}

static void
groups_are_found(void **state)
{
	(void)state;
	find("0::/system.slice/hpd.service\n",
	    "25 1 0:22 / /proc rw,nosuid shared:5 - proc proc rw\n"
	    "31 25 0:26 / /sys/fs/cgroup rw shared:9 master:1 - cgroup2 "
	    "cgroup2 rw,nsdelegate\n");
	assert_string_equal(w.v2, "/sys/fs/cgroup/system.slice/hpd.service");
	assert_string_equal(w.v1[CTL_PIDS], "");
	find("12:pids:/a\n5:cpu,cpuacct:/\n4:cpuset:/x\n3:memory:/m/\303\274\n"
	     "1:name=systemd:/s\n0::/u\n",
	    "32 31 0:29 / /cg/cpu rw - cgroup cgroup rw,cpuacct,cpu\n"
	    "33 31 0:31 / /cg/cpuset rw - cgroup cgroup rw,cpuset\n"
	    "34 31 0:32 /m /cg/my\\040memory rw - cgroup cgroup rw,memory\n"
	    "35 31 0:33 /b /cg/pids rw - cgroup cgroup rw,pids\n"
	    "36 31 0:33 / /cg/pids2 rw - cgroup cgroup rw,pids\n"
	    "37 31 0:33 / /cg/pids3 rw - cgroup cgroup rw,pids\n"
	    "38 31 0:38 / /cg/unified rw - cgroup2 none rw\n");
	assert_string_equal(w.v1[CTL_CPU], "/cg/cpu");
	assert_string_equal(w.v1[CTL_MEMORY], "/cg/my memory/\303\274");
	assert_string_equal(w.v1[CTL_PIDS], "/cg/pids2/a");
	assert_string_equal(w.v2, "/cg/unified/u");
}

static void
groups_out_of_sight_are_not(void **state)
{
	static const char *const bad[] = {"", "\n", "31\n", "31 25\n",
		"31 25 0:26 / /cg\n", "31 25 0:26 / /cg rw -\n",
		"31 25 0:26 / /cg rw cgroup2 x y\n",
		"31 25 0:26 /docker /cg rw - cgroup2 x y\n",
		"31 25 0:26 / /cg rw - cgroup x\n",
		"31 25 0:26 / /cg rw - tmpfs cgroup2 cgroup2\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		find("0::/dockers/x\n7:pids:/\n", bad[i][0] ? bad[i] : "\n");
		assert_string_equal(w.v2, "");
		assert_string_equal(w.v1[CTL_PIDS], "");
	}
	find("0::/../other\n", "31 25 0:26 / /cg rw - cgroup2 x y\n");
	assert_string_equal(w.v2, "");
	find("garbage\n0:\n:::\n0::relative\n",
	    "31 25 0:26 / /cg rw - cgroup2 x y\n");
	assert_string_equal(w.v2, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(groups_are_found),
	    cmocka_unit_test(groups_out_of_sight_are_not),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
