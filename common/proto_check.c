/* SPDX-License-Identifier: ISC */
/*
 * Step 9 of the receive checks: what the values of a payload may be, once its
 * length is known to fit the row. All processes, both directions. Pure: reads
 * the payload, nothing else; every message has its function here, and one that
 * has none is refused.
 */
#include <netinet/in.h>

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "chan.h"
#include "event.h"
#include "image.h"
#include "proc.h"
#include "proto_table.h"

#define PEER_SLOTS   (FD_PEER_MAX - FD_PEER_MIN + 1)
#define PACKET_SLOTS (FD_PACKET_MAX - FD_PACKET_MIN + 1)
#define MTU_MIN	     68	       /* RFC 791 */
#define MTU_MAX	     65536     /* loopback */
#define RING_MAX     (1u << 30) /* bytes of one ring or UMEM */

typedef int (*check_fn)(const struct proto_row *, const void *, size_t);

static int
zero(const void *p, size_t n)
{
	const uint8_t *b = p;
	uint8_t all = 0;

	while (n-- > 0)
		all |= *b++;
	return all == 0;
}
#define ZERO(field) zero(&(field), sizeof(field))

/* A daemon that can be at the end of a channel. */
static int
daemon_ok(uint8_t proc)
{
	return proc == PROC_PARENT || (proc >= PROC_NET && proc < PROC_MAX);
}

/* An address of version ver in its 16-byte field. */
static int
addr_ok(uint8_t ver, const uint8_t a[16])
{
	return ver == 6 || (ver == 4 && zero(a + 4, 12));
}

static int
c_none(const struct proto_row *r, const void *p, size_t len)
{
	(void)r;
	(void)p;
	return len == 0;
}

static int
c_hello(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_hello *m = p;

	(void)len;
	return daemon_ok(m->proc) && r->from >> m->proc & 1 &&
	    m->reserved == 0 && m->reserved2 == 0;
}

static int
c_image(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_image *m = p;

	(void)r;
	(void)len;
	return m->generation != 0 && m->size >= sizeof(struct img_header) &&
	    m->size <= IMAGE_MAX;
}

static int
c_image_ack(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_image_ack *m = p;

	(void)r;
	(void)len;
	return m->generation != 0 && m->result <= IMAGE_E_MAP;
}

static int
c_ready(const struct proto_row *r, const void *p, size_t len)
{
	(void)r;
	(void)p; /* any generation, any mask */
	return len == sizeof(struct msg_ready);
}

static int
c_start(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_start *m = p;

	(void)r;
	(void)len;
	return m->boot != 0 && m->session != 0 && ZERO(m->reserved);
}

static int
c_drain(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_drain *m = p;

	(void)r;
	(void)len;
	return m->reserved == 0;
}

static int
c_stats(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_stats *m = p;

	(void)r;
	return m->reserved == 0 && (len - sizeof(*m)) % 8 == 0 &&
	    (len - sizeof(*m)) / 8 == m->count;
}

static int
c_peer(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_peer *m = p;

	(void)r;
	(void)len;
	return daemon_ok(m->proc) && m->slot < PEER_SLOTS && ZERO(m->reserved);
}

static int
c_trouble(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_trouble *m = p;

	(void)r;
	(void)len;
	return daemon_ok(m->proc) && m->slot < PEER_SLOTS && m->step >= 1 &&
	    m->step <= CHAN_E_EOF && m->reserved == 0;
}

/* Blocks and frames stay within RING_MAX; those of a receive ring are there
 * and the frames fit the blocks. */
static int
ring_ok(const struct msg_net_iface *m)
{
	uint64_t blocks = (uint64_t)m->ring_block_size * m->ring_block_nr;
	uint64_t frames = (uint64_t)m->ring_frame_size * m->ring_frame_nr;

	if (blocks > RING_MAX || frames > RING_MAX)
		return 0;
	return m->role != IFACE_RX || (m->ring_frame_size >= 128 &&
	    m->ring_frame_size <= m->ring_block_size && frames > 0 &&
	    frames <= blocks);
}

static int
c_net_iface(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_net_iface *m = p;

	(void)r;
	(void)len;
	if (m->ifindex == 0 || m->ifindex > INT32_MAX)
		return 0;
	if (m->mtu < MTU_MIN || m->mtu > MTU_MAX)
		return 0;
	if (m->role < IFACE_RX || m->role > IFACE_BPF || m->link_up > 1 ||
	    m->slot >= PACKET_SLOTS || m->unit >= PACKET_SLOTS)
		return 0;
	return ring_ok(m) && m->name[0] != '\0' &&
	    memchr(m->name, '\0', sizeof(m->name)) != NULL;
}

static int
c_net_link(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_net_link *m = p;

	(void)r;
	(void)len;
	return m->unit < PACKET_SLOTS && m->state <= 2 && m->reserved == 0 &&
	    (m->mtu <= MTU_MAX &&
	    (m->mtu >= MTU_MIN || (m->mtu == 0 && m->state != 1)));
}

static int
c_net_owned(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_net_owned *m = p;

	(void)r;
	(void)len;
	return addr_ok(m->ver, m->addr) && m->why >= 1 && m->why <= 3 &&
	    m->unit < PACKET_SLOTS && ZERO(m->reserved);
}

