/* SPDX-License-Identifier: ISC */
/*
 * honeyd's logs: each line against the layout that tools reading honeyd's logs
 * expect, and nothing a peer sends can break a line.
 */
#include <netinet/in.h>

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "hpd-log/honeyd_text.h"

#define AT 1795415462806312000LL /* 2026-11-23-06:31:02.8063 */

static struct log_time lt;
static char mem[HONEYD_LINE_MAX + 1];
static struct wbuf w;
static struct {
	struct event ev;
	uint8_t data[EVENT_DATA_MAX + 8];
} rec;

static const struct image *names_img; /* of senders' systems */

static void
set(uint16_t kind, uint8_t proto, uint16_t sport, uint16_t dport,
    const void *data, size_t len)
{
	memset(&rec.ev, 0, sizeof(rec.ev));
	rec.ev.kind = kind;
	rec.ev.wall_ns = AT;
	rec.ev.count = 1;
	rec.ev.ver = 4;
	rec.ev.proto = proto;
	addr_set4(rec.ev.src, 0x0a090001);
	addr_set4(rec.ev.dst, 0x0a09000a);
	rec.ev.sport = sport;
	rec.ev.dport = dport;
	rec.ev.pad = (uint8_t)(-len & 7);
	rec.ev.len = (uint16_t)(64 + len + rec.ev.pad);
	memcpy(rec.data, data, len);
}

static const char *
packet(int lines)
{
	wbuf_init(&w, mem, sizeof(mem) - 1);
	assert_int_equal(honeyd_packet(&lt, &w, names_img, &rec.ev), lines);
	mem[w.len] = '\0';
	return mem;
}

static void
matches(const char *text, const char *re)
{
	regex_t r;

	assert_int_equal(regcomp(&r, re, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&r, text, 0, NULL, 0) != 0)
		fail_msg("%s does not match %s", text, re);
	regfree(&r);
}

#define TS "2026-11-23-06:31:02.8063"

static void
probes(void **state)
{
	struct ev_probe p = { 44, 0x02, 64, 1024, 0 };

	(void)state;
	set(EV_TCP_PROBE, IPPROTO_TCP, 44201, 81, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " tcp(6) - 10.9.0.1 44201 10.9.0.10 81: 44 S\n");
	p.tcp_flags = 0xff;
	p.ip_len = 40;
	set(EV_TCP_PROBE, IPPROTO_TCP, 1, 2, &p, sizeof(p));
	assert_string_equal(packet(1), TS
	    " tcp(6) - 10.9.0.1 1 10.9.0.10 2: 40 FSRPAUEC {Honeyd Scanner?}\n");
	p.tcp_flags = 0x06;
	set(EV_TCP_PROBE, IPPROTO_TCP, 4005, 23, &p, sizeof(p));
	assert_string_equal(packet(1), TS
	    " tcp(6) - 10.9.0.1 4005 10.9.0.10 23: 40 SR {Honeyd Scanner?}\n");
	p.tcp_flags = 0;
	set(EV_TCP_PROBE, IPPROTO_TCP, 4005, 23, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " tcp(6) - 10.9.0.1 4005 10.9.0.10 23: 40 \n");
	p.ip_len = 29;
	set(EV_UDP_PROBE, IPPROTO_UDP, 5000, 999, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " udp(17) - 10.9.0.1 5000 10.9.0.10 999: 29\n");
	p.ip_len = 84;
	set(EV_ICMP_PROBE, IPPROTO_ICMP, 8, 0, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " icmp(1) - 10.9.0.1 10.9.0.10: 8(0): 84\n");
	set(EV_IP_PROBE, 132, 0, 0, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " unkn(132) - 10.9.0.1 10.9.0.10: 84\n");
	set(EV_FLOOD, IPPROTO_ICMP, 8, 0, &p, sizeof(p));
	rec.ev.count = 100000;
	assert_string_equal(packet(1),
	    TS " icmp(1) - 10.9.0.1 10.9.0.10: 8(0): 84\n");
}

static void
flows(void **state)
{
	struct ev_flow f = { 211, 98765432100, 5, UINT32_MAX, 1, 0, 0 };

	(void)state;
	set(EV_TCP_OPEN, IPPROTO_TCP, 44201, 23, &f, sizeof(f));
	assert_string_equal(packet(1),
	    TS " tcp(6) S 10.9.0.1 44201 10.9.0.10 23\n");
	set(EV_TCP_CLOSE, IPPROTO_TCP, 44201, 23, &f, sizeof(f));
	assert_string_equal(packet(1),
	    TS " tcp(6) E 10.9.0.1 44201 10.9.0.10 23: 211 98765432100\n");
	set(EV_UDP_OPEN, IPPROTO_UDP, 5353, 53, &f, sizeof(f));
	assert_string_equal(packet(1),
	    TS " udp(17) S 10.9.0.1 5353 10.9.0.10 53\n");
	set(EV_UDP_CLOSE, IPPROTO_UDP, 5353, 53, &f, sizeof(f));
	matches(packet(1),
	    "^[0-9]{4}(-[0-9]{2}){3}(:[0-9]{2}){2}\\.[0-9]{4} udp\\(17\\) E "
	    "([0-9.]+ [0-9]+ ?){2}: [0-9]+ [0-9]+\n$");
	set(EV_SVC_START, IPPROTO_TCP, 1, 2, "x", 1);
	packet(0);
	assert_int_equal(w.len, 0);
	set(EV_TCP_OPEN, IPPROTO_TCP, 44201, 23, &f, sizeof(f));
	rec.ev.ver = 0;
	packet(0);
}

