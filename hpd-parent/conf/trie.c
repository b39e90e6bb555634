/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the address map of the image (16-8-8 trie) and the least prefix
 * cover for the kernel's filter.
 */
#include "conf.h"

#include <stdlib.h>
#include <string.h>

#include "common/diag.h"

void
conf_trie_init(struct conf_trie *t)
{
	memset(t, 0, sizeof(*t));
	t->root = calloc(65536, sizeof(*t->root));
	if (t->root == NULL)
		fatalx("out of memory");
}

void
conf_trie_free(struct conf_trie *t)
{
	free(t->root);
	free(t->blocks);
	memset(t, 0, sizeof(*t));
}

/* The block below a cell, made if it is a leaf; it inherits the leaf. */
static uint32_t
block_of(struct conf_trie *t, uint32_t cell)
{
	struct img_trie_block *b;
	int i;

	if (cell & IMG_TRIE_BLOCK)
		return cell & ~IMG_TRIE_BLOCK;
	t->blocks = conf_grow(t->blocks, t->nblocks, &t->cblocks,
	    sizeof(*t->blocks));
	b = &t->blocks[t->nblocks];
	for (i = 0; i < 256; i++)
		b->cell[i] = cell;
	return t->nblocks++;
}

static void
fill(uint32_t *cell, uint32_t first, uint32_t n, uint32_t value)
{
	for (; n > 0; n--)
		cell[first++] = value;
}

void
conf_trie_add(struct conf_trie *t, uint32_t addr, uint8_t bits,
    uint32_t value)
{
	uint32_t mid, low;

	if (bits <= 16) {
		fill(t->root, addr >> 16, 1u << (16 - bits), value);
		return;
	}
	mid = block_of(t, t->root[addr >> 16]);
	t->root[addr >> 16] = mid | IMG_TRIE_BLOCK;
	if (bits <= 24) {
		fill(t->blocks[mid].cell, addr >> 8 & 255, 1u << (24 - bits),
		    value);
		return;
	}
	low = block_of(t, t->blocks[mid].cell[addr >> 8 & 255]);
	t->blocks[mid].cell[addr >> 8 & 255] = low | IMG_TRIE_BLOCK;
	fill(t->blocks[low].cell, addr & 255, 1u << (32 - bits), value);
}
