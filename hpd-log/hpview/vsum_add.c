/* SPDX-License-Identifier: ISC */
/*
 * Counting records, in hpview: one thread's tables. Nothing here is shared,
 * nothing allocated but when a table grows. Must never keep text that is not
 * safe to show, but for the names and passwords that were tried.
 */
#include <netinet/in.h>

#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/vsum_int.h"

static uint64_t
source_worth(const void *row)
{
	const struct vsum_source *s = &((const struct row_source *)row)->s;

	return s->events + s->probes / 1000 + s->sessions * 100 +
	    s->logins * 100;
}

static uint64_t
decoy_worth(const void *row)
{
	return ((const struct row_decoy *)row)->d.events;
}

static uint64_t
login_worth(const void *row)
{
	return ((const struct row_login *)row)->l.tries;
}

static uint64_t
port_worth(const void *row)
{
	return ((const struct row_port *)row)->p.probes;
}

/* Those with data for longest, then the newest. */
static uint64_t
session_worth(const void *row)
{
	const struct vsum_session *s = &((const struct row_session *)row)->s;
	uint64_t t = s->start_ns < 0 ? 0 : (uint64_t)s->start_ns;

	return t / 2 + (s->chunks + s->lines + s->logins > 0 ? 1ULL << 62 : 0);
}

static const struct {
	size_t row;
	uint32_t max;
	uint64_t (*worth)(const void *);
} tabs[TABS] = {
	{ sizeof(struct row_source), MAX_SOURCES, source_worth },
	{ sizeof(struct row_decoy), MAX_DECOYS, decoy_worth },
	{ sizeof(struct row_port), MAX_PORTS, port_worth },
	{ sizeof(struct row_login), MAX_LOGINS, login_worth },
	{ sizeof(struct row_session), MAX_SESSIONS, session_worth },
};

int
vsum_thread_init(struct vsum_thread *t)
{
	int i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < TABS; i++)
		if (vtab_init(&t->tab[i], tabs[i].row, tabs[i].max) == -1)
			return -1;
	for (i = 0; i < PAIRS; i++)
		if (vpairs_init(&t->pair[i], MAX_PAIRS) == -1)
			return -1;
	return 0;
}

void
vsum_thread_free(struct vsum_thread *t)
{
	int i;

	for (i = 0; i < TABS; i++)
		vtab_free(&t->tab[i]);
	for (i = 0; i < PAIRS; i++)
		vpairs_free(&t->pair[i]);
}

/* A full table loses its lesser half; pairs follow the new numbers. */
static int
purge(struct vsum_thread *t, int which)
{
	uint32_t *map;
	int i, r = 0;

	for (i = 0; i < PAIRS; i++)
		if (vpairs_settle(&t->pair[i]) == -1)
			return -1;
	map = vtab_purge(&t->tab[which], tabs[which].worth);
	if (map == NULL)
		return -1;
	if (which == TAB_PORTS)
		memset(t->port_row, 0, sizeof(t->port_row));
	for (i = 0; i < PAIRS && r == 0; i++) {
		static const int other[PAIRS] = { TAB_DECOYS, TAB_PORTS,
			TAB_LOGINS };

		if (which == TAB_SOURCES)
			r = vpairs_renumber(&t->pair[i], map, NULL);
		else if (which == other[i])
			r = vpairs_renumber(&t->pair[i], NULL, map);
	}
	free(map);
	t->last_ver = 0;
	return r;
}

static uint32_t
row(struct vsum_thread *t, int which, const struct vkey *k)
{
	struct vtab *tab = &t->tab[which];
	uint32_t i = vtab_get(tab, k);

	if (i == UINT32_MAX && tab->n == tab->max && purge(t, which) == 0)
		i = vtab_get(tab, k);
	if (i == UINT32_MAX)
		t->failed = 1;
	return i;
}

