/* SPDX-License-Identifier: ISC */
/*
 * The report's page from made-up totals: nothing hostile gets out of the data,
 * and the policy in it names the hashes of exactly what stands there.
 * HPD_PAGE=FILE keeps the page, with the chart library HPD_CHART.
 */
#include <netinet/in.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "common/buf.h"
#include "hpd-log/hpview/html.h"
#include "hpd-log/hpview/report.h"

#define EVIL "</script><script>alert(1)</script><img src=x onerror=\"x()\">" \
	"\x1b]0;t\x07\xe2\x80\xae\xff\xed\xa0\x80 & \xe2\x80\xa8 ]]> <!--"

#define DAY 86400000000000LL
#define T0  1795392000000000000LL

static struct report rep;

static void
src_row(struct vsum_source *s, size_t i)
{
	s->ver = 4;
	addr_set4(s->addr, 0xc6336400u + (uint32_t)i * 7);
	s->events = 400000 / (i + 1);
	s->probes = s->events * 9 / 10;
	s->sessions = s->events / 100;
	s->logins = s->sessions / 3;
	s->bytes_in = s->sessions * 312;
	s->bytes_out = s->sessions * 2100;
	s->first_ns = T0 + (int64_t)i * 1000000000;
	s->last_ns = T0 + DAY - (int64_t)i * 1000000000;
	s->ndecoys = (uint32_t)(i % 50 + 1);
	s->nports = (uint32_t)(i % 900 + 1);
	str_copy(s->os, i % 3 ? "Linux 5.x" : EVIL, sizeof(s->os));
	snprintf(s->tool, sizeof(s->tool), "%s", i % 5 ? "" : "masscan");
	snprintf(s->country, sizeof(s->country), "%s", i % 2 ? "NL" : "");
}

static void
rows(struct vsum *s)
{
	static const char *const users[] = { "root", "admin", EVIL,
		"=cmd|' /C calc'!A0", "" };
	size_t i;

	for (i = 0; i < s->n_sources; i++)
		src_row(&s->sources[i], i);
	for (i = 0; i < s->n_decoys; i++) {
		struct vsum_decoy *d = &s->decoys[i];

		d->ver = 4;
		addr_set4(d->addr, 0x0a420000u + (uint32_t)i);
		str_copy(d->tmpl, i % 4 ? "web" : EVIL, sizeof(d->tmpl));
		snprintf(d->persona, sizeof(d->persona), "Linux 4.15 - 5.6");
		d->events = 90000 / (i + 1);
		d->probes = d->events;
		d->sessions = d->events / 90;
		d->nsources = 40;
		d->last_ns = T0 + DAY;
	}
	for (i = 0; i < s->n_ports; i++) {
		struct vsum_port *p = &s->ports[i];

		p->port = (uint16_t)(i * 13 + 22);
		p->proto = i % 4 ? IPPROTO_TCP : IPPROTO_UDP;
		p->probes = 80000 / (i + 1);
		p->sessions = i % 9 ? 0 : 700 / (i + 1);
		p->nsources = 9;
		snprintf(p->service, sizeof(p->service), "%s",
		    i % 9 ? "" : "telnet");
	}
	for (i = 0; i < s->n_logins; i++) {
		struct vsum_login *l = &s->logins[i];

		str_copy(l->user, users[i % 5], sizeof(l->user));
		snprintf(l->password, sizeof(l->password), "%s%zu",
		    i % 7 ? "pass" : EVIL, i);
		l->tries = 3000 / (i + 1);
		l->nsources = 4;
		l->first_ns = T0;
	}
}

