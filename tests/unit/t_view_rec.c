/* SPDX-License-Identifier: ISC */
/*
 * Lines into records: hpd-log's own lines of every kind say what the event
 * said, in any order of members; torn and foreign ones are refused; honeyd's
 * own logs; text made safe.
 */
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/addr.h"
#include "common/proc.h"
#include "hpd-log/hpview/vtime.h"
#include "hpd-log/json.h"
#include "tests/unit/view_same.h"

#define AT 1795415462114503000LL /* 2026-11-23T06:31:02.114503Z */

static struct json_ctx ctx;
static char line[JSON_LINE_MAX], wide[2 * JSON_LINE_MAX];
static size_t len;
static struct vrec r;
static union {
	struct event ev;
	uint8_t b[EVENT_MAX + 8];
} u;

static void
make(uint16_t kind, const void *data, size_t n)
{
	struct json_who who = { 0x6f2c0000000000ffULL, 88123, 0x77, 0, 2 };
	struct wbuf w;

	if (ctx.observer_len == 0)
		json_init(&ctx, "the \"sensor\"");
	u.ev.kind = kind;
	u.ev.wall_ns = AT;
	u.ev.count = u.ev.count ? u.ev.count : 1;
	u.ev.pad = (uint8_t)(-n & 7);
	u.ev.len = (uint16_t)(64 + n + u.ev.pad);
	if (n > 0)
		memcpy(u.b + 64, data, n);
	who.proc = (uint8_t)__builtin_ctz(event_row(kind)->producers);
	wbuf_init(&w, line, sizeof(line));
	len = json_event(&ctx, &w, &who, &u.ev) - 1;
	assert_int_equal(vrec_parse(line, len, &r), 0);
	assert_int_equal(r.kind, kind);
	assert_int_equal(r.proc, who.proc);
	assert_int_equal(r.instance, 2);
	assert_true(r.boot == who.boot && r.seq == 88123 && r.run == 0x77);
	assert_true(r.wall_ns == AT);
}

static void
ends(uint8_t proto, uint16_t sport, uint16_t dport)
{
	memset(&u, 0, sizeof(u));
	u.ev.ver = 4;
	u.ev.proto = proto;
	addr_set4(u.ev.src, 0xc6336407);
	addr_set4(u.ev.dst, 0xc0000211);
	u.ev.sport = sport;
	u.ev.dport = dport;
}

static int
is(struct vstr s, const char *text)
{
	char b[4096];
	size_t n = vstr_text(s, b, sizeof(b));

	return n == strlen(text) && memcmp(b, text, n) == 0;
}

static void
test_probe(void **state)
{
	struct ev_probe p = { 60, 0x12, 51, 1024, 0 };

	(void)state;
	ends(IPPROTO_TCP, 51234, 23);
	u.ev.verdict = VERDICT_LIMITED;
	u.ev.count = 4000000000u;
	make(EV_TCP_PROBE, &p, sizeof(p));
	assert_int_equal(r.ver, 4);
	assert_int_equal(r.proto, IPPROTO_TCP);
	assert_memory_equal(r.src, u.ev.src, 16);
	assert_memory_equal(r.dst, u.ev.dst, 16);
	assert_int_equal(r.sport, 51234);
	assert_int_equal(r.dport, 23);
	assert_int_equal(r.verdict, VERDICT_LIMITED);
	assert_true(r.count == 4000000000u);
	assert_int_equal(r.ip_len, 60);
	assert_int_equal(r.tcp_flags, 0x12);
	assert_int_equal(r.ttl, 51);
	assert_int_equal(r.window, 1024);
	assert_true(is(r.observer, "the \"sensor\""));
	ends(IPPROTO_ICMP, 8, 3);
	make(EV_ICMP_PROBE, &p, sizeof(p));
	assert_int_equal(r.sport, 8);
	assert_int_equal(r.dport, 3);
}

