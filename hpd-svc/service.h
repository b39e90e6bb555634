/* SPDX-License-Identifier: ISC */
/*
 * The configuration as hpd-svc sees it: the newest images (SVC_OPEN names the
 * generation it means), sessions counted per service, and the interpreters of
 * the jail, opened once.
 */
#ifndef HPD_SVC_SERVICE_H
#define HPD_SVC_SERVICE_H

#include <stdint.h>

#include "common/image.h"
#include "hpd-svc/jail.h"

#define GENERATIONS_MAX 4
#define INTERPS_MAX	32  /* different interpreters in one jail */
#define SVC_ARGS_MAX	128 /* argv of a service, with its end */
#define INIT_PATH	"/bin/hpd-init"

struct generation {
	struct image img;
	uint32_t number;   /* 0: empty row */
	uint64_t age;	   /* order of arrival */
	uint32_t *running; /* sessions a service */
	/* what its scripts load: the shipped program, or with the operator's
	 * behind it (then ours to free) */
	const struct sandbox_insn *filter;
	struct sandbox_insn *merged;
	uint16_t filter_len;
	const struct img_policy *narrow; /* the operator's, or NULL */
};

struct interp {
	char path[256];
	int fd; /* O_PATH; -1: empty row */
	uint64_t used;
};

struct services {
	struct generation gen[GENERATIONS_MAX];
	struct interp interp[INTERPS_MAX];
	uint64_t clock;
	uint32_t newest; /* generation number, 0 none */
	/* our own limits, inherited: the hard ones can't be exceeded */
	uint64_t own_soft[JAIL_RLIMITS_MAX], own_hard[JAIL_RLIMITS_MAX];
};

void services_init(struct services *);
/*
 * Take over the image mapped in *img (checked); script: the shipped policy of
 * our scripts, which the image's is put behind, or (wide: -P) which the
 * image's replaces. The oldest generation makes
 * room when all rows are used: it is unmapped, and gone(arg, gen) is called
 * before, so that nobody points into it any more. 0; -1 errno (ENOMEM; E2BIG:
 * the two programs are too long for one).
 */
int services_add(struct services *, struct image *img,
    const struct sandbox_policy *script, int wide,
    void (*gone)(void *arg, struct generation *), void *arg);
/* The generation of that number, or NULL. */
struct generation *services_find(struct services *, uint32_t number);

/*
 * Descriptor (O_PATH, close-on-exec, stays ours) of an executable at an
 * absolute path in the jail: a regular file, owned by root, writable by nobody
 * else, without set-id bits. -1 with errno.
 */
int services_interp(struct services *, const char *path);

/*
 * The argument vector of a service into argv[SVC_ARGS_MAX], NULL-ended; for
 * the shell profile hpd-init's, which names the interpreter. 0 or -1: longer.
 */
int services_argv(const struct image *, const struct img_service *,
    const char **argv);

/*
 * Resource limits of a session into job->rlimits: the policy's, and the
 * operator's (NULL: none) and the service's where they are tighter (or where
 * the policy names none), never above our own hard ones; what our own is
 * already is left out, as it is inherited. 0 or -1: more than fit.
 */
int services_rlimits(const struct services *, struct jail_job *job,
    const struct sandbox_policy *, const struct img_policy *,
    const struct img_service *);

#endif
