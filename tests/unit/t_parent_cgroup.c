/* SPDX-License-Identifier: ISC */
/*
 * Control groups against a directory that plays the kernel: what is written
 * where, in both versions, and what is said when a file is missing or wrong.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-parent/cgroup.h"

#define PID 77 /* never signalled: it is our own to the code */

static char root[64];
static struct cgroup g;
static struct cgroup_where w;
static const pid_t nobody[3];

static const char *
at(const char *path)
{
	static char full[4][512];
	static int turn;

	turn = (turn + 1) % 4;
	snprintf(full[turn], sizeof(full[0]), "%s/%s", root, path);
	return full[turn];
}

static void
dirs(const char *path)
{
	char full[512];

	snprintf(full, sizeof(full), "%s/", at(path));
	for (char *s = full + strlen(root) + 1; (s = strchr(s, '/')); s++) {
		*s = '\0';
		(void)mkdir(full, 0755);
		*s = '/';
	}
}

static void
file(const char *path, const char *text)
{
	int fd = open(at(path), O_WRONLY | O_CREAT | O_TRUNC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *
has(const char *path)
{
	static char buf[256];
	int fd = open(at(path), O_RDONLY);
	ssize_t n;

	if (fd == -1)
		return "(no file)";
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	buf[n < 0 ? 0 : n] = '\0';
	return buf;
}

static int
there(const char *path)
{
	return access(at(path), F_OK) == 0;
}

/* What must be in a message: a path of ours and why. */
static void
says(const char *text, const char *path, int error)
{
	char want[700];

	snprintf(want, sizeof(want), "%s: %s", at(path), strerror(error));
	assert_string_equal(text, want);
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *f)
{
	(void)st;
	(void)flag;
	(void)f;
	return remove(path);
}

static int
setup(void **state)
{
	(void)state;
	memset(&w, 0, sizeof(w));
	snprintf(root, sizeof(root), "/tmp/hpd-cg.XXXXXX");
	return mkdtemp(root) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)chmod(at("own"), 0755);
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The groups of PID below base and the files the kernel would put there. */
static void
tree(const char *base, const char *files)
{
	char path[256], list[256], *rest = list, *name;

	snprintf(path, sizeof(path), "%s/hpd-77/scripts/svc", base);
	dirs(path);
	strcat(path, "/cgroup.procs");
	file(path, "");
	snprintf(path, sizeof(path), "%s/hpd-77/scripts/svc-S", base);
	dirs(path);
	strcat(path, "/cgroup.procs");
	file(path, "");
	snprintf(list, sizeof(list), "%s", files);
	while ((name = strsep(&rest, " ")) != NULL) {
		snprintf(path, sizeof(path), "%s/hpd-77/scripts/%s", base,
		    name);
		file(path, "");
	}
}

static void
fake_v1(void)
{
	static const char *const files[CTL_MAX] = {"pids.max",
		"memory.limit_in_bytes memory.memsw.limit_in_bytes",
		"cpu.cfs_quota_us"};
	static const char *const names[CTL_MAX] = {"pids", "memory", "cpu"};

	for (int i = 0; i < CTL_MAX; i++) {
		tree(names[i], files[i]);
		snprintf(w.v1[i], sizeof(w.v1[i]), "%s", at(names[i]));
	}
}

static void
fake_v2(void)
{
	tree("own", "pids.max memory.max memory.swap.max cpu.max");
	dirs("own/hpd-77/self");
	file("own/hpd-77/self/cgroup.procs", "");
	file("own/hpd-77/cgroup.subtree_control", "");
	file("own/cgroup.subtree_control", "\n");
	file("own/cgroup.controllers", "cpuset cpu io memory pids\n");
	file("own/cgroup.type", "domain\n");
	file("own/cgroup.procs", "77\n");
	snprintf(w.v2, sizeof(w.v2), "%s", at("own"));
}

static int
make(void)
{
	cgroup_make(&g, &w, PID, nobody);
	return g.kind;
}

static void
v1_is_written(void **state)
{
	(void)state;
	fake_v1();
	assert_int_equal(make(), CGROUP_V1);
	assert_string_equal(g.why[0], "not mounted");
	assert_int_equal(cgroup_limit(&g, CGL_PROCESSES, 300), 0);
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 1ULL << 40), 0);
	assert_int_equal(cgroup_limit(&g, CGL_CPU, 150), 0);
	assert_string_equal(has("pids/hpd-77/scripts/pids.max"), "300");
	assert_string_equal(has("memory/hpd-77/scripts/memory.limit_in_bytes"),
	    "1099511627776");
	assert_string_equal(
	    has("memory/hpd-77/scripts/memory.memsw.limit_in_bytes"),
	    "1099511627776");
	assert_string_equal(has("cpu/hpd-77/scripts/cpu.cfs_quota_us"),
	    "150000");
	/* and taken back */
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 0), 0);
	assert_int_equal(cgroup_limit(&g, CGL_CPU, 0), 0);
	assert_string_equal(has("memory/hpd-77/scripts/memory.limit_in_bytes"),
	    "-1");
	assert_string_equal(
	    has("memory/hpd-77/scripts/memory.memsw.limit_in_bytes"), "-1");
	assert_string_equal(has("cpu/hpd-77/scripts/cpu.cfs_quota_us"), "-1");
	/* a runner is in all three */
	assert_int_equal(cgroup_join(&g, CGR_SVC, 4711), 0);
	assert_int_equal(cgroup_join(&g, CGR_SVC_SHELL, 4712), 0);
	assert_string_equal(has("pids/hpd-77/scripts/svc/cgroup.procs"),
	    "4711");
	assert_string_equal(has("memory/hpd-77/scripts/svc/cgroup.procs"),
	    "4711");
	assert_string_equal(has("cpu/hpd-77/scripts/svc/cgroup.procs"),
	    "4711");
	assert_string_equal(has("cpu/hpd-77/scripts/svc-S/cgroup.procs"),
	    "4712");
}