static void
test_session(void **state)
{
	struct ev_flow f = { .bytes_in = 7, .bytes_out = 1ULL << 60,
		.duration_ns = 123456789, .service = UINT32_MAX, .why = 2 };
	static const char login[] =
	    "{\"event\":\"login\",\"user\":\"r\\u00e4t\",\"password\":\"\"}";
	uint8_t chunk[32];
	struct ev_chunk c = { .offset = 99, .out = 1, .flags = EV_CHUNK_CUT };

	(void)state;
	ends(IPPROTO_TCP, 1, 2);
	u.ev.session = 0xabcdef0123456789ULL;
	make(EV_TCP_CLOSE, &f, sizeof(f));
	assert_true(r.session == 0xabcdef0123456789ULL);
	assert_true(r.bytes_in == 7 && r.bytes_out == 1ULL << 60);
	assert_true(r.duration_ns == 123456789);
	assert_true(is(r.why, "rst"));
	memcpy(chunk, &c, sizeof(c));
	memcpy(chunk + sizeof(c), "ls\n\xff", 4);
	make(EV_SESSION_DATA, chunk, sizeof(c) + 4);
	assert_int_equal(r.out, 1);
	assert_int_equal(r.flags, EV_CHUNK_CUT);
	assert_true(r.offset == 99);
	assert_non_null(r.data_b64.p);
	assert_memory_equal(r.data_b64.p, "bHMK/w==", 8);
	make(EV_SVC_LINE, "a \"b\" \\ c", 9);
	assert_true(is(r.message, "a \"b\" \\ c"));
	make(EV_SVC_FIELD, login, strlen(login));
	assert_true(is(r.user, "r\xc3\xa4t"));
	assert_non_null(r.password.p);
	assert_int_equal(r.password.n, 0);
	make(EV_SVC_FIELD, "{\"event\":\"other\",\"user\":\"root\"}", 31);
	assert_null(r.user.p);
	assert_true(is(r.event, "other"));
}

static void
test_own(void **state)
{
	struct ev_lost l = { .first = 5, .last = 9, .count = 4,
		.proc = PROC_NET };
	struct ev_logstats s = { .lag_max_us = 1234567 };

	(void)state;
	memset(&u, 0, sizeof(u));
	make(EV_LOG_GAP, &l, sizeof(l));
	assert_true(r.lost_first == 5 && r.lost_last == 9 &&
	    r.lost_count == 4);
	assert_int_equal(r.ver, 0);
	memset(&u, 0, sizeof(u));
	make(EV_LOG_STATS, &s, sizeof(s));
	assert_true(r.lag_us == 1234567);
	memset(&u, 0, sizeof(u));
	u.ev.verdict = 2;
	make(EV_DIAG, "warn", 4);
	assert_true(is(r.message, "warn"));
	assert_int_equal(r.verdict, 2);
}

/* A line of every kind: no beginning of it is a record, and blanks between
 * its members change nothing. */
static void
test_every_kind(void **state)
{
	static const uint8_t zero[256];
	static const size_t sizes[] = { 0, 1, sizeof(struct ev_probe),
		sizeof(struct ev_flow), sizeof(struct ev_mac),
		sizeof(struct ev_exit), sizeof(struct ev_lost),
		sizeof(struct ev_segment), sizeof(struct ev_retired),
		sizeof(struct ev_fold), sizeof(struct ev_digest),
		sizeof(struct ev_logstats), sizeof(struct ev_flood),
		sizeof(struct ev_chunk) };
	char copy[4096];
	struct vrec a;
	size_t i, j, n, done = 0;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		const struct event_row *row = &event_rows[i];

		if (row->kind == EV_FRAME)
			continue;
		for (j = 0; j < sizeof(sizes) / sizeof(sizes[0]); j++) {
			ends(IPPROTO_TCP, 1, 2);
			u.ev.wall_ns = AT;
			u.ev.kind = row->kind;
			u.ev.count = 1;
			u.ev.pad = (uint8_t)(-sizes[j] & 7);
			u.ev.len = (uint16_t)(64 + sizes[j] + u.ev.pad);
			memcpy(u.b + 64, zero, sizes[j]);
			if (event_check(&u, u.ev.len, (uint8_t)__builtin_ctz(
				row->producers)) != 0)
				break;
		}
		if (j == sizeof(sizes) / sizeof(sizes[0])) {
			print_message("# no sample of %s\n", row->name);
			continue;
		}
		done++;
		make(row->kind, zero, sizes[j]);
		a = r;
		n = loosen(line, len, wide);
		assert_int_equal(vrec_parse(wide, n, &r), 0);
		assert_true(same_rec(&a, &r));
		for (n = 0; n < len; n++) {
			char *p = malloc(n > 0 ? n : 1); /* ASan sees more */

			memcpy(p, line, n);
			assert_int_equal(vrec_parse(p, n, &r), -1);
			free(p);
		}
		assert_true(len < sizeof(copy));
	}
	assert_true(done + 3 >= event_nrows); /* but frame, svc.denied, diag */
}