/* Keep a name as safe text; the usual case is that it stands there already. */
static void
keep(char *dst, size_t cap, struct vstr s)
{
	char b[512];
	size_t n;

	if (s.p == NULL ||
	    (s.n < cap && memcmp(dst, s.p, s.n) == 0 && dst[s.n] == '\0'))
		return;
	n = vstr_text(s, b, sizeof(b));
	(void)view_safe(b, n, dst, cap);
}

static struct vkey
addr_key(const uint8_t addr[16], uint8_t ver)
{
	struct vkey k;

	memcpy(k.w, addr, 16);
	k.w[2] = ver;
	return k;
}

static int
is_probe(uint16_t kind)
{
	return kind == EV_TCP_PROBE || kind == EV_UDP_PROBE ||
	    kind == EV_ICMP_PROBE || kind == EV_IP_PROBE || kind == EV_FLOOD;
}

/* A script noted a login: some services ask for a password alone. */
static int
is_login(const struct vrec *r)
{
	return r->user.p != NULL || r->password.p != NULL;
}

static int
is_open(uint16_t kind)
{
	return kind == EV_TCP_OPEN || kind == EV_UDP_OPEN;
}

/* About addresses on the wire, not about somebody who came. */
static int
is_arp(uint16_t kind)
{
	return kind == EV_ARP_CLAIM || kind == EV_ARP_YIELD ||
	    kind == EV_ARP_CONFLICT;
}

static int
is_close(uint16_t kind)
{
	return kind == EV_TCP_CLOSE || kind == EV_UDP_CLOSE;
}

/* Row numbers of both ends into t->src, t->dst. */
static void
find_ends(struct vsum_thread *t, const struct vrec *r)
{
	static const uint8_t none[16];
	struct vkey k;

	if (t->last_ver == r->ver && memcmp(t->last_src, r->src, 16) == 0 &&
	    memcmp(t->last_dst, r->dst, 16) == 0)
		return;
	/* The decoy first: a purge of one table leaves the other's numbers. */
	t->src = t->dst = UINT32_MAX;
	if (memcmp(r->dst, none, 16) != 0) {
		k = addr_key(r->dst, r->ver);
		t->dst = row(t, TAB_DECOYS, &k);
	}
	if (memcmp(r->src, none, 16) != 0) {
		k = addr_key(r->src, r->ver);
		t->src = row(t, TAB_SOURCES, &k);
	}
	memcpy(t->last_src, r->src, 16);
	memcpy(t->last_dst, r->dst, 16);
	t->last_ver = r->ver;
}

static void
times(int64_t *first, int64_t *last, int64_t at, int fresh)
{
	if (fresh || at < *first)
		*first = at;
	if (fresh || at > *last)
		*last = at;
}

static void
add_source(struct vsum_thread *t, const struct vrec *r)
{
	struct row_source *row_s = vtab_row(&t->tab[TAB_SOURCES], t->src);
	struct vsum_source *s = &row_s->s;

	if (s->events == 0) {
		memcpy(s->addr, r->src, 16);
		s->ver = r->ver;
	}
	times(&s->first_ns, &s->last_ns, r->wall_ns, s->events == 0);
	s->events++;
	if (r->sensor < 16)
		s->sensors |= (uint16_t)(1u << r->sensor);
	if (is_probe(r->kind))
		s->probes += r->count;
	else if (is_open(r->kind))
		s->sessions++;
	else if (is_close(r->kind)) {
		s->bytes_in += r->bytes_in;
		s->bytes_out += r->bytes_out;
	}
	keep(s->os, sizeof(s->os), r->os);
	keep(s->tool, sizeof(s->tool), r->tool);
}

