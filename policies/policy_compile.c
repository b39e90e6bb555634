/* SPDX-License-Identifier: ISC */
/*
 * From a parsed policy to cBPF through libseccomp, and the same policy
 * evaluated directly, which the compiled one is tested against. Build time
 * and hpaudit only; never changes the calling process (nothing is loaded).
 */
#include <sys/mman.h>

#include <linux/filter.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <seccomp.h>

#include "policy.h"

_Static_assert(sizeof(struct sandbox_insn) == sizeof(struct sock_filter),
    "sandbox_insn is sock_filter");

const char *
policy_verdict_name(uint8_t v)
{
	static const char *const n[] = {"?", "allow", "errno", "trip", "kill"};

	return v < sizeof(n) / sizeof(n[0]) ? n[v] : "?";
}

static uint32_t
action(uint8_t verdict, uint16_t err)
{
	switch (verdict) {
	case PV_ALLOW:
		return SCMP_ACT_ALLOW;
	case PV_ERRNO:
		return SCMP_ACT_ERRNO(err);
	default:
		return SCMP_ACT_KILL_PROCESS;
	}
}

static int
add_conj(scmp_filter_ctx ctx, const struct policy_rule *r,
    const struct policy_conj *c)
{
	struct scmp_arg_cmp cmp[6];
	unsigned i, n = 0;

	for (i = 0; i < c->n; i++) {
		if (c->cmp[i].mask == 0)
			continue; /* always true */
		cmp[n].arg = c->cmp[i].arg;
		cmp[n].op = SCMP_CMP_MASKED_EQ;
		cmp[n].datum_a = c->cmp[i].mask;
		cmp[n].datum_b = c->cmp[i].value;
		n++;
	}
	return seccomp_rule_add_array(ctx, action(r->verdict, r->err), r->nr,
	    n, cmp);
}

static int
add_rules(scmp_filter_ctx ctx, const struct policy *p, char *err, size_t errlen)
{
	const struct policy_rule *r;
	uint32_t k;
	size_t i;
	int rc;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->nr < 0) /* a call other architectures have */
			continue;
		rc = 0;
		if (r->conj_count == 0)
			rc = seccomp_rule_add_array(ctx,
			    action(r->verdict, r->err), r->nr, 0, NULL);
		for (k = 0; k < r->conj_count && rc == 0; k++)
			rc = add_conj(ctx, r, &p->conj[r->conj_first + k]);
		if (rc < 0 && rc != -EEXIST) {
			(void)snprintf(err, errlen, "line %u: %s: %s", r->line,
			    r->name, strerror(-rc));
			return -1;
		}
	}
	return 0;
}

static int
export(scmp_filter_ctx ctx, struct sandbox_insn *out, size_t max, char *err,
    size_t errlen)
{
	off_t size;
	int fd, rc;

	if ((fd = memfd_create("policy", MFD_CLOEXEC)) == -1) {
		(void)snprintf(err, errlen, "memfd: %s", strerror(errno));
		return -1;
	}
	if ((rc = seccomp_export_bpf(ctx, fd)) < 0) {
		(void)snprintf(err, errlen, "export: %s", strerror(-rc));
		(void)close(fd);
		return -1;
	}
	size = lseek(fd, 0, SEEK_END);
	if (size <= 0 || (size_t)size % sizeof(*out) != 0 ||
	    (size_t)size / sizeof(*out) > max ||
	    pread(fd, out, (size_t)size, 0) != size) {
		(void)snprintf(err, errlen, "filter too large or unreadable");
		(void)close(fd);
		return -1;
	}
	(void)close(fd);
	return (int)((size_t)size / sizeof(*out));
}

int
policy_compile(const struct policy *p, struct sandbox_insn *out, size_t max,
    char *err, size_t errlen)
{
	scmp_filter_ctx ctx;
	int rc;

	if ((ctx = seccomp_init(action(p->dflt, p->dflt_err))) == NULL) {
		(void)snprintf(err, errlen, "libseccomp: init failed");
		return -1;
	}
	if ((rc = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS)) < 0) {
		(void)snprintf(err, errlen, "badarch: %s", strerror(-rc));
		seccomp_release(ctx);
		return -1;
	}
	/* A tree, not a list: the kernel runs the filter for every number at
	 * load time, which is most of what a script's jail costs. */
	if ((rc = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2)) < 0) {
		(void)snprintf(err, errlen, "optimize: %s", strerror(-rc));
		seccomp_release(ctx);
		return -1;
	}
	if ((rc = add_rules(ctx, p, err, errlen)) == 0)
		rc = export(ctx, out, max, err, errlen);
	seccomp_release(ctx);
	return rc;
}

static int
conj_true(const struct policy_conj *c, const uint64_t args[6])
{
	uint8_t i;

	for (i = 0; i < c->n; i++)
		if ((args[c->cmp[i].arg] & c->cmp[i].mask) != c->cmp[i].value)
			return 0;
	return 1;
}

uint8_t
policy_eval(const struct policy *p, int nr, const uint64_t args[6],
    uint16_t *err)
{
	const struct policy_rule *r;
	uint32_t k;
	size_t i;

	for (i = 0; i < p->nrules; i++) {
		r = &p->rules[i];
		if (r->nr != nr)
			continue;
		for (k = 0; k < r->conj_count; k++)
			if (conj_true(&p->conj[r->conj_first + k], args))
				break;
		if (r->conj_count == 0 || k < r->conj_count) {
			*err = r->err;
			return r->verdict;
		}
	}
	*err = p->dflt_err;
	return p->dflt;
}
