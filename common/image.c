/* SPDX-License-Identifier: ISC */
/*
 * The image as a whole: mapping, header, checksum, bounds of the tables. All
 * processes map it, hpd-parent and hpd-conf only check it. The bytes come from
 * hpd-conf, which reads text an operator may have pasted from anywhere: no
 * offset is believed before it was compared, without overflow.
 */
#include <sys/mman.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "image_int.h"
#include "image_seal.h"
#include "siphash.h"

static const uint32_t record_size[IMG_TABLES] = {
    [IMG_STRINGS] = 1,
    [IMG_ARGS] = sizeof(uint32_t),
    [IMG_TEMPLATES] = sizeof(struct img_template),
    [IMG_PORTS] = sizeof(struct img_port),
    [IMG_SERVICES] = sizeof(struct img_service),
    [IMG_PERSONAS] = sizeof(struct img_persona),
    [IMG_BINDINGS] = sizeof(struct img_binding),
    [IMG_NETS] = sizeof(struct prefix),
    [IMG_EXCLUDES] = sizeof(struct prefix),
    [IMG_TRIE_ROOT] = sizeof(uint32_t),
    [IMG_TRIE_BLOCKS] = sizeof(struct img_trie_block),
    [IMG_ROUTES] = 0, /* no records yet: must be empty */
    [IMG_CONDITIONS] = 0,
    [IMG_SRCOS] = sizeof(struct img_srcos),
    [IMG_POLICIES] = sizeof(struct img_policy),
    [IMG_INSNS] = sizeof(struct sandbox_insn),
    [IMG_FRAMES] = sizeof(struct img_bpf),
};

uint32_t
image_record_size(unsigned int table)
{
	return table < IMG_TABLES ? record_size[table] : 0;
}

uint64_t
image_checksum(const void *mem, size_t size)
{
	static const uint8_t key[16];
	static const uint64_t blank;
	const uint8_t *b = mem;
	const size_t off = offsetof(struct img_header, checksum);
	struct siphash s;

	siphash_init(&s, key, 1, 3);
	siphash_update(&s, b, off);
	siphash_update(&s, &blank, sizeof(blank));
	siphash_update(&s, b + off + sizeof(blank),
	    size - off - sizeof(blank));
	return siphash_final(&s);
}

/* One table: record size, alignment, place. */
static int
table_ok(const struct img_ref *r, unsigned int t, uint64_t size)
{
	uint64_t bytes = (uint64_t)r->count * record_size[t]; /* < 2^64 */

	if (r->off % 8 != 0 || r->off > size)
		return 0;
	if (r->count == 0)
		return 1;
	return record_size[t] != 0 && r->size == record_size[t] &&
	    r->off >= sizeof(struct img_header) && bytes <= size - r->off;
}

/* No two tables share a byte. */
static int
apart(const struct img_header *h)
{
	uint64_t a0, a1, b0, b1;
	unsigned int i, j;

	for (i = 0; i < IMG_TABLES; i++) {
		a0 = h->table[i].off;
		a1 = a0 + (uint64_t)h->table[i].count * record_size[i];
		for (j = 0; j < i; j++) {
			b0 = h->table[j].off;
			b1 = b0 +
			    (uint64_t)h->table[j].count * record_size[j];
			if (a0 < b1 && b0 < a1 && a0 != a1 && b0 != b1)
				return 0;
		}
	}
	return 1;
}

static int
tables_ok(const struct img_header *h)
{
	unsigned int t;

	for (t = 0; t < IMG_TABLES; t++)
		if (!table_ok(&h->table[t], t, h->size))
			return 0;
	return apart(h) && h->table[IMG_STRINGS].count > 0 &&
	    h->table[IMG_TRIE_ROOT].count == 65536 &&
	    h->table[IMG_NETS].count <= IMG_NETS_MAX;
}

