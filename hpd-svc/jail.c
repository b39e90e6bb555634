/* SPDX-License-Identifier: ISC */
/*
 * The way of a script's process into its jail. Runs in the vforked child of
 * hpd-svc, on a stack of its own but in hpd-svc's memory: must never return
 * into hpd-svc's code, allocate, or call anything but the steps. Network, ipc,
 * uts, mount and pid namespaces, the jail as root, MDWE and the capability
 * bounds are hpd-svc's own and inherited.
 */
#include "hpd-svc/jail.h"

#include <errno.h>
#include <stddef.h>

static const struct {
	const char *name;
	int (*run)(struct jail_job *);
} jail_steps[] = {
	/* nothing blocked or ignored: a script must die of SIGPIPE, TERM */
	{ "signals", jail_signals },
	/* the connection and the two log pipes */
	{ "stdio", jail_stdio },
	/* the interpreter above all later limits; needs our own NOFILE */
	{ "interp", jail_interp },
	/* no terminal, no group shared with hpd-svc */
	{ "session", jail_session },
	/* after the dup to FD_INTERP, before the uid is given up */
	{ "rlimits", jail_rlimits },
	/* channels, image, other sessions' pipes: gone before the uid changes,
	 * so that no slot uid ever holds one */
	{ "close", jail_close },
	/* groups and gid while still root, uid last */
	{ "groups", jail_groups },
	{ "gid", jail_gid },
	{ "uid", jail_uid },
	/* without it neither of the next two is allowed */
	{ "nnp", jail_nnp },
	{ "landlock", jail_landlock },
	/* last: from here on only what the script's policy allows */
	{ "seccomp", jail_filter },
	{ "exec", jail_exec },
};

void
jail_enter(struct jail_job *job)
{
	size_t i;

	for (i = 0; i < sizeof(jail_steps) / sizeof(jail_steps[0]); i++) {
		if (jail_steps[i].run(job) == -1) {
			job->error = errno;
			job->step = jail_steps[i].name;
			return;
		}
	}
}
