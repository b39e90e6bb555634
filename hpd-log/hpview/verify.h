/* SPDX-License-Identifier: ISC */
/*
 * hpview verify: is a sealed log as it was written? The checks work on files
 * in memory (verify_set.c maps them), so that tests can go through every byte.
 * What is in the files is believed only after its tag was right; nothing is
 * ever written.
 */
#ifndef HPD_VIEW_VERIFY_H
#define HPD_VIEW_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include "common/event.h"
#include "common/proto.h"
#include "common/seal.h"

enum vf_code {
	/* what the log is to be blamed for */
	VF_ALTERED,	/* a record's bytes are not those sealed */
	VF_INSERTED,	/* a line that was never sealed there */
	VF_ORDER,	/* a true record in another place */
	VF_REPEATED,	/* a true record once more */
	VF_MISSING,	/* records are not there */
	VF_CUT,		/* the end of a segment or start is not there */
	VF_TORN,	/* a torn line that nothing explains */
	VF_SEGMENT,	/* whole segments are not there */
	VF_COPY,	/* a segment twice */
	VF_START,	/* a start of the suite is not there */
	VF_TWICE,	/* two starts under one number */
	VF_OPEN_END,	/* nothing proves where a start ended */
	VF_DOUBT,	/* more in doubt than there can be */
	VF_TELLS,	/* a sealed record tells another thing than there is */
	VF_FOREIGN,	/* a file that is not what its name says */
	VF_UNSEALED,	/* no seals in a file between sealed ones */
	VF_DIGEST,	/* a text or frames segment is not as digested */
	VF_STATE,	/* the state on disk: missing, forged, behind, ahead */
	VF_KEY,		/* nothing verifies with this key */
	VF_UNEXPLAINED, /* sequence numbers that no record explains */
	VF_BAD_MAX,
	/* what only has to be known */
	VF_N_DOUBT = VF_BAD_MAX,
	VF_N_RETIRED,
	VF_N_UNSEALED,
	VF_N_EMPTY,
	VF_N_TAIL,
	VF_N_GAP,
	VF_N_OLD,
	VF_MAX
};

struct vf_finding {
	uint8_t code;
	uint8_t stream;	 /* enum log_stream; STREAM_MAX none */
	uint64_t ordinal; /* UINT64_MAX none */
	uint64_t line;	 /* from 1; 0 none */
	uint64_t from, to; /* indices [from, to); equal: none */
	const char *path; /* of the file; NULL none */
	char text[200];
};

struct vf_input { /* a file of the set */
	const char *path; /* for messages; its last part is its name */
	const char *data;
	size_t len;
};

struct vf_set {
	const struct vf_input *in;
	size_t nin;
	uint8_t root[SEAL_KEY_LEN];
	const uint8_t *state; /* slots as on disk, or NULL: none there */
	size_t state_len;
	const uint8_t *carry; /* SEAL_CARRY_SIZE bytes, or NULL */
	int no_state;	      /* do not ask for them: another machine's log */
	unsigned int nthreads; /* 0 or 1: none but the caller's */
	int no_seqs;	      /* leave producers' sequences out */
};

struct vf_report {
	struct vf_finding *f;
	size_t nf, cap;
	uint64_t bad, notes; /* findings of both sorts, also those not kept */
	uint64_t segments, starts, records, bytes, bad_lines;
	uint64_t doubts, doubt_records, retired_files;
	uint64_t texts, text_bytes; /* segments checked by digest */
	uint64_t text_open; /* bytes behind their last digest */
	uint64_t unsealed;
	/* producers' sequences: missing numbers and what explains them */
	uint64_t holes, holes_named, holes_folded, holes_frames, holes_gone;
	uint64_t lost; /* records that log.lost names: never had a number */
	int seqs_known;
};

#define VF_KEEP 10000 /* findings kept; the others are counted */

void vf_run(const struct vf_set *, struct vf_report *);
void vf_free(struct vf_report *);

/* A word for a code: "altered". */
const char *vf_word(uint8_t code);

/* ---- between the parts of verify ---- */

/* What a file's name says: 0, or -1 it is none of the log's. */
struct vf_name {
	uint8_t stream;
	uint32_t number;
	int64_t stamp; /* seconds since 1970 */
};
int vf_name_parse(const char *path, struct vf_name *);

struct vf_range {
	uint64_t from, to, line;
};

struct vf_begin {
	uint8_t there;
	uint64_t stream, number, ordinal, prev_number, prev_ordinal;
	uint64_t doubt_from, doubt_to;
	uint8_t tag[SEAL_TAG_LEN];
};

struct vf_end {
	uint8_t there, stop;
	uint64_t stream, number, ordinal, lines, bytes, records;
};

enum vf_ctl_kind { CTL_RETIRED, CTL_DIGEST, CTL_BEGIN, CTL_END, CTL_GAP,
	CTL_LOST, CTL_FOLDED };
