/* SPDX-License-Identifier: ISC */
/*
 * What stands inside the records of an image: indexes, string offsets, enums,
 * order, tries. Runs wherever an image is taken, before anything else reads
 * it. Linear in the image's size; must never follow an index it has not
 * compared.
 */
#include <netinet/in.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image_int.h"

/* Steps say which kind of fault they found. */
#define INDEX(cond)                                                          \
	do {                                                                 \
		if (!(cond))                                                 \
			return IMAGE_E_INDEX;                                \
	} while (0)
#define VALUE(cond)                                                          \
	do {                                                                 \
		if (!(cond))                                                 \
			return IMAGE_E_VALUE;                                \
	} while (0)

#define STR(img, off)	((off) < (img)->hdr->table[IMG_STRINGS].count)
#define FLAGS_KNOWN                                                          \
	(IMG_F_SHELL | IMG_F_HONEYD | IMG_F_SERVICE | IMG_F_MAC_HOST |       \
	    IMG_F_ARP_FULL | IMG_F_CRASH_STOP | IMG_F_COMPAT)

static int
zero(const uint8_t *p, size_t n)
{
	uint8_t all = 0;

	while (n-- > 0)
		all |= *p++;
	return all == 0;
}

/* count records from first within total, without overflow. */
static int
range(uint32_t first, uint32_t count, uint32_t total)
{
	return first <= total && count <= total - first;
}

static int
check_header(const struct image *img)
{
	const struct img_header *h = img->hdr;
	uint32_t nstr = h->table[IMG_STRINGS].count;

	INDEX(h->default_tmpl == IMG_NONE ||
	    h->default_tmpl < img->ntemplates);
	VALUE((h->flags & ~(uint32_t)FLAGS_KNOWN) == 0);
	VALUE(h->max_sessions != 0 && h->max_sessions_source != 0);
	VALUE(h->max_connections != 0 && h->max_connections_source != 0);
	VALUE(h->log_segment_bytes != 0 && h->log_segment_seconds != 0);
	VALUE(h->log_segment_bytes <= INT64_MAX && h->arp_pace_ms != 0);
	VALUE(h->scripts_processes >= SCRIPTS_PROCESSES_MIN &&
	    h->scripts_processes <= SCRIPTS_PROCESSES_MAX);
	VALUE(h->scripts_memory == 0 ||
	    (h->scripts_memory >= SCRIPTS_MEMORY_MIN &&
		h->scripts_memory <= SCRIPTS_MEMORY_MAX));
	VALUE(h->scripts_cpu <= SCRIPTS_CPU_MAX);
	INDEX(img->strings[0] == '\0' && img->strings[nstr - 1] == '\0');
	return IMAGE_OK;
}

static int
check_args(const struct image *img)
{
	uint32_t i, n = img->hdr->table[IMG_ARGS].count;

	for (i = 0; i < n; i++)
		INDEX(STR(img, img->args[i]));
	return IMAGE_OK;
}

/* A default action has no service to start. */
static int
default_ok(uint8_t act)
{
	return act <= ACT_OPEN || act == ACT_TARPIT_OPEN;
}

static int
check_templates(const struct image *img)
{
	const struct img_template *t;
	const struct img_port *p;
	uint64_t total = 0;
	uint32_t i, j;

	for (i = 0; i < img->ntemplates; i++) {
		t = &img->templates[i];
		INDEX(STR(img, t->name) && STR(img, t->banner) &&
		    STR(img, t->denied_text));
		INDEX(t->persona < img->npersonas);
		INDEX(range(t->port_first, t->port_count, img->nports));
		VALUE(t->transcript <= IMG_TRANSCRIPT_MAX && t->reserved == 0);
		VALUE(t->drop_ppm <= 1000000 && t->mac_mode <= MAC_VENDOR);
		VALUE(t->mac_mode == MAC_DERIVED || (t->mac[0] & 1) == 0);
		VALUE(default_ok(t->act_tcp) && default_ok(t->act_udp) &&
		    default_ok(t->act_icmp) && t->denied <= 2);
		VALUE(t->skew_set <= 1 && (t->skew_set || t->skew_ppb == 0) &&
		    t->skew_ppb >= -1000000 && t->skew_ppb <= 1000000);
		/* shared rows would make this loop quadratic */
		total += t->port_count;
		VALUE(total <= img->nports);
		p = img->ports + t->port_first;
		for (j = 1; j < t->port_count; j++)
			VALUE(p[j - 1].proto < p[j].proto ||
			    (p[j - 1].proto == p[j].proto &&
			    p[j - 1].port < p[j].port));
	}
	return IMAGE_OK;
}

static int
check_ports(const struct image *img)
{
	const struct img_port *p;
	uint32_t i;

	for (i = 0; i < img->nports; i++) {
		p = &img->ports[i];
		VALUE(p->proto == IPPROTO_TCP || p->proto == IPPROTO_UDP);
		VALUE(p->action <= ACT_TARPIT_SERVICE);
		if (p->action != ACT_SERVICE &&
		    p->action != ACT_TARPIT_SERVICE) {
			INDEX(p->service == IMG_NONE);
			continue;
		}
		INDEX(p->service < img->nservices);
		VALUE(img->services[p->service].proto == p->proto);
	}
	return IMAGE_OK;
}

