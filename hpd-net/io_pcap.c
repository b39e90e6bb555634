/* SPDX-License-Identifier: ISC */
/*
 * Savefile replay through the same stack as live frames, answers written to a
 * savefile. Tests and offline work; opens the two files it is told to and
 * nothing else, never used by a running hpd-net (its sandbox has no open).
 */
#include "io_pcap.h"

#include <sys/time.h>

#include <stdio.h>

#include <pcap/pcap.h>

#include "io_mem.h"

static void
dump_frame(void *arg, const uint8_t *frame, uint32_t len, int64_t ts_ns)
{
	struct pcap_pkthdr h = {.caplen = len, .len = len};

	h.ts.tv_sec = (time_t)(ts_ns / 1000000000);
	h.ts.tv_usec = (suseconds_t)(ts_ns % 1000000000 / 1000);
	pcap_dump(arg, &h, frame);
}

static void
run_queue(struct netif *nif, void (*batch)(struct pkt *, int, void *),
    void *arg)
{
	struct pkt pk[IO_BATCH];
	int n;

	while ((n = io_rx(nif, pk, IO_BATCH)) > 0) {
		batch(pk, n, arg);
		io_rx_done(nif);
	}
}

int
io_pcap_replay(struct netif *nif, const char *in, const char *out,
    void (*batch)(struct pkt *, int n, void *arg), void *arg, char *err,
    size_t errlen)
{
	char eb[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	pcap_dumper_t *d = NULL;
	const u_char *data;
	int n = 0, r;
	pcap_t *p;

	p = pcap_open_offline(in, eb);
	if (p == NULL) {
		snprintf(err, errlen, "%s", eb);
		return -1;
	}
	if (pcap_datalink(p) != DLT_EN10MB) {
		snprintf(err, errlen, "%s: not an Ethernet savefile", in);
		pcap_close(p);
		return -1;
	}
	if (out != NULL && (d = pcap_dump_open(p, out)) == NULL) {
		snprintf(err, errlen, "%s", pcap_geterr(p));
		pcap_close(p);
		return -1;
	}
	if (d != NULL)
		io_mem_sink(nif, dump_frame, d);
	while ((r = pcap_next_ex(p, &h, &data)) == 1) {
		if (io_mem_push(nif, data, h->caplen,
			h->ts.tv_sec * 1000000000LL + h->ts.tv_usec * 1000LL,
			0) == 0)
			n++;
		if (n % IO_BATCH == 0)
			run_queue(nif, batch, arg);
	}
	run_queue(nif, batch, arg);
	if (r == PCAP_ERROR) {
		snprintf(err, errlen, "%s", pcap_geterr(p));
		n = -1;
	}
	io_mem_sink(nif, NULL, NULL);
	if (d != NULL)
		pcap_dump_close(d);
	pcap_close(p);
	return n;
}
