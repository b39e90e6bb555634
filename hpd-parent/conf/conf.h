/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: what the parser fills and the image writer reads. One struct conf
 * holds a whole compilation; everything in it lives until conf_free(). Memory
 * comes from one arena, so that no path has to free anything by itself.
 * Addresses here are host-order IPv4 unless said.
 */
#ifndef HPD_CONF_H
#define HPD_CONF_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "common/image.h"
#include "over.h"

#define CONF_FILE_MAX	 (64u << 20) /* bytes of one configuration file */
#define CONF_TABLE_MAX	 (64u << 20) /* bytes of nmap-os-db and the like */
#define CONF_INCLUDE_MAX 10	     /* depth */
#define CONF_FILES_MAX	 1024	     /* files read in one compilation */
#define CONF_ERRORS_MAX	 1000	     /* messages before giving up */
#define CONF_STRING_MAX	 4095	     /* bytes of a quoted string */
#define CONF_NAME_MAX	 63	     /* bytes of a template name */
#define CONF_ARGS_MAX	 31	     /* argv of a service, argv[0] counted */
#define CONF_TMPL_MAX	 1048576
#define CONF_BIND_MAX	 4194304     /* rows */
#define CONF_PORTS_MAX	 131070	     /* of one template: both protocols */
#define CONF_NOFILE	 30	     /* default of maxfds */
#define CONF_TRANSCRIPT	 65536	     /* default of transcript */
#define CONF_BUDGET	 (8ULL << 30) /* default of log budget */

struct conf_pos {
	uint32_t line; /* from 1; 0: no place in a file */
	uint16_t file; /* index in conf.files */
};

/* --- memory ------------------------------------------------------------- */

struct arena_chunk;
struct arena {
	struct arena_chunk *head;
};

void *arena_alloc(struct arena *, size_t); /* zeroed, never NULL (exits) */
char *arena_dup(struct arena *, const char *, size_t); /* NUL-ended copy */
void arena_free(struct arena *);
/* Room for one more element: doubles *mem, exits when memory ends. */
void *conf_grow(void *mem, uint32_t used, uint32_t *cap, size_t size);

/* Stable sort of n elements in place. */
void conf_sort(void *, size_t n, size_t size,
    int (*cmp)(const void *, const void *));

/* --- tokens ------------------------------------------------------------- */

enum tok_kind { TOK_EOF = 0, TOK_WORD, TOK_STRING };

struct tok {
	enum tok_kind kind;
	uint8_t first; /* first on its line */
	struct conf_pos pos;
	const char *text; /* macros replaced, NUL-ended, no NUL inside */
	size_t len;
};

struct lex_src {
	const char *buf;
	size_t len, off;
	struct conf_pos pos; /* where we are */
	uint8_t bol;	     /* nothing but blanks since the newline */
};

struct lex {
	struct lex_src src[CONF_INCLUDE_MAX + 1];
	int depth; /* sources open; 0: end of everything */
	struct tok ahead;
	uint8_t have_ahead;
	struct conf_pos last; /* of the token consumed last */
};

/* --- what a configuration says ------------------------------------------ */

struct conf_service { /* one add statement with a command */
	const char *command; /* as configured */
	const char *argv[CONF_ARGS_MAX + 1];
	uint32_t argc;
	const char *interp; /* path inside the jail */
	uint32_t wall_s, idle_s, cpu_s, max_sessions, max_sessions_source;
	uint64_t max_bytes_out, memory;
	uint8_t profile, proto, pool;
};

struct conf_port {
	uint16_t port;
	uint8_t proto, action; /* enum img_action */
	uint32_t service;      /* index in conf.services, or IMG_NONE */
};

