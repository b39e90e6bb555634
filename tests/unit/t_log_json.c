/* SPDX-License-Identifier: ISC */
/*
 * The JSON writer: every kind gives one strictly valid line with the fields it
 * must have, whatever bytes are in it; scripts' own fields are taken only when
 * they are exactly what is allowed.
 */
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/addr.h"
#include "common/diag.h"
#include "common/proc.h"
#include "common/proto.h"
#include "hpd-log/json.h"
#include "hpd-log/json_out.h"
#include "hpd-log/segment.h"
#include "tests/unit/json_check.h"

#define AT 1795415462114503999LL /* 2026-11-23T06:31:02.114503Z */

static struct json_ctx ctx;
static FILE *samples; /* $HPD_SAMPLES: every line, for tests/lint/schema.t */
static char line[JSON_LINE_MAX];
static struct wbuf w;
static struct json_who who = { 0x6f2c0000000000ffULL, 88123, 0, PROC_NET, 2 };

static struct {
	struct event ev;
	uint8_t data[EVENT_DATA_MAX + 8];
} rec;

static void
set(uint16_t kind, const void *data, size_t len)
{
	memset(&rec.ev, 0, sizeof(rec.ev));
	rec.ev.kind = kind;
	who.proc = (uint8_t)__builtin_ctz(event_row(kind)->producers);
	rec.ev.wall_ns = AT;
	rec.ev.count = 1;
	rec.ev.pad = (uint8_t)(-len & 7);
	rec.ev.len = (uint16_t)(64 + len + rec.ev.pad);
	memset(rec.data, 0, sizeof(rec.data));
	if (len > 0)
		memcpy(rec.data, data, len);
}

static void
set_addrs(uint8_t proto, uint16_t sport, uint16_t dport)
{
	rec.ev.ver = 4;
	rec.ev.proto = proto;
	addr_set4(rec.ev.src, 0xc6336407); /* 198.51.100.7 */
	addr_set4(rec.ev.dst, 0xc0000211); /* 192.0.2.17 */
	rec.ev.sport = sport;
	rec.ev.dport = dport;
}

/* Write it; must be one valid line; then a member's JSON text. */
static const char *
get(const char *path)
{
	static char out[JSON_LINE_MAX];
	size_t n;

	wbuf_init(&w, line, sizeof(line));
	n = json_event(&ctx, &w, &who, &rec.ev);
	assert_true(n > 0 && n == w.len);
	assert_int_equal(line[n - 1], '\n');
	assert_null(memchr(line, '\n', n - 1));
	if (json_check(line, n - 1, path, out, sizeof(out)) == -1)
		fail_msg("not valid: %.*s", (int)n, line);
	if (samples != NULL)
		fwrite(line, 1, n, samples);
	return out;
}

static void
every_kind(void **state)
{
	static const size_t sizes[] = { [EVD_PROBE] = sizeof(struct ev_probe),
		[EVD_FLOW] = sizeof(struct ev_flow),
		[EVD_MAC] = sizeof(struct ev_mac),
		[EVD_EXIT] = sizeof(struct ev_exit),
		[EVD_LOST] = sizeof(struct ev_lost), [EVD_TEXT] = 100,
		[EVD_RAW] = 100, [EVD_CHUNK] = 100, [EVD_FRAME] = 100,
		[EVD_SEGMENT] = sizeof(struct ev_segment),
		[EVD_RETIRED] = sizeof(struct ev_retired),
		[EVD_FOLD] = sizeof(struct ev_fold),
		[EVD_DIGEST] = sizeof(struct ev_digest),
		[EVD_LOGSTATS] = sizeof(struct ev_logstats),
		[EVD_FLOOD] = sizeof(struct ev_flood) };
	static uint8_t junk[256];
	char want[64];
	size_t i, v, fill;

	(void)state;
	for (i = 0; i < event_nrows; i++) {
		const struct event_row *row = &event_rows[i];

		if (row->stream == STREAM_PCAP)
			continue; /* never a line */
		assert_true(row->data < sizeof(sizes) / sizeof(sizes[0]));
		for (fill = 0; fill < 256; fill += 51) {
			memset(junk, (int)fill, sizeof(junk));
			set(row->kind, junk,
			    row->data == EVD_NONE ? 0 : sizes[row->data]);
			for (v = 0; v < 3; v++) {
				rec.ev.ver = v == 0 ? 0 : v == 1 ? 4 : 6;
				rec.ev.proto = (uint8_t)(v * 16 + 1);
				rec.ev.verdict = (uint8_t)(fill / 51 + v);
				snprintf(want, sizeof(want), "\"hpd.%s\"",
				    row->name);
				assert_string_equal(get("event.action"), want);
				assert_string_equal(get("hpd.seq"), "88123");
			}
		}
	}
}

