/* SPDX-License-Identifier: ISC */
/*
 * honeyd's two text logs, for tools that read them. Layout byte for byte as
 * honeyd's, except: time stamps are UTC (honeyd wrote local time without
 * saying which), and a peer's bytes outside printable ASCII are shown as \xNN
 * (honeyd passed them raw).
 */
#ifndef HPD_LOG_HONEYD_TEXT_H
#define HPD_LOG_HONEYD_TEXT_H

#include "common/buf.h"
#include "common/event.h"
#include "common/image.h"
#include "hpd-log/log_time.h"

#define HONEYD_TEXT_MAX 1024  /* bytes of a script's line in one entry */
#define HONEYD_LINE_MAX 24576 /* all entries one record may make */

/* Packet log: a probe, the start or the end of a flow. img: the names of
 * senders' systems, or NULL. Returns the lines appended (0 or 1); 0 with w as
 * before also when the kind has none. */
int honeyd_packet(struct log_time *, struct wbuf *, const struct image *img,
    const struct event *);

/* Packet log: "honeyd log started" / "stopped" at wall_ns. */
void honeyd_mark(struct log_time *, struct wbuf *, int64_t wall_ns,
    int started);

/* Service log: what a script wrote on its stderr, one entry for each 1024
 * bytes. Returns the lines appended. */
int honeyd_service(struct log_time *, struct wbuf *, const struct event *);

#endif
