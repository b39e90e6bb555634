/* SPDX-License-Identifier: ISC */
/*
 * Between the files of the policy parser; nobody else includes this.
 */
#ifndef HPD_POLICY_STMT_H
#define HPD_POLICY_STMT_H

#include "policy.h"

struct parser {
	struct policy *p;
	const char *file;
	policy_err_cb cb;
	void *cb_arg;
	uint32_t line;
	unsigned errors;
	int named;
	int why;     /* this statement's line or the comment above has one */
	int why_above;
};

/* An error in the present line. */
void policy_complain(struct parser *, const char *, ...)
    __attribute__((format(printf, 2, 3)));

/* Mark what as given; a second time is an error: -1. */
int policy_once(struct parser *, uint8_t *have, const char *what);
/* Number of an errno's name. 0, or -1 after an error. */
int policy_errno(struct parser *, const char *word, uint16_t *out);

/* Statements: argv[0] is the word. policy_rules.c: */
void policy_st_calls(struct parser *, int argc, char **argv);
/* policy_fields.c: */
void policy_st_landlock(struct parser *, int argc, char **argv);
void policy_st_rlimit(struct parser *, int argc, char **argv);
void policy_st_ns(struct parser *, int argc, char **argv);
void policy_st_caps(struct parser *, int argc, char **argv);
void policy_st_mdwe(struct parser *, int argc, char **argv);
void policy_st_openbsd(struct parser *, int argc, char **argv);

#endif