static void
add_decoy(struct vsum_thread *t, const struct vrec *r)
{
	struct row_decoy *row_d = vtab_row(&t->tab[TAB_DECOYS], t->dst);
	struct vsum_decoy *d = &row_d->d;

	if (d->events == 0) {
		memcpy(d->addr, r->dst, 16);
		d->ver = r->ver;
	}
	if (r->wall_ns >= d->last_ns || d->events == 0) {
		d->last_ns = r->wall_ns;
		keep(d->tmpl, sizeof(d->tmpl), r->tmpl);
		keep(d->persona, sizeof(d->persona), r->persona);
	}
	d->events++;
	if (is_probe(r->kind))
		d->probes += r->count;
	else if (is_open(r->kind))
		d->sessions++;
}

static void
add_port(struct vsum_thread *t, const struct vrec *r)
{
	struct vkey k = { { (uint64_t)r->proto << 16 | r->dport, 0, 0 } };
	struct row_port *p;
	uint32_t i, *known;

	if (r->proto != IPPROTO_TCP && r->proto != IPPROTO_UDP)
		return;
	known = &t->port_row[r->proto == IPPROTO_UDP][r->dport];
	if (*known == 0) {
		i = row(t, TAB_PORTS, &k);
		if (i == UINT32_MAX)
			return;
		*known = i + 1;
	}
	i = *known - 1;
	p = vtab_row(&t->tab[TAB_PORTS], i);
	p->p.port = r->dport;
	p->p.proto = r->proto;
	if (is_open(r->kind)) {
		p->p.sessions++;
		keep(p->p.service, sizeof(p->p.service), r->service);
	} else {
		p->p.probes += r->count;
	}
	if (t->src != UINT32_MAX &&
	    vpairs_later(&t->pair[PAIR_PORT], t->src, i) == -1)
		t->failed = 1;
}

static void
add_login(struct vsum_thread *t, const struct vrec *r)
{
	char user[sizeof(((struct vsum_login *)0)->user)],
	    word[sizeof(((struct vsum_login *)0)->password)];
	size_t nu = vstr_text(r->user, user, sizeof(user) - 1);
	size_t nw = vstr_text(r->password, word, sizeof(word) - 1);
	struct vkey k = { { vtab_hash(user, nu, 1), vtab_hash(word, nw, 2),
	    vtab_hash(user, nu, vtab_hash(word, nw, 3)) } };
	struct row_login *l;
	struct row_source *s;
	uint32_t i = row(t, TAB_LOGINS, &k);

	if (i == UINT32_MAX)
		return;
	l = vtab_row(&t->tab[TAB_LOGINS], i);
	if (l->l.tries == 0) {
		memcpy(l->l.user, user, nu);
		memcpy(l->l.password, word, nw);
	}
	if (l->l.tries++ == 0 || r->wall_ns < l->l.first_ns)
		l->l.first_ns = r->wall_ns;
	if (t->src == UINT32_MAX)
		return;
	s = vtab_row(&t->tab[TAB_SOURCES], t->src);
	s->s.logins++;
	if (vpairs_add(&t->pair[PAIR_LOGIN], t->src, i, 1) == -1)
		t->failed = 1;
}

static void
add_session(struct vsum_thread *t, const struct vrec *r)
{
	struct vkey k = { { r->sensor, r->boot, r->session } };
	uint32_t i = row(t, TAB_SESSIONS, &k);
	struct vsum_session *s;

	if (i == UINT32_MAX)
		return;
	s = &((struct row_session *)vtab_row(&t->tab[TAB_SESSIONS], i))->s;
	if (s->id == 0) {
		s->id = r->session;
		s->boot = r->boot;
		s->sensor = r->sensor;
		s->start_ns = r->wall_ns;
	}
	if (s->ver == 0 && r->ver != 0) {
		memcpy(s->src, r->src, 16);
		memcpy(s->dst, r->dst, 16);
		s->ver = r->ver;
		s->proto = r->proto;
		s->sport = r->sport;
		s->dport = r->dport;
	}
	if (r->wall_ns < s->start_ns)
		s->start_ns = r->wall_ns;
	if (is_close(r->kind)) {
		s->duration_ns = (int64_t)r->duration_ns;
		s->bytes_in = r->bytes_in;
		s->bytes_out = r->bytes_out;
		keep(s->why, sizeof(s->why), r->why);
	}
	if (s->service[0] == '\0')
		keep(s->service, sizeof(s->service), r->service);
	s->chunks += r->kind == EV_SESSION_DATA;
	s->lines += r->kind == EV_SVC_LINE;
	s->logins += is_login(r);
	s->trip |= r->kind == EV_SVC_TRIP;
}

