/* SPDX-License-Identifier: ISC */
/*
 * The catalogue of attacks: what an intruder in a process of the suite tries.
 * Shared by hpd-attack, which is put in a script's place, and by hpaudit,
 * which puts itself in a daemon's. Needs nothing but the C library. The rows'
 * numbers are the catalogue's: hpaudit attack --list.
 */
#ifndef HPD_ATTACK_H
#define HPD_ATTACK_H

#include <stdint.h>

/* Whose place: S script of svc-nofork, H of svc-shell, N hpd-net, L hpd-log,
 * R hpd-svc, Y hpship, C the control outside every sandbox. */

struct attack_place {
	char who;
	const char *dir;  /* a directory to try things in */
	const char *file; /* the segment, for L and Y */
	int other;	  /* index of a foreign interface, for N */
};

/* Stand for addresses in a call's arguments. */
#define ARG_BUF	   0x7a770001L /* 4096 bytes of zero */
#define ARG_DIR	   0x7a770002L /* place.dir */
#define ARG_OLD	   0x7a770003L /* a file in it that is there */
#define ARG_NEW	   0x7a770004L /* one that is not */
#define ARG_TEXT   0x7a770005L /* "hpd" */
#define ARG_EMPTY  0x7a770006L /* "" */
#define ARG_ROOT   0x7a770007L /* "/" */
#define ARG_TMPFS  0x7a770008L /* "tmpfs" */
#define ARG_ONE	   0x7a770009L /* 8 bytes: 1 */
#define ARG_PARENT 0x7a77000aL /* the parent's process number */
#define ARG_SELF   0x7a77000bL /* our own */
#define ARG_DOT	   0x7a77000cL /* "." */

#define ATT_ROOT 0x01 /* nobody may: the control is root in namespaces of its
			 own, made for it and thrown away */
#define ATT_FORK 0x02 /* a call that returns twice */
#define ATT_BOMB 0x04 /* must be gone, or have stopped, within max_s */

struct attack {
	uint8_t row;
	const char *name;
	const char *from; /* letters of S H N L R Y */
	const char *may;  /* letters for which it works and may: harmless */
	uint8_t flags;
	uint8_t max_s;
	long nr; /* a call, when fn is NULL */
	long arg[6];
	/* 0: it worked; -1: refused, with errno */
	int (*fn)(const struct attack_place *);
};

extern const struct attack attack_calls[], attack_acts[], attack_bombs[],
    attack_daemons[];

/* Number of attacks in all, and attack i of them. */
unsigned attack_count(void);
const struct attack *attack_get(unsigned i);

/* Try it here and now. 0 worked, -1 refused (errno). May not return. */
int attack_try(const struct attack *, const struct attack_place *);

#endif