static void
sessions(struct vsum *s)
{
	static const char talk[] = "220 ready\r\nlogin: " EVIL;
	struct talk_item *it;
	size_t i, k;

	for (i = 0; i < s->n_sessions; i++) {
		struct vsum_session *x = &s->sessions[i];
		struct talk *t = &rep.talks.t[i];

		x->id = 1ull << 40 | (s->n_sessions - i);
		x->boot = 0x1122334455667788u;
		x->ver = 4;
		x->proto = IPPROTO_TCP;
		memcpy(x->src, s->sources[i % 40].addr, 16);
		memcpy(x->dst, s->decoys[i % 30].addr, 16);
		x->sport = (uint16_t)(40000 + i);
		x->dport = 23;
		x->start_ns = T0 + DAY - (int64_t)i * 40000000000;
		x->duration_ns = 3200000000 + (int64_t)i * 10000000;
		x->bytes_in = 512;
		x->bytes_out = 2048;
		x->chunks = 6;
		snprintf(x->service, sizeof(x->service), "perl telnet.pl");
		snprintf(x->why, sizeof(x->why), "fin");
		x->trip = i % 50 == 3;
		t->items = calloc(6, sizeof(*t->items));
		for (k = 0; k < 6; k++) {
			it = calloc(1, sizeof(*it) + sizeof(talk));
			it->wall_ns = x->start_ns + (int64_t)k * 300000000;
			it->kind = (uint8_t)(k < 4 ? k % 2 : k - 2);
			it->len = sizeof(talk) - 1;
			it->flags = k == 3 ? TALK_CUT : 0;
			memcpy(it->data, talk, sizeof(talk));
			t->items[t->n++] = it;
			t->bytes[it->kind] += it->len;
		}
	}
}

static int
fill(void **state)
{
	static char *sensors[] = { (char *)(uintptr_t)"/var/log/" EVIL };
	struct vsum *s = &rep.sum;
	size_t i, k;

	(void)state;
	s->n_sources = s->n_ports = 1000;
	s->n_decoys = 400;
	s->n_logins = 800;
	s->n_sessions = VSUM_SESSIONS;
	s->sources = calloc(s->n_sources, sizeof(*s->sources));
	s->decoys = calloc(s->n_decoys, sizeof(*s->decoys));
	s->ports = calloc(s->n_ports, sizeof(*s->ports));
	s->logins = calloc(s->n_logins, sizeof(*s->logins));
	s->sessions = calloc(s->n_sessions, sizeof(*s->sessions));
	s->heat = calloc(VSUM_HEAT * VSUM_HEAT, sizeof(*s->heat));
	rep.talks.n = s->n_sessions;
	rep.talks.t = calloc(s->n_sessions, sizeof(*rep.talks.t));
	rows(s);
	sessions(s);
	for (i = 0; i < VSUM_HEAT; i++)
		for (k = 0; k < VSUM_HEAT; k++)
			if ((i * 31 + k * 17) % 5 < 2)
				s->heat[s->n_heat++] = (struct vsum_heat){
					(uint32_t)i, (uint32_t)k,
					90000 / (i * k + 1) };
	s->first_ns = T0;
	s->last_ns = T0 + DAY - 1;
	s->bucket_ns = DAY / VSUM_BUCKETS;
	s->bucket0_ns = T0;
	for (i = 0; i < VSUM_BUCKETS; i++)
		s->bucket[i] = (struct vsum_bucket){ 900 + (i * i) % 700 +
			    (i % 200 == 9 ? 4000 : 0), i % 7, i % 3,
			    i % 97 == 5 };
	s->records = 1000000;
	s->bytes = 640u << 20;
	s->kinds[EV_TCP_PROBE] = 900000;
	s->counts[EV_TCP_PROBE] = 4100000;
	s->kinds[EV_SVC_TRIP] = 3;
	s->nsources = 5120;
	s->ndecoys = 400;
	s->nports = 4000;
	s->nlogins = 800;
	s->nsessions = 9000;
	rep.seal[0].sealed = 1000000;
	rep.sensors = sensors;
	rep.nsensors = 1;
	rep.files = 12;
	rep.alerts.v = calloc(1, sizeof(*rep.alerts.v));
	rep.alerts.n = rep.alerts.all = 1;
	rep.alerts.v[0].wall_ns = T0;
	rep.alerts.v[0].kind = EV_SVC_TRIP;
	snprintf(rep.alerts.v[0].text, sizeof(rep.alerts.v[0].text), EVIL);
	return sodium_init() == -1 ? -1 : 0;
}

