/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a finished configuration to the image of common/image.h. Everything
 * is numbered in the order of templates, so that equal configurations give
 * equal images, byte for byte but the generation. What is written here must
 * pass image_check(), which is asked before anything leaves.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/addr.h"
#include "common/diag.h"
#include "common/siphash.h"

static const uint8_t no_key[16];

struct vec {
	uint8_t *data;
	uint32_t n, cap;
	size_t size;
};

struct writer {
	struct conf *c;
	struct vec v[IMG_TABLES];
	struct conf_hash strings, services;
	uint32_t *persona;   /* conf.personas to image index */
	struct conf_trie trie;
	uint32_t flags, path;
};

static const size_t sizes[IMG_TABLES] = {
	[IMG_STRINGS] = 1,
	[IMG_ARGS] = 4,
	[IMG_TEMPLATES] = sizeof(struct img_template),
	[IMG_PORTS] = sizeof(struct img_port),
	[IMG_SERVICES] = sizeof(struct img_service),
	[IMG_PERSONAS] = sizeof(struct img_persona),
	[IMG_BINDINGS] = sizeof(struct img_binding),
	[IMG_NETS] = sizeof(struct prefix),
	[IMG_EXCLUDES] = sizeof(struct prefix),
	[IMG_TRIE_ROOT] = 4,
	[IMG_TRIE_BLOCKS] = sizeof(struct img_trie_block),
	[IMG_ROUTES] = 8,
	[IMG_CONDITIONS] = 8,
	[IMG_SRCOS] = sizeof(struct img_srcos),
	[IMG_POLICIES] = sizeof(struct img_policy),
	[IMG_INSNS] = sizeof(struct sandbox_insn),
	[IMG_FRAMES] = sizeof(struct img_bpf),
};

static void *
add(struct writer *w, enum img_table t, uint32_t n)
{
	struct vec *v = &w->v[t];
	void *p;

	while (v->cap - v->n < n)
		v->data = conf_grow(v->data, v->cap, &v->cap, sizes[t]);
	p = v->data + (size_t)v->n * sizes[t];
	memset(p, 0, n * sizes[t]);
	v->n += n;
	return p;
}

/* One hash for strings and services: the slot for a value of this hash. */
static uint32_t *
slot(struct conf_hash *h, uint64_t hash,
    int (*same)(const struct writer *, uint32_t, const void *),
    const struct writer *w, const void *key)
{
	uint32_t i = (uint32_t)hash & (h->size - 1);

	while (h->slot[i] != IMG_NONE && !same(w, h->slot[i], key))
		i = (i + 1) & (h->size - 1);
	return &h->slot[i];
}

static void
hash_make(struct conf_hash *h, uint32_t entries)
{
	for (h->size = 64; h->size < entries * 2; h->size *= 2)
		;
	h->slot = malloc(h->size * sizeof(*h->slot));
	if (h->slot == NULL)
		fatalx("out of memory");
	memset(h->slot, 0xff, h->size * sizeof(*h->slot));
}

static int
string_same(const struct writer *w, uint32_t off, const void *key)
{
	return strcmp((const char *)w->v[IMG_STRINGS].data + off, key) == 0;
}

static uint32_t
string(struct writer *w, const char *s)
{
	size_t n;
	uint32_t *at;

	if (s == NULL || *s == '\0')
		return 0;
	n = strlen(s);
	at = slot(&w->strings, siphash13(no_key, s, n), string_same, w, s);
	if (*at == IMG_NONE) {
		*at = w->v[IMG_STRINGS].n;
		memcpy(add(w, IMG_STRINGS, (uint32_t)n + 1), s, n);
	}
	return *at;
}

static int
service_same(const struct writer *w, uint32_t i, const void *key)
{
	const struct img_service *a = (const void *)(w->v[IMG_SERVICES].data +
	    i * sizeof(*a)), *b = key;
	struct img_service x = *b;

	x.arg_first = a->arg_first; /* equal commands split equally */
	return memcmp(a, &x, sizeof(x)) == 0;
}

/* Services of equal command and options are one, with one set of caps. */
static uint32_t
service(struct writer *w, const struct conf_service *s, uint32_t nofile)
{
	struct img_service x;
	uint32_t i, *at, *arg;

	memset(&x, 0, sizeof(x));
	x.name = string(w, s->command);
	x.arg_count = s->argc;
	x.interp = string(w, s->interp);
	x.wall_s = s->wall_s;
	x.idle_s = s->idle_s;
	x.cpu_s = s->cpu_s;
	x.max_sessions = s->max_sessions;
	x.max_sessions_source = s->max_sessions_source;
	x.nofile = nofile;
	x.max_bytes_out = s->max_bytes_out;
	x.memory = s->memory;
	x.profile = s->profile;
	x.pool = s->pool;
	x.proto = s->proto;
	at = slot(&w->services, siphash13(no_key, &x, sizeof(x)),
	    service_same, w, &x);
	if (*at != IMG_NONE)
		return *at;
	x.arg_first = w->v[IMG_ARGS].n;
	arg = add(w, IMG_ARGS, s->argc);
	for (i = 0; i < s->argc; i++)
		arg[i] = string(w, s->argv[i]);
	if (x.profile == PROFILE_SHELL)
		w->flags |= IMG_F_SHELL;
	*at = w->v[IMG_SERVICES].n;
	memcpy(add(w, IMG_SERVICES, 1), &x, sizeof(x));
	return *at;
}

