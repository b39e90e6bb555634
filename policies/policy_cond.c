/* SPDX-License-Identifier: ISC */
/*
 * Conditions of the policy language, turned into masked compares. A 32-bit
 * argument is compared in its low 32 bits only, because that is all the
 * kernel reads of it: a plain 64-bit compare could be dodged, or missed, by
 * setting the other half of the register. Ranges become aligned blocks (at
 * most two a bit), so that no unsigned compare can surprise a signed argument.
 * Build time and hpaudit only.
 *
 *	ARG == VALUE		ARG in ITEM,ITEM...	ITEM: VALUE, A..B, $name
 *	ARG >= VALUE		ARG <= VALUE
 *	ARG has FLAGS		ARG lacks FLAGS		ARG only FLAGS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

#define MAX_ALT 512

struct alts {
	size_t n;
	struct {
		uint64_t mask, value;
	} a[MAX_ALT];
};

static uint64_t
width_mask(uint8_t type)
{
	return type == PT_INT || type == PT_FD ? 0xffffffffULL : UINT64_MAX;
}

static int
add_alt(struct alts *l, uint64_t mask, uint64_t value)
{
	if (l->n == MAX_ALT)
		return -1;
	l->a[l->n].mask = mask;
	l->a[l->n].value = value & mask;
	l->n++;
	return 0;
}

/* Blocks of lo..hi (inclusive, unsigned), each aligned to its size. */
static int
add_range(struct alts *l, uint64_t wmask, uint64_t lo, uint64_t hi)
{
	uint64_t size;

	while (lo <= hi) {
		size = 1;
		while ((lo & (size * 2 - 1)) == 0 && size * 2 != 0 &&
		    lo + (size * 2 - 1) <= hi && lo + (size * 2 - 1) > lo)
			size *= 2;
		if (add_alt(l, wmask & ~(size - 1), lo) == -1)
			return -1;
		if (lo + (size - 1) == UINT64_MAX)
			break;
		lo += size;
	}
	return 0;
}

int
policy_value(const char *text, int64_t *out)
{
	char word[64];
	const char *end;
	int64_t v, lo, hi, sum = 0;
	size_t len;

	for (;;) {
		end = strchr(text, '|');
		len = end != NULL ? (size_t)(end - text) : strlen(text);
		if (len == 0 || len >= sizeof(word))
			return -1;
		memcpy(word, text, len);
		word[len] = '\0';
		if (word[0] == '$') {
			if (policy_name(word, &lo, &hi) == -1 || lo != hi)
				return -1;
			v = lo;
		} else if (policy_const(word, &v) == -1) {
			return -1;
		}
		sum |= v;
		if (end == NULL)
			break;
		text = end + 1;
	}
	*out = sum;
	return 0;
}

/* Does v fit the argument? */
static int
fits(uint8_t type, int64_t v)
{
	if (type == PT_PTR)
		return v == 0;
	if (type == PT_LONG)
		return v >= 0;
	return v >= INT32_MIN && v <= (int64_t)UINT32_MAX;
}

static int
item_of(struct alts *l, uint8_t type, char *item)
{
	uint64_t w = width_mask(type);
	int64_t lo, hi;
	char *dots;

	if (item[0] == '$' && strchr(item, '|') == NULL &&
	    strstr(item, "..") == NULL) {
		if (policy_name(item, &lo, &hi) == -1)
			return -1;
		return add_range(l, w, (uint64_t)lo, (uint64_t)hi);
	}
	if ((dots = strstr(item, "..")) != NULL) {
		*dots = '\0';
		if (policy_value(item, &lo) == -1 || policy_value(dots + 2, &hi) == -1 ||
		    lo < 0 || hi < lo || !fits(type, lo) || !fits(type, hi))
			return -1;
		return add_range(l, w, (uint64_t)lo, (uint64_t)hi);
	}
	if (policy_value(item, &lo) == -1 || !fits(type, lo))
		return -1;
	return add_alt(l, w, (uint64_t)lo);
}

static int
list_of(struct alts *l, uint8_t type, const char *text)
{
	char buf[POLICY_LINE_MAX], *p, *next;

	if (snprintf(buf, sizeof(buf), "%s", text) >= (int)sizeof(buf))
		return -1;
	for (p = buf; p != NULL; p = next) {
		if ((next = strchr(p, ',')) != NULL)
			*next++ = '\0';
		if (item_of(l, type, p) == -1)
			return -1;
	}
	return 0;
}

