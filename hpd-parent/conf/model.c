/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: templates, ports and bindings while the configuration is read.
 * Everything is found by hash: 65,536 bindings are an ordinary input.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"
#include "common/siphash.h"

static const uint8_t no_key[16]; /* the operator's own text: no attacker */

typedef int (*same_fn)(const struct conf *, uint32_t index, const void *key);
typedef uint64_t (*rehash_fn)(const struct conf *, uint32_t index);

static uint32_t *
hash_slot(const struct conf *c, const struct conf_hash *h, uint64_t v,
    same_fn same, const void *key)
{
	uint32_t i = (uint32_t)v & (h->size - 1);

	while (h->slot[i] != IMG_NONE && !same(c, h->slot[i], key))
		i = (i + 1) & (h->size - 1);
	return &h->slot[i];
}

static int
never(const struct conf *c, uint32_t i, const void *key)
{
	(void)c, (void)i, (void)key;
	return 0;
}

static void
hash_room(const struct conf *c, struct conf_hash *h, rehash_fn rehash)
{
	struct conf_hash n = { .size = h->size ? h->size * 2 : 64 };
	uint32_t i;

	if (h->used * 2 < h->size)
		return;
	n.slot = malloc(n.size * sizeof(*n.slot));
	if (n.slot == NULL)
		fatalx("out of memory");
	memset(n.slot, 0xff, n.size * sizeof(*n.slot));
	for (i = 0; i < h->size; i++)
		if (h->slot[i] != IMG_NONE)
			*hash_slot(c, &n, rehash(c, h->slot[i]), never,
			    NULL) = h->slot[i];
	n.used = h->used;
	free(h->slot);
	*h = n;
}

struct conf_memo *
conf_memo(struct conf_memo *m, const char *name)
{
	return &m[siphash13(no_key, name, strlen(name)) % CONF_MEMO];
}

/* Templates. A deleted name stays in the hash and is used again. */

static uint64_t
name_hash(const char *name)
{
	return siphash13(no_key, name, strlen(name));
}

static uint64_t
tmpl_rehash(const struct conf *c, uint32_t i)
{
	return name_hash(c->tmpls[i].name);
}

static int
tmpl_same(const struct conf *c, uint32_t i, const void *key)
{
	return strcmp(c->tmpls[i].name, key) == 0;
}

uint32_t
conf_tmpl_find(const struct conf *c, const char *name)
{
	uint32_t i;

	if (c->tmpl_hash.size == 0)
		return IMG_NONE;
	i = *hash_slot(c, &c->tmpl_hash, name_hash(name), tmpl_same, name);
	return i == IMG_NONE || c->tmpls[i].deleted ? IMG_NONE : i;
}

uint32_t
conf_tmpl_new(struct conf *c, const char *name, struct conf_pos pos)
{
	struct conf_tmpl *t;
	uint32_t *slot;

	c->tmpls = conf_grow(c->tmpls, c->ntmpls, &c->ctmpls,
	    sizeof(*c->tmpls));
	t = &c->tmpls[c->ntmpls];
	memset(t, 0, sizeof(*t));
	t->name = arena_dup(&c->mem, name, strlen(name));
	t->pos = pos;
	t->persona = IMG_NONE;
	t->uptime = IMG_NONE;
	t->nofile = CONF_NOFILE;
	t->transcript = CONF_TRANSCRIPT;
	t->act_tcp = t->act_udp = ACT_FILTERED;
	t->act_icmp = ACT_OPEN;
	hash_room(c, &c->tmpl_hash, tmpl_rehash);
	slot = hash_slot(c, &c->tmpl_hash, name_hash(name), tmpl_same, name);
	if (*slot == IMG_NONE)
		c->tmpl_hash.used++;
	*slot = c->ntmpls;
	return c->ntmpls++;
}

uint32_t
conf_tmpl_clone(struct conf *c, uint32_t old, const char *name,
    struct conf_pos pos)
{
	uint32_t n = conf_tmpl_new(c, name, pos);
	struct conf_tmpl *t = &c->tmpls[n], *o = &c->tmpls[old];
	struct conf_tmpl fresh = *t;

	*t = *o;
	t->name = fresh.name;
	t->pos = pos;
	t->is_private = t->used = 0;
	o->used = 1;
	t->ports = NULL;
	t->cports = o->nports;
	if (o->nports > 0) {
		t->ports = reallocarray(NULL, o->nports, sizeof(*t->ports));
		if (t->ports == NULL)
			fatalx("out of memory");
		memcpy(t->ports, o->ports, o->nports * sizeof(*t->ports));
	}
	return n;
}

void
conf_tmpl_delete(struct conf *c, uint32_t i)
{
	c->tmpls[i].deleted = 1;
	free(c->tmpls[i].ports);
	c->tmpls[i].ports = NULL;
	c->tmpls[i].nports = c->tmpls[i].cports = 0;
}

/* Ports: kept sorted by (proto, port). */

static uint32_t
port_key(const struct conf_port *p)
{
	return (uint32_t)p->proto << 16 | p->port;
}

