/* SPDX-License-Identifier: ISC */
/*
 * Signatures of senders as hpd-conf gathers them: p0f 3's p0f.fp, section
 * [tcp:request], and the list of ours. One parser for both.
 */
#ifndef HPD_CONF_SRCOS_H
#define HPD_CONF_SRCOS_H

#include "conf.h"

struct srcos_label {
	const char *name, *flavor, *family; /* NULL: none */
	uint8_t flags;			    /* SRCOS_F_GENERIC, _TOOL */
};

/* "type:class:name:flavor". 0, or -1 with *why a part of a sentence. Strings
 * live in the arena. */
int srcos_label_parse(struct conf *, const char *text,
    struct srcos_label *, const char **why);

/* "ver:ittl:olen:mss:wsize,scale:olayout:quirks:pclass". 0; 1: right, but for
 * IPv6 only; -1 with *why. own: our words for facts are allowed among the
 * quirks. Fills all that a signature says and leaves the rest of *r. */
int srcos_sig_parse(const char *text, int own, struct img_srcos *r,
    const char **why);

/* A row for the image, behind those before it. */
void srcos_add(struct conf *, const struct srcos_label *,
    const struct img_srcos *);

/* The text of a p0f.fp: its rows behind those already there. buf is changed.
 * 0, or -1 (messages given). */
int srcos_file_parse(struct conf *, const char *file, char *buf, size_t len);

/* The list of ours (srcos_own.c). */
void srcos_own(struct conf *);

/* Into the image's order. */
void srcos_sort(struct conf *);

/* Everything: ours, then conf.fp_name below conf.fp_dir when given, then in
 * the image's order. 0, or -1 (messages given). */
int srcos_load(struct conf *);

#endif
