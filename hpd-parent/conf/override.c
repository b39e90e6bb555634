/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: personas of templates that want something otherwise than their
 * personality has it. Built when everything is read; templates that come to
 * the same record share it.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/siphash.h"
#include "osmatch.h"

static const uint8_t no_key[16];

#define RATE_UNKNOWN UINT32_MAX

struct maker {
	struct conf *c;
	uint32_t *slot; /* conf.personas by content, IMG_NONE empty */
	uint32_t size, used, first; /* personas before it are not ours */
	uint32_t *rate; /* of those before: uptime_rate(), or RATE_UNKNOWN */
};

static uint32_t *
place(const struct maker *m, const struct conf_persona *k)
{
	const struct conf_persona *p;
	uint32_t i = (uint32_t)siphash13(no_key, &k->p, sizeof(k->p)) &
	    (m->size - 1);

	for (; m->slot[i] != IMG_NONE; i = (i + 1) & (m->size - 1)) {
		p = &m->c->personas[m->slot[i]];
		if (p->title == k->title &&
		    memcmp(&p->p, &k->p, sizeof(p->p)) == 0)
			break;
	}
	return &m->slot[i];
}

static void
room(struct maker *m)
{
	uint32_t i;

	if (m->size > 0 && m->used * 2 < m->size)
		return;
	m->size = m->size ? m->size * 2 : 64;
	free(m->slot);
	m->slot = malloc(m->size * sizeof(*m->slot));
	if (m->slot == NULL)
		fatalx("out of memory");
	memset(m->slot, 0xff, m->size * sizeof(*m->slot));
	for (i = m->first; i < m->c->npersonas; i++)
		*place(m, &m->c->personas[i]) = i;
}

/* The entry that starts on a line of the table. */
static uint32_t
entry_of(const struct nmapdb *db, uint32_t line)
{
	uint32_t lo = 0, hi = db->n, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (db->e[mid].line < line)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < db->n && db->e[lo].line == line ? lo : IMG_NONE;
}

/* With another rate, is the entry still matched, by as few other names? */
static int
rate_fits(const struct osdb *db, uint32_t e, const struct img_persona *was,
    uint32_t mhz)
{
	static struct os_obs before, after;
	struct img_persona p = *was;

	p.ts_mhz = mhz;
	os_predict(was, &before);
	os_predict(&p, &after);
	return os_match_entry(db, e, &after, NULL) &&
	    os_match_others(db, &after, e) <= os_match_others(db, &before, e);
}

/* The rate by which a guess at the uptime comes out right: 1000 or 100 a second
 * where the entry takes that too, since nmap then divides by just that. */
static uint32_t
uptime_rate(struct maker *m, uint32_t persona)
{
	static const uint32_t round_ones[] = { 1000000, 100000 };
	const struct img_persona *p = &m->c->personas[persona].p;
	uint32_t rate = persona_uptime_rate(p->ts_mhz), e;
	const struct osdb *db;
	size_t i;

	if (m->rate[persona] != RATE_UNKNOWN)
		return m->rate[persona];
	if (rate > 2000 && rate != 100000 && rate != 1000000 &&
	    p->line != 0 && m->c->nmapdb != NULL &&
	    (db = osdb_get(m->c, m->c->nmapdb)) != NULL) {
		e = entry_of(m->c->nmapdb, p->line);
		for (i = 0; i < 2 && e != IMG_NONE; i++)
			if (rate_fits(db, e, p, round_ones[i])) {
				rate = round_ones[i];
				break;
			}
	}
	return m->rate[persona] = rate;
}

/* What the template asks for, uptime's wish included. 0: nothing. */
static int
wishes(struct maker *m, const struct conf_tmpl *t,
    const struct img_persona *p, struct conf_over *o)
{
	uint32_t rate;

	*o = t->over;
	if (t->uptime != IMG_NONE && p->ts_mhz != 0 && !p->ts_const &&
	    p->ts_log2 == 0 && !(o->set & OVER_BIT(OVER_TSRATE))) {
		rate = uptime_rate(m, t->persona);
		if (rate != p->ts_mhz) {
			o->set |= OVER_BIT(OVER_TSRATE);
			o->v[OVER_TSRATE] = rate;
		}
	}
	return o->set != 0;
}