static void
probe_fields(void **state)
{
	struct ev_probe p = { 44, 0x12, 57, 1024, 0 };

	(void)state;
	set(EV_TCP_PROBE, &p, sizeof(p));
	set_addrs(IPPROTO_TCP, 50122, 23);
	rec.ev.count = 7;
	rec.ev.verdict = VERDICT_CLOSED;
	assert_string_equal(get("@timestamp"),
	    "\"2026-11-23T06:31:02.114503Z\"");
	assert_string_equal(get("ecs.version"), "\"8.11.0\"");
	assert_string_equal(get("event.category"), "[\"network\"]");
	assert_string_equal(get("event.outcome"), "\"failure\"");
	assert_string_equal(get("observer.name"), "\"dmz\\\"1\"");
	assert_string_equal(get("source.ip"), "\"198.51.100.7\"");
	assert_string_equal(get("source.port"), "50122");
	assert_string_equal(get("source.packets"), "7");
	assert_string_equal(get("destination.ip"), "\"192.0.2.17\"");
	assert_string_equal(get("destination.port"), "23");
	assert_string_equal(get("network.transport"), "\"tcp\"");
	assert_string_equal(get("network.type"), "\"ipv4\"");
	assert_string_equal(get("hpd.boot"), "\"6f2c0000000000ff\"");
	assert_string_equal(get("hpd.producer"), "\"hpd-net\"");
	assert_string_equal(get("hpd.instance"), "2");
	assert_string_equal(get("hpd.verdict"), "\"closed\"");
	assert_string_equal(get("hpd.count"), "7");
	assert_string_equal(get("hpd.packet.tcp_flags"), "\"SA\"");
	assert_string_equal(get("hpd.packet.ttl"), "57");
	assert_string_equal(get("hpd.packet.window"), "1024");
	assert_string_equal(get("hpd.session"), "");
	set(EV_ICMP_PROBE, &p, sizeof(p));
	set_addrs(IPPROTO_ICMP, 8, 0);
	assert_string_equal(get("hpd.packet.icmp_type"), "8");
	assert_string_equal(get("source.port"), "");
	assert_string_equal(get("network.transport"), "\"icmp\"");
}

/* Three senders: a system, one without a version, a tool of any TTL. */
static const char names[] = "\0Linux\0" "4.20 and newer\0unix\0FreeBSD\0"
    "Nmap\0SYN scan\0masscan";
static const struct img_srcos rows[] = {
	{ .name = 1, .flavor = 7, .family = 22, .ttl = 64 },
	{ .name = 27, .family = 22, .ttl = 64 },
	{ .name = 35, .flavor = 40, .ttl = 64,
	    .flags = SRCOS_F_TOOL | SRCOS_F_TTL_MAX },
	{ .name = 49, .ttl = 255, .flags = SRCOS_F_TOOL },
};
static const struct image names_img = { .strings = names, .srcos = rows,
	.nsrcos = 4 };