static void
v2_is_written(void **state)
{
	(void)state;
	fake_v2();
	fake_v1(); /* there too, and not wanted */
	assert_int_equal(make(), CGROUP_V2);
	assert_string_equal(has("own/hpd-77/self/cgroup.procs"), "77");
	assert_string_equal(has("own/cgroup.subtree_control"),
	    "+pids +memory +cpu");
	assert_string_equal(has("own/hpd-77/cgroup.subtree_control"),
	    "+pids +memory +cpu");
	assert_int_equal(cgroup_limit(&g, CGL_PROCESSES, 300), 0);
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 64u << 20), 0);
	assert_int_equal(cgroup_limit(&g, CGL_CPU, 5), 0);
	assert_string_equal(has("own/hpd-77/scripts/pids.max"), "300");
	assert_string_equal(has("own/hpd-77/scripts/memory.max"), "67108864");
	assert_string_equal(has("own/hpd-77/scripts/memory.swap.max"), "0");
	assert_string_equal(has("own/hpd-77/scripts/cpu.max"), "5000 100000");
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 0), 0);
	assert_int_equal(cgroup_limit(&g, CGL_CPU, 0), 0);
	assert_string_equal(has("own/hpd-77/scripts/memory.max"), "max");
	assert_string_equal(has("own/hpd-77/scripts/memory.swap.max"), "max");
	assert_string_equal(has("own/hpd-77/scripts/cpu.max"), "max 100000");
	assert_int_equal(cgroup_join(&g, CGR_SVC, 4711), 0);
	assert_string_equal(has("own/hpd-77/scripts/svc/cgroup.procs"),
	    "4711");
	assert_string_equal(has("pids/hpd-77/scripts/pids.max"), "");
	/* at the end we are back where we were, and so is it */
	(void)cgroup_remove(&g);
	assert_int_equal(g.kind, CGROUP_NONE);
	assert_string_equal(has("own/cgroup.procs"), "77");
	assert_string_equal(has("own/cgroup.subtree_control"),
	    "-pids -memory -cpu");
}