struct conf_tmpl {
	const char *name;
	struct conf_pos pos;
	uint32_t index;	  /* in the image; IMG_NONE: deleted */
	uint32_t persona; /* index in conf.personas: the personality */
	uint32_t made;	  /* the same with overrides, by conf_finish() */
	struct conf_over over;
	struct conf_pos over_pos, uptime_pos; /* where set last */
	uint32_t private_of; /* address of a clone made by `set ADDRESS` */
	uint32_t uptime, drop_ppm, nofile;
	const char *banner, *vendor; /* NULL: none */
	const char *denied_text; /* with denied 2 */
	uint32_t transcript;	 /* bytes of each direction */
	uint8_t mac_mode, mac[6];
	uint8_t act_tcp, act_udp, act_icmp, denied;
	uint8_t is_private, deleted, dynamic, used;
	struct conf_port *ports; /* unsorted until conf_finish() */
	uint32_t nports, cports;
};

struct conf_bind {
	uint32_t addr;
	uint32_t tmpl; /* index in conf.tmpls; IMG_NONE: taken back */
	struct conf_pos pos;
	uint8_t bits;
};

struct conf_net { /* addr/bits */
	uint32_t addr;
	uint8_t bits;
};

struct conf_hash { /* open addressing; values are indices, IMG_NONE empty */
	uint32_t *slot;
	uint32_t size, used;
};

struct conf_macro {
	const char *name, *value;
};

/* Answers of the two slow searches; a place is overwritten when another name
 * falls on it. */
#define CONF_MEMO 1024
struct conf_memo {
	const char *name;
	uint32_t found;
};

struct nmapdb;
struct ouidb;

struct conf_persona {
	struct img_persona p; /* name unset: the writer's */
	const char *name;     /* as printed: NAME, NAME#k; NULL generic */
	const char *title;    /* the table's own name of it, or "generic" */
};

struct conf_annotation {
	uint32_t persona;
	uint32_t set, v[OVER_MAX]; /* as in conf_over */
};

struct conf_srcos { /* a signature of senders */
	struct img_srcos r; /* strings unset: the writer's */
	const char *name, *flavor, *family; /* flavor, family: or NULL */
	uint32_t order; /* of preference, lowest first */
};

struct conf_policy { /* of the operator's */
	struct img_policy row; /* of and insn_first unset: the writer's */
	const struct sandbox_insn *insns;
};

struct conf_log { /* space, frames, syslog; by enum log_stream */
	uint64_t budget, reserve, stream_budget[IMG_STREAMS];
	uint32_t keep_s[IMG_STREAMS];
	uint32_t full; /* enum img_full */
	const char *frames; /* the filter; "" all, NULL none */
	struct img_bpf insns[IMG_FRAMES_MAX];
	uint32_t ninsns, snap;
	struct img_syslog syslog; /* path unset: the writer's */
	const char *path;	  /* with SHIP_UNIX */
	struct conf_pos budget_pos, stream_pos[IMG_STREAMS];
};

struct conf {
	struct arena mem;
	FILE *out; /* messages; NULL: none */
	unsigned nerrors, nwarnings;
	uint8_t gave_up;

	int conf_dir, db_dir, oui_dir, fp_dir, jail_dir; /* -1: not given */
	const char *db_name, *oui_name, *fp_name;
	const char **files;
	uint32_t nfiles, cfiles;
	struct lex lex;
	struct conf_macro *macros;
	uint32_t nmacros, cmacros;

	struct conf_tmpl *tmpls;
	uint32_t ntmpls, ctmpls;
	struct conf_hash tmpl_hash;
	struct conf_service *services;
	uint32_t nservices, cservices;
	struct conf_persona *personas;
	uint32_t npersonas, cpersonas;
	struct conf_annotation *annotations;
	uint32_t nannotations, cannotations;
	struct conf_bind *binds;
	uint32_t nbinds, cbinds;
	struct conf_hash bind_hash;
	uint64_t bind_bits; /* bit n: some row has n bits */
	struct conf_net *nets; /* of the command line */
	uint32_t nnets, cnets;
	struct conf_net *excludes;
	uint32_t nexcludes, cexcludes;

	struct conf_srcos *srcos;
	uint32_t nsrcos, csrcos;
	struct conf_policy *policies[NARROW_MAX]; /* in the arena; or NULL */
	uint8_t policies_wide; /* they replace the shipped ones */