static char *
page(const char *chart, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	assert_non_null(f);
	assert_int_equal(report_page(f, &rep, chart,
	    chart != NULL ? strlen(chart) : 0), 0);
	fclose(f);
	return text;
}

static size_t
times(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strcasestr(text, what)) != NULL; text += strlen(what))
		n++;
	return n;
}

static void
nothing_gets_out(void **state)
{
	size_t len, i;
	char *text = page("var Chart = 1;", &len);
	const char *data = strstr(text, "<script type"), *end, *talks;

	(void)state;
	assert_int_equal(len, strlen(text));
	/* data, its sessions, chart, own: none of the attacker's */
	assert_int_equal(times(text, "<script"), 1 + VSUM_SESSIONS + 2);
	assert_int_equal(times(text, "</script"), 1 + VSUM_SESSIONS + 2);
	assert_int_equal(times(text, "<img"), 0);
	end = strstr(data, "<script>var Chart");
	assert_non_null(end);
	for (i = 0; data + i < end; i++)
		assert_true(data[i] == '\n' || (data[i] >= 0x20 &&
		    data[i] < 0x7f));
	talks = strstr(end, "<script type");
	assert_non_null(talks);
	for (i = 0; talks[i] != '\0'; i++)
		assert_true(talks[i] == '\n' || (talks[i] >= 0x20 &&
		    talks[i] < 0x7f));
	assert_true(times(text, "\\u202e") > 100);
	assert_true(times(text, "\\u2028") > 100);
	free(text);
}

/* The policy's hash of what stands between two tags. */
static void
hash_of(const char *text, const char *from, const char *tag, const char *end)
{
	const char *p = strstr(from, tag), *q;
	unsigned char h[32];
	char want[128] = "'sha256-";

	assert_non_null(p);
	p += strlen(tag);
	q = strstr(p, end);
	assert_non_null(q);
	crypto_hash_sha256(h, (const unsigned char *)p, (size_t)(q - p));
	sodium_bin2base64(want + 8, sizeof(want) - 9, h, sizeof(h),
	    sodium_base64_VARIANT_ORIGINAL);
	strncat(want, "'", 2);
	assert_non_null(strstr(text, want));
}

static void
policy_is_exact(void **state)
{
	size_t len;
	char *text = page("var Chart = 1;", &len);
	const char *csp = strstr(text, "default-src 'none'; script-src 'sha");

	(void)state;
	assert_non_null(csp);
	assert_int_equal(times(text, "unsafe-inline"), 0);
	assert_int_equal(times(text, "'sha256-"), 3);
	hash_of(text, text, "<style>", "</style>");
	hash_of(text, text, "<script>", "</script>");
	hash_of(text, strstr(text, "<script>") + 8, "<script>", "</script>");
	free(text);
	text = page(NULL, &len);
	assert_int_equal(times(text, "'sha256-"), 2);
	free(text);
}

static void
odd_libraries_are_refused(void **state)
{
	static const char *const bad[] = { "x('</script>')", "a\rb",
		"x='</SCRIPT >'", "'<!-- <script>'" };
	char *text = NULL;
	size_t len, i;
	FILE *f;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		f = open_memstream(&text, &len);
		assert_int_equal(report_page(f, &rep, bad[i], strlen(bad[i])),
		    -1);
		fclose(f);
		free(text);
	}
}

static void
keep_page(void)
{
	static char chart[REPORT_CHART_MAX];
	const char *to = getenv("HPD_PAGE"), *lib = getenv("HPD_CHART");
	FILE *f = lib != NULL ? fopen(lib, "re") : NULL;
	size_t n = f != NULL ? fread(chart, 1, sizeof(chart), f) : 0;

	if (f != NULL)
		fclose(f);
	if (to == NULL || (f = fopen(to, "we")) == NULL)
		return;
	assert_int_equal(report_page(f, &rep, n > 0 ? chart : NULL, n), 0);
	fclose(f);
}

static void
can_be_kept(void **state)
{
	(void)state;
	keep_page();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_gets_out),
		cmocka_unit_test(policy_is_exact),
		cmocka_unit_test(odd_libraries_are_refused),
		cmocka_unit_test(can_be_kept),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, fill, NULL);
}
