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
	uint64_t lost_first, lost_last, lost_count; /* log.lost, log.gap; count
					    also of log.folded: records */
	uint64_t lag_us;  /* log.stats: the longest */
	uint64_t seal;	  /* index of its seal, UINT64_MAX none */
	uint16_t ip_len, window; /* of a probe's packet */
	uint8_t tcp_flags, ttl;
	struct vstr action, tmpl, persona, service, message, why, verdict_name;
	struct vstr os, os_name, os_version; /* full, and its parts */
	struct vstr tool, tool_mode;
	struct vstr observer;	    /* the sensor's own name */
	struct vstr event;	    /* hpd.script.event */
	struct vstr user, password; /* of a script's login field record */
	struct vstr script;	    /* hpd.script, the whole object */
	struct vstr data_b64, data; /* exact bytes of a message that does not
				       tell them; session.data: its text */
};

/* A JSON string's body to bytes (UTF-8). Returns bytes written, at most cap;
 * stops before a character that does not fit. */
size_t vstr_text(struct vstr, char *out, size_t cap);

/*
 * Parse one line. 0, or -1: not a record (torn, foreign). All of its syntax is
 * checked; the order of members is free, hpd-log's own is the fast one. Texts
 * of the record point into the line (of a service log that needs escaping: to
 * memory of this thread, until its next line).
 */
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
	uint8_t last;	/* the newest of its stream: may still grow */
	uint8_t followed; /* view_follow() has all of it */
	int64_t stamp;	/* of its name, seconds since 1970; 0 none */
	uint64_t size;	/* when it was listed */
	uint64_t dev, ino;
	struct vmark *marks; /* view_dup.c: what earlier segments hold */
	size_t nmarks;
};

#define VIEW_DIR "/var/log/hpd" /* where the log is when nobody says */

struct view {
	struct vfile *files; /* by sensor, stream, stamp, number */
	size_t nfiles;
	char *sensors[VIEW_SENSORS]; /* directory or label */
	unsigned int nsensors;
	uint64_t dirs; /* bits of sensors whose whole directory is read */
	const struct filter *filter; /* or NULL */
	struct vfollow *follow; /* view_follow()'s places, or NULL */
	uint64_t torn;	   /* lines that did not parse */
	uint64_t vanished; /* files that were removed before they were read */
	uint64_t duplicate; /* records seen before: same sensor, boot, producer,
			       instance, run, seq */
};

/*
 * Open directories (a sensor's log) and files; none: VIEW_DIR. 0, or -1 with a
 * message on stderr. Sensors are told apart by directory. In a directory that
 * has events in JSON the text logs are left out: they tell the same again.
 * Named files are read whatever they are. No file is read twice. A filter is
 * set afterwards.
 */
int view_open(struct view *, char *const paths[], int npaths);
void view_close(struct view *);

/*
 * Every record that passes the filter, pieces of files in parallel on up to
 * nthreads threads (0: as many as processors; at most VIEW_THREADS). fn runs
 * in a thread of its own number 0..nthreads-1, records of one piece in order,
 * pieces in any; duplicates are left out. Returns 0, or -1 (message on stderr).
 */
#define VIEW_THREADS 16
unsigned int view_threads(unsigned int nthreads);
typedef void (*view_fn)(void *state, unsigned int thread, const struct vrec *);
int view_scan(struct view *, unsigned int nthreads, view_fn, void *state);

/* Every record that passes the filter in order of time, all sensors and
 * streams merged; records of one stream that are out of order by less than
 * VIEW_WINDOW records are put right. Ends early when fn returns non-zero, with
 * that; else 0, or -1 (message on stderr). */
#define VIEW_WINDOW 256
int view_merge(struct view *, int (*fn)(void *state, const struct vrec *),
    void *state);

/* Follow: what was appended since view_open or the last call, by file, until
 * fn returns non-zero or ms passed (-1: never; 0: one look). New segments are
 * found. Returns what fn did, 0 when the time was over, -1 on error. */
int view_follow(struct view *, int ms,
    int (*fn)(void *state, const struct vrec *), void *state);

/* Untrusted text for a terminal: printable UTF-8 stays, control characters,
 * escape sequences, bidi and zero-width characters are shown as \xNN or
 * \u{NNNN}. Returns bytes written (NUL-ended, < cap). */
size_t view_safe(const void *, size_t len, char *out, size_t cap);

/* "hpview: NAME: WHAT" on stderr, the name of a file made safe. */
void view_say(const char *name, const char *what);

#endif
