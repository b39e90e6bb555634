/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the operator's policies, NAME.policy in one directory, to rows of
 * the image. They are loaded on top of the shipped ones, so they can only
 * narrow; must never let one through whose reader would believe more than it
 * does: unknown files are errors, what has no effect is a warning.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/diag.h"
#include "common/filter.h"
#include "conf.h"
#include "policies/policy.h"
#include "policies/policy_text.h"
#include "policy_wide.h"

static const char *const shipped_text[NARROW_MAX] = {
	[NARROW_NET] = policy_text_net,
	[NARROW_LOG] = policy_text_log,
	[NARROW_SVC] = policy_text_svc,
	[NARROW_SVC_S] = policy_text_svc_S,
	[NARROW_SVC_NOFORK] = policy_text_svc_nofork,
	[NARROW_SVC_SHELL] = policy_text_svc_shell,
	[NARROW_SHIP] = policy_text_ship,
};

struct loading {
	struct conf *c;
	uint16_t file;
};

/* policy_err_cb */
static void
complain(void *arg, const char *file, uint32_t line, const char *text)
{
	const struct loading *l = arg;
	const struct conf_pos pos = { line != 0 ? line : 1, l->file };

	(void)file;
	conf_error(l->c, pos, "%s", text);
}

/* Files that are no policy of ours would be believed to be in force. */
static void
foreign(struct conf *c, DIR *d)
{
	static const char suffix[] = ".policy";
	struct dirent *e;
	size_t n;
	int i;

	for (errno = 0; (e = readdir(d)) != NULL; errno = 0) {
		n = strlen(e->d_name);
		if (e->d_name[0] == '.' || n < sizeof(suffix) ||
		    strcmp(e->d_name + n - (sizeof(suffix) - 1), suffix) != 0)
			continue;
		n -= sizeof(suffix) - 1;
		for (i = 0; i < NARROW_MAX; i++)
			if (strlen(image_policy_name(i)) == n &&
			    memcmp(image_policy_name(i), e->d_name, n) == 0)
				break;
		if (i == NARROW_MAX)
			conf_error(c, (struct conf_pos){ 0 }, "%s: not a policy "
			    "that can be narrowed: net, log, svc, svc-S, "
			    "svc-nofork, svc-shell, ship", conf_show(c, e->d_name));
	}
	if (errno != 0)
		conf_error(c, (struct conf_pos){ 0 }, "policies: %s",
		    strerror(errno));
}

static const struct sandbox_insn *
compile(struct conf *c, const struct policy *p, struct conf_pos pos,
    uint32_t *len)
{
	static struct sandbox_insn insns[FILTER_MAX];
	struct sandbox_insn *copy;
	char msg[256];
	int n = policy_compile(p, insns, FILTER_MAX, msg, sizeof(msg));

	if (n == -1) {
		conf_error(c, pos, "%s", msg);
		return NULL;
	}
	*len = (uint32_t)n;
	copy = arena_alloc(&c->mem, (size_t)n * sizeof(*copy));
	memcpy(copy, insns, (size_t)n * sizeof(*copy));
	return copy;
}

static int
is_script(int of)
{
	return of == NARROW_SVC_NOFORK || of == NARROW_SVC_SHELL;
}

static void
take_rlimits(struct img_policy *row, const struct policy *p)
{
	size_t i;

	for (i = 0; i < p->nrlimits; i++) {
		row->rlimits[i].resource = (uint32_t)p->rlimits[i].resource;
		row->rlimits[i].soft = p->rlimits[i].soft;
		row->rlimits[i].hard = p->rlimits[i].hard;
	}
	row->nrlimits = (uint8_t)p->nrlimits;
}

/* One policy that was read without an error. */
static void
take(struct conf *c, int of, const struct policy *p, struct conf_pos pos)
{
	const char *name = image_policy_name(of), *text = shipped_text[of];
	struct conf_policy *out;
	struct policy_side own = { .p = p }, base;
	struct policy shipped;
	uint32_t n, nbase;

	if (strcmp(p->name, name) != 0) {
		conf_error(c, pos, "policy %s in the file of %s", p->name,
		    name);
		return;
	}
	if (policy_parse(&shipped, name, text, strlen(text), NULL, NULL) == -1)
		fatalx("bug: the shipped policy %s is broken", name);
	base.p = &shipped;
	base.insns = compile(c, &shipped, pos, &nbase);
	own.insns = compile(c, p, pos, &n);
	if (base.insns != NULL && own.insns != NULL) {
		base.len = nbase;
		own.len = n;
		if (is_script(of) && n + nbase > FILTER_MAX)
			conf_error(c, pos, "%u instructions, only %u have room "
			    "beside the shipped ones", n, FILTER_MAX - nbase);
		policy_wide(c, &base, &own, is_script(of), pos);
		out = arena_alloc(&c->mem, sizeof(*out));
		out->insns = own.insns;
		out->row.insn_count = n;
		if (is_script(of))
			take_rlimits(&out->row, p);
		c->policies[of] = out;
	}
	policy_free(&shipped);
}

static void
one(struct conf *c, int dir, int of)
{
	char file[64], *text;
	struct conf_pos pos = { 1, 0 };
	struct loading l = { .c = c };
	struct policy p;
	size_t len;
	int fd;

	snprintf(file, sizeof(file), "%s.policy", image_policy_name(of));
	fd = conf_open_beneath(dir, file);
	if (fd == -1 && errno == ENOENT)
		return;
	text = fd == -1 ? NULL : conf_slurp(fd, POLICY_FILE_MAX, &len);
	if (text == NULL)
		conf_error(c, (struct conf_pos){ 0 }, "%s: %s", file,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	if (text == NULL)
		return;
	pos.file = l.file = conf_file(c, file);
	if (policy_parse(&p, file, text, len, complain, &l) == 0)
		take(c, of, &p, pos);
	policy_free(&p);
	free(text);
}

int
conf_policies(struct conf *c, int dir)
{
	unsigned had = c->nerrors;
	DIR *d = fdopendir(dir);
	int i;

	if (d == NULL) {
		conf_error(c, (struct conf_pos){ 0 }, "policies: %s",
		    strerror(errno));
		return -1;
	}
	foreign(c, d);
	for (i = 0; i < NARROW_MAX; i++)
		one(c, dir, i);
	closedir(d);
	return c->nerrors == had ? 0 : -1;
}
