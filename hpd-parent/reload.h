/* SPDX-License-Identifier: ISC */
/* A new configuration while running: compile, then hand around. */
#ifndef HPD_RELOAD_H
#define HPD_RELOAD_H

#include <stdint.h>

struct kid;
struct parent;

/* HUP came: start hpd-conf, or remember to when it runs already. */
void reload_begin(struct parent *);
/* Messages of hpd-conf, and its time limit. */
void reload_poll(struct parent *);
/* hpd-conf ended with this wait status. */
void reload_exited(struct parent *, int status);
/* The next child that still has an older image gets the new one. */
void reload_step(struct parent *);
/* Child k answered its IMAGE. */
void reload_acked(struct parent *, struct kid *, uint32_t result);
/* Say which policies of the operator the image has. */
void reload_policies(const struct parent *);
/* Set the log streams by the image's flags. */
void reload_streams(struct parent *);

#endif
