/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent: packet filters, compiled by libpcap from the nets of the image
 * (numbers, never text from outside). Opens nothing: the compiler works on a
 * dead handle.
 */
#include "ifopen_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "../common/buf.h"

#define TEXT_MAX  65536
#define SNAP_ALL  262144

static void
add_nets(struct wbuf *w, const char *dir, const struct prefix *nets, size_t n)
{
	char a[ADDR_STRLEN];
	const char *sep = "";
	size_t i;

	for (i = 0; i < n; i++) {
		if (nets[i].ver != 4)
			continue;
		wbuf_fmt(w, "%s%s net %s/%u", sep, dir,
		    addr_text(4, nets[i].addr, a), nets[i].bits);
		sep = " or ";
	}
}

/* level 0: IP and ARP by address; 1: IP by address, all ARP; 2: all of both */
static void
text_of(struct wbuf *w, const struct prefix *nets, size_t n, int level)
{
	if (level == 2) {
		wbuf_str(w, "ip or arp");
		return;
	}
	wbuf_str(w, "(ip and (");
	add_nets(w, "dst", nets, n);
	/* everybody: some decoys answer that (hpd-net/icmp_bcast.c) */
	wbuf_str(w, ")) or (icmp and (dst host 255.255.255.255 or "
		    "dst host 224.0.0.1)) or ");
	if (level == 1) {
		wbuf_str(w, "arp");
		return;
	}
	wbuf_str(w, "(arp and (");
	add_nets(w, "dst", nets, n);
	wbuf_str(w, " or ");
	add_nets(w, "src", nets, n);
	wbuf_str(w, "))");
}

static int
compile(pcap_t *p, const char *text, struct ifopen_insn *out, char *err,
    size_t errlen)
{
	struct bpf_program prog;
	u_int i;
	int n = -2; /* too long */

	if (pcap_compile(p, &prog, text, 1, PCAP_NETMASK_UNKNOWN) == -1) {
		snprintf(err, errlen, "filter: %s", pcap_geterr(p));
		return -1;
	}
	if (prog.bf_len <= IFOPEN_FILTER_MAX) {
		n = (int)prog.bf_len;
		for (i = 0; i < prog.bf_len; i++) {
			out[i].code = prog.bf_insns[i].code;
			out[i].jt = prog.bf_insns[i].jt;
			out[i].jf = prog.bf_insns[i].jf;
			out[i].k = prog.bf_insns[i].k;
		}
	}
	pcap_freecode(&prog);
	return n;
}

int
ifopen_filter(const struct prefix *nets, size_t nnets,
    struct ifopen_insn *out, char *err, size_t errlen)
{
	char *mem = malloc(TEXT_MAX);
	pcap_t *p = pcap_open_dead(DLT_EN10MB, SNAP_ALL);
	struct wbuf w;
	size_t i, n4 = 0;
	int n = -2, level;

	for (i = 0; i < nnets; i++)
		n4 += nets[i].ver == 4;
	if (mem == NULL || p == NULL || n4 == 0) {
		snprintf(err, errlen, n4 == 0 ? "filter: no IPv4 nets" :
		    "filter: no memory");
		n = -1;
	}
	for (level = 0; n == -2 && level <= 2; level++) {
		wbuf_init(&w, mem, TEXT_MAX - 1);
		text_of(&w, nets, nnets, level);
		mem[w.len] = '\0';
		if (!w.over)
			n = compile(p, mem, out, err, errlen);
	}
	if (p != NULL)
		pcap_close(p);
	free(mem);
	return n;
}