/* The time line, and what the suite says of itself. */
static void
add_plain(struct vsum *s, const struct vrec *r)
{
	struct vsum_bucket *b;
	int64_t at = 0;

	times(&s->first_ns, &s->last_ns, r->wall_ns, s->records == 0);
	s->records++;
	s->lines++;
	s->bytes += (uint64_t)r->len + 1;
	s->kinds[r->kind]++;
	s->counts[r->kind] += r->count;
	if (s->bucket_ns > 0)
		at = (r->wall_ns - s->bucket0_ns) / s->bucket_ns;
	b = &s->bucket[at < 0 ? 0 : at >= VSUM_BUCKETS ? VSUM_BUCKETS - 1 : at];
	if (is_probe(r->kind)) {
		b->probes += r->count;
		return;
	}
	b->sessions += is_open(r->kind);
	b->logins += is_login(r);
	switch (r->kind) {
	case EV_SVC_TRIP:
	case EV_SANDBOX_KILL:
	case EV_ARP_CONFLICT:
	case EV_CHAN_BROKEN:
		b->alerts++;
		break;
	case EV_LOG_LOST:
		s->lost += r->lost_count;
		break;
	case EV_LOG_GAP:
		s->gaps += r->lost_count;
		break;
	case EV_LOG_FOLDED:
		s->folded += r->lost_count;
		break;
	case EV_LOG_RETIRED:
		s->retired++;
		break;
	case EV_LOG_STATS:
		if (r->lag_us > s->lag_max_us)
			s->lag_max_us = r->lag_us;
		break;
	default:
		break;
	}
}

/* Rows this record will touch are far away in memory: ask for them now. */
static void
warm(const struct vsum_thread *t, const struct vrec *r)
{
	struct vkey k;
	uint32_t i;

	if (t->last_ver != r->ver || memcmp(t->last_src, r->src, 16) != 0) {
		k = addr_key(r->src, r->ver);
		vtab_warm(&t->tab[TAB_SOURCES], &k);
	}
	i = t->port_row[r->proto == IPPROTO_UDP][r->dport];
	if (i != 0)
		__builtin_prefetch(vtab_row(&t->tab[TAB_PORTS], i - 1), 1);
	if (r->session != 0) {
		k.w[0] = r->sensor;
		k.w[1] = r->boot;
		k.w[2] = r->session;
		vtab_warm(&t->tab[TAB_SESSIONS], &k);
	}
}

void
vsum_add(struct vsum_thread *t, const struct vrec *r)
{
	if (r->ver != 0)
		warm(t, r);
	add_plain(&t->sum, r);
	if (r->ver != 0 && !is_arp(r->kind)) {
		find_ends(t, r);
		if (t->src != UINT32_MAX)
			add_source(t, r);
		if (t->dst != UINT32_MAX)
			add_decoy(t, r);
		if (t->src != UINT32_MAX && t->dst != UINT32_MAX &&
		    vpairs_later(&t->pair[PAIR_DECOY], t->src, t->dst) ==
			-1)
			t->failed = 1;
		if (is_probe(r->kind) || is_open(r->kind))
			add_port(t, r);
		if (is_login(r))
			add_login(t, r);
	}
	if (r->session != 0)
		add_session(t, r);
}

int
vsum_settle(struct vsum_thread *t)
{
	int i;

	for (i = 0; i < PAIRS; i++)
		if (vpairs_settle(&t->pair[i]) == -1)
			t->failed = 1;
	return t->failed ? -1 : 0;
}