static void
test_order(void **state)
{
	static const char sorted[] =
	    "{\"@timestamp\": \"2026-11-23T07:31:02.114503+01:00\", "
	    "\"destination\": {\"ip\": \"2001:db8::1\", \"port\": 80}, "
	    "\"event\": {\"action\": \"hpd.tcp.probe\"}, \"hpd\": {\"boot\": "
	    "\"1\", \"count\": 3, \"producer\": \"hpd-net\", \"seq\": 5, "
	    "\"verdict\": \"open\", \"new\": [1, {\"a\": null}, -1.5e3]}, "
	    "\"network\": {\"iana_number\": \"6\"}, "
	    "\"source\": {\"ip\": \"2001:db8::2\"}, "
	    "\"seal\": \"12.AAAAAAAAAAAAAAAAAAAAAA\"}";
	static const char *const bad[] = { "", "{}", "[]", "null",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\"}",
		"{\"event\":{\"action\":\"hpd.tcp.probe\"},\"a\":\"b\"}",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"other.tcp.probe\"}}",
		"{\"@timestamp\":\"2026-13-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"}}",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"}}x",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"},\"message\":\"\n\"}",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"},\"message\":\"\\q\"}",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"},"
		"\"source\":{\"ip\":\"1.2.3.256\"}}",
		"{\"@timestamp\":\"2026-11-23T06:31:02Z\","
		"\"event\":{\"action\":\"hpd.tcp.probe\"},"
		"\"source\":{\"port\":65536}}" };
	size_t i;

	(void)state;
	assert_int_equal(vrec_parse(sorted, sizeof(sorted) - 1, &r), 0);
	assert_true(r.wall_ns == AT);
	assert_int_equal(r.ver, 6);
	assert_int_equal(r.dst[15], 1);
	assert_int_equal(r.verdict, VERDICT_OPEN);
	assert_true(r.count == 3 && r.seal == 12 && r.boot == 1);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(vrec_parse(bad[i], strlen(bad[i]), &r), -1);
	/* A kind of a later version is a record all the same. */
	assert_int_equal(vrec_parse("{\"@timestamp\":\"2026-11-23T06:31:02Z\","
	    "\"event\":{\"action\":\"hpd.new.kind\"}}", 71, &r), 0);
	assert_int_equal(r.kind, EV_NONE);
}

#define HL(s) vrec_parse_honeyd(T s, strlen(T s), &r)
#define SL(s) vrec_parse_service(T s, strlen(T s), &r)
#define T "2026-11-23-06:31:02.1145"

static void
test_honeyd(void **state)
{
	(void)state;
	assert_int_equal(vtime_zone("UTC"), 0);
	assert_int_equal(HL(" icmp(1) - 10.9.0.1 10.9.0.10: 8(0): 84"), 0);
	assert_int_equal(r.kind, EV_ICMP_PROBE);
	assert_true(r.wall_ns == AT / 100000 * 100000);
	assert_int_equal(r.sport, 8);
	assert_int_equal(r.ip_len, 84);
	assert_int_equal(HL(" tcp(6) S 10.9.0.1 44201 10.9.0.10 23"), 0);
	assert_int_equal(r.kind, EV_TCP_OPEN);
	assert_int_equal(r.sport, 44201);
	assert_int_equal(HL(" tcp(6) - 10.9.0.1 44201 10.9.0.10 81: 44 S"), 0);
	assert_int_equal(r.tcp_flags, 2);
	assert_int_equal(r.dport, 81);
	assert_int_equal(HL(" tcp(6) - 10.9.0.1 44201 10.9.0.10 81: 40 "), 0);
	assert_int_equal(r.tcp_flags, 0);
	assert_int_equal(HL(" tcp(6) E 10.9.0.1 44201 10.9.0.10 23: 5 99"), 0);
	assert_int_equal(r.kind, EV_TCP_CLOSE);
	assert_true(r.bytes_in == 5 && r.bytes_out == 99);
	assert_int_equal(HL(" tcp(6) - 10.9.0.1 4005 10.9.0.10 23: 40 SR "
			    "{Honeyd Scanner?}"), 0);
	assert_int_equal(r.tcp_flags, 6);
	assert_int_equal(HL(" udp(17) - 10.9.0.1 5000 10.9.0.10 999: 29"), 0);
	assert_int_equal(HL(" tcp(6) S 10.9.0.1 1 10.9.0.2 81 "
			    "[Windows XP SP1]"), 0);
	assert_true(is(r.os, "Windows XP SP1"));
	assert_int_equal(HL(" tcp(6) - 10.9.0.1 1 10.9.0.2 81: 44 S "
			    "[Linux 2.6 ]"), 0);
	assert_true(is(r.os, "Linux 2.6"));
	assert_int_equal(HL(" unkn(47) - 10.9.0.1 10.9.0.2: 60"), 0);
	assert_int_equal(r.kind, EV_IP_PROBE);
	assert_int_equal(HL(" honeyd log started ------"), 0);
	assert_int_equal(r.kind, EV_START);
	assert_int_equal(HL(" tcp(6) S 10.9.0.1 44201 10.9.0.10"), -1);
	assert_int_equal(HL(" tcp(6) S 10.9.0.1 44201 10.9.0.10 65536"), -1);
	assert_int_equal(HL(" tcp(6) X 10.9.0.1 44201 10.9.0.10 23"), -1);
	assert_int_equal(HL(" tcp(6) - 10.9.0.1 1 10.9.0.2 81: 44 Q"), -1);
	assert_int_equal(SL(" tcp(6) 10.9.0.1 51780 10.9.0.10 80: |got it|"),
	    0);
	assert_int_equal(r.kind, EV_SVC_LINE);
	assert_true(is(r.message, "got it"));
	assert_int_equal(SL(" tcp(6) 10.9.0.1 1 10.9.0.2 80: "
			    "|a|\x1b[2J \\x41 \"|"), 0);
	assert_true(is(r.message, "a|\x1b[2J \\x41 \""));
	assert_int_equal(SL(" tcp(6) 10.9.0.1 1 10.9.0.2 80: |cut"), -1);
}