static uint32_t
persona(struct writer *w, uint32_t i)
{
	const struct conf_persona *p = &w->c->personas[i];
	struct img_persona *out;

	if (w->persona[i] == IMG_NONE) {
		w->persona[i] = w->v[IMG_PERSONAS].n;
		out = add(w, IMG_PERSONAS, 1);
		memcpy(out, &p->p, sizeof(*out));
		out->name = string(w, p->title);
	}
	return w->persona[i];
}

static void
template(struct writer *w, const struct conf_tmpl *t)
{
	struct img_template x;
	struct img_port *p;
	uint32_t i, s;

	memset(&x, 0, sizeof(x));
	x.name = string(w, t->name);
	x.persona = persona(w, t->made);
	x.port_first = w->v[IMG_PORTS].n;
	x.port_count = t->nports;
	x.uptime = t->uptime;
	x.banner = string(w, t->banner);
	x.drop_ppm = t->drop_ppm;
	x.mac_mode = t->mac_mode;
	memcpy(x.mac, t->mac, 6);
	x.act_tcp = t->act_tcp;
	x.act_udp = t->act_udp;
	x.act_icmp = t->act_icmp;
	x.denied = t->denied;
	x.transcript = t->transcript;
	x.denied_text = t->denied == 2 ? string(w, t->denied_text) : 0;
	if (t->over.set & OVER_BIT(OVER_SKEW)) {
		x.skew_set = 1;
		x.skew_ppb = (int32_t)t->over.v[OVER_SKEW];
	}
	for (i = 0; i < t->nports; i++) {
		s = t->ports[i].service;
		if (s != IMG_NONE)
			s = service(w, &w->c->services[s], t->nofile);
		p = add(w, IMG_PORTS, 1);
		p->port = t->ports[i].port;
		p->proto = t->ports[i].proto;
		p->action = t->ports[i].action;
		p->service = s;
	}
	memcpy(add(w, IMG_TEMPLATES, 1), &x, sizeof(x));
}

static void
bindings(struct writer *w)
{
	struct conf *c = w->c;
	struct conf_net *nets;
	struct img_binding *b;
	struct prefix *p;
	uint32_t i, n;
	int bits;

	nets = calloc(c->nbinds + 1, sizeof(*nets));
	if (nets == NULL)
		fatalx("out of memory");
	for (i = 0; i < c->nbinds; i++) {
		b = add(w, IMG_BINDINGS, 1);
		addr_set4(b->addr, c->binds[i].addr);
		b->tmpl = c->tmpls[c->binds[i].tmpl].index;
		b->ver = 4;
		b->bits = c->binds[i].bits;
		nets[i].addr = c->binds[i].addr;
		nets[i].bits = c->binds[i].bits;
	}
	for (bits = 0; bits <= 32; bits++) {
		for (i = 0; i < c->nbinds && (c->bind_bits >> bits & 1); i++)
			if (c->binds[i].bits == bits)
				conf_trie_add(&w->trie, c->binds[i].addr,
				    (uint8_t)bits,
				    c->tmpls[c->binds[i].tmpl].index + 1);
	}
	n = conf_cover(nets, c->nbinds, IMG_NETS_MAX);
	for (i = 0; i < n; i++) {
		p = add(w, IMG_NETS, 1);
		addr_set4(p->addr, nets[i].addr);
		p->ver = 4;
		p->bits = nets[i].bits;
	}
	free(nets);
	for (i = 0; i < c->nexcludes; i++) {
		p = add(w, IMG_EXCLUDES, 1);
		addr_set4(p->addr, c->excludes[i].addr);
		p->ver = 4;
		p->bits = c->excludes[i].bits;
	}
}

static void
signatures(struct writer *w)
{
	const struct conf_srcos *s;
	struct img_srcos x;
	uint32_t i;

	for (i = 0; i < w->c->nsrcos; i++) {
		s = &w->c->srcos[i];
		x = s->r;
		x.name = string(w, s->name);
		x.flavor = string(w, s->flavor);
		x.family = string(w, s->family);
		memcpy(add(w, IMG_SRCOS, 1), &x, sizeof(x));
	}
}

static void
policies(struct writer *w)
{
	const struct conf_policy *s;
	struct img_policy *p;
	uint32_t i;

	for (i = 0; i < NARROW_MAX; i++) {
		if ((s = w->c->policies[i]) == NULL)
			continue;
		p = add(w, IMG_POLICIES, 1);
		memcpy(p, &s->row, sizeof(*p));
		p->of = (uint8_t)i;
		p->insn_first = w->v[IMG_INSNS].n;
		memcpy(add(w, IMG_INSNS, p->insn_count), s->insns,
		    p->insn_count * sizeof(*s->insns));
	}
}

