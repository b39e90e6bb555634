/* SPDX-License-Identifier: ISC */
/*
 * hpship's messages, held against the grammar of RFC 5424 by a parser of their
 * own: all facilities, all kinds of events, all sizes, time stamps and host
 * names of every sort.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/event.h"
#include "hpd-log/hpship/rfc5424.h"

struct parts {
	int pri;
	char stamp[64], host[300], app[64], procid[200], msgid[64];
	int bom;
	const char *msg;
	size_t msg_len;
};

/* The next word of printable ASCII, up to max bytes, and the space. */
static const char *
take(const char *p, const char *end, char *to, size_t max)
{
	size_t n = 0;

	while (p < end && *p != ' ') {
		assert_true(*p > 0x20 && *p < 0x7f);
		assert_true(n < max);
		to[n++] = *p++;
	}
	to[n] = '\0';
	assert_true(n > 0);
	assert_true(p < end);
	return p + 1;
}

static void
parse(const char *m, size_t len, struct parts *o)
{
	const char *p = m, *end = m + len;
	int digits = 0;

	memset(o, 0, sizeof(*o));
	assert_true(*p++ == '<');
	while (*p >= '0' && *p <= '9') {
		o->pri = o->pri * 10 + *p++ - '0';
		digits++;
	}
	assert_in_range(digits, 1, 3);
	assert_in_range(o->pri, 0, 191);
	assert_memory_equal(p, ">1 ", 3);
	p += 3;
	p = take(p, end, o->stamp, 32);
	p = take(p, end, o->host, 255);
	p = take(p, end, o->app, 48);
	p = take(p, end, o->procid, 128);
	p = take(p, end, o->msgid, 32);
	assert_memory_equal(p, "- ", 2);
	p += 2;
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		o->bom = 1;
		p += 3;
	}
	o->msg = p;
	o->msg_len = (size_t)(end - p);
	assert_string_equal(o->app, "hpd");
}

static struct syslog_ident
ident(const char *host, uint8_t facility)
{
	struct syslog_ident id;

	memset(&id, 0, sizeof(id));
	syslog_ident(&id, host, 0x0123456789abcdefULL);
	id.facility = facility;
	return id;
}

static size_t
line_of(char *s, size_t size, const char *kind, const char *level,
    const char *message)
{
	return (size_t)snprintf(s, size, "{\"@timestamp\":\"2026-11-23T16:31:58."
	    "123949Z\",\"event\":{\"action\":\"%s\"},\"hpd\":{\"level\":\"%s\"},"
	    "\"message\":\"%s\"}", kind, level, message);
}

static void
every_kind_and_facility(void **state)
{
	char s[512], buf[8192], kind[64];
	struct syslog_ident id;
	struct ship_line l;
	struct parts o;
	size_t n, len, i;
	int f, cut;

	(void)state;
	for (i = 0; i < event_nrows; i++)
		for (f = 0; f < 24; f++) {
			snprintf(kind, sizeof(kind), "hpd.%s",
			    event_rows[i].name);
			n = line_of(s, sizeof(s), kind, "warning", "x");
			assert_int_equal(line_scan(s, n, &l), 0);
			id = ident("sensor.example", (uint8_t)f);
			len = syslog_format(&id, &l, s, n, buf, sizeof(buf),
			    &cut);
			parse(buf, len, &o);
			assert_int_equal(cut, 0);
			assert_int_equal(o.pri / 8, f);
			assert_in_range(o.pri % 8, SEV_ALERT, SEV_DEBUG);
			assert_string_equal(o.msgid, event_rows[i].name);
			assert_string_equal(o.procid, "0123456789abcdef");
			assert_string_equal(o.host, "sensor.example");
			assert_string_equal(o.stamp,
			    "2026-11-23T16:31:58.123949Z");
			assert_int_equal(o.bom, 0);
			assert_int_equal(o.msg_len, n);
			assert_memory_equal(o.msg, s, n);
		}
}

static int
severity(const char *kind, const char *level)
{
	struct span k = { kind, strlen(kind) }, v = { level, strlen(level) };

	return (int)syslog_severity(&k, &v);
}