	uint32_t flags; /* IMG_F_* but SHELL */
	uint32_t max_sessions, max_sessions_source;
	uint32_t max_connections, max_connections_source;
	uint64_t log_segment_bytes;
	uint32_t log_segment_seconds, arp_pace_ms;
	struct conf_log log;
	uint64_t scripts_memory;
	uint32_t scripts_processes, scripts_cpu;

	struct nmapdb *nmapdb; /* loaded on first need */
	struct ouidb *ouidb;
	struct conf_memo near_memo[CONF_MEMO], vendor_memo[CONF_MEMO];
	uint8_t nmapdb_tried, ouidb_tried, jail_warned;
};

void conf_init(struct conf *, FILE *out); /* defaults; no descriptors */
void conf_free(struct conf *);

/* Read NAME below conf_dir and everything it includes; then conf_finish().
 * 0, or -1 with at least one message given. */
int conf_load(struct conf *, const char *name);
/* The same from memory (tests, fuzzing). buf is only read. */
int conf_load_mem(struct conf *, const char *name, const char *buf,
    size_t len);
/* Cross checks, sorting, numbering. 0 or -1. */
int conf_finish(struct conf *);

/* -D name=value: 0, or -1 when name or value can't be used. */
int conf_macro_add(struct conf *, const char *arg);
const char *conf_macro(const struct conf *, const char *name, size_t len);
/* A trailing net: a.b.c.d, CIDR or a-b. 0 or -1 (message given). */
int conf_net_add(struct conf *, const char *text);

/* --- messages ----------------------------------------------------------- */