static void
source_fields(void **state)
{
	struct ev_probe p = { 44, 0x02, 57, 1024, 1 };
	struct ev_flow f = { 1, 2, 3, UINT32_MAX, 0, 64, 2 };

	(void)state;
	set(EV_TCP_PROBE, &p, sizeof(p));
	set_addrs(IPPROTO_TCP, 50122, 23);
	rec.ev.ver = 4;
	assert_string_equal(get("hpd.source.os.name"), ""); /* no image */
	json_image(&ctx, &names_img);
	addr_set4(rec.ev.dst, 0);
	p.srcos = 5; /* beyond the table: as unknown */
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("hpd.source.os.name"), "");
	p.srcos = 1;
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("event.category"),
	    "[\"network\",\"intrusion_detection\"]");
	assert_string_equal(get("hpd.source.os.name"), "\"Linux\"");
	assert_string_equal(get("hpd.source.os.version"),
	    "\"4.20 and newer\"");
	assert_string_equal(get("hpd.source.os.full"),
	    "\"Linux 4.20 and newer\"");
	assert_string_equal(get("hpd.source.os.class"), "\"unix\"");
	assert_string_equal(get("hpd.source.distance"), "7");
	assert_string_equal(get("hpd.tool.name"), "");
	p.srcos = 2;
	p.ttl = 65; /* more than it begins with: by another way */
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("hpd.source.os.full"), "\"FreeBSD\"");
	assert_string_equal(get("hpd.source.os.version"), "");
	assert_string_equal(get("hpd.source.distance"), "");
	p.srcos = 3;
	p.ttl = 41;
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("hpd.tool.name"), "\"Nmap\"");
	assert_string_equal(get("hpd.tool.mode"), "\"SYN scan\"");
	assert_string_equal(get("hpd.source.distance"), "");
	assert_string_equal(get("hpd.source.os.name"), "");
	p.srcos = 4;
	p.ttl = 245;
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("hpd.tool.name"), "\"masscan\"");
	assert_string_equal(get("hpd.tool.mode"), "");
	assert_string_equal(get("hpd.source.distance"), "10");
	set(EV_TCP_OPEN, &f, sizeof(f));
	assert_string_equal(get("hpd.source.os.full"), "\"FreeBSD\"");
	assert_string_equal(get("hpd.source.distance"), "0");
	json_image(&ctx, NULL);
}

static void
flow_fields(void **state)
{
	struct ev_flow f = { 211, 980, 2140311000, UINT32_MAX, 2, 0, 0 };
	struct ev_exit x = { -31, 4096, 1500, 2000000, 10, 20, 6, 0 };
	struct ev_mac m = { { 0x52, 0x54, 0, 0xab, 0xcd, 0xef }, 0 };

	(void)state;
	set(EV_TCP_CLOSE, &f, sizeof(f));
	set_addrs(IPPROTO_TCP, 50122, 23);
	rec.ev.session = 0xc9e1;
	assert_string_equal(get("source.bytes"), "211");
	assert_string_equal(get("destination.bytes"), "980");
	assert_string_equal(get("event.duration"), "2140311000");
	assert_string_equal(get("hpd.why"), "\"rst\"");
	assert_string_equal(get("hpd.session"), "\"000000000000c9e1\"");
	set(EV_TCP_OPEN, &f, sizeof(f));
	set_addrs(IPPROTO_TCP, 50122, 23);
	assert_string_equal(get("event.outcome"), "\"success\"");
	assert_string_equal(get("source.bytes"), "");
	set(EV_SVC_EXIT, &x, sizeof(x));
	set_addrs(IPPROTO_TCP, 1, 2);
	assert_string_equal(get("source.bytes"), "10");
	assert_string_equal(get("hpd.exit_signal"), "31");
	assert_string_equal(get("hpd.why"), "\"trip\"");
	assert_string_equal(get("event.duration"), "2000000000");
	x.bytes_in = x.bytes_out = 0; /* not known to the sender */
	set(EV_SVC_EXIT, &x, sizeof(x));
	set_addrs(IPPROTO_TCP, 1, 2);
	assert_string_equal(get("source.bytes"), "");
	set(EV_ARP_CONFLICT, &m, sizeof(m));
	set_addrs(0, 0, 0);
	assert_string_equal(get("source.mac"), "\"52-54-00-AB-CD-EF\"");
	assert_string_equal(get("event.kind"), "\"alert\"");
	set(EV_ARP_CLAIM, &m, sizeof(m));
	set_addrs(0, 0, 0);
	assert_string_equal(get("destination.mac"), "\"52-54-00-AB-CD-EF\"");
}

