/* SPDX-License-Identifier: ISC */
/*
 * hpaudit proc -d: the operator's policies as the suite makes filters of them,
 * by the same parser, compiler and merge. hpaudit only; loads no filter.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/filter.h"
#include "audit_call.h"
#include "audit_proc.h"

static struct narrow {
	struct audit_filter f;
	char name[64];
} *own[NARROW_MAX];

static int
load(const char *dir, enum img_policy_of of)
{
	char path[AUDIT_PATH_MAX];
	struct narrow *n;

	if (snprintf(path, sizeof(path), "%s/%s.policy", dir,
	    image_policy_name(of)) >= (int)sizeof(path)) {
		(void)fprintf(stderr, "hpaudit: %s: too long\n", dir);
		return -1;
	}
	if (access(path, F_OK) == -1 && errno == ENOENT)
		return 0;
	if ((n = calloc(1, sizeof(*n))) == NULL) {
		perror("hpaudit");
		return -1;
	}
	(void)snprintf(n->name, sizeof(n->name), "the operator's %s",
	    image_policy_name(of));
	own[of] = n;
	return audit_filter_load(&n->f, path);
}

int
proc_narrow(const char *dir)
{
	int of, rc = 0;

	if (access(dir, X_OK) == -1) {
		(void)fprintf(stderr, "hpaudit: %s: %s\n", dir,
		    strerror(errno));
		return -1;
	}
	for (of = 0; of < NARROW_MAX; of++)
		if (load(dir, (enum img_policy_of)of) == -1)
			rc = -1;
	return rc;
}

void
proc_narrow_daemon(struct subject *s, enum img_policy_of of)
{
	const struct narrow *n = own[of];

	if (n != NULL)
		s->stack[s->nstack++] = (struct proc_filter){n->name,
		    n->f.insns, n->f.len};
}

void
proc_narrow_script(struct subject *s, enum img_policy_of of)
{
	static struct sandbox_insn merged[FILTER_MAX];
	static char name[96];
	struct proc_filter *top = &s->stack[s->nstack - 1];
	const struct narrow *n = own[of];

	if (n == NULL)
		return;
	top->len = filter_merge(top->insns, top->len, n->f.insns, n->f.len,
	    merged, FILTER_MAX);
	(void)snprintf(name, sizeof(name), "%s with %s", top->name, n->name);
	top->name = name;
	top->insns = merged;
	s->narrow = &n->f.p;
}
