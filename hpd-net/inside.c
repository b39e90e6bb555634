/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: packets between decoys. A bounded queue that is worked off at the
 * end of a turn; must never call a handler itself, since answers are written
 * while hosts and connections are in hand. The rate ends what two decoys
 * could tell each other for ever.
 */
#include "inside.h"

#include <string.h>

#include "host.h"
#include "net.h"
#include "stats.h"

static struct {
	uint8_t frame[IO_FRAME_MAX];
	uint32_t len;
	uint8_t nif;
} queue[INSIDE_QUEUE];
static uint32_t first, count;
static uint32_t tokens, tokens_ms; /* tokens: thousandths */

int
inside_is(uint32_t dst)
{
	const struct host *h = host_peek(dst);

	return h != NULL &&
	    (h->flags & (HOST_F_HERE | HOST_F_MUTE)) == HOST_F_HERE;
}

/* A bucket as large as the queue. */
static int
take_token(void)
{
	uint32_t ms = net.now_ms - tokens_ms, most = INSIDE_QUEUE * 1000u;

	if (ms > most / INSIDE_RATE)
		tokens = most;
	else if ((tokens += ms * INSIDE_RATE) > most)
		tokens = most;
	tokens_ms = net.now_ms;
	if (tokens < 1000)
		return 0;
	tokens -= 1000;
	return 1;
}

void
inside_put(const struct netif *nif, const uint8_t *frame, uint32_t len)
{
	uint32_t i;

	if (count == INSIDE_QUEUE || len > IO_FRAME_MAX || !take_token()) {
		STAT_INC(LIMIT_INSIDE);
		return;
	}
	i = (first + count++) % INSIDE_QUEUE;
	memcpy(queue[i].frame, frame, len);
	memcpy(queue[i].frame, nif->mac, 6);
	queue[i].len = len;
	queue[i].nif = nif->unit;
	STAT_INC(TX_INSIDE);
}

int
inside_take(struct pkt *p)
{
	uint32_t i = first;

	if (count == 0)
		return 0;
	first = (first + 1) % INSIDE_QUEUE;
	count--;
	memset(p, 0, sizeof(*p));
	p->nif = net_if(queue[i].nif);
	p->data = queue[i].frame;
	p->len = queue[i].len;
	return 1;
}