static int
test_of(struct alts *l, uint8_t type, const char *op, const char *text)
{
	uint64_t w = width_mask(type);
	int64_t v, top;

	if (type == PT_PTR && strcmp(op, "==") != 0)
		return -1;
	if (strcmp(op, "in") == 0)
		return list_of(l, type, text);
	if (policy_value(text, &v) == -1 || !fits(type, v))
		return -1;
	if (strcmp(op, "==") == 0)
		return add_alt(l, w, (uint64_t)v);
	if (strcmp(op, "has") == 0)
		return v == 0 ? -1 : add_alt(l, (uint64_t)v & w, (uint64_t)v);
	if (strcmp(op, "lacks") == 0)
		return v == 0 ? -1 : add_alt(l, (uint64_t)v & w, 0);
	if (strcmp(op, "only") == 0)
		return add_alt(l, w & ~(uint64_t)v, 0);
	if (v < 0)
		return -1;
	top = type == PT_FD ? (1 << 20) - 1 :
	    type == PT_INT ? INT32_MAX : INT64_MAX;
	if (strcmp(op, ">=") == 0)
		return v > top ? -1 :
		    add_range(l, w, (uint64_t)v, (uint64_t)top);
	if (strcmp(op, "<=") == 0)
		return add_range(l, w, 0, (uint64_t)v);
	return -1;
}

/* c and (arg & mask) == value. 1: cannot be true together. */
static int
conj_and(struct policy_conj *c, uint8_t arg, uint64_t mask, uint64_t value)
{
	struct policy_cmp *m;
	uint8_t i;

	for (i = 0; i < c->n; i++) {
		m = &c->cmp[i];
		if (m->arg != arg)
			continue;
		if (((m->value ^ value) & m->mask & mask) != 0)
			return 1;
		m->mask |= mask;
		m->value |= value;
		return 0;
	}
	c->cmp[c->n].arg = arg;
	c->cmp[c->n].mask = mask;
	c->cmp[c->n].value = value;
	c->n++;
	return 0;
}

static int
cross(struct policy *p, uint32_t first, uint32_t *count, uint8_t arg,
    const struct alts *l)
{
	struct policy_conj *old, c;
	uint32_t i, nold = *count;
	size_t k;
	int rc = -1;

	if ((old = calloc(nold, sizeof(*old))) == NULL)
		return -1;
	memcpy(old, p->conj + first, nold * sizeof(*old));
	p->nconj = first;
	for (i = 0; i < nold; i++)
		for (k = 0; k < l->n; k++) {
			c = old[i];
			if (conj_and(&c, arg, l->a[k].mask, l->a[k].value))
				continue;
			if (p->nconj == POLICY_MAX_CONJ)
				goto out;
			p->conj[p->nconj++] = c;
		}
	*count = (uint32_t)(p->nconj - first);
	rc = 0;
out:
	free(old);
	return rc;
}

int
policy_cond(struct policy *p, const char *call, char **argv, int argc,
    uint32_t *first, uint32_t *count, char *err, size_t errlen)
{
	static struct alts l; /* large; the parser is single-threaded */
	uint8_t type = 0;
	int arg, i;

	*first = (uint32_t)p->nconj;
	*count = 1;
	if (p->nconj == POLICY_MAX_CONJ) {
		(void)snprintf(err, errlen, "too many conditions");
		return -1;
	}
	memset(&p->conj[p->nconj++], 0, sizeof(p->conj[0]));
	for (i = 0; i < argc; i += 4) {
		if (i + 3 > argc ||
		    (i + 3 < argc && strcmp(argv[i + 3], "and") != 0) ||
		    i + 4 == argc) {
			(void)snprintf(err, errlen,
			    "condition must be ARG OP VALUE [and ...]");
			return -1;
		}
		if ((arg = policy_arg(call, argv[i], &type)) == -1) {
			(void)snprintf(err, errlen,
			    "%s has no argument named %s", call, argv[i]);
			return -1;
		}
		memset(&l, 0, sizeof(l));
		if (test_of(&l, type, argv[i + 1], argv[i + 2]) == -1) {
			(void)snprintf(err, errlen, "%s: bad test: %s %s %s",
			    call, argv[i], argv[i + 1], argv[i + 2]);
			return -1;
		}
		if (cross(p, *first, count, (uint8_t)arg, &l) == -1) {
			(void)snprintf(err, errlen, "too many conditions");
			return -1;
		}
		if (*count == 0) {
			(void)snprintf(err, errlen,
			    "%s: condition can never be true", call);
			return -1;
		}
	}
	return 0;
}
