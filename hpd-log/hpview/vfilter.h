/* SPDX-License-Identifier: ISC */
/*
 * Which records, in hpview: the options that show, summary, export, top and
 * report share. Options of one letter widen each other, different letters
 * narrow.
 */
#ifndef HPD_VFILTER_H
#define HPD_VFILTER_H

#include "hpd-log/hpview/view.h"

#define FILTER_MAX  64 /* of each option; more is refused */
#define FILTER_OPTS "s:d:p:k:S:a:b:n:z:"
#define FILTER_USAGE \
	"[-s SOURCE] [-d DECOY] [-p PORT] [-k KIND] [-S SESSION] " \
	"[-a AFTER] [-b BEFORE] [-n SENSOR] [-z ZONE]"

struct filter_range { /* addresses first..last of one family */
	uint8_t ver, first[16], last[16];
};
struct filter_port {
	uint16_t first, last;
	uint8_t proto; /* 0: any that has ports */
};

struct filter {
	struct filter_range src[FILTER_MAX], dst[FILTER_MAX];
	struct filter_port port[FILTER_MAX];
	uint64_t session[FILTER_MAX];
	const char *sensor[FILTER_MAX]; /* the caller's strings */
	uint64_t kinds; /* bits by enum event_kind; 0: all */
	int64_t after_ns, before_ns; /* from after, up to but not before */
	uint8_t nsrc, ndst, nport, nsession, nsensor, has_after, has_before;
};

/* A filter and what it means for the files of a view. */
struct filter_bound {
	const struct filter *f; /* NULL: all */
	uint64_t sensors;	/* bits by number */
	int all;		/* nothing is filtered */
};

void filter_init(struct filter *);

/*
 * One option (a letter of FILTER_OPTS) with its argument. 0; -1 with a message
 * on stderr: not understood, or too many.
 *   s, d  192.0.2.7, 192.0.2.0/24, 192.0.2.7-192.0.2.20, 2001:db8::/32
 *   p     22, 20-25, 53/udp, 6000-6063/tcp (destination port)
 *   k     tcp.open, tcp.*, *.probe, svc.*
 *   S     a session's sixteen digits, leading zeros may be left out
 *   a, b  see vtime.h
 *   n     a sensor: its directory, the last part of it, or a glob
 *   z     the zone of honeyd's own stamps: +01:00, UTC; else local time
 */
int filter_option(struct filter *, int letter, const char *arg,
    int64_t now_ns);

void filter_bind(struct filter_bound *, const struct view *);
int filter_match(const struct filter_bound *, const struct vrec *);
/* Nothing in this segment can match; next: the following one of its stream,
 * or NULL. */
int filter_skips(const struct filter_bound *, const struct vfile *,
    const struct vfile *next);

#endif
