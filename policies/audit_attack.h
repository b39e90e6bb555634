/* SPDX-License-Identifier: ISC */
/*
 * hpaudit attack: the catalogue of attack/, from every place it names. What
 * its files share.
 */
#ifndef HPD_AUDIT_ATTACK_H
#define HPD_AUDIT_ATTACK_H

#include <sys/types.h>

#include "attack/attack.h"
#include "audit.h"

enum outcome { /* of one attempt */
	OUT_WORKED,
	OUT_REFUSED, /* errno in attempt.err */
	OUT_KILLED,  /* by the filter, or whatever ended it: attempt.sig */
	OUT_STOPPED, /* a bomb: at a limit it ran into; text says which */
	OUT_LATE,    /* still there after its deadline */
	OUT_ERROR    /* could not be tried: text says why */
};

struct attempt {
	enum outcome out;
	int err, sig;
	double seconds; /* a bomb: until it and all it began were gone */
	char text[160];
};

/* ---- in a daemon's place (audit_attack_cage.c); needs root ---- */

/* A directory for the segment and the controls, an interface of its own
 * network namespace: made once. 0 or -1 (message given). */
int cage_init(const char *dir, const char *jail);
/* Try attack a in the place of N, L or R: a process with the daemon's
 * namespaces, descriptors, ids, limits and filters. */
void cage_try(const struct attack *a, char who, struct attempt *);
/* Outside: a process of nobody's, or root's in namespaces of its own. */
void cage_control(const struct attack *a, char who, struct attempt *);

/* ---- in a script's place (audit_attack_suite.c); needs root ---- */

struct suite {
	char dir[64];	     /* all files of it, removed at the end */
	char jail[96];
	char ns_t[40], ns_d[40];
	pid_t parent;	     /* hpd-parent */
	char bin[AUDIT_PATH_MAX];
};

/* Two network namespaces, a jail with hpd-attack in it, the suite with a decoy
 * whose services are hpd-attack in both profiles. The caller is in the
 * tester's namespace afterwards. 0 or -1 (message given). */
int suite_up(struct suite *, const char *bindir);
/* Ends and removes everything; may be called at any point. */
void suite_down(struct suite *);
/* Attack number i by a connection to the service of profile S or H. */
void suite_try(struct suite *, unsigned i, char who, struct attempt *);
/* All bombs at once, while other decoys are used. Prints and counts like the
 * verb: returns how many findings. */
unsigned suite_storm(struct suite *);
/* Events of a kind in the log so far. */
unsigned suite_events(const struct suite *, const char *action);
/* Scripts that are running below the suite. */
unsigned suite_scripts(const struct suite *);

/* One TAP line; good 0: a finding. */
void attack_tell(int good, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void attack_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
const char *attack_words(const struct attempt *, char *buf, size_t len);
double attack_clock(void); /* seconds, monotonic */

#endif
