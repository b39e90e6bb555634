/* SPDX-License-Identifier: ISC */
/* Processes of the runner under test as the kernel tells them, and TAP. */
#include "svc_harness.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/buf.h"
#include "common/diag.h"

static int test_n, test_bad;

/* A line of a process's status, its first word as text; "" when not there. */
static void
status_of(int pid, const char *field, char *value, size_t size)
{
	char path[64], line[256], got[256] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "r");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, field, strlen(field)) == 0)
			sscanf(line, "%*s %255s", got);
	if (f != NULL)
		fclose(f);
	str_copy(value, got, size);
}

/* Below our hpd-svc? Others may run on this machine with the same uids. */
static int
is_ours(int pid)
{
	char v[32];
	int i;

	for (i = 0; i < 20 && pid > 1 && pid != h_pid(); i++) {
		status_of(pid, "PPid:", v, sizeof(v));
		pid = atoi(v);
	}
	return pid == h_pid();
}

/* Count the processes with a slot uid of this runner; field: copy that line of
 * the first one's status. */
static int
slot_procs(const char *field, char *value, size_t size)
{
	uint32_t base = h_shell() ? SLOT_BASE_SHELL : SLOT_BASE, uid;
	struct dirent *e;
	DIR *d = opendir("/proc");
	char v[32];
	int n = 0, pid;

	while (d != NULL && (e = readdir(d)) != NULL) {
		pid = atoi(e->d_name);
		if (pid <= 1)
			continue;
		status_of(pid, "Uid:", v, sizeof(v));
		uid = (uint32_t)strtoul(v, NULL, 10);
		if (uid < base || uid >= base + SLOT_COUNT || !is_ours(pid))
			continue;
		if (n++ == 0 && field != NULL)
			status_of(pid, field, value, size);
	}
	if (d != NULL)
		closedir(d);
	return n;
}

int
h_slot_procs(void)
{
	return slot_procs(NULL, NULL, 0);
}

const char *
h_status(const char *field)
{
	static char value[256];

	value[0] = '\0';
	slot_procs(field, value, sizeof(value));
	return value;
}

void
ok(int cond, const char *fmt, ...)
{
	va_list ap;

	printf("%sok %d - ", cond ? "" : "not ", ++test_n);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
	if (!cond)
		test_bad++;
}

void
is(const char *got, const char *want, const char *name)
{
	int same = strcmp(got, want) == 0;

	ok(same, "%s", name);
	if (!same) {
		char b[2000];

		printf("# got:  %s\n", diag_esc(b, sizeof(b), got, strlen(got)));
		printf("# want: %s\n",
		    diag_esc(b, sizeof(b), want, strlen(want)));
	}
}

void
is_int(long long got, long long want, const char *name)
{
	ok(got == want, "%s", name);
	if (got != want)
		printf("# got %lld, want %lld\n", got, want);
}

int
done(void)
{
	printf("1..%d\n", test_n);
	return test_bad != 0;
}
