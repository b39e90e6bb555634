/* SPDX-License-Identifier: ISC */
/*
 * Overrides: what an operator wants otherwise than the personality has it
 * (`set TEMPLATE ttl 63`). Each is kept with the template as one number and
 * applied to a copy of the finished persona when the configuration is
 * complete, so that the order of statements does not matter.
 */
#ifndef HPD_CONF_OVER_H
#define HPD_CONF_OVER_H

#include <stdint.h>
#include <stdio.h>

#include "common/persona.h"

enum conf_over_id { /* and what conf_over.v holds */
	OVER_TTL = 0,  /* 1..255 */
	OVER_WINDOW,   /* 1..65535 */
	OVER_MSS,      /* 64..65495 */
	OVER_WSCALE,   /* 0..14, OVER_OFF */
	OVER_SACK,     /* 0, 1 */
	OVER_ECN,      /* 0, 1 */
	OVER_TSRATE,   /* millihertz, 0: none */
	OVER_DF,       /* 0, 1 */
	OVER_IPID,     /* enum img_ipid; IPID_CONST: ipid_value */
	OVER_ISN,      /* enum conf_over_isn; OVER_ISN_CONST: isn_value */
	OVER_FINSCAN,  /* 1: FIN scans tell open ports from closed ones */
	OVER_FRAGMENT, /* img_persona.frag_policy */
	OVER_ICMPRATE, /* errors a second, 0: no limit */
	OVER_SKEW,     /* int32_t: parts per billion; of the template, not
			  of the persona */
	OVER_MAX
};

/* The properties' names, in that order. */
#define CONF_OVER_WORDS \
	"ttl", "window", "mss", "wscale", "sack", "ecn", "tsrate", "df", \
	"ipid", "isn", "finscan", "fragment", "icmprate", "skew"

enum conf_over_isn {
	OVER_ISN_RANDOM = 0, /* RFC 6528 */
	OVER_ISN_CONST,
	OVER_ISN_TIME,	     /* RFC 793's clock: 250,000 a second */
	OVER_ISN_64K	     /* steps of 64,000 */
};

#define OVER_OFF 255u
#define OVER_BIT(id) (1u << (id))

struct conf_over {
	uint32_t set;	/* OVER_BIT of each that is given */
	uint32_t noted; /* those of set that come from `annotate` */
	uint32_t v[OVER_MAX];
	uint32_t isn_value;
	uint16_t ipid_value;
};

/*
 * Change a finished persona: every field that speaks of the same thing. 0, or
 * -1 and *why: the persona can't have it (then it is half changed).
 */
int persona_override(struct img_persona *, const struct conf_over *,
    const char **why);

/* A timestamp rate, in millihertz, of the same class for nmap as this one but
 * one by which nmap divides TSval to guess the uptime; itself when there is no
 * better. */
uint32_t persona_uptime_rate(uint32_t mhz);

struct conf;
struct conf_tmpl;

/* Give every template that asks for it a persona of its own (equal ones are
 * one), with a warning when a fingerprint is left. After all else is read. */
void conf_overrides(struct conf *);

/* `set TEMPLATE PROPERTY ...` behind the property; parser's conventions. */
int parse_over(struct conf *, uint32_t tmpl, enum conf_over_id);
/* A template's overrides as statements. */
void over_print(const struct conf_tmpl *,
    void (*set)(const struct conf_tmpl *, FILE *), FILE *);
/* What `annotate` said of a persona, to a template that takes it. */
void over_annotated(struct conf *, uint32_t tmpl);

#endif
