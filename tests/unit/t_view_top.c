/* SPDX-License-Identifier: ISC */
/*
 * hpview top: counts are right, tables stay bounded, a frame fits the terminal
 * and holds nothing but printable ASCII whatever the log says.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "hpd-log/hpview/top.h"

#define NOW 1795392000000000000LL
#define EVIL "\\u001b]0;x\\u0007\xe2\x80\xae\xc3\xa9<b>\\\"\\\\"

static struct top top;

static struct vstr
body(const char *s)
{
	return (struct vstr){ s, (uint32_t)strlen(s) };
}

static struct vrec
rec(uint16_t kind, uint32_t src, int64_t ago_ms)
{
	struct vrec r;

	memset(&r, 0, sizeof(r));
	r.kind = kind;
	r.ver = 4;
	r.proto = IPPROTO_TCP;
	r.count = 1;
	r.seal = UINT64_MAX;
	r.wall_ns = NOW - ago_ms * 1000000;
	r.dport = 23;
	addr_set4(r.src, src);
	addr_set4(r.dst, 0x0a420001);
	return r;
}

static int
setup(void **state)
{
	(void)state;
	return top_init(&top);
}

static int
teardown(void **state)
{
	(void)state;
	top_free(&top);
	return 0;
}

/* Draw; checks what holds of every frame. Returns its text. */
static const char *
frame(unsigned int width, unsigned int height)
{
	static char mem[1 << 18];
	unsigned int lines = 0, col = 0;
	struct wbuf w;
	size_t i;

	wbuf_init(&w, mem, sizeof(mem) - 1);
	top_frame(&top, &w, width, height, NOW, "/var/log/hpd");
	mem[w.len] = '\0';
	assert_false(w.over);
	for (i = 0; i < w.len; i++) {
		if (mem[i] == '\n') {
			lines++;
			col = 0;
			continue;
		}
		col++;
		assert_true(mem[i] >= 0x20 && mem[i] < 0x7f);
		assert_true(col <= width);
	}
	assert_int_equal(col, 0);
	assert_true(lines <= height);
	return mem;
}

static void
counts(void **state)
{
	struct vrec r = rec(EV_TCP_PROBE, 0xc0000201, 1500);
	const char *text;

	(void)state;
	r.count = 70;
	top_take(&top, &r);
	r = rec(EV_TCP_OPEN, 0xc0000202, 1500);
	r.session = 0x10000000001;
	r.service = body("perl t.pl");
	top_take(&top, &r);
	r = rec(EV_SVC_FIELD, 0xc0000202, 1000);
	r.user = body("root");
	r.password = body("toor");
	top_take(&top, &r);
	r = rec(EV_SVC_TRIP, 0xc0000202, 500);
	r.service = body("perl t.pl");
	top_take(&top, &r);
	r = rec(EV_LOG_LOST, 0, 400);
	r.ver = 0;
	r.lost_count = 12;
	top_take(&top, &r);
	r = rec(EV_LOG_STATS, 0, 300);
	r.ver = 0;
	r.lag_us = 2500;
	top_take(&top, &r);
	text = frame(80, 24);
	assert_non_null(strstr(text, "records 6  probes 70  sessions 1"));
	assert_non_null(strstr(text, "logins 1  alerts 1  lost 12  gaps 0  "
				     "lag 2.5 ms  newest 0.3 s ago"));
	assert_non_null(strstr(text, "probes 7.0 (1.2)"));
	assert_non_null(strstr(text, "    70 192.0.2.1"));
	assert_non_null(strstr(text, "    71    23/tcp perl t.pl"));
	assert_non_null(strstr(text, "192.0.2.2       root / toor"));
	assert_non_null(strstr(text, "svc.trip 192.0.2.2 perl t.pl"));
	assert_non_null(strstr(text, "0000010000000001 perl t.pl"));
}

static void
hostile(void **state)
{
	struct vrec r;
	unsigned int w, h;

	(void)state;
	r = rec(EV_TCP_OPEN, 0xc0000202, 100);
	r.service = r.os = r.tmpl = r.message = body(EVIL EVIL EVIL EVIL EVIL);
	top_take(&top, &r);
	r.kind = EV_SVC_FIELD;
	r.user = r.password = body(EVIL EVIL EVIL EVIL EVIL EVIL EVIL);
	top_take(&top, &r);
	r.kind = EV_ARP_CONFLICT;
	top_take(&top, &r);
	assert_non_null(strstr(frame(200, 60), "\\x1b]0;x\\x07\\u{202e}?<b>"));
	for (w = 1; w < 300; w += 7)
		for (h = 1; h < 90; h += 4)
			(void)frame(w, h);
}

static void
bounded(void **state)
{
	struct vrec r;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100000; i++) {
		r = rec(EV_TCP_PROBE, 0xc6000000u + i * 7, 60000 - i / 2);
		r.dport = (uint16_t)i;
		r.count = i % 1000 == 0 ? 1000000 : 1;
		top_take(&top, &r);
		r.kind = EV_TCP_OPEN;
		top_take(&top, &r);
	}
	assert_true(top.sources.used <= TOP_ROWS * 3 / 4);
	assert_true(top.ports.used <= TOP_ROWS * 3 / 4);
	assert_true(top.sources.cut > 80000);
	assert_int_equal(top.sessions.n, TOP_LATEST);
	assert_int_equal(top.opens, 100000);
	assert_int_equal(top.probes, 100ull * 1000000 + 99900);
	for (i = 1; i < TOP_LATEST; i++)
		assert_true(top.sessions.v[i - 1].wall_ns >=
		    top.sessions.v[i].wall_ns);
	(void)frame(80, 24);
}

/* What comes late, or from long ago, counts where it belongs. */
static void
out_of_order(void **state)
{
	struct vrec r;
	int64_t ms;

	(void)state;
	for (ms = 500; ms < 400000; ms += 500) {
		r = rec(EV_TCP_PROBE, 0xc0000201, ms);
		top_take(&top, &r);
	}
	assert_non_null(strstr(frame(120, 30), "events 2.0 (1 min 2.0)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counts, setup, teardown),
		cmocka_unit_test_setup_teardown(hostile, setup, teardown),
		cmocka_unit_test_setup_teardown(bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(out_of_order, setup, teardown),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
