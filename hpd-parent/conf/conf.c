/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: one compilation from start to end: defaults, reading, the checks
 * that need the whole configuration, numbering.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "parse.h"
#include "srcos.h"
#include "table.h"

void
conf_init(struct conf *c, FILE *out)
{
	memset(c, 0, sizeof(*c));
	c->out = out;
	c->conf_dir = c->db_dir = c->oui_dir = c->jail_dir = -1;
	c->fp_dir = -1;
	c->max_sessions = 1024;
	c->max_sessions_source = 128;
	c->max_connections = 262144;
	c->max_connections_source = 65536;
	c->log_segment_bytes = 64u << 20;
	c->log_segment_seconds = 86400;
	c->arp_pace_ms = 10;
	conf_log_defaults(c);
	c->scripts_processes = SCRIPTS_PROCESSES;
}

void
conf_free(struct conf *c)
{
	uint32_t i;

	for (i = 0; i < c->ntmpls; i++)
		free(c->tmpls[i].ports);
	free(c->tmpls);
	free(c->services);
	free(c->personas);
	free(c->annotations);
	free(c->binds);
	free(c->nets);
	free(c->excludes);
	free(c->srcos);
	free(c->files);
	free(c->macros);
	free(c->tmpl_hash.slot);
	free(c->bind_hash.slot);
	nmapdb_free(c->nmapdb);
	ouidb_free(c->ouidb);
	arena_free(&c->mem);
	memset(c, 0, sizeof(*c));
}

/* Trailing nets go to `default` where nothing longer or equal, and nothing
 * around them, is bound already. */
static void
bind_default(struct conf *c)
{
	uint32_t d = conf_tmpl_find(c, "default"), i;
	struct conf_net *n;

	if (d == IMG_NONE || c->tmpls[d].dynamic)
		return;
	for (i = 0; i < c->nnets; i++) {
		n = &c->nets[i];
		uint32_t row = conf_bind_covering(c, n->addr);

		if (row != IMG_NONE && c->binds[row].bits <= n->bits)
			continue;
		/* A longer row may hide a wider one that has all of n. */
		for (int b = n->bits; b >= 0; b--)
			if (conf_bind_find(c, n->addr & conf_mask((uint8_t)b),
				(uint8_t)b) != IMG_NONE)
				goto next;
		conf_bind_add(c, n->addr, n->bits, d, c->tmpls[d].pos);
		c->tmpls[d].used = 1;
next:;
	}
}

/* Excludes are disjoint and sorted by now. */
static int
excluded(const struct conf *c, uint32_t addr)
{
	uint32_t lo = 0, hi = c->nexcludes, mid;

	while (lo < hi) {
		mid = (lo + hi) / 2;
		if (c->excludes[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0 && ((addr ^ c->excludes[lo - 1].addr) &
			     conf_mask(c->excludes[lo - 1].bits)) == 0;
}

static void
check_bindings(struct conf *c)
{
	struct conf_bind *b;
	uint32_t i, live = 0;
	char text[16];

	for (i = 0; i < c->nbinds; i++) {
		b = &c->binds[i];
		if (b->tmpl == IMG_NONE)
			continue;
		live++;
		c->tmpls[b->tmpl].used = 1;
		if (b->bits == 32 && c->nexcludes > 0 &&
		    excluded(c, b->addr))
			conf_warn(c, b->pos, "%s is bound but excluded: it "
			    "will not answer", conf_ip4_text(b->addr, text));
	}
	if (live == 0 && c->nerrors == 0)
		conf_warn(c, (struct conf_pos){ 0 }, "no address is answered "
		    "for: bind a template, or create 'default' and give nets");
}

/* A template that nothing is bound to and that nothing was made of. */
static void
check_unbound(struct conf *c)
{
	struct conf_tmpl *t;
	uint32_t i;

	for (i = 0; i < c->ntmpls; i++) {
		t = &c->tmpls[i];
		if (t->used || t->deleted || t->dynamic)
			continue;
		if (strcmp(t->name, "default") == 0)
			conf_warn(c, t->pos, c->nnets == 0 ?
			    "template 'default' answers for no address: give "
			    "nets (hpd-parent ... 192.0.2.0/24)" :
			    "template 'default' answers for no address: all "
			    "nets given are bound");
		else
			conf_warn(c, t->pos, "template '%s' answers for no "
			    "address: bind ADDRESS %s", conf_show(c, t->name),
			    conf_show(c, t->name));
	}
}

static int
by_addr(const void *a, const void *b)
{
	const struct conf_bind *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->bits < y->bits ? -1 : x->bits > y->bits;
}

/* Rows taken back go, the rest in order of address; the hash ends here. */
static void
sort_bindings(struct conf *c)
{
	uint32_t i, k = 0;

	for (i = 0; i < c->nbinds; i++)
		if (c->binds[i].tmpl != IMG_NONE)
			c->binds[k++] = c->binds[i];
	c->nbinds = k;
	free(c->bind_hash.slot);
	memset(&c->bind_hash, 0, sizeof(c->bind_hash));
	if (k > 0)
		conf_sort(c->binds, k, sizeof(*c->binds), by_addr);
}

int
conf_finish(struct conf *c)
{
	uint32_t i, n = 0;

	c->nexcludes = conf_cover(c->excludes, c->nexcludes, UINT32_MAX);
	bind_default(c);
	check_bindings(c);
	check_unbound(c);
	conf_log_check(c);
	(void)srcos_load(c);
	if (c->nerrors)
		return -1;
	sort_bindings(c);
	for (i = 0; i < c->ntmpls; i++) {
		c->tmpls[i].index = c->tmpls[i].deleted ? IMG_NONE : n++;
		if (!c->tmpls[i].deleted && c->tmpls[i].persona == IMG_NONE)
			c->tmpls[i].persona = conf_persona(c, NULL, NULL,
			    c->tmpls[i].pos);
	}
	conf_overrides(c);
	return c->nerrors ? -1 : 0;
}

int
conf_load_mem(struct conf *c, const char *name, const char *buf, size_t len)
{
	lex_push_mem(c, name, buf, len);
	parse_file(c);
	return conf_finish(c);
}

int
conf_load(struct conf *c, const char *name)
{
	if (lex_push_file(c, name, NULL) == -1)
		return -1;
	parse_file(c);
	return conf_finish(c);
}
