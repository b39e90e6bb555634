/* SPDX-License-Identifier: ISC */
/*
 * Steps 4 to 9 of the channel's checks, the same for sending and receiving,
 * and the states a channel goes through. All processes. Must never skip a
 * message it does not know: no row means refused.
 */
#include <stdint.h>
#include <string.h>

#include "chan_int.h"
#include "diag.h"
#include "event.h"
#include "image.h"
#include "siphash.h"

static int
look_frame(struct chan_look *l)
{
	const struct proto_hdr *h = l->hdr;

	return h->magic == PROTO_MAGIC && h->version == PROTO_VERSION &&
	    (h->flags & ~PROTO_F_FD) == 0 && h->reserved == 0;
}

static int
look_size(struct chan_look *l)
{
	return l->hdr->len == l->size;
}

static int
look_type(struct chan_look *l)
{
	const struct chan *c = l->c;
	const struct proto_row *r;

	r = proto_row(l->hdr->type, l->from, l->to);
	if (r == NULL || (c->oneway != 0) != (r->type == MSG_EVENTS))
		return 0;
	if (!(r->states & c->state))
		return 0;
	if (r->flags & ROW_ONCE && c->once >> (r - proto_rows) & 1)
		return 0;
	if ((r->flags & ROW_ID) ? l->hdr->id == 0 : l->hdr->id != 0)
		return 0;
	if (!l->seq_any && l->hdr->seq != l->seq)
		return 0;
	l->row = r;
	return 1;
}

static int
look_length(struct chan_look *l)
{
	return l->size >= l->row->min && l->size <= l->row->max;
}

static int
look_fd(struct chan_look *l)
{
	int want = l->row->fd != FDK_NONE;

	if (l->nfd != want || ((l->hdr->flags & PROTO_F_FD) != 0) != want)
		return 0;
	return !want || proto_fd_check(l->row->fd, l->fd) == 0;
}

/* The peer is who the descriptor says; a HELLO or EVENTS that names somebody
 * else, or another build, is refused. */
static int
look_meaning(struct chan_look *l)
{
	const struct msg_hello *h = l->payload;
	const struct msg_events *e = l->payload;
	uint8_t id[sizeof(h->build)];

	if (proto_check(l->row, l->payload, l->size) == -1)
		return 0;
	if (l->row->type == MSG_EVENTS)
		return e->proc == l->from;
	if (l->row->type != MSG_HELLO)
		return 1;
	chan_build_id(id);
	return h->proc == l->from && h->proto_version == PROTO_VERSION &&
	    memcmp(h->build, id, sizeof(id)) == 0;
}

static const struct {
	uint8_t err;
	int (*fn)(struct chan_look *);
} steps[] = {
    {CHAN_E_FRAME, look_frame},	  {CHAN_E_SIZE, look_size},
    {CHAN_E_TYPE, look_type},	  {CHAN_E_LENGTH, look_length},
    {CHAN_E_FD, look_fd},	  {CHAN_E_MEANING, look_meaning},
};

uint8_t
chan_look(struct chan_look *l)
{
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (!steps[i].fn(l))
			return steps[i].err;
	return CHAN_OK;
}

void
chan_set_state(struct chan *c, uint8_t state)
{
	if (state < c->state || (state & (state - 1)) != 0 ||
	    state > CHAN_DRAIN)
		fatalx("channel with %s: state %u after %u",
		    proc_name(c->peer), state, c->state);
	c->state = state;
}

void
chan_moved(struct chan *c, const struct proto_row *r, int incoming)
{
	int to_parent = c->self == PROC_PARENT || c->peer == PROC_PARENT;

	if (r->flags & ROW_ONCE)
		c->once |= UINT64_C(1) << (r - proto_rows);
	switch (r->type) {
	case MSG_HELLO:
		*(incoming ? &c->hello_in : &c->hello_out) = 1;
		if (c->hello_in && c->hello_out)
			chan_set_state(c, to_parent ? CHAN_SETUP : CHAN_RUN);
		break;
	case MSG_START:
		chan_set_state(c, CHAN_RUN);
		break;
	case MSG_DRAIN:
	case MSG_STOP:
		chan_set_state(c, CHAN_DRAIN);
		break;
	default:
		break;
	}
}

static void
hash_u32(struct siphash *s, uint32_t v)
{
	siphash_update(s, &v, sizeof(v));
}

static uint64_t
hash_build(uint8_t salt)
{
	uint8_t key[16] = {salt};
	const struct proto_row *r;
	struct siphash s;
	size_t i;

	siphash_init(&s, key, 2, 4);
	siphash_update(&s, HPD_VERSION, sizeof(HPD_VERSION));
	hash_u32(&s, PROTO_VERSION);
	hash_u32(&s, IMAGE_VERSION);
	hash_u32(&s, sizeof(struct event));
	hash_u32(&s, sizeof(struct img_header));
	hash_u32(&s, sizeof(struct img_persona));
	for (i = 0; i < proto_nrows; i++) {
		r = &proto_rows[i];
		hash_u32(&s, r->type);
		hash_u32(&s, (uint32_t)r->from << 16 | r->to);
		hash_u32(&s, (uint32_t)r->states << 16 |
		    (uint32_t)r->flags << 8 | r->fd);
		hash_u32(&s, r->min);
		hash_u32(&s, r->max);
		siphash_update(&s, r->name, strlen(r->name) + 1);
	}
	for (i = 0; i < event_nrows; i++) {
		hash_u32(&s, event_rows[i].kind);
		hash_u32(&s, event_rows[i].data);
		siphash_update(&s, event_rows[i].name,
		    strlen(event_rows[i].name) + 1);
	}
	return siphash_final(&s);
}

void
chan_build_id(uint8_t id[20])
{
	static uint64_t h[3];
	uint8_t i;

	for (i = 0; h[2] == 0 && i < 3; i++)
		h[i] = hash_build(i);
	memcpy(id, h, 20);
}
