/* SPDX-License-Identifier: ISC */
/*
 * A sandbox policy as read from policies/NAME.policy: what the parser makes,
 * what the compiler and hpaudit use. Build-time and
 * audit code only; no daemon links it. The language is described in
 * policy_parse.c.
 */
#ifndef HPD_POLICY_H
#define HPD_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "../common/sandbox.h"

#define POLICY_MAX_RULES   512
#define POLICY_MAX_CONJ	   4096 /* over all rules */
#define POLICY_MAX_PATHS   16
#define POLICY_MAX_RLIMITS 16
#define POLICY_MAX_INSNS   4096 /* BPF_MAXINSNS */
#define POLICY_NAME_MAX	   32
#define POLICY_LINE_MAX	   512
#define POLICY_FILE_MAX	   65536

enum policy_verdict {
	PV_NONE = 0,
	PV_ALLOW,
	PV_ERRNO,
	PV_TRIP, /* kill the process and alert: only an intruder calls this */
	PV_KILL	 /* kill the process: default of the daemons */
};

/* (arg & mask) == value: all that a condition ever becomes. 32-bit arguments
 * have no mask bit above 31, whatever the caller puts there. */
struct policy_cmp {
	uint8_t arg; /* 0..5 */
	uint64_t mask, value;
};

/* All of these together; at most one per argument. n 0: unconditional. */
struct policy_conj {
	uint8_t n;
	struct policy_cmp cmp[6];
};

/* One call on one line. A call with conditions may have several rules (any
 * of them is enough), all with the same verdict. */
struct policy_rule {
	int nr;		 /* number on the native architecture; < 0 not there */
	char name[POLICY_NAME_MAX];
	uint8_t verdict; /* enum policy_verdict */
	uint16_t err;	 /* of PV_ERRNO */
	uint32_t line;
	uint32_t conj_first, conj_count; /* in policy.conj; 0: unconditional */
	char cond[160];	 /* condition as written, for hpaudit show */
};

struct policy_path {
	char path[128];
	uint64_t rights;
};

struct policy {
	char name[POLICY_NAME_MAX];
	uint8_t dflt; /* enum policy_verdict */
	uint16_t dflt_err;
	uint8_t have_default, have_badarch, have_landlock, have_ns;
	uint8_t have_caps, have_bounding, have_mdwe;
	uint8_t landlock, ns, mdwe;
	uint64_t caps, bounding;
	char pledge[128];
	struct policy_rule *rules;
	size_t nrules;
	struct policy_conj *conj;
	size_t nconj;
	struct policy_path paths[POLICY_MAX_PATHS];
	size_t npaths;
	struct sandbox_rlimit rlimits[POLICY_MAX_RLIMITS];
	const char *rlimit_names[POLICY_MAX_RLIMITS]; /* "RLIMIT_CORE" */
	size_t nrlimits;
};

/* Where a message goes: file:line: text. */
typedef void (*policy_err_cb)(void *arg, const char *file, uint32_t line,
    const char *text);

/*
 * Parse text (len bytes, need not be NUL-ended) into *p; file is for
 * messages. Every error is told, not only the first. 0, or -1 when there was
 * one. policy_free() in both cases.
 */
int policy_parse(struct policy *p, const char *file, const char *text,
    size_t len, policy_err_cb, void *arg);
/* Read file and parse it. 0 or -1. */
int policy_load(struct policy *p, const char *file, policy_err_cb, void *arg);
void policy_free(struct policy *p);

/* Names "allow", "errno" ... of an enum policy_verdict. */
const char *policy_verdict_name(uint8_t);

/*
 * The verdict as the text of the policy gives it: what
 * the compiled filter is tested against. arch must be the native one.
 */
uint8_t policy_eval(const struct policy *p, int nr, const uint64_t args[6],
    uint16_t *err);

/*
 * Compile into cBPF. out has room for max instructions. Returns how many, or
 * -1 with a message in err.
 */
int policy_compile(const struct policy *p, struct sandbox_insn *out,
    size_t max, char *err, size_t errlen);

/* ---- tables (policy_calls.c, policy_consts.c) ---- */

enum policy_type {
	PT_INT = 0, /* 32 bits compared: int, uid_t, mode_t, flags */
	PT_FD,	    /* 32 bits, a descriptor: ranges end at 2^20-1 */
	PT_LONG,    /* 64 bits: unsigned long, size_t, off_t */
	PT_PTR	    /* 64 bits, only == 0 */
};

/* Argument number and type of name in call, or -1. */
int policy_arg(const char *call, const char *name, uint8_t *type);
/* Calls that must have a reason written beside them when allowed. */
int policy_dangerous(const char *call);

/* Value of a constant (PROT_READ, 12, 0x40). 0 or -1. */
int policy_const(const char *word, int64_t *value);
/* $name: inclusive range from common/proc.h. 0 or -1. */
int policy_name(const char *word, int64_t *lo, int64_t *hi);
/* VALUE: words joined by '|'; a $name must be one number. 0 or -1. */
int policy_value(const char *text, int64_t *value);
/* Resource of a limit ("nofile") and its macro's name. 0 or -1. */
int policy_rlimit(const char *word, int *resource, const char **macro);
/* Bit of a capability ("net_raw"). 0 or -1. */
int policy_cap(const char *word, uint64_t *bit);
/* Landlock rights of a word ("read"). 0 or -1. */
int policy_right(const char *word, uint64_t *rights);
/* SBX_NS_* of a word ("net"). 0 or -1. */
int policy_ns(const char *word, uint8_t *bit);

/*
 * Condition words (argv[0..argc)) of call: "fd in $packet and len == 0".
 * Appends conjunctions to p->conj. 0, or -1 with a message.
 */
int policy_cond(struct policy *p, const char *call, char **argv, int argc,
    uint32_t *first, uint32_t *count, char *err, size_t errlen);

#endif
