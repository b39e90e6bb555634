/* SPDX-License-Identifier: ISC */
/*
 * A small valid image made by hand, for tests of the checks and for the fuzz
 * corpus: two templates, three ports, two services, one persona, bindings, a
 * three-level trie, two policies, a filter of frames, syslog.
 */
#ifndef TESTS_IMAGE_SAMPLE_H
#define TESTS_IMAGE_SAMPLE_H

#include <stdint.h>
#include <string.h>

#include "common/image.h"
#include "tests/lib/persona_fix.h"

#define SAMPLE_MAX (512u << 10)

/* Offsets of strings in the pool below. */
static const char sample_pool[] =
    "\0web\0/bin/perl\0perl\0x.pl\0Linux 5\0b\0/dev/log";
#define S_WEB	1u
#define S_INTERP 5u
#define S_PERL	15u
#define S_X	20u
#define S_OS	25u
#define S_B	33u
#define S_LOG	35u

static inline void *
sample_put(uint8_t *mem, uint64_t *pos, unsigned int table, const void *p,
    uint32_t count)
{
	struct img_header *h = (struct img_header *)(void *)mem;
	struct img_ref *r = &h->table[table];

	r->off = *pos;
	r->count = count;
	r->size = image_record_size(table);
	if (p != NULL)
		memcpy(mem + *pos, p, (size_t)count * r->size);
	*pos = (*pos + (uint64_t)count * r->size + 7) & ~7ULL;
	return mem + r->off;
}

static inline void
sample_seal(uint8_t *mem)
{
	struct img_header *h = (struct img_header *)(void *)mem;

	h->checksum = image_checksum(mem, (size_t)h->size);
}