/* What the log says of itself. */
static void
log_fields(void **state)
{
	static struct json_sums sums;
	struct ev_segment seg = { .stream = STREAM_PROBES, .number = 3,
		.phase = 1, .why = SEG_FULL_ERROR, .error = 28,
		.prev_number = 2, .ordinal = 7, .doubt_from = 10,
		.doubt_to = 12, .prev_ordinal = 7 };
	struct ev_retired ret = { .stream = STREAM_EVENTS, .number = 9,
		.why = RETIRE_AGE, .bytes = 4096, .newest_ns = AT,
		.name = "events-x\x1b.jsonl" };
	struct ev_fold fold = { 5, 9, 0, AT, AT + 1000000, EV_UDP_PROBE,
		FOLD_LEVEL };
	struct ev_digest dig = { STREAM_PCAP, 1, 99, 1, 0, { 0xab } };
	struct ev_logstats st = { 1, 2, 3, 4, 5, 6, 7, 8 };

	(void)state;
	memset(seg.prev_tag, 0xff, sizeof(seg.prev_tag));
	set(EV_LOG_SEGMENT, &seg, sizeof(seg));
	assert_string_equal(get("hpd.segment.stream"), "\"probes\"");
	assert_string_equal(get("hpd.segment.phase"), "\"begin\"");
	assert_string_equal(get("hpd.segment.why"), "\"error\"");
	assert_string_equal(get("hpd.segment.error"), "28");
	assert_string_equal(get("hpd.segment.prev_tag"),
	    "\"_____________________w\"");
	assert_string_equal(get("hpd.segment.doubt_from"), "10");
	assert_string_equal(get("hpd.segment.doubt_to"), "12");
	assert_string_equal(get("hpd.segment.lines"), "");
	assert_string_equal(get("hpd.segment.records"), "");
	seg.phase = 2;
	seg.lines = 4;
	sums.records[EV_TCP_PROBE] = 3;
	sums.packets[EV_TCP_PROBE] = 900;
	sums.records[EV_LOG_SEGMENT] = sums.packets[EV_LOG_SEGMENT] = 1;
	ctx.sums = &sums;
	set(EV_LOG_SEGMENT, &seg, sizeof(seg));
	assert_string_equal(get("hpd.segment.lines"), "4");
	assert_string_equal(get("hpd.segment.records"),
	    "{\"tcp.probe\":3,\"log.segment\":1}");
	assert_string_equal(get("hpd.segment.packets"),
	    "{\"tcp.probe\":900,\"log.segment\":1}");
	assert_string_equal(get("hpd.segment.doubt_to"), "");
	ctx.sums = NULL;
	set(EV_LOG_RETIRED, &ret, sizeof(ret));
	assert_string_equal(get("hpd.retired"), "{\"stream\":\"events\","
	    "\"number\":9,\"name\":\"events-x\\u001b.jsonl\",\"bytes\":4096,"
	    "\"newest\":\"2026-11-23T06:31:02.114503Z\",\"why\":\"age\"}");
	set(EV_LOG_FOLDED, &fold, sizeof(fold));
	assert_string_equal(get("hpd.folded"), "{\"kind\":\"udp.probe\","
	    "\"records\":5,\"packets\":9,"
	    "\"first\":\"2026-11-23T06:31:02.114503Z\","
	    "\"last\":\"2026-11-23T06:31:02.115503Z\",\"why\":\"level\"}");
	set(EV_LOG_DIGEST, &dig, sizeof(dig));
	assert_string_equal(get("hpd.digest.stream"), "\"pcap\"");
	assert_string_equal(get("hpd.digest.final"), "true");
	assert_memory_equal(get("hpd.digest.blake2b"), "\"ab00", 5);
	set(EV_LOG_STATS, &st, sizeof(st));
	assert_string_equal(get("hpd.stats"), "{\"records\":1,\"lines\":2,"
	    "\"bytes\":3,\"lost\":4,\"folded\":5,\"lag_max_us\":6,"
	    "\"syncs\":7,\"sync_max_us\":8}");
}

static void
chunks(void **state)
{
	struct {
		struct ev_chunk c;
		char b[8];
	} d = { { 70, 1, EV_CHUNK_CUT | EV_CHUNK_DGRAM, { 0 } }, "ab\x1b" };

	(void)state;
	set(EV_SESSION_DATA, &d, sizeof(d.c) + 3);
	set_addrs(IPPROTO_TCP, 1, 2);
	assert_string_equal(get("hpd.data"), "{\"direction\":\"out\","
	    "\"offset\":70,\"cut\":true,\"datagram\":true}");
	assert_string_equal(get("message"), "\"ab\\u001b\"");
	assert_string_equal(get("hpd.raw_b64"), "\"YWIb\"");
	d.c.out = d.c.flags = 0;
	set(EV_SESSION_DATA, &d, sizeof(d.c) + 2);
	assert_string_equal(get("hpd.data"), "{\"direction\":\"in\","
	    "\"offset\":70}");
	assert_string_equal(get("message"), "\"ab\"");
	assert_string_equal(get("hpd.raw_b64"), "");
}