static void
v2_divided_before_stays_so(void **state)
{
	(void)state;
	fake_v2();
	file("own/cgroup.subtree_control", "cpu memory pids\n");
	unlink(at("own/cgroup.type")); /* the top of a hierarchy */
	file("own/cgroup.procs", "1\n2\n");
	assert_int_equal(make(), CGROUP_V2);
	(void)cgroup_remove(&g);
	assert_string_equal(has("own/cgroup.subtree_control"),
	    "cpu memory pids\n");
}

static void
v2_moves_those_who_wait_too(void **state)
{
	const pid_t two[3] = {75, 76, 0};

	(void)state;
	fake_v2();
	file("own/cgroup.procs", "75\n76\n77\n");
	cgroup_make(&g, &w, PID, two);
	assert_int_equal(g.kind, CGROUP_V2);
	assert_string_equal(has("own/hpd-77/self/cgroup.procs"), "76");
}

static void
v2_of_others_is_left_alone(void **state)
{
	char want[700];

	(void)state;
	fake_v2();
	fake_v1();
	file("own/cgroup.procs", "77\n78\n");
	assert_int_equal(make(), CGROUP_V1);
	snprintf(want, sizeof(want), "%s: pid 78 is there too: not delegated "
	    "to us", at("own/cgroup.procs"));
	assert_string_equal(g.why[0], want);
	assert_string_equal(has("own/hpd-77/self/cgroup.procs"), "");
	assert_string_equal(has("own/cgroup.subtree_control"), "\n");
}

static void
v2_without_a_controller(void **state)
{
	static const struct {
		const char *text, *lacks;
	} t[] = {
		{"\n", "pids"},
		{"cpuset memory hugetlb pids\n", "cpu"},
		{"cpu memory_x pids\n", "memory"},
		{"cpu memory rpids\n", "pids"},
	};
	char want[700];

	(void)state;
	fake_v2();
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		file("own/cgroup.controllers", t[i].text);
		assert_int_equal(make(), CGROUP_NONE);
		snprintf(want, sizeof(want), "%s: no %s",
		    at("own/cgroup.controllers"), t[i].lacks);
		assert_string_equal(g.why[0], want);
		assert_string_equal(g.why[1],
		    "no hierarchy of pids is mounted");
	}
}

/* Each file that making needs, gone; it is the one that is named. */
static void
v2_each_file_missing(void **state)
{
	static const char *const files[] = {"own/cgroup.controllers",
		"own/cgroup.procs", "own/cgroup.subtree_control",
		"own/hpd-77/self/cgroup.procs",
		"own/hpd-77/cgroup.subtree_control"};

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		fake_v2();
		assert_int_equal(unlink(at(files[i])), 0);
		assert_int_equal(make(), CGROUP_NONE);
		says(g.why[0], files[i], ENOENT);
	}
}

static void
a_group_cannot_be_made(void **state)
{
	(void)state;
	fake_v1();
	w.v1[CTL_CPU][0] = '\0';
	assert_int_equal(make(), CGROUP_NONE);
	assert_string_equal(g.why[1], "no hierarchy of cpu is mounted");
	snprintf(w.v1[CTL_CPU], sizeof(w.v1[0]), "%s", at("gone"));
	assert_int_equal(make(), CGROUP_NONE);
	says(g.why[1], "gone", ENOENT);
	dirs("plain/hpd-77");
	file("plain/hpd-77/scripts", "");
	snprintf(w.v1[CTL_CPU], sizeof(w.v1[0]), "%s", at("plain"));
	assert_int_equal(make(), CGROUP_NONE);
	says(g.why[1], "plain/hpd-77/scripts/svc", ENOTDIR);
}

