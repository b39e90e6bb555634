/* SPDX-License-Identifier: ISC */
/*
 * hpview export -f csv: RFC 4180 with fixed columns. Text is what it is on a
 * terminal (view_safe), and no cell begins as a spreadsheet's formula does.
 */
#include <netinet/in.h>

#include <string.h>

#include "hpd-log/hpview/export.h"
#include "hpd-log/json_out.h"
#include "hpd-log/log_time.h"

#define CELL_MAX 65536 /* a record's longest text */

static const char head[] =
    "time,sensor,kind,protocol,source,source_port,destination,"
    "destination_port,icmp_type,icmp_code,count,verdict,session,template,"
    "persona,service,why,bytes_in,bytes_out,duration_ns,source_os,tool,user,"
    "password,message\r\n";

void
export_csv_head(struct wbuf *w)
{
	out_text(w, head);
}

/* Would a spreadsheet take it for a formula? Blanks in front are passed over
 * by some, and the wide forms of the signs (U+FF1D, 0B, 0D, 20) are signs to
 * those of East Asia. */
static int
is_formula(const char *s, size_t n)
{
	while (n > 0 && *s == ' ') {
		s++;
		n--;
	}
	if (n > 0 && memchr("=+-@", s[0], 4) != NULL)
		return 1;
	return n >= 3 && memcmp(s, "\xef\xbc", 2) == 0 &&
	    memchr("\x9d\x8b\x8d\xa0", s[2], 4) != NULL;
}

/* Text that is safe already, quoted when it has to be: also for who reads it
 * with semicolons between the cells. */
static void
cell(struct wbuf *w, const char *s, size_t n)
{
	size_t i;
	int formula = is_formula(s, n);

	if (!formula && memchr(s, '"', n) == NULL &&
	    memchr(s, ',', n) == NULL && memchr(s, ';', n) == NULL &&
	    memchr(s, '\'', n) == NULL && memchr(s, ' ', n) == NULL) {
		out_mem(w, s, n);
		return;
	}
	out_lit(w, "\"");
	if (formula)
		out_lit(w, "'");
	for (i = 0; i < n; i++) {
		if (s[i] == '"')
			out_lit(w, "\"");
		out_mem(w, s + i, 1);
	}
	out_lit(w, "\"");
}

static void
text(struct wbuf *w, struct vstr s, int hidden)
{
	static char raw[CELL_MAX], safe[CELL_MAX * 4 + 1];
	size_t n;

	out_lit(w, ",");
	if (s.p == NULL || hidden)
		return;
	n = vstr_text(s, raw, sizeof(raw));
	n = view_safe(raw, n, safe, sizeof(safe));
	cell(w, safe, n);
}

static void
number(struct wbuf *w, uint64_t v, int there)
{
	out_lit(w, ",");
	if (there)
		out_u64(w, v);
}

static void
side(struct wbuf *w, const struct vrec *r, const uint8_t addr[16],
    uint16_t port, const struct pseudo *p)
{
	static const uint8_t none[16];
	char name[PSEUDO_TEXT];

	out_lit(w, ",");
	if (r->ver != 0 && memcmp(addr, none, 16) != 0) {
		if (p != NULL && p->on) {
			pseudo_name(p, r->ver, addr, name);
			out_text(w, name);
		} else {
			out_addr(w, r->ver, addr);
		}
	}
	number(w, port, r->ver != 0 && (r->proto == IPPROTO_TCP ||
				r->proto == IPPROTO_UDP));
}

static void
protocol(struct wbuf *w, const struct vrec *r)
{
	out_lit(w, ",");
	if (r->proto == IPPROTO_TCP)
		out_lit(w, "tcp");
	else if (r->proto == IPPROTO_UDP)
		out_lit(w, "udp");
	else if (r->proto == IPPROTO_ICMP)
		out_lit(w, "icmp");
	else if (r->proto != 0)
		out_u64(w, r->proto);
}

void
export_csv(struct wbuf *w, const struct vrec *r, const char *sensor,
    const struct pseudo *p)
{
	struct log_time t;
	struct vstr name = { sensor, (uint32_t)strlen(sensor) };
	char stamp[LOG_RFC3339_LEN];
	int icmp = r->kind == EV_ICMP_PROBE, hide = p->on && !p->keep_data,
	    closed = r->kind == EV_TCP_CLOSE || r->kind == EV_UDP_CLOSE;

	t.valid = 0;
	log_time_rfc3339(&t, r->wall_ns, stamp);
	out_mem(w, stamp, sizeof(stamp));
	text(w, r->observer.n > 0 ? r->observer : name, 0);
	text(w, r->action, 0);
	protocol(w, r);
	side(w, r, r->src, r->sport, p);
	side(w, r, r->dst, r->dport, NULL);
	number(w, r->sport, icmp);
	number(w, r->dport, icmp);
	number(w, r->count, r->count > 0);
	text(w, r->verdict_name, 0);
	out_lit(w, ",");
	if (r->session != 0) {
		/* In quotes of JSON: 16 digits without them. */
		char hex[18];
		struct wbuf h;

		wbuf_init(&h, hex, sizeof(hex));
		out_hex64(&h, r->session);
		out_mem(w, hex + 1, 16);
	}
	text(w, r->tmpl, 0);
	text(w, r->persona, 0);
	text(w, r->service, 0);
	text(w, r->why, 0);
	number(w, r->bytes_in, closed || r->bytes_in > 0);
	number(w, r->bytes_out, closed || r->bytes_out > 0);
	number(w, r->duration_ns, r->duration_ns > 0);
	text(w, r->os, 0);
	text(w, r->tool, 0);
	text(w, r->user, hide);
	text(w, r->password, hide);
	text(w, r->message, hide);
	out_lit(w, "\r\n");
}