static void
severities(void **state)
{
	(void)state;
	assert_int_equal(severity("hpd.svc.trip", ""), 1);
	assert_int_equal(severity("hpd.sandbox.kill", ""), 1);
	assert_int_equal(severity("hpd.log.lost", ""), 3);
	assert_int_equal(severity("hpd.proc.down", ""), 3);
	assert_int_equal(severity("hpd.tcp.open", ""), 5);
	assert_int_equal(severity("hpd.svc.line", ""), 5);
	assert_int_equal(severity("hpd.tcp.probe", ""), 6);
	assert_int_equal(severity("hpd.session.data", ""), 7);
	assert_int_equal(severity("hpd.diag", "fatal"), 2);
	assert_int_equal(severity("hpd.diag", "warning"), 4);
	assert_int_equal(severity("hpd.diag", "info"), 6);
	assert_int_equal(severity("hpd.diag", "debug"), 7);
	assert_int_equal(severity("hpd.diag", "other"), 5);
	assert_int_equal(severity("hpd.tcp.open", "fatal"), 5);
	assert_int_equal(severity("", ""), 5);
	assert_int_equal(severity("hpd.", ""), 5);
	assert_int_equal(severity("hpd.no.such", ""), 5);
}

static void
stamps(void **state)
{
	static const struct {
		const char *in, *out;
	} t[] = {
		{ "2026-11-23T16:31:58.123949Z", "2026-11-23T16:31:58.123949Z" },
		{ "2026-11-23T16:31:58Z", "2026-11-23T16:31:58Z" },
		{ "2026-11-23T16:31:58.1Z", "2026-11-23T16:31:58.1Z" },
		{ "2026-11-23T16:31:58.123456789Z",
		    "2026-11-23T16:31:58.123456Z" },
		{ "2026-11-23T16:31:58.1234567+01:00",
		    "2026-11-23T16:31:58.123456+01:00" },
		{ "0000-01-01T00:00:00-23:59", "0000-01-01T00:00:00-23:59" },
		{ "9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z" },
		{ "2026-11-23T16:31:60Z", "-" }, /* no leap second */
		{ "2026-13-23T16:31:58Z", "-" },
		{ "2026-00-23T16:31:58Z", "-" },
		{ "2026-11-32T16:31:58Z", "-" },
		{ "2026-11-00T16:31:58Z", "-" },
		{ "2026-11-23T24:31:58Z", "-" },
		{ "2026-11-23T16:60:58Z", "-" },
		{ "2026-11-23t16:31:58Z", "-" },
		{ "2026-11-23 16:31:58Z", "-" },
		{ "2026-11-23T16:31:58", "-" },
		{ "2026-11-23T16:31:58.Z", "-" },
		{ "2026-11-23T16:31:58.123", "-" },
		{ "2026-11-23T16:31:58.123z", "-" },
		{ "2026-11-23T16:31:58+0100", "-" },
		{ "2026-11-23T16:31:58+24:00", "-" },
		{ "2026-11-23T16:31:58+01:60", "-" },
		{ "2026-11-23T16:31:58ZZ", "-" },
		{ "2026-11-23T16:31:58.123456Z x", "-" },
		{ "x026-11-23T16:31:58Z", "-" },
		{ "", "-" },
	};
	char out[64];
	struct span s;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		s.p = t[i].in;
		s.len = strlen(t[i].in);
		n = syslog_stamp(&s, out);
		assert_true(n < 40);
		out[n] = '\0';
		assert_string_equal(out, t[i].out);
	}
}

