/* SPDX-License-Identifier: ISC */
/*
 * The catalogue as one list, and how one attack is tried. In hpd-attack and
 * hpaudit; does whatever it is told to the process it is in.
 */
#include <sys/syscall.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static unsigned
length(const struct attack *a)
{
	unsigned n = 0;

	while (a[n].name != NULL)
		n++;
	return n;
}

unsigned
attack_count(void)
{
	return length(attack_calls) + length(attack_acts) +
	    length(attack_bombs) + length(attack_daemons);
}

const struct attack *
attack_get(unsigned i)
{
	const struct attack *const lists[] = {attack_calls, attack_acts,
	    attack_bombs, attack_daemons};
	unsigned k, n;

	for (k = 0; k < 4; k++) {
		n = length(lists[k]);
		if (i < n)
			return &lists[k][i];
		i -= n;
	}
	return NULL;
}

static long
value(long v, const struct attack_place *at)
{
	static char old[512], new[512];
	static uint8_t buf[4096] __attribute__((aligned(16)));
	static uint64_t one;

	one = 1;
	switch (v) {
	case ARG_BUF:
		return (long)(uintptr_t)buf;
	case ARG_DIR:
		return (long)(uintptr_t)at->dir;
	case ARG_OLD:
		(void)snprintf(old, sizeof(old), "%s/old", at->dir);
		return (long)(uintptr_t)old;
	case ARG_NEW:
		(void)snprintf(new, sizeof(new), "%s/new", at->dir);
		return (long)(uintptr_t)new;
	case ARG_TEXT:
		return (long)(uintptr_t)"hpd";
	case ARG_EMPTY:
		return (long)(uintptr_t)"";
	case ARG_ROOT:
		return (long)(uintptr_t)"/";
	case ARG_TMPFS:
		return (long)(uintptr_t)"tmpfs";
	case ARG_DOT:
		return (long)(uintptr_t)".";
	case ARG_ONE:
		return (long)(uintptr_t)&one;
	case ARG_PARENT:
		return (long)getppid();
	case ARG_SELF:
		return (long)getpid();
	default:
		return v;
	}
}

int
attack_try(const struct attack *a, const struct attack_place *at)
{
	long r, v[6];
	int i;

	errno = 0;
	if (a->fn != NULL)
		return a->fn(at);
	for (i = 0; i < 6; i++)
		v[i] = value(a->arg[i], at);
	r = syscall(a->nr, v[0], v[1], v[2], v[3], v[4], v[5]);
	if (r == 0 && (a->flags & ATT_FORK))
		_exit(0);
	return r == -1 ? -1 : 0;
}
