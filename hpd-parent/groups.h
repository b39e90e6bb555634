/* SPDX-License-Identifier: ISC */
/* Limits on all scripts together: what hpd-parent does with cgroup.h, and what
 * it says about it. */
#ifndef HPD_GROUPS_H
#define HPD_GROUPS_H

struct parent;
struct kid;

/* Make the groups; before capabilities are given up. They are removed when
 * this process exits. Says nothing: there is no log yet. */
void groups_open(struct parent *);
/* Put the image's limits in force, at the start and after a reload; says what
 * is not in force, and why. */
void groups_limit(struct parent *);
/* A runner that was just started. */
void groups_join(struct parent *, const struct kid *);
/* Has the kernel ended processes of this runner's group since it was started,
 * for want of memory? Then the runner may have been one of them. */
int groups_oom(const struct kid *);

#endif