/* Each limit's file, gone or refusing. */
static void
each_limit_missing(void **state)
{
	static const struct {
		int v2, limit, optional;
		const char *file;
	} t[] = {
		{0, CGL_PROCESSES, 0, "pids/hpd-77/scripts/pids.max"},
		{0, CGL_MEMORY, 0,
		    "memory/hpd-77/scripts/memory.limit_in_bytes"},
		{0, CGL_MEMORY, 1,
		    "memory/hpd-77/scripts/memory.memsw.limit_in_bytes"},
		{0, CGL_CPU, 0, "cpu/hpd-77/scripts/cpu.cfs_quota_us"},
		{1, CGL_PROCESSES, 0, "own/hpd-77/scripts/pids.max"},
		{1, CGL_MEMORY, 0, "own/hpd-77/scripts/memory.max"},
		{1, CGL_MEMORY, 1, "own/hpd-77/scripts/memory.swap.max"},
		{1, CGL_CPU, 0, "own/hpd-77/scripts/cpu.max"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		memset(&w, 0, sizeof(w));
		if (t[i].v2)
			fake_v2();
		else
			fake_v1();
		assert_int_equal(make(), t[i].v2 ? CGROUP_V2 : CGROUP_V1);
		assert_int_equal(unlink(at(t[i].file)), 0);
		assert_int_equal(cgroup_limit(&g, t[i].limit, 100),
		    t[i].optional ? 0 : -1);
		if (!t[i].optional)
			says(g.err, t[i].file, ENOENT);
		assert_false(there(t[i].file)); /* never created */
		assert_int_equal(mkdir(at(t[i].file), 0755), 0);
		assert_int_equal(cgroup_limit(&g, t[i].limit, 100), -1);
		says(g.err, t[i].file, EISDIR);
		rmdir(at(t[i].file));
	}
}

static void
a_refused_limit_keeps_the_old(void **state)
{
	static const char swap[] =
	    "memory/hpd-77/scripts/memory.memsw.limit_in_bytes";
	static const char limit[] =
	    "memory/hpd-77/scripts/memory.limit_in_bytes";

	(void)state;
	fake_v1();
	assert_int_equal(make(), CGROUP_V1);
	unlink(at(swap));
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 1000), 0);
	/* refused by another file of the same limit */
	assert_int_equal(mkdir(at(swap), 0755), 0);
	assert_int_equal(cgroup_limit(&g, CGL_MEMORY, 2000), -1);
	assert_int_equal(g.now[CGL_MEMORY], 1000);
	assert_string_equal(has(limit), "1000");
	rmdir(at(swap));
}

static void
a_runner_cannot_join(void **state)
{
	static const char procs[] = "cpu/hpd-77/scripts/svc/cgroup.procs";

	(void)state;
	fake_v1();
	assert_int_equal(make(), CGROUP_V1);
	unlink(at(procs));
	assert_int_equal(mkdir(at(procs), 0755), 0);
	assert_int_equal(cgroup_join(&g, CGR_SVC, 4711), -1);
	says(g.err, procs, EISDIR);
	/* groups that were removed come back, here without the kernel's
	 * files in them */
	rmdir(at(procs));
	assert_int_equal(rmdir(at("cpu/hpd-77/scripts/svc")), 0);
	assert_int_equal(cgroup_join(&g, CGR_SVC, 4711), -1);
	says(g.err, procs, ENOENT);
	assert_true(there("cpu/hpd-77/scripts/svc"));
}

static void
ends_for_want_of_memory_are_known(void **state)
{
	(void)state;
	fake_v1();
	assert_int_equal(make(), CGROUP_V1);
	assert_int_equal(cgroup_oom(&g, CGR_SVC), -1);
	says(g.err, "memory/hpd-77/scripts/svc/memory.oom_control", ENOENT);
	file("memory/hpd-77/scripts/svc/memory.oom_control",
	    "oom_kill_disable 0\nunder_oom 0\noom_kill 7\n");
	file("memory/hpd-77/scripts/svc-S/memory.oom_control",
	    "oom_kill_disable 1\nunder_oom 0\n");
	assert_int_equal(cgroup_oom(&g, CGR_SVC), 7);
	assert_int_equal(cgroup_oom(&g, CGR_SVC_SHELL), -1);
	fake_v2();
	assert_int_equal(make(), CGROUP_V2);
	file("own/hpd-77/scripts/memory.events",
	    "low 0\nhigh 0\nmax 9\noom 3\noom_kill 5\n"
	    "oom_group_kill 2\n");
	assert_int_equal(cgroup_oom(&g, CGR_SVC), 5);
	assert_int_equal(cgroup_oom(&g, CGR_SVC_SHELL), 5);
}