/* Names that are kept from line to line are those of the image at hand. */
static void
names_kept(void **state)
{
	static const struct image other = { .strings = names,
		.srcos = rows + 1, .nsrcos = 3 };
	struct ev_probe p = { 44, 2, 57, 1024, 1 };
	struct ev_mac m = { { 2 }, 0 };
	int i;

	(void)state;
	json_image(&ctx, &names_img);
	set(EV_TOOL, &p, sizeof(p));
	for (i = 0; i < 3; i++)
		assert_string_equal(get("hpd.source.os.name"), "\"Linux\"");
	assert_string_equal(get("hpd.source.distance"), "7");
	p.ttl = 60;
	set(EV_TOOL, &p, sizeof(p));
	assert_string_equal(get("hpd.source.distance"), "4");
	json_image(&ctx, &other);
	assert_string_equal(get("hpd.source.os.name"), "\"FreeBSD\"");
	json_image(&ctx, NULL);
	assert_string_equal(get("hpd.source"), "");
	set(EV_ARP_CLAIM, &m, sizeof(m)); /* has no source: says none */
	set_addrs(0, 0, 0);
	assert_string_equal(get("source.ip"), "\"198.51.100.7\"");
	memset(rec.ev.src, 0, sizeof(rec.ev.src));
	assert_string_equal(get("source"), "");
	assert_string_equal(get("destination.ip"), "\"192.0.2.17\"");
}

/* Every byte value, alone and between letters, survives in base64. */
static void
all_bytes(void **state)
{
	unsigned char in[3], back[EVENT_DATA_MAX];
	char want[32];
	int b;

	(void)state;
	for (b = 0; b < 256; b++) {
		in[0] = 'a';
		in[1] = (unsigned char)b;
		in[2] = 'z';
		set(EV_SVC_LINE, in, 3);
		if (b >= 0x20 && b < 0x7f) {
			if (b == '"' || b == '\\')
				snprintf(want, sizeof(want), "\"a\\%cz\"", b);
			else
				snprintf(want, sizeof(want), "\"a%cz\"", b);
			assert_string_equal(get("hpd.raw_b64"), "");
		} else {
			snprintf(want, sizeof(want), "\"a\\u%04xz\"",
			    (unsigned)b);
			assert_int_equal(b64_decode(get("hpd.raw_b64"), back,
			    sizeof(back)), 3);
			assert_memory_equal(back, in, 3);
		}
		assert_string_equal(get("message"), want);
	}
}

static void
random_bytes(void **state)
{
	static unsigned char in[EVENT_DATA_MAX], back[EVENT_DATA_MAX];
	uint32_t x = 12345;
	size_t i, len, round;

	(void)state;
	for (round = 0; round < 400; round++) {
		len = round * 41 % (EVENT_DATA_MAX + 1);
		for (i = 0; i < len; i++) {
			x = x * 1664525 + 1013904223;
			in[i] = (unsigned char)(x >> 24 | (round & 1) << 7);
		}
		set(EV_SVC_LINE, in, len);
		if (b64_decode(get("hpd.raw_b64"), back, sizeof(back)) !=
		    (long)len) {
			assert_string_equal(get("hpd.raw_b64"), "");
			continue;
		}
		assert_memory_equal(back, in, len);
		set(EV_SVC_FIELD, in, len);
		(void)get(NULL);
	}
	memset(in, 0xff, sizeof(in)); /* the longest line there is */
	set(EV_SVC_LINE, in, sizeof(in));
	(void)get(NULL);
}