struct vf_ctl { /* a sealed record about the log, read */
	uint8_t kind, stream, final, why;
	uint32_t number;
	uint64_t a, b, c; /* retired: bytes; digest: bytes; end: records;
			     gap, lost: first, last, count; folded: records */
	uint64_t boot, ordinal, line;
	struct vf_name name; /* retired */
	uint8_t hash[32];    /* digest */
	char when[40];	     /* its @timestamp, as safe text */
	uint8_t used;
};

struct vf_pend { /* lines that did not verify, so far unexplained */
	uint64_t n, first_line, last_line;
};

struct vf_seg { /* one file of a sealed stream */
	const struct vf_input *in;
	struct vf_name name;
	unsigned int chain;
	uint8_t anchored; /* its key was found: start of the suite known */
	uint8_t sealed;	  /* some line has the form of a seal */
	uint8_t torn;	  /* the last line has no newline */
	uint8_t tail_torn; /* the last of `tail' is that one, or no JSON */
	uint64_t ordinal, boot;
	uint64_t first, next; /* indices: of the first record, after the last */
	uint64_t lines, good;
	uint64_t skipped;     /* lines that were only counted */
	struct seal_chain at; /* at first */
	struct vf_pend tail;  /* unexplained lines at the end */
	uint8_t last_tag[SEAL_TAG_LEN];
	struct vf_begin begin;
	struct vf_end end;
	struct vf_ctl *ctl;
	size_t nctl, ctlcap;
	struct vf_finding *f; /* put together at the end, in order */
	size_t nf, fcap;
	uint64_t nbad;
};

struct vf_work {
	const struct vf_set *set;
	struct vf_report *rep;
	struct vf_seg *seg;
	size_t nseg;
	struct vf_ctl **ctl; /* all of all segments */
	size_t nctl;
	uint8_t (*carry)[SEAL_KEY_LEN]; /* of starts 0 .. ncarry-1 */
	uint64_t ncarry, max_ordinal;
	struct seal_state state;
	int has_state; /* read, and true of this key */
	int state_bad;
	uint64_t limit; /* no index beyond this is looked for */
	uint64_t waste; /* records skipped for lines that were not true */
	struct vf_seqs *seqs;
	size_t turn;	/* of the threads: next segment */
};

__attribute__((format(printf, 8, 9)))
void vf_add(struct vf_report *, uint8_t code, const struct vf_seg *,
    uint64_t line, uint64_t from, uint64_t to, uint64_t ordinal,
    const char *fmt, ...);
__attribute__((format(printf, 6, 7)))
void vf_seg_add(struct vf_seg *, uint8_t code, uint64_t line, uint64_t from,
    uint64_t to, const char *fmt, ...);

/* verify_key.c: chain of (ordinal, boot) at index 0. 0, or -1: no such start
 * can be. */
int vf_chain(struct vf_work *, uint64_t ordinal, uint64_t boot,
    unsigned int chain, struct seal_chain *);
void vf_state(struct vf_work *);	 /* read and prove the state */
void vf_state_compare(struct vf_work *); /* carry against the log */

/* verify_anchor.c: which start each segment is of, and its chain there. */
void vf_anchor(struct vf_work *);
/* More records than a chain can have by what its segments claim. */
uint64_t vf_claimed(const struct vf_work *, unsigned int chain);

/* verify_lines.c: every line of one segment. */
void vf_lines(struct vf_work *, struct vf_seg *, unsigned int thread);

/* verify_read.c: members of a line of hpd-log's own. Never trusts more than
 * len bytes. */
struct vf_line {
	uint16_t kind;	/* enum event_kind, EV_NONE unknown */
	uint8_t has_who; /* boot, seq, producer are set */
	uint64_t boot, seq, run, count;
	uint8_t proc, instance;
	const char *rest; /* behind "run" or "instance" */
};
void vf_line_read(const char *line, size_t len, struct vf_line *);
int vf_begin_read(const char *line, size_t len, struct vf_begin *);
int vf_end_read(const char *line, size_t len, struct vf_end *,
    uint64_t kinds[EV_KIND_MAX]);
int vf_ctl_read(const char *line, size_t len, const struct vf_line *,
    struct vf_ctl *);
int vf_boot_read(const char *line, size_t len, uint64_t *boot);

/* verify_chain.c: do the segments follow each other? */
void vf_chains(struct vf_work *);

/* verify_text.c: streams that have digests. */
void vf_texts(struct vf_work *);

/* verify_seq.c: every producer's sequence. */
struct vf_seqs *vf_seqs_new(void);
void vf_seqs_free(struct vf_seqs *);
void vf_seqs_put(struct vf_seqs *, const struct vf_line *);
void vf_seqs_sum(struct vf_work *);

#endif