/* Overrides may stay within what the entry allows; else say where not. */
static void
warn_table(struct conf *c, const struct conf_tmpl *t,
    const struct img_persona *is)
{
	static struct os_obs obs;
	struct osdb *db;
	enum os_attr bad;
	uint32_t e;

	if (is->line == 0 || t->over.set == 0 || c->nmapdb == NULL)
		return;
	e = entry_of(c->nmapdb, is->line);
	db = e == IMG_NONE ? NULL : osdb_get(c, c->nmapdb);
	if (db == NULL)
		return;
	os_predict(is, &obs);
	if (os_match_entry(db, e, &obs, &bad))
		return;
	conf_warn(c, t->over_pos, "template '%s' leaves its personality's "
	    "fingerprint (%s.%s): nmap may not name it '%s'",
	    conf_show(c, t->name), os_attr_line(bad), os_attr_name(bad),
	    c->personas[t->persona].title);
}

/* A counter that goes round says less than the uptime that was asked for. */
static void
warn_uptime(struct conf *c, const struct conf_tmpl *t,
    const struct img_persona *p)
{
	uint64_t most = p->ts_mhz ? (1000ULL << 32) / p->ts_mhz : UINT64_MAX;

	if (t->uptime != IMG_NONE && t->uptime > most && !p->ts_const)
		conf_warn(c, t->uptime_pos, "uptime %u: timestamps at %u "
		    "a second go round after %llu s, a guess shows less "
		    "(a lower tsrate reaches further)", t->uptime,
		    p->ts_mhz / 1000, (unsigned long long)most);
}

/* Does nmap -O look at what changed? */
static int
fingerprint_left(const struct img_persona *a, const struct img_persona *b)
{
	return a->ts_mhz != b->ts_mhz || a->ts_const != b->ts_const ||
	    a->ts_log2 != b->ts_log2 ||
	    memcmp(a->ipid, b->ipid, sizeof(a->ipid)) != 0 ||
	    memcmp(&a->isn_gen, &b->isn_gen, sizeof(a->isn_gen)) != 0 ||
	    memcmp(&a->u1, &b->u1, sizeof(a->u1)) != 0 ||
	    memcmp(&a->ie, &b->ie, sizeof(a->ie)) != 0 ||
	    memcmp(a->answer, b->answer, sizeof(a->answer)) != 0;
}

static uint32_t
made(struct maker *m, struct conf_tmpl *t)
{
	struct conf *c = m->c;
	struct conf_persona k = c->personas[t->persona];
	struct conf_over o;
	const char *why;
	uint32_t *at;

	if (!wishes(m, t, &k.p, &o))
		return t->persona;
	if (persona_override(&k.p, &o, &why) == -1) {
		conf_error(c, t->over_pos, "template '%s': %s",
		    conf_show(c, t->name), why);
		return t->persona;
	}
	if (memcmp(&k.p, &c->personas[t->persona].p, sizeof(k.p)) == 0)
		return t->persona;
	room(m);
	at = place(m, &k);
	if (*at != IMG_NONE)
		return *at;
	if (fingerprint_left(&c->personas[t->persona].p, &k.p))
		warn_table(c, t, &k.p);
	*at = c->npersonas;
	m->used++;
	c->personas = conf_grow(c->personas, c->npersonas, &c->cpersonas,
	    sizeof(*c->personas));
	c->personas[c->npersonas] = k;
	return c->npersonas++;
}

void
conf_overrides(struct conf *c)
{
	struct maker m = { .c = c, .first = c->npersonas };
	uint32_t i;

	m.rate = malloc((m.first + 1) * sizeof(*m.rate));
	if (m.rate == NULL)
		fatalx("out of memory");
	memset(m.rate, 0xff, (m.first + 1) * sizeof(*m.rate));
	for (i = 0; i < c->ntmpls; i++)
		if (!c->tmpls[i].deleted) {
			c->tmpls[i].made = made(&m, &c->tmpls[i]);
			warn_uptime(c, &c->tmpls[i],
			    &c->personas[c->tmpls[i].made].p);
		}
	free(m.slot);
	free(m.rate);
}