static void
unicode(void **state)
{
	static const struct {
		const char *in, *out;
		int clean;
	} cases[] = {
		{ "gr\xc3\xbc\xc3\x9f", "\"gr\xc3\xbc\xc3\x9f\"", 1 },
		{ "\xe2\x82\xac", "\"\xe2\x82\xac\"", 1 },
		{ "\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"", 1 },
		{ "\xe2\x80\xae" "x", "\"\\u202ex\"", 0 }, /* bidi */
		{ "\xe2\x81\xa6", "\"\\u2066\"", 0 },
		{ "\xd8\x9c", "\"\\u061c\"", 0 },
		{ "\xe2\x80\xa8", "\"\\u2028\"", 0 },
		{ "\xc2\x85", "\"\\u0085\"", 0 }, /* C1 */
		{ "\xef\xbb\xbf", "\"\\ufeff\"", 0 },
		{ "\xf3\xa0\x80\x81", "\"\\udb40\\udc01\"", 0 }, /* tag */
		{ "\xc0\xaf", "\"\\u00c0\\u00af\"", 0 }, /* overlong */
		{ "\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"", 0 },
		{ "\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"", 0 },
		{ "\xe2\x82", "\"\\u00e2\\u0082\"", 0 }, /* cut short */
		{ "\x1b[31m", "\"\\u001b[31m\"", 0 },
		{ "a\r\nb", "\"a\\u000d\\u000ab\"", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		wbuf_init(&w, line, sizeof(line));
		assert_int_equal(json_str(&w, cases[i].in,
		    strlen(cases[i].in)), cases[i].clean);
		line[w.len] = '\0';
		assert_string_equal(line, cases[i].out);
	}
}

static void
script_fields(void **state)
{
	static const char *const good[][2] = {
		{ "{}", "{}" },
		{ "{\"user\":\"root\",\"n\":-12.5,\"ok\":true,\"x\":null}",
		    "{\"user\":\"root\",\"n\":-12.5,\"ok\":true,\"x\":null}" },
		{ " { \"a.b_c9\" : \"x\\u001b\\n\" , \"b\":false } ",
		    "{\"a.b_c9\":\"x\\u001b\\n\",\"b\":false}" },
		{ "{\"e\":\"\xe2\x80\xae\"}", "{\"e\":\"\\u202e\"}" },
		{ "{\"s\":\"\\ud83d\\ude00\"}", "{\"s\":\"\\ud83d\\ude00\"}" },
	};
	static const char *const bad[] = { "", "x", "{", "{}x", "{}{}", "[1]",
		"{\"a\":{}}", "{\"a\":[1]}", "{\"A\":1}", "{\"\":1}",
		"{\"a\":1,}", "{\"a\":1,\"a\":2}", "{\"a\":01}", "{\"a\":1.}",
		"{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e5}", "{\"a\":NaN}",
		"{\"a\":tru}", "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}",
		"{\"a\":\"\\x\"}", "{\"a\":\"\\u12g4\"}", "{\"a\":\"\\ud800\"}",
		"{\"a\":\"\\udc00\"}", "{\"a\":\"", "{\"a\"", "{\"a\":",
		"{\"a\":\"\n\"}", "{'a':1}", "{\"a b\":1}", "{\"a\":-}",
		"{\"a\":1111111111111111111111111}" };
	char many[2048];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		set(EV_SVC_FIELD, good[i][0], strlen(good[i][0]));
		assert_string_equal(get("hpd.script"), good[i][1]);
		assert_string_equal(get("hpd.script_text"), "");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		set(EV_SVC_FIELD, bad[i], strlen(bad[i]));
		assert_string_equal(get("hpd.script"), "");
		assert_int_equal(get("hpd.script_text")[0], '"');
	}
	for (i = 0; i < 2; i++) { /* 64 members, 65 members */
		size_t k, members = 64 + i;

		n = (size_t)snprintf(many, sizeof(many), "{");
		for (k = 0; k < members; k++)
			n += (size_t)snprintf(many + n, sizeof(many) - n,
			    "%s\"k%zu\":%zu", k ? "," : "", k, k);
		n += (size_t)snprintf(many + n, sizeof(many) - n, "}");
		set(EV_SVC_FIELD, many, n);
		assert_int_equal(get("hpd.script")[0], i == 0 ? '{' : '\0');
	}
}

static void
does_not_fit(void **state)
{
	char small[300];
	struct wbuf s;

	(void)state;
	set(EV_DIAG, "text", 4);
	rec.ev.verdict = DIAG_WARN;
	assert_string_equal(get("message"), "\"text\"");
	assert_string_equal(get("hpd.level"), "\"warning\"");
	wbuf_init(&s, small, sizeof(small));
	out_lit(&s, "before");
	assert_int_equal(json_event(&ctx, &s, &who, &rec.ev), 0);
	assert_int_equal(s.len, 6);
	assert_int_equal(s.over, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind),
		cmocka_unit_test(probe_fields),
		cmocka_unit_test(flow_fields),
		cmocka_unit_test(source_fields),
		cmocka_unit_test(log_fields),
		cmocka_unit_test(chunks),
		cmocka_unit_test(names_kept),
		cmocka_unit_test(all_bytes),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(unicode),
		cmocka_unit_test(script_fields),
		cmocka_unit_test(does_not_fit),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	json_init(&ctx, "dmz\"1");
	if (getenv("HPD_SAMPLES") != NULL)
		samples = fopen(getenv("HPD_SAMPLES"), "w");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
