/* SPDX-License-Identifier: ISC */
/*
 * Images, interpreters, arguments and limits of services, in hpd-svc. Paths
 * come from the image only and are resolved inside the jail. Must never keep
 * more than GENERATIONS_MAX images mapped.
 */
#include "hpd-svc/service.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/filter.h"

void
services_init(struct services *s)
{
	struct rlimit own;
	int i;

	memset(s, 0, sizeof(*s));
	for (i = 0; i < INTERPS_MAX; i++)
		s->interp[i].fd = -1;
	for (i = 0; i < JAIL_RLIMITS_MAX; i++) {
		if (getrlimit(i, &own) == -1)
			own.rlim_cur = own.rlim_max = RLIM_INFINITY;
		s->own_soft[i] = own.rlim_cur;
		s->own_hard[i] = own.rlim_max;
	}
}

struct generation *
services_find(struct services *s, uint32_t number)
{
	uint32_t i;

	for (i = 0; i < GENERATIONS_MAX && number != 0; i++)
		if (s->gen[i].number == number)
			return &s->gen[i];
	return NULL;
}

/* The program of the scripts of new (image set). 0 or -1 errno. */
static int
scripts_filter(struct generation *new, const struct sandbox_policy *script,
    int wide)
{
	const struct image *img = &new->img;
	const struct sandbox_insn *own;
	size_t n;

	new->filter = script->filter;
	new->filter_len = script->filter_len;
	new->narrow = image_policy(img, script == &policy_svc_shell ?
	    NARROW_SVC_SHELL : NARROW_SVC_NOFORK);
	if (new->narrow == NULL)
		return 0;
	own = img->insns + new->narrow->insn_first;
	if (wide) { /* -P: in place of the shipped one */
		new->filter = own;
		new->filter_len = (uint16_t)new->narrow->insn_count;
		return 0;
	}
	n = (size_t)script->filter_len + new->narrow->insn_count;
	new->merged = calloc(n, sizeof(*new->merged));
	if (new->merged == NULL)
		return -1;
	if (filter_merge(script->filter, script->filter_len, own,
	    new->narrow->insn_count, new->merged, n) == 0) {
		free(new->merged);
		errno = E2BIG;
		return -1;
	}
	new->filter = new->merged;
	new->filter_len = (uint16_t)n;
	return 0;
}

int
services_add(struct services *s, struct image *img,
    const struct sandbox_policy *script, int wide,
    void (*gone)(void *arg, struct generation *), void *arg)
{
	struct generation *g = services_find(s, img->hdr->generation);
	struct generation new = { .img = *img };
	uint32_t i;

	new.running = calloc(img->nservices + 1, sizeof(*new.running));
	if (new.running == NULL)
		return -1;
	if (scripts_filter(&new, script, wide) == -1) {
		free(new.running);
		return -1;
	}
	for (i = 0; i < GENERATIONS_MAX && g == NULL; i++)
		if (s->gen[i].number == 0)
			g = &s->gen[i];
	if (g == NULL) {
		g = &s->gen[0];
		for (i = 1; i < GENERATIONS_MAX; i++)
			if (s->gen[i].age < g->age)
				g = &s->gen[i];
	}
	if (g->number != 0) {
		gone(arg, g);
		image_unmap(&g->img);
		free(g->running);
		free(g->merged);
	}
	new.number = img->hdr->generation;
	new.age = ++s->clock;
	*g = new;
	s->newest = g->number;
	return 0;
}