void conf_error(struct conf *, struct conf_pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void conf_warn(struct conf *, struct conf_pos, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* text as printable ASCII, cut at 60 bytes; lives in the arena. */
const char *conf_show(struct conf *, const char *text);
/* The place of a name in a table of CONF_MEMO; its name is NULL or another's
 * when the answer is not there. */
struct conf_memo *conf_memo(struct conf_memo *, const char *name);
/* A new file name for messages; its index. */
uint16_t conf_file(struct conf *, const char *name);

/* Edit distance (adjacent swaps count one, case does not), at most limit+1. */
unsigned conf_distance(const char *a, const char *b, unsigned limit);
/* The nearest of words[n] when near enough to be meant, or NULL. */
const char *conf_nearest(const char *word, const char *const *words, size_t n);
/* " (did you mean 'X'?)" for the nearest word, or "". */
const char *conf_did_you_mean(struct conf *, const char *word,
    const char *const *words, size_t n);

/* --- files -------------------------------------------------------------- */

/* Open name below dir for reading; it can't leave dir, not through symbolic
 * links either. Regular files only. fd, or -1 and errno. */
int conf_open_beneath(int dir, const char *name);
/* Look at a path with dir as its root (links resolved inside): 0 and its mode,
 * or -1 and errno. Needs no right to read the file itself. */
int conf_stat_inroot(int dir, const char *path, uint32_t *mode);
/* Open it for reading. fd, or -1 and errno. */
int conf_open_inroot(int dir, const char *path);
/* Whole file, NUL-ended, from malloc(); NULL and errno (EFBIG: above max). */
char *conf_slurp(int fd, size_t max, size_t *len);

/* --- model -------------------------------------------------------------- */

uint32_t conf_tmpl_find(const struct conf *, const char *name); /* IMG_NONE */
uint32_t conf_tmpl_new(struct conf *, const char *name, struct conf_pos);
uint32_t conf_tmpl_clone(struct conf *, uint32_t old, const char *name,
    struct conf_pos);
void conf_tmpl_delete(struct conf *, uint32_t);
void conf_port_set(struct conf *, uint32_t tmpl, const struct conf_port *,
    struct conf_pos);
int conf_port_delete(struct conf *, uint32_t tmpl, uint8_t proto,
    uint16_t port);
/* Row of exactly addr/bits, or IMG_NONE. */
uint32_t conf_bind_find(const struct conf *, uint32_t addr, uint8_t bits);
/* Row of the longest prefix that has addr, or IMG_NONE. */
uint32_t conf_bind_covering(const struct conf *, uint32_t addr);
void conf_bind_add(struct conf *, uint32_t addr, uint8_t bits, uint32_t tmpl,
    struct conf_pos);
/* The template of `set ADDRESS`, `add ADDRESS`: a private clone of what the
 * address is bound to. IMG_NONE: bound to nothing. */
uint32_t conf_bind_private(struct conf *, uint32_t addr, struct conf_pos);

/* --- addresses ---------------------------------------------------------- */

/* Strict dotted quad. 0 or -1. */
int conf_ip4(const char *text, uint32_t *addr);
/* a.b.c.d, a.b.c.d/len or a.b.c.d-e.f.g.h. 0; -1: not such a text at all;
 * -2: looks like one but is wrong, *why says how. lo..hi inclusive; *bits 255
 * for a range. */
int conf_ip4_span(const char *text, uint32_t *lo, uint32_t *hi, uint8_t *bits,
    const char **why);
/* Can a host have an address of lo..hi? NULL, or why not. */
const char *conf_ip4_unfit(uint32_t lo, uint32_t hi);
char *conf_ip4_text(uint32_t addr, char buf[16]);
static inline uint32_t
conf_mask(uint8_t bits)
{
	return bits == 0 ? 0 : UINT32_MAX << (32 - bits);
}
/* Call fn for each prefix of the least set that is exactly lo..hi. */
void conf_ip4_split(uint32_t lo, uint32_t hi,
    void (*fn)(void *, uint32_t addr, uint8_t bits), void *arg);

/* --- services ----------------------------------------------------------- */

/* Split the command and find its interpreter and script in the jail. 0 or -1
 * (messages given). */
int conf_service_resolve(struct conf *, struct conf_service *,
    struct conf_pos);

/* --- the log ------------------------------------------------------------ */

void conf_log_defaults(struct conf *);
/* Budgets that can't be kept: warnings. */
void conf_log_check(struct conf *);
/* Compile the filter of `log frames' ("": every frame) into c->log; the place
 * is for the message. 0 or -1. Asks no resolver and opens no file. */
int conf_frames(struct conf *, const char *filter, struct conf_pos);
/* As text, for conf_print(). */
void conf_print_log(const struct conf *, FILE *);
void conf_print_size(FILE *, uint64_t);

/* --- personas and vendors ----------------------------------------------- */

/* Index in conf.personas for a personality as written (tmpl: for `random`),
 * or IMG_NONE (message given). NULL name: the generic one. */
uint32_t conf_persona(struct conf *, const char *name, const char *tmpl,
    struct conf_pos);
/* Vendor as written to its OUI; *found is the table's name. 0 or -1. */
int conf_vendor(struct conf *, const char *name, struct conf_pos,
    uint8_t oui[3], const char **found);

/* --- policies of the operator ------------------------------------------- */

/* Read, check and compile NAME.policy below dir, which is used up, into
 * c->policies. What an operator asks for and can't have is a warning. After
 * conf_load(). 0, or -1 (messages given). Needs liblang. */
int conf_policies(struct conf *, int dir);

/* --- output ------------------------------------------------------------- */

/* The image in memory from malloc(), checked with image_check(). NULL with a
 * message when it would be too large. */
void *conf_image(struct conf *, uint32_t generation, size_t *size);
/* Text that compiles to the same image. 0 or -1 (write error). */
int conf_print(const struct conf *, FILE *);

/* Least prefix cover of the rows (any order; rows is changed), widened until
 * at most max rows are left. Returns their number. */
uint32_t conf_cover(struct conf_net *rows, uint32_t n, uint32_t max);

struct conf_trie {
	uint32_t *root; /* 65536 cells */
	struct img_trie_block *blocks;
	uint32_t nblocks, cblocks;
};
void conf_trie_init(struct conf_trie *);
void conf_trie_free(struct conf_trie *);
/* Rows must come in order of rising bits. value: template index + 1. */
void conf_trie_add(struct conf_trie *, uint32_t addr, uint8_t bits,
    uint32_t value);

#endif
