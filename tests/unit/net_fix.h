/* SPDX-License-Identifier: ISC */
/*
 * What tests of hpd-net stand on: a hand-made image of one persona and some
 * decoys, one interface in memory, frames built and answers read.
 *   10.1.0.1   template 0: everything closed, ICMP answered
 *   10.1.0.2   template 1: ICMP filtered
 *   10.1.0.3   template 2: every frame dropped by droprate
 *   10.1.0.16-10.1.0.31 template 0, one persona each fragment policy at .16+i
 */
#ifndef NET_FIX_H
#define NET_FIX_H

#include <sys/socket.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "tests/lib/persona_fix.h"
#include "hpd-net/csum.h"
#include "hpd-net/host.h"
#include "hpd-net/io_mem.h"
#include "hpd-net/net_run.h"
#include "hpd-net/tcp.h"
#include "hpd-net/timer.h"
#include "hpd-net/udp.h"

#define FIX_H	 0x0a010001u /* the decoy */
#define FIX_FILT 0x0a010002u
#define FIX_DROP 0x0a010003u
#define FIX_POL	 0x0a010010u /* + enum frag_policy */
#define FIX_A	 0x0a010064u /* the tester */
#define FIX_BOUND (FIX_POL + 16)

static struct img_header fix_hdr;
static struct img_template fix_tmpl[9];
static struct img_persona fix_pers[9];
static uint32_t fix_root[65536];
static struct img_trie_block fix_blocks[8];
static uint32_t fix_nblocks;
static struct img_port fix_ports[1];
static struct prefix fix_net;
static const uint8_t fix_amac[6] = {0x02, 0xaa, 0, 0, 0, 1};
static int fix_log[2];

static inline void
fix_bind(uint32_t addr, uint32_t tmpl)
{
	uint32_t *c = &fix_root[addr >> 16], i;

	for (i = 0; i < 2; i++) {
		if (*c == 0) {
			if (fix_nblocks == 8)
				abort();
			*c = IMG_TRIE_BLOCK | fix_nblocks++;
		}
		c = &fix_blocks[*c & ~IMG_TRIE_BLOCK]
			 .cell[i == 0 ? addr >> 8 & 0xff : addr & 0xff];
	}
	*c = tmpl + 1;
}

static inline void
fix_persona(struct img_persona *p)
{
	persona_fix(p);
	p->family = FAM_GENERIC;
	p->timestamp_ok = p->mask_ok = p->info_ok = 1;
	p->u1.ip_len = 56;
}

static inline void
fix_image(void)
{
	int i;

	fix_hdr.arp_pace_ms = 10;
	fix_hdr.max_connections = 1024;
	fix_hdr.max_connections_source = 512;
	fix_hdr.max_sessions = 64;
	for (i = 0; i < 9; i++) {
		fix_persona(&fix_pers[i]);
		fix_tmpl[i].persona = (uint32_t)i;
		fix_tmpl[i].uptime = 1000;
		fix_tmpl[i].act_tcp = fix_tmpl[i].act_udp = ACT_CLOSED;
		fix_tmpl[i].act_icmp = ACT_OPEN;
	}
	fix_tmpl[1].act_icmp = ACT_FILTERED;
	fix_tmpl[2].drop_ppm = 1000000;
	for (i = 0; i < 6; i++) {
		fix_pers[3 + i].frag_policy = (uint8_t)i;
		fix_bind(FIX_POL + (uint32_t)i, 3 + (uint32_t)i);
	}
	fix_bind(FIX_H, 0);
	fix_bind(FIX_FILT, 1);
	fix_bind(FIX_DROP, 2);
	net.img.hdr = &fix_hdr;
	net.img.templates = fix_tmpl;
	net.img.personas = fix_pers;
	net.img.trie_root = fix_root;
	net.img.trie_blocks = fix_blocks;
	net.img.nets = &fix_net;
	net.img.nnets = 1;
	net.img.ports = fix_ports;
	net.img.strings = "";
	net.img.ntemplates = net.img.npersonas = 9;
	fix_net.ver = 4;
	fix_net.bits = 27;
	addr_set4(fix_net.addr, 0x0a010000);
}

static inline void
fix_init(void)
{
	struct netif *nif = &net.ifs[0];

	if (nif->io != NULL)
		return;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fix_log) == -1)
		abort();
	memset(net.key, 7, sizeof(net.key));
	net_init();
	net.start_wall_ns = net.now_wall_ns;
	if (evq_init(&net.evq, fix_log[0], PROC_NET, 0, 1 << 20) == -1)
		abort();
	evq_start(&net.evq, 1);
	fix_image();
	if (io_mem_open(nif) == -1)
		abort();
	net.nifs = 1;
	nif->mtu = 1500;
	nif->addr = 0x0a0100fe;
	nif->mask = 0xffffff00;
	memcpy(nif->mac, "\x02\xbb\0\0\0\2", 6);
	net.running = 1;
}

/* An IPv4 packet in an Ethernet frame to the decoy's MAC. Returns its length;
 * hl: header bytes (options given behind the header in opt). */
static inline uint32_t
fix_ip(uint8_t *f, uint32_t src, uint32_t dst, uint8_t proto, uint16_t id,
    uint16_t frag, const void *data, uint32_t len)
{
	uint8_t *ip = f + 14;

	host_mac(&net.ifs[0], dst, f);
	memcpy(f + 6, fix_amac, 6);
	put16(f + 12, 0x0800);
	memset(ip, 0, 20);
	ip[0] = 0x45;
	put16(ip + 2, 20 + len);
	put16(ip + 4, id);
	put16(ip + 6, frag);
	ip[8] = 64;
	ip[9] = proto;
	put32(ip + 12, src);
	put32(ip + 16, dst);
	put16(ip + 10, csum_fold(csum_add(0, ip, 20)));
	if (len > 0)
		memcpy(ip + 20, data, len);
	return 34 + len;
}

/* An ICMP echo with len bytes of payload counted up from seed. */
static inline uint32_t
fix_echo(uint8_t *b, uint32_t len, uint8_t seed)
{
	uint32_t i;

	memset(b, 0, 8);
	b[0] = 8;
	put16(b + 4, 0x1234);
	put16(b + 6, 7);
	for (i = 0; i < len; i++)
		b[8 + i] = (uint8_t)(seed + i);
	put16(b + 2, csum_fold(csum_add(0, b, 8 + len)));
	return 8 + len;
}

/* One frame through the whole stack; answers wait in the memory back end. */
static inline void
fix_run(const uint8_t *f, uint32_t len)
{
	struct pkt pk[IO_BATCH];
	int n;

	if (io_mem_push(&net.ifs[0], f, len, 0, 0) == -1)
		abort();
	n = io_rx(&net.ifs[0], pk, IO_BATCH);
	net_batch(pk, n, NULL);
	io_rx_done(&net.ifs[0]);
}

#endif
