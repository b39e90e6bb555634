/* SPDX-License-Identifier: ISC */
/*
 * Bytes as frames through hpd-net's whole stack. Input: two bytes of length
 * (big-endian, low 11 bits; bit 15: let a second pass; bit 14: the kernel
 * vouches for checksums; bit 13: make the IP and protocol checksums right and
 * the addresses ours; bit 12: the sender's MAC is the decoys' habits of ICMP;
 * bit 11: it chooses another persona for all of them, as a reload would), then
 * the frame; repeated.
 */
#include <stdint.h>

#include "../lib/persona_any.h"
#include "../unit/net_fix.h"

#include "hpd-net/arp.h"
#include "hpd-net/frag.h"
#include "hpd-net/report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
drain_log(void)
{
	static uint8_t b[65536];

	while (evq_flush(&net.evq, 1) == 1 ||
	    recv(fix_log[1], b, sizeof(b), MSG_DONTWAIT) > 0)
		while (recv(fix_log[1], b, sizeof(b), MSG_DONTWAIT) > 0)
			;
}

/* So that mutations reach what lies behind the checks. */
static void
mend(uint8_t *f, uint32_t len)
{
	uint32_t hl, tot, at;
	uint64_t s;

	if (len < 34)
		return;
	hl = (f[14] & 15) * 4u;
	tot = be16(f + 16);
	if (be16(f + 12) != 0x0800 || hl < 20 || tot < hl || 14 + tot > len)
		return;
	put32(f + 30, FIX_H + f[33] % 3);
	host_mac(&net.ifs[0], be32(f + 30), f);
	put16(f + 24, 0);
	put16(f + 24, csum_fold(csum_add(0, f + 14, hl)));
	at = f[23] == 1 ? 2 : f[23] == 6 ? 16 : f[23] == 17 ? 6 : 9999;
	if (tot - hl < at + 2)
		return;
	s = f[23] == 1 ? 0 : csum_pseudo(be32(f + 26), be32(f + 30), f[23],
				 tot - hl);
	put16(f + 14 + hl + at, 0);
	put16(f + 14 + hl + at,
	    csum_fold(csum_add(s, f + 14 + hl, tot - hl)));
}

/* Any record that an image may hold. */
static void
habits(const uint8_t *b)
{
	struct img_unreach *u = &fix_pers[0].u1;
	struct img_echo *e = &fix_pers[0].ie;

	u->respond = b[0] & 1;
	u->pad = b[0] >> 1 & 1;
	u->len_swap = b[0] >> 2 & 1;
	u->rud = b[0] >> 3 & 1;
	e->respond = b[0] >> 4 & 1;
	e->dfi = b[0] >> 5 & 3;
	u->ripl = b[1] % 5;
	u->rid = b[1] / 5 % 5;
	u->ripck = b[1] / 25 % 5;
	u->ruck = b[2] % 5;
	e->cd = b[2] / 5 % 4;
	u->ttl_add = b[3];
	u->ip_len = u->ripl_value = (uint16_t)be16(b + 4);
	fix_pers[0].family = b[2] / 20 % FAM_MAX;
}

static void
reload(const uint8_t *b)
{
	uint32_t i;

	for (i = 0; i < 9; i++)
		persona_any(&fix_pers[i], be32(b) + i);
	host_reload();
	tcp_reload();
	udp_reload();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ready;
	uint8_t f[2048];
	struct pkt pk[IO_BATCH];
	uint32_t w, len;
	int n, frames = 0;

	if (!ready) {
		fix_init();
		fix_tmpl[1].act_tcp = ACT_OPEN;
		tcp_init(64);
		udp_init(64);
		ready = 1;
	}
	while (size >= 2 && frames++ < 64) {
		w = be16(data);
		data += 2;
		size -= 2;
		len = w & 0x7ff;
		if (len > size)
			len = (uint32_t)size;
		memcpy(f, data, len);
		data += len;
		size -= len;
		if (w & 0x0800 && len >= 12)
			reload(f + 8);
		if (w & 0x1000 && len >= 12)
			habits(f + 6);
		if (w & 0x2000)
			mend(f, len);
		if (io_mem_push(&net.ifs[0], f, len, 0, (w & 0x4000) != 0))
			abort();
		if (w & 0x8000) {
			net.now_ms += 1000;
			frag_tick();
			arp_tick();
			report_tick();
		}
		n = io_rx(&net.ifs[0], pk, IO_BATCH);
		net_batch(pk, n, NULL);
		io_rx_done(&net.ifs[0]);
	}
	io_mem_clear(&net.ifs[0]);
	report_tick();
	drain_log();
	return 0;
}
