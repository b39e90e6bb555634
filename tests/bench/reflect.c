/* SPDX-License-Identifier: ISC */
/*
 * The limit the benches compare with: the same rings, sockets and drain
 * strategy as hpd-net, no logic. Every SYN gets a SYN/ACK (or with "rst" a
 * RST), every echo and ARP request its answer; no checks, no state, no log.
 * Runs in the decoys' namespace until killed.
 *   reflect IFACE NET syn|rst
 */
#include <sys/socket.h>

#include <err.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "../../common/buf.h"
#include "../../hpd-net/csum.h"
#include "../../hpd-net/io_linux.h"
#include "../../hpd-net/pump.h"
#include "../../hpd-parent/ifopen.h"

static const uint8_t mac[6] = { 2, 0xbb, 0, 0, 0, 1 };
static int want_rst;

static void
swap_ip(uint8_t *o, const struct pkt *p, uint32_t l4len)
{
	const uint8_t *f = p->data;

	memcpy(o, f + 6, 6);
	memcpy(o + 6, mac, 6);
	put16(o + 12, 0x0800);
	memset(o + 14, 0, 20);
	o[14] = 0x45;
	put16(o + 16, 20 + l4len);
	put16(o + 20, 0x4000);
	o[22] = 64;
	o[23] = f[23];
	memcpy(o + 26, f + 30, 4);
	memcpy(o + 30, f + 26, 4);
	put16(o + 24, csum_fold(csum_add(0, o + 14, 20)));
}

static uint32_t
answer_tcp(uint8_t *o, const struct pkt *p)
{
	const uint8_t *f = p->data, *t = f + 34;
	uint32_t len = want_rst ? 20 : 24;

	swap_ip(o, p, len);
	o += 34;
	memset(o, 0, 24);
	memcpy(o, t + 2, 2);
	memcpy(o + 2, t, 2);
	put32(o + 4, want_rst ? 0 : be32(t + 4) ^ 0x5a5a5a5a);
	put32(o + 8, be32(t + 4) + 1);
	o[12] = (uint8_t)(len << 2);
	o[13] = want_rst ? 0x14 : 0x12;
	if (!want_rst) {
		put16(o + 14, 8192);
		memcpy(o + 20, "\2\4\5\xb4", 4);
	}
	put16(o + 16, csum_fold(csum_add(csum_pseudo(be32(f + 30),
	    be32(f + 26), 6, len), o, len)));
	return 34 + len;
}

static uint32_t
answer_echo(uint8_t *o, const struct pkt *p)
{
	uint32_t len = p->len - 34;

	swap_ip(o, p, len);
	memcpy(o + 34, p->data + 34, len);
	o[34] = 0;
	put16(o + 36, 0);
	put16(o + 36, csum_fold(csum_add(0, o + 34, len)));
	return p->len;
}

static uint32_t
answer_arp(uint8_t *o, const struct pkt *p)
{
	const uint8_t *f = p->data;

	memset(o, 0, 60);
	memcpy(o, f + 6, 6);
	memcpy(o + 6, mac, 6);
	memcpy(o + 12, f + 12, 8);
	o[21] = 2;
	memcpy(o + 22, mac, 6);
	memcpy(o + 28, f + 38, 4);
	memcpy(o + 32, f + 22, 10);
	return 60;
}

static void
batch(struct pkt *pk, int n, void *arg)
{
	struct netif *nif = arg;
	int i;

	for (i = 0; i < n; i++) {
		const struct pkt *p = &pk[i];
		uint8_t *o;
		uint16_t type;

		if (p->len < 42 || p->len > 1514 || (o = io_tx_slot(nif)) == NULL)
			continue;
		type = be16(p->data + 12);
		if (type == 0x0806 && p->data[21] == 1)
			io_tx_commit(nif, answer_arp(o, p));
		else if (type == 0x0800 && p->data[23] == 6 && p->len >= 54 &&
		    p->data[47] == 2)
			io_tx_commit(nif, answer_tcp(o, p));
		else if (type == 0x0800 && p->data[23] == 1 &&
		    p->data[34] == 8)
			io_tx_commit(nif, answer_echo(o, p));
	}
	io_tx_flush(nif);
}

int
main(int argc, char **argv)
{
	struct ifopen_set set;
	struct netif nif = { 0 };
	struct io_fds fds;
	struct prefix net;
	struct pump pump;
	char msg[256];
	int i;

	if (argc != 4 || addr_prefix_parse(argv[2], &net) == -1)
		errx(64, "usage: reflect IFACE NET syn|rst");
	want_rst = strcmp(argv[3], "rst") == 0;
	if (ifopen(argv[1], &net, 1, 0, 0, 0, -1, &set, msg, sizeof(msg)) == -1)
		errx(1, "%s", msg);
	io_fds_init(&fds);
	for (i = 0; i < set.n; i++)
		io_fds_take(&fds, &set.msg[i], set.fd[i]);
	nif.ifindex = set.msg[0].ifindex;
	nif.mtu = set.msg[0].mtu;
	memcpy(nif.mac, set.msg[0].mac, 6);
	if (io_linux_open(&nif, &fds) == -1)
		err(1, "io_linux_open");
	(void)prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0);
	pump_init(&pump, &nif, batch, &nif);
	printf("%s\n", io_linux_tx_name(&nif));
	fflush(stdout);
	for (;;) {
		struct pollfd p = { io_rx_fd(&nif), POLLIN, 0 };

		if (poll(&p, 1, -1) > 0)
			pump_run(&pump);
	}
}