static void
frames(struct writer *w)
{
	const struct conf_log *l = &w->c->log;

	if (l->ninsns > 0)
		memcpy(add(w, IMG_FRAMES, l->ninsns), l->insns,
		    l->ninsns * sizeof(*l->insns));
}

/* path: offset of the string. */
static void
header_log(const struct conf_log *l, struct img_header *h, uint32_t path)
{
	h->log_budget = l->budget;
	h->log_reserve = l->reserve;
	memcpy(h->log_stream_budget, l->stream_budget,
	    sizeof(h->log_stream_budget));
	memcpy(h->log_keep_s, l->keep_s, sizeof(h->log_keep_s));
	h->log_full = l->full;
	h->frames_snap = l->ninsns > 0 ? l->snap : 0;
	h->syslog = l->syslog;
	h->syslog.path = path;
}

static void
header(const struct writer *w, struct img_header *h, uint32_t generation)
{
	const struct conf *c = w->c;
	uint32_t d = conf_tmpl_find(c, "default");

	h->magic = IMAGE_MAGIC;
	h->version = IMAGE_VERSION;
	h->generation = generation;
	h->flags = c->flags | w->flags;
	h->default_tmpl = d == IMG_NONE ? IMG_NONE : c->tmpls[d].index;
	h->max_sessions = c->max_sessions;
	h->max_sessions_source = c->max_sessions_source;
	h->max_connections = c->max_connections;
	h->max_connections_source = c->max_connections_source;
	h->log_segment_bytes = c->log_segment_bytes;
	h->log_segment_seconds = c->log_segment_seconds;
	h->arp_pace_ms = c->arp_pace_ms;
	h->scripts_memory = c->scripts_memory;
	h->scripts_processes = c->scripts_processes;
	h->scripts_cpu = c->scripts_cpu;
	header_log(&c->log, h, w->path);
}

/* Tables behind the header, each at a multiple of 8. */
static uint8_t *
assemble(struct writer *w, uint32_t generation, size_t *size)
{
	size_t off = sizeof(struct img_header), n;
	struct img_header *h;
	struct img_ref ref[IMG_TABLES];
	const void *src;
	uint8_t *mem;
	int t;

	for (t = 0; t < IMG_TABLES; t++) {
		off = (off + 7) & ~(size_t)7;
		ref[t].off = off;
		ref[t].count = w->v[t].n;
		ref[t].size = (uint32_t)sizes[t];
		if (t == IMG_TRIE_ROOT)
			ref[t].count = 65536;
		if (t == IMG_TRIE_BLOCKS)
			ref[t].count = w->trie.nblocks;
		off += (size_t)ref[t].count * sizes[t];
	}
	off = (off + 7) & ~(size_t)7;
	if (off > IMAGE_MAX) {
		conf_error(w->c, (struct conf_pos){ 0 }, "the configuration "
		    "needs an image of %zu bytes, more than %u", off,
		    IMAGE_MAX);
		return NULL;
	}
	mem = calloc(1, off);
	if (mem == NULL)
		fatalx("out of memory");
	for (t = 0; t < IMG_TABLES; t++) {
		src = t == IMG_TRIE_ROOT ? (const void *)w->trie.root :
		    t == IMG_TRIE_BLOCKS ? (const void *)w->trie.blocks :
					   (const void *)w->v[t].data;
		n = (size_t)ref[t].count * sizes[t];
		if (n > 0)
			memcpy(mem + ref[t].off, src, n);
	}
	h = (struct img_header *)(void *)mem;
	header(w, h, generation);
	memcpy(h->table, ref, sizeof(ref));
	h->size = *size = off;
	h->checksum = siphash13(no_key, mem, off);
	return mem;
}

void *
conf_image(struct conf *c, uint32_t generation, size_t *size)
{
	struct writer w = { .c = c };
	struct image img;
	uint8_t *mem;
	uint32_t i;
	int err;

	hash_make(&w.strings, c->ntmpls * 3 + c->nservices *
	    (CONF_ARGS_MAX + 2) + c->npersonas + c->nsrcos * 3 + 16);
	hash_make(&w.services, c->nservices + c->ntmpls + 16);
	conf_trie_init(&w.trie);
	w.persona = malloc((c->npersonas + 1) * sizeof(*w.persona));
	if (w.persona == NULL)
		fatalx("out of memory");
	memset(w.persona, 0xff, (c->npersonas + 1) * sizeof(*w.persona));
	add(&w, IMG_STRINGS, 1);
	for (i = 0; i < c->ntmpls; i++)
		if (!c->tmpls[i].deleted)
			template(&w, &c->tmpls[i]);
	bindings(&w);
	signatures(&w);
	policies(&w);
	frames(&w);
	w.path = string(&w, c->log.path);
	mem = assemble(&w, generation, size);
	for (i = 0; i < IMG_TABLES; i++)
		free(w.v[i].data);
	free(w.strings.slot);
	free(w.services.slot);
	free(w.persona);
	conf_trie_free(&w.trie);
	if (mem == NULL)
		return NULL;
	err = image_check(mem, *size, &img);
	if (err != IMAGE_OK)
		fatalx("bug: the image does not pass its own check: %s",
		    image_strerror(err));
	return mem;
}