/* The top of a hierarchy lets its owner make nothing without overriding. */
static void
a_top_that_may_not_be_written(void **state)
{
	(void)state;
	fake_v1();
	tree("own/hpd", "cpu.cfs_quota_us");
	snprintf(w.v1[CTL_CPU], sizeof(w.v1[0]), "%s", at("own"));
	assert_int_equal(chmod(at("own"), 0555), 0);
	assert_int_equal(make(), CGROUP_V1);
	assert_int_equal(cgroup_limit(&g, CGL_CPU, 10), 0);
	assert_string_equal(has("own/hpd/hpd-77/scripts/cpu.cfs_quota_us"),
	    "10000");
	assert_false(there("own/hpd-77"));
}

static pid_t
dead_pid(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return pid;
}

static void
left_overs_go_and_others_stay(void **state)
{
	static const char *const stay[] = {"pids/hpd-x", "pids/hpd-0",
		"pids/hpd-", "pids/hpd-12x", "pids/hpd-99999999999",
		"pids/user", "pids/hpd-077/scripts"};
	char dead[64], alive[64], full[64];

	(void)state;
	fake_v1();
	snprintf(dead, sizeof(dead), "pids/hpd-%d", (int)dead_pid());
	snprintf(full, sizeof(full), "cpu/hpd-%d/scripts/svc/x",
	    (int)dead_pid());
	snprintf(alive, sizeof(alive), "pids/hpd-%d/scripts", (int)getpid());
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		dirs(stay[i]);
	dirs(dead);
	dirs(full);
	dirs(alive);
	strcat(dead, "/scripts");
	dirs(dead);
	strcat(dead, "/svc-S");
	dirs(dead);
	assert_int_equal(make(), CGROUP_V1);
	*strstr(dead, "/scripts") = '\0';
	assert_false(there(dead));
	assert_true(there(full));
	assert_true(there(alive));
	for (size_t i = 0; i < sizeof(stay) / sizeof(stay[0]); i++)
		assert_true(there(stay[i]));
}

static void
all_is_removed(void **state)
{
	static const char *const names[CTL_MAX] = {"pids", "memory", "cpu"};

	(void)state;
	for (int i = 0; i < CTL_MAX; i++) {
		dirs(names[i]);
		snprintf(w.v1[i], sizeof(w.v1[i]), "%s", at(names[i]));
	}
	assert_int_equal(make(), CGROUP_V1);
	assert_true(there("cpu/hpd-77/scripts/svc-S"));
	assert_int_equal(cgroup_remove(&g), 0);
	for (int i = 0; i < CTL_MAX; i++)
		assert_int_equal(rmdir(at(names[i])), 0); /* empty again */
	for (int i = 0; i < CTL_MAX; i++)
		dirs(names[i]);
	assert_int_equal(make(), CGROUP_V1);
	dirs("memory/hpd-77/scripts/svc/x");
	assert_int_equal(cgroup_remove(&g), -1);
	says(g.err, "memory/hpd-77", ENOTEMPTY);
	assert_false(there("pids/hpd-77"));
	assert_false(there("cpu/hpd-77"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(v1_is_written),
	    T(v2_is_written),
	    T(v2_divided_before_stays_so),
	    T(v2_moves_those_who_wait_too),
	    T(v2_of_others_is_left_alone),
	    T(v2_without_a_controller),
	    T(v2_each_file_missing),
	    T(a_group_cannot_be_made),
	    T(each_limit_missing),
	    T(a_refused_limit_keeps_the_old),
	    T(a_runner_cannot_join),
	    T(ends_for_want_of_memory_are_known),
	    T(a_top_that_may_not_be_written),
	    T(left_overs_go_and_others_stay),
	    T(all_is_removed),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