/* Whatever kind and host are, the header stays one. */
static void
hostile_names(void **state)
{
	char s[1024], buf[2048], host[600], kind[200];
	struct syslog_ident id;
	struct ship_line l;
	struct parts o;
	size_t n, len, i;
	int cut, c;

	(void)state;
	for (c = 1; c < 256; c++) {
		host[0] = 'a';
		host[1] = (char)c;
		host[2] = 'b';
		host[3] = '\0';
		id = ident(host, 1);
		n = line_of(s, sizeof(s), "hpd.start", "", "");
		assert_int_equal(line_scan(s, n, &l), 0);
		len = syslog_format(&id, &l, s, n, buf, sizeof(buf), &cut);
		parse(buf, len, &o);
		assert_string_equal(o.msgid, "start");
		assert_int_equal(strlen(o.host), 3);
		assert_true(o.host[1] == (c > 0x20 && c < 0x7f ? c : '-'));
		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			continue;
		snprintf(kind, sizeof(kind), "hpd.a%cb", c);
		n = line_of(s, sizeof(s), kind, "", "");
		assert_int_equal(line_scan(s, n, &l), 0);
		len = syslog_format(&id, &l, s, n, buf, sizeof(buf), &cut);
		parse(buf, len, &o);
		assert_string_equal(o.msgid, c == ' ' ? "-" : kind + 4);
	}
	for (i = 0; i < sizeof(host) - 1; i++) { /* lengths */
		memset(host, 'h', i);
		host[i] = '\0';
		id = ident(host, 23);
		memset(kind, 'k', sizeof(kind));
		kind[i % 100] = '\0';
		n = line_of(s, sizeof(s), kind, "", "\xc3\xa4");
		assert_int_equal(line_scan(s, n, &l), 0);
		len = syslog_format(&id, &l, s, n, buf, sizeof(buf), &cut);
		parse(buf, len, &o);
		assert_int_equal(strlen(o.host), i == 0 ? 1 : i > 255 ? 255 : i);
		assert_int_equal(o.bom, 1);
		if (i % 100 == 0 || i % 100 > 32)
			assert_string_equal(o.msgid, "-");
	}
	/* a kind with an escape in it: not a word of ours */
	n = line_of(s, sizeof(s), "hpd.\\u0020\\n", "", "");
	assert_int_equal(line_scan(s, n, &l), 0);
	id = ident("x", 1);
	len = syslog_format(&id, &l, s, n, buf, sizeof(buf), &cut);
	parse(buf, len, &o);
}

/* Lengths of the line round every size of the buffer: cut or not, never more
 * than the size, never inside a character, with the mark. */
static void
cuts(void **state)
{
	static const char *const chars[] = { "x", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80" };
	static const size_t sizes[] = { SYSLOG_LEAST, 481, 482, 483, 600, 1024 };
	char s[2048], buf[1100], m[1500];
	struct syslog_ident id;
	struct ship_line l, again;
	struct parts o;
	size_t n, len, i, j, k, w, mark = strlen(SYSLOG_CUT);
	int cut;

	(void)state;
	memset(m, 'h', 255);
	m[255] = '\0';
	for (j = 0; j < 2; j++)
		for (i = 0; i < sizeof(chars) / sizeof(chars[0]); i++)
			for (k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
				for (w = 1; w < 300; w++) {
		id = ident(j ? "short" : "h", 3);
		if (j)
			memset(id.host, 'h', SYSLOG_HOST_MAX);
		m[0] = '\0';
		for (n = 0; n < w; n++)
			strcat(m, chars[i]);
		n = line_of(s, sizeof(s), "hpd.svc.line", "", m);
		assert_int_equal(line_scan(s, n, &l), 0);
		memset(buf, '#', sizeof(buf));
		len = syslog_format(&id, &l, s, n, buf, sizes[k], &cut);
		assert_true(len <= sizes[k]);
		assert_true(buf[len] == '#');
		parse(buf, len, &o);
		if (!cut) {
			assert_int_equal(o.msg_len, n);
			assert_memory_equal(o.msg, s, n);
			continue;
		}
		assert_memory_equal(buf + len - mark, SYSLOG_CUT, mark);
		o.msg_len -= mark;
		assert_memory_equal(o.msg, s, o.msg_len);
		assert_true(len + 4 > sizes[k]); /* no more than it must */
		/* what is left ends behind a whole character */
		snprintf(m, sizeof(m), "%.*s", (int)o.msg_len, s);
		strcat(m, "\"}");
		if (strstr(m, "\"message\":\"") != NULL)
			assert_int_equal(line_scan(m, strlen(m), &again), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_kind_and_facility),
	    cmocka_unit_test(severities),
	    cmocka_unit_test(stamps),
	    cmocka_unit_test(hostile_names),
	    cmocka_unit_test(cuts),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
