/* SPDX-License-Identifier: ISC */
/*
 * What a log says in total: counted in one pass (view_scan), one struct for the
 * summary on the terminal and the report in HTML. Bounded: tables keep the
 * largest rows and count the rest.
 */
#ifndef HPD_VSUM_H
#define HPD_VSUM_H

#include "hpd-log/hpview/view.h"

#define VSUM_TOP      1000 /* rows a table reports at most */
#define VSUM_BUCKETS  720  /* of the time line */
#define VSUM_HEAT     60   /* sources and decoys of the heat map */
#define VSUM_SESSIONS 2000 /* sessions listed with their data */

struct vsum_source {
	uint8_t addr[16], ver;
	uint16_t sensors; /* bit mask, first 16 */
	uint64_t events, probes, sessions, logins; /* probes: sums of counts */
	uint64_t bytes_in, bytes_out;
	int64_t first_ns, last_ns;
	uint32_t ndecoys, nports; /* different ones; exact up to 4096 */
	char os[64], tool[32];	  /* UTF-8, safe text */
	char country[4];	  /* ISO 3166 or "" */
};
struct vsum_decoy {
	uint8_t addr[16], ver;
	char tmpl[64], persona[96];
	uint64_t events, probes, sessions;
	uint32_t nsources;
	int64_t last_ns;
};
struct vsum_port {
	uint16_t port;
	uint8_t proto;
	uint64_t probes, sessions;
	uint32_t nsources;
	char service[64];
};
struct vsum_login { /* strings as the attacker sent them: any UTF-8 */
	char user[128], password[128];
	uint64_t tries;
	uint32_t nsources;
	int64_t first_ns;
};
struct vsum_session {
	uint64_t id, boot;
	uint16_t sensor;
	uint8_t src[16], dst[16], ver, proto;
	uint16_t sport, dport;
	int64_t start_ns, duration_ns;
	uint64_t bytes_in, bytes_out;
	char service[64], why[24];
	uint32_t chunks, lines, logins; /* session.data, svc.line, logins */
	uint8_t trip;
};
struct vsum_heat {
	uint32_t src, dst; /* rows of sources[], decoys[] */
	uint64_t events;
};
struct vsum_bucket {
	uint64_t probes, sessions, logins, alerts;
};

struct vsum {
	int64_t first_ns, last_ns;
	uint64_t records, lines, bytes, torn, duplicates;
	uint64_t kinds[EV_KIND_MAX];   /* records */
	uint64_t counts[EV_KIND_MAX];  /* sums of their counts */
	uint64_t lost, gaps, folded, retired; /* records; segments */
	uint64_t lag_max_us;
	uint64_t nsources, ndecoys, nports, nlogins, nsessions; /* all */
	uint64_t new_sources; /* first seen in the last 24 h of the log; 0 when
				 the log is not longer than that */
	/* Tables are bounded: rows that fell out of full ones, those with the
	 * fewest events (sessions: the oldest) first. They are in all totals;
	 * one that came back is counted twice in n*. left_pairs: how often a
	 * source was not counted for a decoy, port or login. */
	uint64_t left_sources, left_decoys, left_ports, left_logins,
	    left_sessions, left_pairs;
	struct vsum_source *sources; /* by events, at most VSUM_TOP */
	struct vsum_decoy *decoys;
	struct vsum_port *ports;
	struct vsum_login *logins;
	struct vsum_session *sessions; /* newest first, those with data first */
	struct vsum_heat *heat;
	size_t n_sources, n_decoys, n_ports, n_logins, n_sessions, n_heat;
	int64_t bucket_ns;  /* width */
	int64_t bucket0_ns; /* where the first begins: at first_ns or before,
			       on a multiple of the width; what is outside
			       counts in the first or the last */
	struct vsum_bucket bucket[VSUM_BUCKETS];
};

/* One pass over what passes view->filter. nthreads 0: as many as processors, 8 at most. 0 or -1 (message). */
int vsum_make(struct vsum *, struct view *, unsigned int nthreads);
void vsum_free(struct vsum *);

/* Countries of the sources, from a MaxMind database: that file, or with NULL
 * one that is installed (then having none is no error). 1 found, 0 no database,
 * -1 (message): not readable. */
int vsum_geo(struct vsum *, const char *file);

#endif