static int
c_svc_open(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_svc_open *m = p;

	(void)r;
	(void)len;
	return m->generation != 0 && addr_ok(m->ver, m->src) &&
	    addr_ok(m->ver, m->dst) && m->reserved == 0 &&
	    (m->proto == IPPROTO_TCP || m->proto == IPPROTO_UDP);
}

static int
c_svc_opened(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_svc_opened *m = p;

	(void)r;
	(void)len;
	return (m->transport == 1 || m->transport == 2) && ZERO(m->reserved);
}

static int
c_svc_denied(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_svc_denied *m = p;

	(void)r;
	(void)len;
	return m->reason >= DENIED_TOTAL && m->reason <= DENIED_DOWN &&
	    ZERO(m->reserved);
}

static int
c_svc_exit(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_svc_exit *m = p;

	(void)r;
	(void)len;
	return m->status >= -64 && m->status <= 255 &&
	    m->why <= SVC_END_DRAIN && ZERO(m->reserved);
}

static int
c_svc_close(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_svc_close *m = p;

	(void)r;
	(void)len;
	return m->reason >= 1 && m->reason <= 6 && ZERO(m->reserved);
}

static int
c_log_segment(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_log_segment *m = p;

	(void)r;
	(void)len;
	return m->stream < STREAM_MAX && m->quota > 0 &&
	    m->quota <= INT64_MAX;
}

static int
c_log_full(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_log_full *m = p;

	(void)r;
	(void)len;
	return m->stream < STREAM_MAX && m->why >= 1 && m->why <= 3 &&
	    (m->why == 3 ? m->error > 0 && m->error < 4096 : m->error == 0);
}

/* Every record well formed and of a kind this producer may say; nothing
 * between them, nothing behind the last. */
static int
c_events(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_events *m = p;
	const uint8_t *b = p;
	size_t off = sizeof(*m), n;
	unsigned int i;

	if (m->boot == 0 || m->first_seq == 0 || m->count == 0 ||
	    m->count > EVENTS_MAX || !daemon_ok(m->proc) ||
	    !(r->from >> m->proc & 1) ||
	    m->first_seq > UINT64_MAX - EVENTS_MAX)
		return 0;
	for (i = 0; i < m->count; i++, off += n)
		if ((n = event_check(b + off, len - off, m->proc)) == 0)
			return 0;
	return off == len;
}

static int
c_sealed(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_sealed *m = p;

	(void)r;
	(void)len;
	return daemon_ok(m->proc) && ZERO(m->reserved);
}

static int
c_log_skip(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_log_skip *m = p;

	(void)r;
	(void)len;
	return m->slot < PEER_SLOTS && ZERO(m->reserved);
}

static int
c_log_level(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_log_level *m = p;

	(void)r;
	(void)len;
	return m->level <= LEVEL_FOLD && m->why <= RETIRE_AGE;
}

static int
c_seal(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_seal *m = p;

	(void)r;
	(void)len;
	return m->ordinal < UINT32_MAX; /* a start a second for a century */
}

static int
c_ship_segment(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_ship_segment *m = p;

	(void)r;
	(void)len;
	return m->stream == STREAM_EVENTS || m->stream == STREAM_PROBES;
}

static int
c_ship_socket(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_ship_socket *m = p;

	(void)r;
	(void)len;
	return m->transport >= SHIP_UNIX && m->transport <= SHIP_TCP &&
	    m->facility <= 23 && m->probes <= 1 && ZERO(m->reserved);
}

static int
c_ship_down(const struct proto_row *r, const void *p, size_t len)
{
	const struct msg_ship_down *m = p;

	(void)r;
	(void)len;
	return m->error > 0 && m->error < 4096 && m->reserved == 0;
}

static const struct {
	uint16_t type;
	check_fn fn;
} checks[] = {
    {MSG_HELLO, c_hello},
    {MSG_IMAGE, c_image},
    {MSG_IMAGE_ACK, c_image_ack},
    {MSG_READY, c_ready},
    {MSG_START, c_start},
    {MSG_DRAIN, c_drain},
    {MSG_STOP, c_none},
    {MSG_STATS_REQ, c_none},
    {MSG_STATS, c_stats},
    {MSG_PEER_DOWN, c_peer},
    {MSG_PEER_UP, c_peer},
    {MSG_TROUBLE, c_trouble},
    {MSG_NET_IFACE, c_net_iface},
    {MSG_NET_LINK, c_net_link},
    {MSG_NET_OWNED, c_net_owned},
    {MSG_SVC_OPEN, c_svc_open},
    {MSG_SVC_OPENED, c_svc_opened},
    {MSG_SVC_DENIED, c_svc_denied},
    {MSG_SVC_EXIT, c_svc_exit},
    {MSG_SVC_CLOSE, c_svc_close},
    {MSG_LOG_SEGMENT, c_log_segment},
    {MSG_LOG_FULL, c_log_full},
    {MSG_EVENTS, c_events},
    {MSG_SEALED, c_sealed},
    {MSG_LOG_SKIP, c_log_skip},
    {MSG_LOG_LEVEL, c_log_level},
    {MSG_SEAL_PAGE, c_seal},
    {MSG_SEAL_FILE, c_seal},
    {MSG_SHIP_SEGMENT, c_ship_segment},
    {MSG_SHIP_SOCKET, c_ship_socket},
    {MSG_SHIP_DOWN, c_ship_down},
};

int
proto_check(const struct proto_row *row, const void *payload, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
		if (checks[i].type == row->type)
			return checks[i].fn(row, payload, len) ? 0 : -1;
	return -1;
}