static uint32_t
port_place(const struct conf_tmpl *t, uint32_t key)
{
	uint32_t lo = 0, hi = t->nports, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (port_key(&t->ports[mid]) < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

void
conf_port_set(struct conf *c, uint32_t tmpl, const struct conf_port *p,
    struct conf_pos pos)
{
	struct conf_tmpl *t = &c->tmpls[tmpl];
	uint32_t i = port_place(t, port_key(p));

	if (i < t->nports && port_key(&t->ports[i]) == port_key(p)) {
		conf_warn(c, pos, "template '%s' has %s port %u already: this "
		    "one replaces it", conf_show(c, t->name),
		    p->proto == 6 ? "tcp" : "udp", p->port);
		t->ports[i] = *p;
		return;
	}
	t->ports = conf_grow(t->ports, t->nports, &t->cports,
	    sizeof(*t->ports));
	memmove(&t->ports[i + 1], &t->ports[i],
	    (t->nports - i) * sizeof(*t->ports));
	t->ports[i] = *p;
	t->nports++;
}

int
conf_port_delete(struct conf *c, uint32_t tmpl, uint8_t proto, uint16_t port)
{
	struct conf_port key = { .proto = proto, .port = port };
	struct conf_tmpl *t = &c->tmpls[tmpl];
	uint32_t i = port_place(t, port_key(&key));

	if (i == t->nports || port_key(&t->ports[i]) != port_key(&key))
		return -1;
	t->nports--;
	memmove(&t->ports[i], &t->ports[i + 1],
	    (t->nports - i) * sizeof(*t->ports));
	return 0;
}

/* Bindings. */

struct bind_key {
	uint32_t addr;
	uint8_t bits;
};

static uint64_t
bind_hash(uint32_t addr, uint8_t bits)
{
	uint64_t v = (uint64_t)addr << 6 | bits;

	v *= 0x9e3779b97f4a7c15ULL;
	return v ^ v >> 32;
}

static uint64_t
bind_rehash(const struct conf *c, uint32_t i)
{
	return bind_hash(c->binds[i].addr, c->binds[i].bits);
}

static int
bind_same(const struct conf *c, uint32_t i, const void *key)
{
	const struct bind_key *k = key;

	return c->binds[i].addr == k->addr && c->binds[i].bits == k->bits;
}

static uint32_t
bind_row(const struct conf *c, uint32_t addr, uint8_t bits)
{
	struct bind_key k = { addr, bits };

	if (c->bind_hash.size == 0)
		return IMG_NONE;
	return *hash_slot(c, &c->bind_hash, bind_hash(addr, bits), bind_same,
	    &k);
}

uint32_t
conf_bind_find(const struct conf *c, uint32_t addr, uint8_t bits)
{
	uint32_t i = bind_row(c, addr, bits);

	return i == IMG_NONE || c->binds[i].tmpl == IMG_NONE ? IMG_NONE : i;
}

uint32_t
conf_bind_covering(const struct conf *c, uint32_t addr)
{
	uint32_t i;
	int bits;

	for (bits = 32; bits >= 0; bits--) {
		if (!(c->bind_bits >> bits & 1))
			continue;
		i = conf_bind_find(c, addr & conf_mask((uint8_t)bits),
		    (uint8_t)bits);
		if (i != IMG_NONE)
			return i;
	}
	return IMG_NONE;
}

void
conf_bind_add(struct conf *c, uint32_t addr, uint8_t bits, uint32_t tmpl,
    struct conf_pos pos)
{
	struct bind_key k = { addr, bits };
	uint32_t i = bind_row(c, addr, bits);
	struct conf_bind *b;
	char text[16];

	if (i != IMG_NONE) {
		b = &c->binds[i];
		if (b->tmpl != IMG_NONE && b->tmpl != tmpl)
			conf_warn(c, pos, "%s is bound to '%s' already: '%s' "
			    "replaces it", conf_ip4_text(addr, text),
			    conf_show(c, c->tmpls[b->tmpl].name),
			    conf_show(c, c->tmpls[tmpl].name));
		b->tmpl = tmpl;
		b->pos = pos;
		return;
	}
	if (c->nbinds == CONF_BIND_MAX) {
		conf_error(c, pos, "more than %u bindings", CONF_BIND_MAX);
		return;
	}
	c->binds = conf_grow(c->binds, c->nbinds, &c->cbinds,
	    sizeof(*c->binds));
	hash_room(c, &c->bind_hash, bind_rehash);
	b = &c->binds[c->nbinds];
	b->addr = addr;
	b->bits = bits;
	b->tmpl = tmpl;
	b->pos = pos;
	*hash_slot(c, &c->bind_hash, bind_hash(addr, bits), bind_same, &k) =
	    c->nbinds++;
	c->bind_hash.used++;
	c->bind_bits |= 1ULL << bits;
}

uint32_t
conf_bind_private(struct conf *c, uint32_t addr, struct conf_pos pos)
{
	uint32_t b = conf_bind_covering(c, addr), t;
	char text[16];

	if (b == IMG_NONE)
		return IMG_NONE;
	t = c->binds[b].tmpl;
	if (c->tmpls[t].is_private && c->tmpls[t].private_of == addr)
		return t;
	conf_ip4_text(addr, text);
	if (conf_tmpl_find(c, text) != IMG_NONE) {
		/* Printed configurations name private clones so. */
		if (t == conf_tmpl_find(c, text))
			return t;
		conf_error(c, pos, "a template named '%s' exists already: "
		    "rename it", text);
		return IMG_NONE;
	}
	t = conf_tmpl_clone(c, t, text, pos);
	c->tmpls[t].is_private = 1;
	c->tmpls[t].private_of = addr;
	if (c->binds[b].bits == 32)
		c->binds[b].tmpl = t;
	else
		conf_bind_add(c, addr, 32, t, pos);
	return t;
}