/* Into mem (SAMPLE_MAX bytes, 8-aligned); its size. */
static inline size_t
sample_image(uint8_t *mem)
{
	static const uint32_t args[] = {S_PERL, S_X, S_PERL};
	static const struct img_template tmpl[2] = {
	    {.name = S_WEB,
		.port_count = 2,
		.uptime = IMG_NONE,
		.banner = S_B,
		.act_tcp = ACT_CLOSED,
		.act_udp = ACT_CLOSED,
		.act_icmp = ACT_OPEN},
	    {.name = S_OS,
		.port_first = 2,
		.port_count = 1,
		.drop_ppm = 1000000,
		.mac_mode = MAC_EXACT,
		.mac = {2, 0, 0, 0, 0, 9},
		.act_tcp = ACT_TARPIT_OPEN},
	};
	static const struct img_port ports[3] = {
	    {.port = 80, .proto = 6, .action = ACT_SERVICE, .service = 0},
	    {.port = 53, .proto = 17, .action = ACT_SERVICE, .service = 1},
	    {.port = 0, .proto = 6, .action = ACT_OPEN, .service = IMG_NONE},
	};
	static const struct img_service svc[2] = {
	    {.name = S_WEB,
		.arg_first = 0,
		.arg_count = 2,
		.interp = S_INTERP,
		.wall_s = 60,
		.idle_s = 10,
		.cpu_s = 5,
		.max_sessions = 10,
		.max_sessions_source = 2,
		.nofile = 32,
		.max_bytes_out = 1 << 20,
		.memory = 64 << 20,
		.profile = PROFILE_SHELL,
		.proto = 6},
	    {.name = S_X,
		.arg_first = 2,
		.arg_count = 1,
		.interp = S_INTERP,
		.wall_s = 1,
		.idle_s = 1,
		.cpu_s = 1,
		.max_sessions = 1,
		.max_sessions_source = 1,
		.nofile = 4,
		.max_bytes_out = 1,
		.memory = 1,
		.proto = 17},
	};
	static struct img_persona per;
	static const struct img_binding bind[3] = {
	    {.addr = {10, 0, 0, 0}, .ver = 4, .bits = 8, .tmpl = 1},
	    {.addr = {10, 0, 0, 0}, .ver = 4, .bits = 32, .tmpl = 0},
	    {.addr = {10, 1, 2, 3}, .ver = 4, .bits = 32, .tmpl = 0},
	};
	static const struct prefix net = {
	    .addr = {10}, .ver = 4, .bits = 8};
	static const struct prefix excl[2] = {
	    {.addr = {10, 0, 0, 1}, .ver = 4, .bits = 32},
	    {.addr = {0x20, 1}, .ver = 6, .bits = 16},
	};
	/* programs of two policies: every instruction there may be but JA */
	static const struct sandbox_insn insns[9] = {
	    {0x06, 0, 0, 0x80000000}, /* of net: kill */
	    {0x20, 0, 0, 4}, {0x15, 0, 5, 7}, {0x20, 0, 0, 0},
	    {0x35, 0, 2, 1}, {0x20, 0, 0, 16}, {0x54, 0, 0, 1},
	    {0x06, 0, 0, 0x7fff0000}, {0x06, 0, 0, 0x00050001},
	};
	static const struct img_policy pol[2] = {
	    {.of = NARROW_NET, .insn_first = 0, .insn_count = 1},
	    {.of = NARROW_SVC_NOFORK, .insn_first = 1, .insn_count = 8,
		.nrlimits = 2,
		.rlimits = {{.resource = 7, .soft = 8, .hard = 9},
		    {.resource = 15}}},
	};
	/* one of each form: loads, sums, jumps, the ways to end */
	static const struct img_bpf frames[10] = {
	    {0x28, 0, 0, 12}, {0x15, 0, 7, 0x800}, {0xb1, 0, 0, 14},
	    {0x02, 0, 0, 15}, {0x60, 0, 0, 15}, {0x34, 0, 0, 2},
	    {0x05, 0, 0, 1}, {0x07, 0, 0, 0}, {0x16, 0, 0, 0},
	    {0x06, 0, 0, 0},
	};
	struct img_header *h = (struct img_header *)(void *)mem;
	struct img_trie_block *b;
	uint64_t pos = (sizeof(*h) + 7) & ~7ULL;
	uint32_t *root, i;

	persona_fix(&per);
	per.name = S_OS;
	memset(mem, 0, SAMPLE_MAX);
	h->magic = IMAGE_MAGIC;
	h->version = IMAGE_VERSION;
	h->generation = 1;
	h->flags = IMG_F_SHELL | IMG_F_HONEYD;
	h->default_tmpl = 1;
	h->max_sessions = h->max_sessions_source = 8;
	h->max_connections = h->max_connections_source = 8;
	h->log_segment_bytes = 1 << 20;
	h->log_segment_seconds = 3600;
	h->arp_pace_ms = 10;
	h->scripts_processes = SCRIPTS_PROCESSES;
	h->log_budget = 8u << 20;
	h->log_reserve = IMG_RESERVE_AUTO;
	h->log_stream_budget[4] = 2u << 20;
	h->log_keep_s[3] = 86400;
	h->frames_snap = 128;
	h->log_full = FULL_OLDEST;
	h->syslog.transport = 1; /* SHIP_UNIX */
	h->syslog.facility = 16;
	h->syslog.path = S_LOG;
	sample_put(mem, &pos, IMG_STRINGS, sample_pool, sizeof(sample_pool));
	sample_put(mem, &pos, IMG_ARGS, args, 3);
	sample_put(mem, &pos, IMG_TEMPLATES, tmpl, 2);
	sample_put(mem, &pos, IMG_PORTS, ports, 3);
	sample_put(mem, &pos, IMG_SERVICES, svc, 2);
	sample_put(mem, &pos, IMG_PERSONAS, &per, 1);
	sample_put(mem, &pos, IMG_BINDINGS, bind, 3);
	sample_put(mem, &pos, IMG_NETS, &net, 1);
	sample_put(mem, &pos, IMG_EXCLUDES, excl, 2);
	sample_put(mem, &pos, IMG_POLICIES, pol, 2);
	sample_put(mem, &pos, IMG_INSNS, insns, 9);
	sample_put(mem, &pos, IMG_FRAMES, frames, 10);
	root = sample_put(mem, &pos, IMG_TRIE_ROOT, NULL, 65536);
	b = sample_put(mem, &pos, IMG_TRIE_BLOCKS, NULL, 3);
	for (i = 0; i < 256; i++) { /* 10/8 is template 1 ... */
		root[10 << 8 | i] = 2;
		b[0].cell[i] = b[1].cell[i] = b[2].cell[i] = 2;
	}
	root[10 << 8 | 1] = IMG_TRIE_BLOCK | 2; /* ... but 10.1.2.3 */
	b[2].cell[2] = IMG_TRIE_BLOCK | 0;
	b[0].cell[3] = 1;
	root[10 << 8 | 0] = IMG_TRIE_BLOCK | 1;
	b[1].cell[0] = 0; /* 10.0.0.0/24 is a hole */
	h->size = pos;
	sample_seal(mem);
	return (size_t)pos;
}

#endif
