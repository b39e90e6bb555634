/* SPDX-License-Identifier: ISC */
/*
 * Signatures of senders: their check as a part of the image, and the names
 * that belong to a number. Used by every process that has an image. Numbers
 * come from events and messages: none is believed before it was compared.
 */
#include "srcos.h"

#include <stdio.h>
#include <string.h>

#include "image.h"

/* A printable string of the pool of at most max bytes. */
static int
text_ok(const struct image *img, uint32_t off, size_t max)
{
	const char *s;
	size_t i;

	if (off >= img->hdr->table[IMG_STRINGS].count)
		return 0;
	s = image_str(img, off);
	for (i = 0; s[i] != '\0'; i++)
		if (i == max || s[i] < 0x20 || s[i] > 0x7e)
			return 0;
	return 1;
}

static int
row_ok(const struct img_srcos *r)
{
	if (r->quirks & ~(uint32_t)SRCOS_Q_ALL || r->facts & ~SRCOS_FACTS ||
	    r->flags & ~SRCOS_F_ALL || r->reserved[0] | r->reserved[1])
		return 0;
	if (r->win_type > SRCOS_WIN_MTU || r->payload > SRCOS_PAYLOAD_ANY ||
	    r->what >= SRCOS_WHATS || r->ttl == 0)
		return 0;
	if (r->win_type == SRCOS_WIN_MOD && r->win == 0)
		return 0; /* a divisor */
	return r->tcp_flags == 0 || r->what == SRCOS_TCP;
}

int
srcos_check(const struct image *img)
{
	const struct img_srcos *r;
	uint32_t i;

	if (img->nsrcos > SRCOS_MAX)
		return IMAGE_E_VALUE;
	for (i = 0; i < img->nsrcos; i++) {
		r = &img->srcos[i];
		if (!text_ok(img, r->name, SRCOS_NAME_MAX) ||
		    !text_ok(img, r->family, SRCOS_NAME_MAX) ||
		    !text_ok(img, r->flavor, SRCOS_FLAVOR_MAX))
			return IMAGE_E_INDEX;
		if (!row_ok(r) || image_str(img, r->name)[0] == '\0')
			return IMAGE_E_VALUE;
		if (i > 0 && r[-1].layout > r->layout)
			return IMAGE_E_VALUE; /* searched by halves */
	}
	return IMAGE_OK;
}

const struct img_srcos *
srcos_row(const struct image *img, uint32_t number)
{
	if (img == NULL || number == 0 || number > img->nsrcos)
		return NULL;
	return &img->srcos[number - 1];
}

void
srcos_name(const struct image *img, uint32_t number, char buf[SRCOS_NAME_BUF])
{
	const struct img_srcos *r = srcos_row(img, number);

	buf[0] = '\0';
	if (r == NULL)
		return;
	(void)snprintf(buf, SRCOS_NAME_BUF, "%s%s%s", image_str(img, r->name),
	    r->flavor != 0 ? " " : "", image_str(img, r->flavor));
}

int
srcos_distance(const struct img_srcos *r, uint8_t ttl)
{
	if (r->flags & SRCOS_F_TTL_MAX || ttl == 0 || ttl > r->ttl)
		return -1;
	return r->ttl - ttl;
}
