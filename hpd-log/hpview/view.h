/* SPDX-License-Identifier: ISC */
/*
 * Reading logs, in hpview: the segments of one or several sensors, also while
 * they are written, and honeyd's own logs. Never writes where it reads, never
 * believes a line: what does not parse is counted and skipped.
 */
#ifndef HPD_VIEW_H
#define HPD_VIEW_H

#include <stddef.h>
#include <stdint.h>

#include "common/event.h"

/* Bytes inside the line they were found in: a JSON string's body as it stands,
 * escapes and all, or a bare token. p NULL: not there. */
struct vstr {
	const char *p;
	uint32_t n;
};

enum view_form { VIEW_JSON = 0, VIEW_HONEYD = 1, VIEW_SERVICE = 2 };

struct vrec { /* one record; absent numbers are 0 */
	const char *line; /* whole line without its newline */
	uint32_t len;
	uint16_t sensor;  /* index in view->sensors */
	uint16_t kind;	  /* enum event_kind; EV_NONE: a kind unknown here */
	uint8_t form;	  /* enum view_form: a line of honeyd's own logs */
	uint8_t proto, ver, proc, instance;
	uint8_t verdict;  /* enum event_verdict, or by kind */
	uint8_t out, flags; /* of ev_chunk */
	uint16_t sport, dport;
	int64_t wall_ns;
	uint64_t boot, run, seq, session, count;
	uint8_t src[16], dst[16]; /* v4 in the first four bytes */
	uint64_t bytes_in, bytes_out, duration_ns;
	uint64_t offset;  /* of ev_chunk */
	uint64_t lost_first, lost_last, lost_count; /* log.lost, log.gap */
	uint64_t seal;	  /* index of its seal, UINT64_MAX none */
	struct vstr action, tmpl, persona, service, message, why, os, tool;
	struct vstr user, password; /* of a script's login field record */
	struct vstr script;	    /* hpd.script, the whole object */
	struct vstr data_b64, data; /* session.data: exact bytes, or text */
};

/* A JSON string's body to bytes (UTF-8). Returns bytes written, at most cap;
 * stops before a character that does not fit. */
size_t vstr_text(struct vstr, char *out, size_t cap);

/* Parse one line. 0, or -1: not a record (torn, foreign). The hot path: knows
 * the order hpd-log writes members in, and falls back to a full parse. */
int vrec_parse(const char *line, size_t len, struct vrec *);
int vrec_parse_honeyd(const char *line, size_t len, struct vrec *);
int vrec_parse_service(const char *line, size_t len, struct vrec *);

struct filter; /* vfilter.h: -s SOURCE -d DECOY -p PORT -k KIND -S SESSION
		  -a AFTER -b BEFORE, CIDRs, ranges, globs of kinds */

#define VIEW_SENSORS 64
#define VIEW_FILES   65536

struct vfile {
	char *path;
	uint16_t sensor;
	uint8_t form;	/* enum view_form */
	uint8_t stream; /* enum log_stream */
	uint32_t number;
	int64_t stamp;	/* of its name, seconds since 1970; 0 none */
	uint64_t size;	/* when it was listed */
};

struct view {
	struct vfile *files; /* by sensor, stream, stamp, number */
	size_t nfiles;
	char *sensors[VIEW_SENSORS]; /* directory or label */
	unsigned int nsensors;
	const struct filter *filter; /* or NULL */
	uint64_t torn;	   /* lines that did not parse */
	uint64_t duplicate; /* records seen before: same sensor, boot, producer,
			       instance, run, seq */
};

/* Open directories (a sensor's log) and files. 0, or -1 with a message on
 * stderr. Sensors are told apart by directory. */
int view_open(struct view *, char *const paths[], int npaths);
void view_close(struct view *);

/*
 * Every record of every file, files in parallel on up to nthreads threads.
 * fn runs in a thread of its own number 0..nthreads-1, records of one file in
 * order; duplicates are left out. Returns 0, or -1 (message on stderr).
 */
typedef void (*view_fn)(void *state, unsigned int thread, const struct vrec *);
int view_scan(struct view *, unsigned int nthreads, view_fn, void *state);

/* Every record in order of time, all sensors and streams merged. */
int view_merge(struct view *, int (*fn)(void *state, const struct vrec *),
    void *state);

/* Follow: like view_merge for what is appended from now on, until fn returns
 * non-zero or ms passed (-1: never). New segments are found. */
int view_follow(struct view *, int ms,
    int (*fn)(void *state, const struct vrec *), void *state);

/* Untrusted text for a terminal: printable UTF-8 stays, control characters,
 * escape sequences, bidi and zero-width characters are shown as \xNN or
 * \u{NNNN}. Returns bytes written (NUL-ended, < cap). */
size_t view_safe(const void *, size_t len, char *out, size_t cap);

#endif