static void
fill(struct image *img, const void *mem)
{
	const struct img_header *h = mem;
	const uint8_t *b = mem;

#define AT(t) ((const void *)(b + h->table[t].off))
	memset(img, 0, sizeof(*img));
	img->hdr = h;
	img->strings = AT(IMG_STRINGS);
	img->args = AT(IMG_ARGS);
	img->templates = AT(IMG_TEMPLATES);
	img->ports = AT(IMG_PORTS);
	img->services = AT(IMG_SERVICES);
	img->personas = AT(IMG_PERSONAS);
	img->bindings = AT(IMG_BINDINGS);
	img->nets = AT(IMG_NETS);
	img->excludes = AT(IMG_EXCLUDES);
	img->trie_root = AT(IMG_TRIE_ROOT);
	img->trie_blocks = AT(IMG_TRIE_BLOCKS);
	img->srcos = AT(IMG_SRCOS);
	img->policies = AT(IMG_POLICIES);
	img->insns = AT(IMG_INSNS);
	img->frames = AT(IMG_FRAMES);
	img->ntemplates = h->table[IMG_TEMPLATES].count;
	img->nports = h->table[IMG_PORTS].count;
	img->nservices = h->table[IMG_SERVICES].count;
	img->npersonas = h->table[IMG_PERSONAS].count;
	img->nbindings = h->table[IMG_BINDINGS].count;
	img->nnets = h->table[IMG_NETS].count;
	img->nexcludes = h->table[IMG_EXCLUDES].count;
	img->nsrcos = h->table[IMG_SRCOS].count;
	img->npolicies = h->table[IMG_POLICIES].count;
	img->nframes = h->table[IMG_FRAMES].count;
	img->size = (size_t)h->size;
#undef AT
}

int
image_check(const void *mem, size_t size, struct image *img)
{
	const struct img_header *h = mem;
	struct image tmp;
	int err;

	if (mem == NULL || (uintptr_t)mem % 8 != 0 || size < sizeof(*h) ||
	    size > IMAGE_MAX)
		return IMAGE_E_SIZE;
	if (h->magic != IMAGE_MAGIC || h->version != IMAGE_VERSION)
		return IMAGE_E_MAGIC;
	if (h->size != size)
		return IMAGE_E_SIZE;
	if (h->checksum != image_checksum(mem, size))
		return IMAGE_E_CHECKSUM;
	if (!tables_ok(h))
		return IMAGE_E_TABLE;
	fill(&tmp, mem);
	if ((err = image_check_records(&tmp)) != IMAGE_OK)
		return err;
	*img = tmp;
	return IMAGE_OK;
}

int
image_map(int fd, size_t size, struct image *img)
{
	void *mem;
	int err;

	if (size < sizeof(struct img_header) || size > IMAGE_MAX)
		return IMAGE_E_SIZE;
	if (image_seal_check(fd, size) == -1)
		return IMAGE_E_SEAL;
	mem = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (mem == MAP_FAILED)
		return IMAGE_E_MAP;
	if ((err = image_check(mem, size, img)) != IMAGE_OK)
		munmap(mem, size);
	return err;
}

void
image_unmap(struct image *img)
{
	if (img->hdr != NULL)
		munmap((void *)(uintptr_t)img->hdr, img->size);
	memset(img, 0, sizeof(*img));
}

const char *
image_strerror(int err)
{
	static const char *const text[] = {
	    [IMAGE_OK] = "no error",
	    [IMAGE_E_SIZE] = "wrong size",
	    [IMAGE_E_MAGIC] = "not an image of this version",
	    [IMAGE_E_CHECKSUM] = "checksum differs",
	    [IMAGE_E_TABLE] = "table out of bounds",
	    [IMAGE_E_INDEX] = "index out of bounds",
	    [IMAGE_E_VALUE] = "value out of range",
	    [IMAGE_E_SEAL] = "not sealed or not read-only",
	    [IMAGE_E_MAP] = "cannot be mapped",
	};

	if (err < 0 || (size_t)err >= sizeof(text) / sizeof(text[0]))
		return "?";
	return text[err];
}

const struct img_port *
image_port(const struct image *img, const struct img_template *t,
    uint8_t proto, uint16_t port)
{
	const struct img_port *p = img->ports + t->port_first;
	uint32_t lo = 0, hi = t->port_count, mid;
	uint32_t want = (uint32_t)proto << 16 | port, have;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		have = (uint32_t)p[mid].proto << 16 | p[mid].port;
		if (have == want)
			return &p[mid];
		if (have < want)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}
