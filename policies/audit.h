/* SPDX-License-Identifier: ISC */
/*
 * hpaudit's verbs and what they share. Each verb gets its own argv (argv[0] is
 * the verb) and returns an exit code: 0 fine, 1 findings or failure, 64 usage.
 */
#ifndef HPD_AUDIT_H
#define HPD_AUDIT_H

#include <stdint.h>
#include <stdio.h>

#include "policy.h"

#define AUDIT_USAGE 64
#define AUDIT_PATH_MAX  1024

int audit_check(int argc, char **argv);
int audit_show(int argc, char **argv);
int audit_sim(int argc, char **argv);
int audit_test(int argc, char **argv);
int audit_diff(int argc, char **argv);
int audit_live(int argc, char **argv);
int audit_run_verb(int argc, char **argv);
int audit_attack(int argc, char **argv);
int audit_proc(int argc, char **argv);
int audit_mkjail(int argc, char **argv);

/* policy_err_cb: prints file:line: text on stderr. */
void audit_complain(void *arg, const char *file, uint32_t line,
    const char *text);

/*
 * Lint of a parsed and compiled policy: questionable but legal things, one
 * line each on out. Returns how many.
 */
unsigned audit_lint(const struct policy *p, const char *file, FILE *out);

/* ---- a tree being filled: the jail (audit_tree.c) ---- */

struct tree {
	const char *dir; /* where "/" of the tree is */
	unsigned files, links, dirs;
	uint64_t bytes;
};

/* All: 0, or -1 after a message on stderr. Paths are absolute, inside the tree
 * and on the host alike, at most 1023 bytes. */
int tree_dir(struct tree *, const char *path);
int tree_link(struct tree *, const char *path, const char *target);
/* An empty file (a mount point). */
int tree_empty(struct tree *, const char *path, unsigned mode);
/* Copy host file src to dst. */
int tree_copy(struct tree *, const char *src, const char *dst, unsigned mode);
/* Copy host file path to the same place, symbolic links on the way kept. */
int tree_copy_same(struct tree *, const char *path, unsigned mode);
/* Copy a host directory below dst; skip: name patterns, NULL at the end. */
int tree_copy_dir(struct tree *, const char *src, const char *dst,
    const char *const *skip);
/* Directories become 0555 and everything root's; nothing may be setuid or
 * writable by others. */
int tree_seal(struct tree *);
/* Remove dir and all below it, not following links. */
int tree_remove(const char *dir);

/* Hold a jail against a fresh one of the same manifest: a line for everything
 * stale, missing, too much or dangerous by itself. 0, or 1 when there is any. */
int audit_jail_compare(const char *jail, const char *fresh);

/* The dynamic loader that program path names, "" for a static one. -1: not
 * an ELF program of this machine. */
int audit_loader(const char *path, char out[AUDIT_PATH_MAX]);

/* Run argv[0] with argv, call line() for each line it prints, NULL line:
 * ignore. 0 when it exited with 0. */
int audit_run(char *const argv[], int (*line)(void *, char *), void *arg);

#endif