static int
interp_open(const char *path)
{
	struct stat st;
	int fd;

	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == -1) {
		close(fd);
		return -1;
	}
	if (!S_ISREG(st.st_mode) || st.st_uid != 0 ||
	    (st.st_mode & (S_IWGRP | S_IWOTH | S_ISUID | S_ISGID)) != 0) {
		close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

int
services_interp(struct services *s, const char *path)
{
	struct interp *row = &s->interp[0];
	uint32_t i;
	int fd;

	for (i = 0; i < INTERPS_MAX; i++) {
		struct interp *t = &s->interp[i];

		if (t->fd != -1 && strcmp(t->path, path) == 0) {
			t->used = ++s->clock;
			return t->fd;
		}
		if (row->fd != -1 && (t->fd == -1 || t->used < row->used))
			row = t;
	}
	if (path[0] != '/' || strlen(path) >= sizeof(row->path)) {
		errno = EINVAL;
		return -1;
	}
	fd = interp_open(path);
	if (fd == -1)
		return -1;
	if (row->fd != -1)
		close(row->fd);
	row->fd = fd;
	row->used = ++s->clock;
	str_copy(row->path, path, sizeof(row->path));
	return fd;
}

int
services_argv(const struct image *img, const struct img_service *svc,
    const char **argv)
{
	uint32_t i, n = 0;

	if (svc->profile == PROFILE_SHELL) {
		argv[n++] = "hpd-init";
		argv[n++] = image_str(img, svc->interp);
	}
	if (svc->arg_count == 0 || svc->arg_count + n >= SVC_ARGS_MAX)
		return -1;
	for (i = 0; i < svc->arg_count; i++)
		argv[n++] = image_str(img, img->args[svc->arg_first + i]);
	argv[n] = NULL;
	return 0;
}

/* Add or tighten one limit. */
static int
rlimit_min(struct jail_job *job, int resource, uint64_t soft, uint64_t hard)
{
	struct sandbox_rlimit *r = job->rlimits;
	uint32_t i;

	for (i = 0; i < job->nrlimits; i++)
		if (r[i].resource == resource)
			break;
	if (i == JAIL_RLIMITS_MAX)
		return -1;
	if (i == job->nrlimits) {
		r[i] = (struct sandbox_rlimit){ resource, soft, hard };
		job->nrlimits++;
	}
	if (soft < r[i].soft)
		r[i].soft = soft;
	if (hard < r[i].hard)
		r[i].hard = hard;
	return 0;
}

/* We have no CAP_SYS_RESOURCE: a hard limit can't be above our own. */
static void
rlimit_clamp(const struct services *s, struct jail_job *job)
{
	uint32_t i;

	for (i = 0; i < job->nrlimits; i++) {
		struct sandbox_rlimit *r = &job->rlimits[i];

		if (r->resource >= 0 && r->resource < JAIL_RLIMITS_MAX &&
		    r->hard > s->own_hard[r->resource])
			r->hard = s->own_hard[r->resource];
		if (r->soft > r->hard)
			r->soft = r->hard;
	}
}

/* Inherited as they are wanted: nothing to do in the script's process. */
static void
rlimit_drop(const struct services *s, struct jail_job *job)
{
	uint32_t i, n = 0;

	for (i = 0; i < job->nrlimits; i++) {
		const struct sandbox_rlimit r = job->rlimits[i];

		if (r.resource >= 0 && r.resource < JAIL_RLIMITS_MAX &&
		    r.soft == s->own_soft[r.resource] &&
		    r.hard == s->own_hard[r.resource])
			continue;
		job->rlimits[n++] = r;
	}
	job->nrlimits = n;
}

int
services_rlimits(const struct services *s, struct jail_job *job,
    const struct sandbox_policy *p, const struct img_policy *narrow,
    const struct img_service *svc)
{
	/* what holds even where a policy forgets it */
	static const struct sandbox_rlimit base[] = {
		{ RLIMIT_CORE, 0, 0 },
		{ RLIMIT_FSIZE, 0, 0 },
		{ RLIMIT_MEMLOCK, 0, 0 },
		{ RLIMIT_MSGQUEUE, 0, 0 },
		{ RLIMIT_SIGPENDING, 64, 64 },
	};
	uint64_t nproc = svc->profile == PROFILE_SHELL ? 16 : 1;
	size_t i;

	job->nrlimits = 0;
	for (i = 0; i < p->nrlimits; i++)
		if (rlimit_min(job, p->rlimits[i].resource,
		    p->rlimits[i].soft, p->rlimits[i].hard) == -1)
			return -1;
	for (i = 0; narrow != NULL && i < narrow->nrlimits; i++)
		if (rlimit_min(job, (int)narrow->rlimits[i].resource,
		    narrow->rlimits[i].soft, narrow->rlimits[i].hard) == -1)
			return -1;
	for (i = 0; i < sizeof(base) / sizeof(base[0]); i++)
		if (rlimit_min(job, base[i].resource, base[i].soft,
		    base[i].hard) == -1)
			return -1;
	if (rlimit_min(job, RLIMIT_NPROC, nproc, nproc) == -1 ||
	    rlimit_min(job, RLIMIT_STACK, 1 << 20, 8 << 20) == -1 ||
	    rlimit_min(job, RLIMIT_NOFILE, svc->nofile, svc->nofile) == -1 ||
	    rlimit_min(job, RLIMIT_NOFILE, 32, 32) == -1 ||
	    rlimit_min(job, RLIMIT_AS, svc->memory, svc->memory) == -1 ||
	    rlimit_min(job, RLIMIT_CPU, svc->cpu_s, svc->cpu_s + 1ull) == -1)
		return -1;
	rlimit_clamp(s, job);
	rlimit_drop(s, job);
	return 0;
}
