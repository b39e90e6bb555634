/* SPDX-License-Identifier: ISC */
/*
 * What an image says of the log: space, retention, syslog, the program that
 * picks frames. Classic BPF is checked by number, as every system has it, and
 * without libpcap: hpd-net runs the program on what the wire brings, so that
 * nothing may leave its frame's window, divide by zero or never return.
 */
#include <stdint.h>

#include "event.h"
#include "image_int.h"
#include "proto.h"

#define VALUE(cond)                                                          \
	do {                                                                 \
		if (!(cond))                                                 \
			return IMAGE_E_VALUE;                                \
	} while (0)

#define CLASS(c) ((c) & 0x07)
#define LD	0x00
#define LDX	0x01
#define ST	0x02
#define STX	0x03
#define ALU	0x04
#define JMP	0x05
#define RET	0x06
#define MISC	0x07
#define MEMWORDS 16u

_Static_assert(IMG_SNAP_MAX == EV_FRAME_MAX, "a frame fits a record");

#define UNIX_PATH 108u /* sun_path, its NUL counted */

/* Loads: which mode goes with which size. Frames are read below 2^31. */
static int
load_ok(const struct img_bpf *i)
{
	switch (i->code) {
	case 0x00: case 0x01: /* a constant */
	case 0x80: case 0x81: /* the frame's length */
		return 1;
	case 0x20: case 0x28: case 0x30: /* word, half, byte at k */
	case 0x40: case 0x48: case 0x50: /* at x + k */
		return 1;
	case 0xb1: /* four times the low half of a byte: IP's header */
		return 1;
	case 0x60: case 0x61: /* memory */
		return i->k < MEMWORDS;
	default:
		return 0;
	}
}

static int
alu_ok(const struct img_bpf *i)
{
	switch (i->code) {
	case 0x04: case 0x0c: /* add, by k and by x; so on */
	case 0x14: case 0x1c:
	case 0x24: case 0x2c:
	case 0x44: case 0x4c:
	case 0x54: case 0x5c:
	case 0xa4: case 0xac:
	case 0x84: /* neg */
		return 1;
	case 0x34: case 0x94: /* by a constant: not by zero */
		return i->k != 0;
	case 0x3c: case 0x9c: /* by x: zero ends the program */
		return 1;
	case 0x64: case 0x74:
		return i->k < 32;
	case 0x6c: case 0x7c:
		return 1;
	default:
		return 0;
	}
}

static int
jump_ok(const struct img_bpf *i, uint32_t left)
{
	switch (i->code) {
	case 0x05:
		return i->k < left;
	case 0x15: case 0x1d: case 0x25: case 0x2d:
	case 0x35: case 0x3d: case 0x45: case 0x4d:
		return i->jt < left && i->jf < left;
	default:
		return 0;
	}
}

/* left: instructions behind this one. */
static int
insn_ok(const struct img_bpf *i, uint32_t left)
{
	if (CLASS(i->code) == JMP)
		return jump_ok(i, left);
	if (i->jt != 0 || i->jf != 0)
		return 0;
	switch (CLASS(i->code)) {
	case LD:
	case LDX:
		return load_ok(i);
	case ST:
	case STX:
		return i->code <= STX && i->k < MEMWORDS;
	case ALU:
		return alu_ok(i);
	case RET:
		return i->code == 0x06 || i->code == 0x16;
	default: /* tax, txa */
		return i->code == 0x07 || i->code == 0x87;
	}
}

static int
frames_check(const struct image *img)
{
	const struct img_header *h = img->hdr;
	uint32_t i, n = img->nframes;

	VALUE(n <= IMG_FRAMES_MAX);
	if (n == 0) {
		VALUE(h->frames_snap == 0);
		return IMAGE_OK;
	}
	VALUE(h->frames_snap >= IMG_SNAP_MIN &&
	    h->frames_snap <= IMG_SNAP_MAX);
	VALUE(CLASS(img->frames[n - 1].code) == RET);
	for (i = 0; i < n; i++)
		VALUE(insn_ok(&img->frames[i], n - 1 - i));
	return IMAGE_OK;
}

static int
zero(const uint8_t *p, size_t n)
{
	uint8_t all = 0;

	while (n-- > 0)
		all |= *p++;
	return all == 0;
}

static int
syslog_check(const struct image *img)
{
	const struct img_syslog *s = &img->hdr->syslog;
	const char *path;
	size_t n;

	if (s->path >= img->hdr->table[IMG_STRINGS].count)
		return IMAGE_E_INDEX;
	VALUE(s->transport <= SHIP_TCP && s->facility <= 23 &&
	    s->probes <= 1 && s->reserved == 0 && s->reserved2 == 0);
	if (s->transport == SHIP_NONE) {
		VALUE(s->facility == 0 && s->probes == 0);
		VALUE(s->port == 0 && s->path == 0);
	}
	if (s->transport == SHIP_UNIX) {
		path = image_str(img, s->path);
		for (n = 0; n < UNIX_PATH && path[n] != '\0'; n++)
			;
		VALUE(path[0] == '/' && n < UNIX_PATH && s->port == 0);
	}
	if (s->transport == SHIP_NONE || s->transport == SHIP_UNIX) {
		VALUE(s->ver == 0 && zero(s->addr, 16));
		return IMAGE_OK;
	}
	VALUE(s->port != 0 && s->path == 0);
	VALUE(s->ver == 6 || (s->ver == 4 && zero(s->addr + 4, 12)));
	VALUE(!zero(s->addr, 16));
	return IMAGE_OK;
}

int
image_check_log(const struct image *img)
{
	const struct img_header *h = img->hdr;
	unsigned int i;
	int err;

	VALUE(h->log_budget <= INT64_MAX);
	VALUE(h->log_reserve <= INT64_MAX ||
	    h->log_reserve == IMG_RESERVE_AUTO);
	VALUE(h->log_full <= FULL_OLDEST);
	for (i = 0; i < IMG_STREAMS; i++) {
		VALUE(h->log_stream_budget[i] <= INT64_MAX);
		VALUE(i < STREAM_MAX || (h->log_stream_budget[i] == 0 &&
		    h->log_keep_s[i] == 0));
	}
	if ((err = frames_check(img)) != IMAGE_OK)
		return err;
	return syslog_check(img);
}