static void
test_safe(void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "plain", "plain" },
		{ "\x1b[2J\r\n\t\x7f", "\\x1b[2J\\x0d\\x0a\\x09\\x7f" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xe2\x80\xae" "evil\xe2\x80\x8b", "\\u{202e}evil\\u{200b}" },
		{ "\xc2\x9b" "31m", "\\u{9b}31m" },
		{ "\xff\xc3(\xed\xa0\x80", "\\xff\\xc3(\\xed\\xa0\\x80" },
		{ "\xf3\xa0\x80\x81", "\\u{e0001}" },
	};
	char b[128];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		n = view_safe(t[i].in, strlen(t[i].in), b, sizeof(b));
		assert_string_equal(b, t[i].out);
		assert_int_equal(n, strlen(b));
	}
	/* What does not fit is left out whole. */
	assert_int_equal(view_safe("ab\x1b", 3, b, 6), 2);
	assert_string_equal(b, "ab");
	assert_int_equal(view_safe("a\0b", 3, b, sizeof(b)), 6);
	assert_string_equal(b, "a\\x00b");
}

static void
test_text(void **state)
{
	char b[8];
	struct vstr s = { "\\u00e4\\ud83d\\ude00\\ud800x\\n", 27 };

	(void)state;
	assert_true(is(s, "\xc3\xa4\xf0\x9f\x98\x80\xef\xbf\xbdx\n"));
	assert_int_equal(vstr_text(s, b, 5), 2);
	assert_int_equal(vstr_text(s, b, 6), 6);
}

/* Times whose differences nothing overflows by. */
static void
test_years(void **state)
{
	static const char form[] = "{\"@timestamp\":\"%s-12-31T23:59:60%s\","
	    "\"event\":{\"action\":\"hpd.start\"}}";
	static const struct {
		const char *year, *zone;
		int ok;
	} t[] = { { "0000", "Z", -1 }, { "1678", "Z", -1 },
		{ "1969", "-23:59", -1 }, { "1970", "Z", 0 },
		{ "2261", "-23:59", 0 }, { "2262", "Z", -1 },
		{ "9999", "Z", -1 } };
	static const char early[] = "1969-12-31-23:59:59.0000 tcp(6) - "
	    "192.0.2.1 1 192.0.2.2 2: 40 S\n";
	char b[128];
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		n = snprintf(b, sizeof(b), form, t[i].year, t[i].zone);
		assert_int_equal(vrec_parse(b, (size_t)n, &r), t[i].ok);
	}
	assert_int_equal(vrec_parse_honeyd(early, sizeof(early) - 2, &r), -1);
	assert_int_equal(vtime_parse("-999999w", AT, &r.wall_ns), 0);
	assert_true(r.wall_ns == 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_probe),
		cmocka_unit_test(test_session),
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_every_kind),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_honeyd),
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_years),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
