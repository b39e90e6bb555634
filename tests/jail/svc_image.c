/* SPDX-License-Identifier: ISC */
/* A small valid image for the tests of hpd-svc: one template, one persona, the
 * given services. */
#include "svc_image.h"

#include <sys/mman.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/image_int.h"
#include "common/image_seal.h"
#include "common/siphash.h"
#include "tests/lib/persona_fix.h"

uint32_t h_max_sessions = 20, h_max_source = 8;

struct build {
	uint8_t *mem;
	size_t len;
	char strings[65536];
	uint32_t nstr;
	uint32_t args[4096];
	uint32_t nargs;
};

static uint32_t
put_str(struct build *b, const char *s)
{
	uint32_t off = b->nstr;

	memcpy(b->strings + off, s, strlen(s) + 1);
	b->nstr += (uint32_t)strlen(s) + 1;
	return off;
}

static void
put_table(struct build *b, int table, const void *rows, uint32_t n, size_t size)
{
	struct img_header *h = (void *)b->mem;

	b->len = (b->len + 7) & ~(size_t)7;
	h->table[table].off = b->len;
	h->table[table].count = n;
	h->table[table].size = (uint32_t)size;
	if (rows != NULL)
		memcpy(b->mem + b->len, rows, n * size);
	b->len += n * size;
}

static struct img_service
service(struct build *b, const struct tsvc *t, int shell)
{
	struct img_service s;
	int i;

	memset(&s, 0, sizeof(s));
	s.name = put_str(b, t->name);
	s.interp = put_str(b, t->interp);
	s.arg_first = b->nargs;
	for (i = 0; i < ARGS_MAX && t->argv[i] != NULL; i++)
		b->args[b->nargs++] = put_str(b, t->argv[i]);
	s.arg_count = b->nargs - s.arg_first;
	s.wall_s = t->wall_s ? t->wall_s : 20;
	s.idle_s = 60;
	s.cpu_s = t->cpu_s ? t->cpu_s : 5;
	s.max_sessions = t->max ? t->max : 100;
	s.max_sessions_source = t->max_source ? t->max_source : 50;
	s.nofile = t->nofile ? t->nofile : 32;
	s.max_bytes_out = 1 << 20;
	s.memory = t->memory ? t->memory : 64 << 20;
	s.profile = shell ? PROFILE_SHELL : PROFILE_NOFORK;
	s.proto = t->udp ? IPPROTO_UDP : IPPROTO_TCP;
	return s;
}

static struct img_persona
persona(struct build *b)
{
	struct img_persona p;

	persona_fix(&p);
	p.name = put_str(b, "Linux 2.6.32");
	return p;
}

int
svc_image(const struct tsvc *list, int n, uint32_t generation, int shell,
    size_t *size)
{
	static struct build b;
	struct img_header *h;
	struct img_service rows[128];
	struct img_template t;
	struct img_persona p;
	char path[64];
	int i, fd, ro;

	memset(&b, 0, sizeof(b));
	b.nstr = 1;
	b.mem = calloc(1, 2 << 20);
	b.len = sizeof(*h);
	h = (void *)b.mem;
	h->magic = IMAGE_MAGIC;
	h->version = IMAGE_VERSION;
	h->generation = generation;
	h->flags = shell ? IMG_F_SHELL : 0;
	h->max_sessions = h_max_sessions;
	h->max_sessions_source = h_max_source;
	h->max_connections = h->max_connections_source = 100;
	h->log_segment_bytes = 1 << 20;
	h->log_segment_seconds = h->arp_pace_ms = 3600;
	h->scripts_processes = SCRIPTS_PROCESSES;
	memset(&t, 0, sizeof(t));
	t.name = put_str(&b, "mailhost");
	t.banner = put_str(&b, "ready");
	p = persona(&b);
	for (i = 0; i < n; i++)
		rows[i] = service(&b, &list[i], shell);
	put_table(&b, IMG_STRINGS, b.strings, b.nstr, 1);
	put_table(&b, IMG_ARGS, b.args, b.nargs, 4);
	put_table(&b, IMG_TEMPLATES, &t, 1, sizeof(t));
	put_table(&b, IMG_SERVICES, rows, (uint32_t)n, sizeof(rows[0]));
	put_table(&b, IMG_PERSONAS, &p, 1, sizeof(p));
	put_table(&b, IMG_TRIE_ROOT, NULL, 65536, 4);
	h->size = b.len;
	h->checksum = image_checksum(b.mem, b.len);
	*size = b.len;

	fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1 || write(fd, b.mem, b.len) != (ssize_t)b.len ||
	    image_seal(fd) == -1)
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ro = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	free(b.mem);
	return ro;
}