/* The sender's system as honeyd wrote it: class, version, subtype, a blank
 * between each, also where there is none. */
static void
systems(void **state)
{
	static const char names[] = "\0Linux\0" "2.6.x\0unix\0FreeBSD";
	static const struct img_srcos rows[] = {
		{ .name = 1, .flavor = 7, .family = 13, .ttl = 64 },
		{ .name = 18, .family = 13, .ttl = 64 },
	};
	static const struct image img = { .strings = names, .srcos = rows,
		.nsrcos = 2 };
	struct ev_probe p = { 44, 0x06, 64, 1024, 1 };
	struct ev_flow f = { 211, 5, 5, UINT32_MAX, 0, 64, 1 };

	(void)state;
	names_img = &img;
	set(EV_TCP_PROBE, IPPROTO_TCP, 4005, 23, &p, sizeof(p));
	assert_string_equal(packet(1), TS " tcp(6) - 10.9.0.1 4005 10.9.0.10 "
	    "23: 44 SR [Linux 2.6.x ] {Honeyd Scanner?}\n");
	p.srcos = 2;
	set(EV_UDP_PROBE, IPPROTO_UDP, 5000, 999, &p, sizeof(p));
	assert_string_equal(packet(1), TS
	    " udp(17) - 10.9.0.1 5000 10.9.0.10 999: 44 [FreeBSD  ]\n");
	p.srcos = 3; /* of no row */
	set(EV_UDP_PROBE, IPPROTO_UDP, 5000, 999, &p, sizeof(p));
	assert_string_equal(packet(1),
	    TS " udp(17) - 10.9.0.1 5000 10.9.0.10 999: 44\n");
	set(EV_TCP_OPEN, IPPROTO_TCP, 44201, 23, &f, sizeof(f));
	assert_string_equal(packet(1),
	    TS " tcp(6) S 10.9.0.1 44201 10.9.0.10 23 [Linux 2.6.x ]\n");
	set(EV_TCP_CLOSE, IPPROTO_TCP, 44201, 23, &f, sizeof(f));
	assert_string_equal(packet(1),
	    TS " tcp(6) E 10.9.0.1 44201 10.9.0.10 23: 211 5\n");
	set(EV_TOOL, IPPROTO_TCP, 4005, 23, &p, sizeof(p));
	packet(0); /* its probe has a line of its own */
	names_img = NULL;
}

static void
marks(void **state)
{
	(void)state;
	wbuf_init(&w, mem, sizeof(mem));
	honeyd_mark(&lt, &w, AT, 1);
	honeyd_mark(&lt, &w, AT, 0);
	mem[w.len] = '\0';
	assert_string_equal(mem, TS " honeyd log started ------\n" TS
	    " honeyd log stopped ------\n");
}

static int
service(void)
{
	int n;

	wbuf_init(&w, mem, sizeof(mem) - 1);
	n = honeyd_service(&lt, &w, &rec.ev);
	mem[w.len] = '\0';
	return n;
}

static void
services(void **state)
{
	static uint8_t all[EVENT_DATA_MAX];
	size_t i, lines = 0;

	(void)state;
	set(EV_SVC_LINE, IPPROTO_TCP, 51780, 80, "got connection", 14);
	assert_int_equal(service(), 1);
	assert_string_equal(mem, TS
	    " tcp(6) 10.9.0.1 51780 10.9.0.10 80: |got connection|\n");
	set(EV_SVC_LINE, IPPROTO_TCP, 1, 2, "a\r\n\033[31m|\xff", 10);
	assert_int_equal(service(), 1);
	assert_string_equal(mem, TS " tcp(6) 10.9.0.1 1 10.9.0.10 2: "
	    "|a\\x0d\\x0a\\x1b[31m|\\xff|\n");
	set(EV_SVC_LINE, IPPROTO_TCP, 1, 2, "", 0);
	assert_int_equal(service(), 1);
	set(EV_SVC_FIELD, IPPROTO_TCP, 1, 2, "{}", 2);
	assert_int_equal(service(), 0);

	memset(all, 0x80, sizeof(all)); /* the largest */
	set(EV_SVC_LINE, IPPROTO_TCP, 1, 2, all, sizeof(all));
	assert_int_equal(service(), 4);
	for (i = 0; i < w.len; i++) {
		lines += mem[i] == '\n';
		assert_true(mem[i] == '\n' ||
		    (mem[i] >= 0x20 && mem[i] < 0x7f));
	}
	assert_int_equal(lines, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(probes),
		cmocka_unit_test(flows),
		cmocka_unit_test(systems),
		cmocka_unit_test(marks),
		cmocka_unit_test(services),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