static int
check_services(const struct image *img)
{
	uint32_t i, nargs = img->hdr->table[IMG_ARGS].count;
	const struct img_service *s;

	for (i = 0; i < img->nservices; i++) {
		s = &img->services[i];
		INDEX(STR(img, s->name) && STR(img, s->interp));
		INDEX(range(s->arg_first, s->arg_count, nargs));
		VALUE(s->arg_count > 0 && image_str(img, s->interp)[0] == '/');
		VALUE(s->wall_s != 0 && s->idle_s != 0 && s->cpu_s != 0);
		VALUE(s->max_sessions != 0 && s->max_sessions_source != 0);
		VALUE(s->nofile >= 4 && s->nofile <= 32);
		VALUE(s->max_bytes_out != 0 && s->memory != 0);
		VALUE(s->profile <= PROFILE_SHELL && s->pool <= 64);
		VALUE(s->profile != PROFILE_SHELL ||
		    img->hdr->flags & IMG_F_SHELL);
		VALUE(s->proto == IPPROTO_TCP || s->proto == IPPROTO_UDP);
		VALUE(zero(s->reserved, sizeof(s->reserved)));
	}
	return IMAGE_OK;
}

static int
check_personas(const struct image *img)
{
	uint32_t i;
	int err;

	for (i = 0; i < img->npersonas; i++) {
		INDEX(STR(img, img->personas[i].name));
		err = image_check_persona(&img->personas[i]);
		if (err != IMAGE_OK)
			return err;
	}
	return IMAGE_OK;
}

static int
check_bindings(const struct image *img)
{
	const struct img_binding *b, *prev = NULL;
	struct prefix p;
	uint32_t i;
	int d;

	memset(&p, 0, sizeof(p));
	for (i = 0; i < img->nbindings; i++, prev = b) {
		b = &img->bindings[i];
		INDEX(b->tmpl < img->ntemplates);
		memcpy(p.addr, b->addr, sizeof(p.addr));
		p.ver = b->ver;
		p.bits = b->bits;
		VALUE(prefix_valid(&p) && b->reserved == 0);
		if (prev == NULL)
			continue;
		d = memcmp(prev->addr, b->addr, sizeof(b->addr));
		VALUE(prev->ver < b->ver || (prev->ver == b->ver &&
		    (d < 0 || (d == 0 && prev->bits < b->bits))));
	}
	return IMAGE_OK;
}

static int
check_prefixes(const struct image *img)
{
	uint32_t i;

	for (i = 0; i < img->nnets; i++)
		VALUE(prefix_valid(&img->nets[i]));
	for (i = 0; i < img->nexcludes; i++)
		VALUE(prefix_valid(&img->excludes[i]));
	return IMAGE_OK;
}

/* Every cell names a template or a block; *deep: some cell is a block. */
static int
check_cells(const struct image *img, const uint32_t *cell, uint32_t n,
    int *deep)
{
	uint32_t nblocks = img->hdr->table[IMG_TRIE_BLOCKS].count, i;

	*deep = 0;
	for (i = 0; i < n; i++) {
		if (cell[i] & IMG_TRIE_BLOCK) {
			INDEX((cell[i] & ~IMG_TRIE_BLOCK) < nblocks);
			*deep = 1;
		} else
			INDEX(cell[i] <= img->ntemplates);
	}
	return IMAGE_OK;
}

/* Blocks that have blocks below may only have leaves there: a look-up takes
 * at most two steps below the root. deep: one byte a block. */
static int
check_depth(const struct image *img, const uint8_t *deep)
{
	uint32_t nblocks = img->hdr->table[IMG_TRIE_BLOCKS].count, i, j, c;

	for (i = 0; i < nblocks; i++) {
		for (j = 0; deep[i] && j < 256; j++) {
			c = img->trie_blocks[i].cell[j];
			INDEX(!(c & IMG_TRIE_BLOCK) ||
			    !deep[c & ~IMG_TRIE_BLOCK]);
		}
	}
	return IMAGE_OK;
}

static int
check_trie(const struct image *img)
{
	uint32_t nblocks = img->hdr->table[IMG_TRIE_BLOCKS].count, i;
	uint8_t *deep;
	int err, d;

	if ((err = check_cells(img, img->trie_root, 65536, &d)) != IMAGE_OK ||
	    nblocks == 0)
		return err;
	if ((deep = malloc(nblocks)) == NULL)
		return IMAGE_E_MAP;
	for (i = 0; i < nblocks && err == IMAGE_OK; i++) {
		err = check_cells(img, img->trie_blocks[i].cell, 256, &d);
		deep[i] = (uint8_t)d;
	}
	if (err == IMAGE_OK)
		err = check_depth(img, deep);
	free(deep);
	return err;
}

int
image_check_records(const struct image *img)
{
	static int (*const steps[])(const struct image *) = {
	    check_header,    check_args,     check_templates, check_services,
	    check_ports,     check_personas, check_bindings,  check_prefixes,
	    check_trie,	     srcos_check,     image_check_policies,
	    image_check_log,
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if ((err = steps[i](img)) != IMAGE_OK)
			return err;
	return IMAGE_OK;
}
