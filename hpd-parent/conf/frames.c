/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: the filter of `log frames` to a program, by libpcap's compiler for
 * Ethernet. libpcap asks a resolver for every word it does not know, and
 * /etc/services and its like for others: hpd-conf has none of them. So every
 * word is held against the language before libpcap sees it, and only addresses
 * and numbers are left. What slips through all the same ends at the sandbox.
 */
#include "conf.h"

#include <arpa/inet.h>
#include <pcap.h>
#include <string.h>

#include "common/addr.h"

/* pcap-filter(7), as far as it is about Ethernet frames read one by one: no
 * names of interfaces or gateways, no protochain (its programs loop). */
static const char *const language[] = { "and", "or", "not", "host", "net",
	"mask", "port", "portrange", "src", "dst", "ether", "link", "ip",
	"ip6", "arp", "rarp", "tcp", "udp", "sctp", "icmp", "icmp6", "igmp",
	"igrp", "pim", "ah", "esp", "vrrp", "carp", "proto", "broadcast",
	"multicast", "less", "greater", "len", "vlan", "mpls", "pppoed",
	"pppoes", "llc", "stp", "ipx", "netbeui", "atalk", "aarp", "decnet",
	"lat", "moprc", "mopdl", "sca", "iso", "clnp", "esis", "isis",
	"icmptype", "icmpcode", "icmp6type", "icmp6code", "tcpflags",
	"tcp-fin", "tcp-syn", "tcp-rst", "tcp-push", "tcp-ack", "tcp-urg",
	"tcp-ece", "tcp-cwr", "icmp-echoreply", "icmp-unreach",
	"icmp-sourcequench", "icmp-redirect", "icmp-echo",
	"icmp-routeradvert", "icmp-routersolicit", "icmp-timxceed",
	"icmp-paramprob", "icmp-tstamp", "icmp-tstampreply", "icmp-ireq",
	"icmp-ireqreply", "icmp-maskreq", "icmp-maskreply" };
#define NLANGUAGE (sizeof(language) / sizeof(language[0]))

#define DIGITS	"0123456789"
#define HEX	DIGITS "abcdefABCDEF"
#define WORD	DIGITS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-"
#define OTHER	" \t\n()[]!&|<>=+-*/%^"

/* An IPv6 or MAC address at s: its length, or 0. */
static size_t
colons(const char *s)
{
	size_t n = strspn(s, HEX ":.");
	char text[ADDR_STRLEN];
	uint8_t a[16];

	if (n == 0 || n >= sizeof(text) || memchr(s, ':', n) == NULL)
		return 0;
	memcpy(text, s, n);
	text[n] = '\0';
	return inet_pton(AF_INET6, text, a) == 1 ||
	    addr_mac_parse(text, a) == 0 ? n : 0;
}

/* A number, a dotted address or the start of one, behind portrange a-b. */
static int
numeric(const char *w, int range)
{
	size_t n = strspn(w, DIGITS);
	unsigned dots = 0;

	if (n == 0)
		return 0;
	if (w[0] == '0' && (w[1] == 'x' || w[1] == 'X'))
		return w[2] != '\0' && w[2 + strspn(w + 2, HEX)] == '\0';
	if (range && w[n] == '-') {
		w += n + 1;
		n = strspn(w, DIGITS);
		return n > 0 && n < 6 && w[n] == '\0';
	}
	while (w[n] == '.' && dots++ < 3) {
		w += n + 1;
		if ((n = strspn(w, DIGITS)) == 0)
			return 0;
	}
	return w[n] == '\0';
}

static int
known(const char *w)
{
	size_t i;

	for (i = 0; i < NLANGUAGE; i++)
		if (strcmp(w, language[i]) == 0)
			return 1;
	return 0;
}

/* Only words of the language, numbers and addresses: 0, or -1 after a
 * message. */
static int
words_known(struct conf *c, const char *s, struct conf_pos pos)
{
	int range = 0;
	const char *w;
	size_t n;

	while (*(s += strspn(s, OTHER)) != '\0') {
		if ((n = colons(s)) > 0) {
			s += n;
			continue;
		}
		if (*s == ':') { /* tcp[12:2] */
			s++;
			continue;
		}
		if ((n = strspn(s, WORD)) == 0 || strchr("._", *s) != NULL) {
			conf_error(c, pos, "log frames: '%s' can't stand in a "
			    "filter", conf_show(c, arena_dup(&c->mem, s, 1)));
			return -1;
		}
		w = arena_dup(&c->mem, s, n);
		if (!known(w) && !numeric(w, range)) {
			conf_error(c, pos, "log frames: '%s' is no word of "
			    "pcap-filter(7) that stands here; names of hosts, "
			    "ports and protocols are not looked up: write "
			    "addresses and numbers%s", conf_show(c, w),
			    conf_did_you_mean(c, w, language, NLANGUAGE));
			return -1;
		}
		range = strcmp(w, "portrange") == 0;
		s += n;
	}
	return 0;
}

static int
take(struct conf *c, const struct bpf_program *p, struct conf_pos pos)
{
	struct conf_log *l = &c->log;
	uint32_t i;

	if (p->bf_len > IMG_FRAMES_MAX) {
		conf_error(c, pos, "log frames: the filter is a program of %u "
		    "instructions, more than %d", p->bf_len, IMG_FRAMES_MAX);
		return -1;
	}
	if (p->bf_len == 0 || !bpf_validate(p->bf_insns, (int)p->bf_len)) {
		conf_error(c, pos, "log frames: a filter with loops");
		return -1;
	}
	for (i = 0; i < p->bf_len; i++) {
		l->insns[i].code = p->bf_insns[i].code;
		l->insns[i].jt = p->bf_insns[i].jt;
		l->insns[i].jf = p->bf_insns[i].jf;
		l->insns[i].k = p->bf_insns[i].k;
	}
	l->ninsns = p->bf_len;
	return 0;
}

int
conf_frames(struct conf *c, const char *filter, struct conf_pos pos)
{
	struct bpf_program prog = { 0 };
	pcap_t *p;
	int r;

	c->log.ninsns = 0;
	if (words_known(c, filter, pos) == -1)
		return -1;
	p = pcap_open_dead(DLT_EN10MB, (int)c->log.snap);
	if (p == NULL) {
		conf_error(c, pos, "log frames: out of memory");
		return -1;
	}
	r = pcap_compile(p, &prog, filter, 1, PCAP_NETMASK_UNKNOWN);
	if (r == -1)
		conf_error(c, pos, "log frames: %s",
		    conf_show(c, pcap_geterr(p)));
	else
		r = take(c, &prog, pos);
	pcap_freecode(&prog);
	pcap_close(p);
	return r;
}
