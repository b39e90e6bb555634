/* SPDX-License-Identifier: ISC */
/*
 * What the log says of itself, in hpd-log: members of "hpd" for segments,
 * removals, counts, digests and figures. Also bytes that are somebody else's.
 * Must never write a byte of a record's data but through json_str or json_b64.
 */
#include "common/proto.h"
#include "hpd-log/json.h"
#include "hpd-log/json_hpd.h"
#include "hpd-log/json_out.h"
#include "hpd-log/segment.h"

static const char *const streams[STREAM_MAX] = { "events", "honeyd", "service",
	"probes", "pcap" };
static const char *const segment_whys[] = {
	[SEG_FULL_SIZE] = "size",
	[SEG_FULL_AGE] = "age",
	[SEG_FULL_ERROR] = "error",
	[SEG_WHY_START] = "start",
	[SEG_WHY_RESTART] = "restart",
	[SEG_WHY_STOP] = "stop",
};
static const char *const retire_whys[] = {
	[RETIRE_BUDGET] = "budget",
	[RETIRE_STREAM] = "stream",
	[RETIRE_RESERVE] = "reserve",
	[RETIRE_AGE] = "age",
};
static const char *const fold_whys[] = {
	[FOLD_LEVEL] = "level",
	[FOLD_STOPPED] = "stopped",
};

const char *
log_stream_name(uint32_t stream)
{
	return NAME(streams, stream);
}

static const char *
kind_name(uint32_t kind)
{
	const struct event_row *row =
	    kind < EV_KIND_MAX ? event_row((uint16_t)kind) : NULL;

	return row == NULL ? "unknown" : row->name;
}

static void
put_stamp(struct wbuf *w, const char *name, int64_t wall_ns)
{
	char b[LOG_RFC3339_LEN];
	struct log_time t = { .valid = 0 };

	log_time_rfc3339(&t, wall_ns, b);
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":\"");
	out_mem(w, b, sizeof(b));
	out_lit(w, "\"");
}

/* 16 bytes in base64url without padding: 22 characters. */
static void
put_tag(struct wbuf *w, const char *name, const uint8_t tag[16])
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t v = 0;
	char b[22];
	size_t i, n = 0, bits = 0;

	for (i = 0; i < 16; i++) {
		v = (v & 0xffff) << 8 | tag[i];
		for (bits += 8; bits >= 6; bits -= 6)
			b[n++] = set[v >> (bits - 6) & 63];
	}
	b[n] = set[v << (6 - bits) & 63]; /* two bits are left */
	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":\"");
	out_mem(w, b, sizeof(b));
	out_lit(w, "\"");
}

static void
put_sums(struct wbuf *w, const char *name, const uint64_t *sum)
{
	const char *sep = "";
	uint32_t k;

	out_lit(w, ",\"");
	out_text(w, name);
	out_lit(w, "\":{");
	for (k = 0; k < EV_KIND_MAX; k++) {
		if (sum[k] == 0)
			continue;
		out_text(w, sep);
		out_lit(w, "\"");
		out_text(w, kind_name(k));
		out_lit(w, "\":");
		out_u64(w, sum[k]);
		sep = ",";
	}
	out_lit(w, "}");
}

static void
put_segment(struct wbuf *w, const struct json_sums *sums,
    const struct ev_segment *s)
{
	int sealed = s->stream == STREAM_EVENTS || s->stream == STREAM_PROBES;

	out_lit(w, ",\"segment\":{\"stream\":\"");
	out_text(w, log_stream_name(s->stream));
	out_lit(w, "\"");
	json_num(w, "number", s->number);
	json_word(w, "phase", s->phase == 2 ? "end" : "begin");
	json_num(w, "ordinal", s->ordinal);
	if (sealed && s->phase != 2)
		json_num(w, "prev_ordinal", s->prev_ordinal);
	if (s->why != 0)
		json_word(w, "why", NAME(segment_whys, s->why));
	if (s->error > 0)
		json_num(w, "error", (uint64_t)s->error);
	if (s->phase == 2) {
		json_num(w, "lines", s->lines);
		json_num(w, "bytes", s->bytes);
		if (sums != NULL) {
			put_sums(w, "records", sums->records);
			put_sums(w, "packets", sums->packets);
		}
	} else {
		if (s->prev_number != 0)
			json_num(w, "prev_number", s->prev_number);
		if (sealed) {
			put_tag(w, "prev_tag", s->prev_tag);
			json_num(w, "doubt_from", s->doubt_from);
			json_num(w, "doubt_to", s->doubt_to);
		}
	}
	out_lit(w, "}");
}

static void
put_retired(struct wbuf *w, const struct ev_retired *r)
{
	out_lit(w, ",\"retired\":{\"stream\":\"");
	out_text(w, log_stream_name(r->stream));
	out_lit(w, "\"");
	json_num(w, "number", r->number);
	out_lit(w, ",\"name\":");
	(void)json_str(w, r->name, strnlen(r->name, sizeof(r->name)));
	json_num(w, "bytes", r->bytes);
	put_stamp(w, "newest", r->newest_ns);
	json_word(w, "why", NAME(retire_whys, r->why));
	out_lit(w, "}");
}

static void
put_fold(struct wbuf *w, const struct ev_fold *f)
{
	out_lit(w, ",\"folded\":{\"kind\":\"");
	out_text(w, kind_name(f->kind));
	out_lit(w, "\"");
	json_num(w, "records", f->records);
	json_num(w, "packets", f->sum);
	if (f->bytes != 0)
		json_num(w, "bytes", f->bytes);
	put_stamp(w, "first", f->first_ns);
	put_stamp(w, "last", f->last_ns);
	json_word(w, "why", NAME(fold_whys, f->why));
	out_lit(w, "}");
}

static void
put_digest(struct wbuf *w, const struct ev_digest *d)
{
	static const char hex[] = "0123456789abcdef";
	char b[64];
	size_t i;

	for (i = 0; i < sizeof(d->hash); i++) {
		b[i * 2] = hex[d->hash[i] >> 4];
		b[i * 2 + 1] = hex[d->hash[i] & 15];
	}
	out_lit(w, ",\"digest\":{\"stream\":\"");
	out_text(w, log_stream_name(d->stream));
	out_lit(w, "\"");
	json_num(w, "number", d->number);
	json_num(w, "bytes", d->bytes);
	if (d->final != 0)
		out_lit(w, ",\"final\":true");
	else
		out_lit(w, ",\"final\":false");
	out_lit(w, ",\"blake2b\":\"");
	out_mem(w, b, sizeof(b));
	out_lit(w, "\"}");
}

static void
put_stats(struct wbuf *w, const struct ev_logstats *s)
{
	out_lit(w, ",\"stats\":{\"records\":");
	out_u64(w, s->records);
	json_num(w, "lines", s->lines);
	json_num(w, "bytes", s->bytes);
	json_num(w, "lost", s->lost);
	json_num(w, "folded", s->folded);
	json_num(w, "lag_max_us", s->lag_max_us);
	json_num(w, "syncs", s->syncs);
	json_num(w, "sync_max_us", s->sync_max_us);
	out_lit(w, "}");
}

void
json_message(struct wbuf *w, const void *data, size_t len)
{
	size_t mark = w->len;

	out_lit(w, "},\"message\":");
	if (!json_str(w, data, len)) { /* again, with the bytes before it */
		w->len = mark;
		out_lit(w, ",\"raw_b64\":");
		json_b64(w, data, len);
		out_lit(w, "},\"message\":");
		(void)json_str(w, data, len);
	}
	out_lit(w, "}\n");
}

void
json_chunk(struct wbuf *w, const void *data, size_t len)
{
	const struct ev_chunk *c = data;

	out_lit(w, ",\"data\":{\"direction\":\"");
	if (c->out)
		out_lit(w, "out\"");
	else
		out_lit(w, "in\"");
	json_num(w, "offset", c->offset);
	if (c->flags & EV_CHUNK_CUT)
		out_lit(w, ",\"cut\":true");
	if (c->flags & EV_CHUNK_DGRAM)
		out_lit(w, ",\"datagram\":true");
	out_lit(w, "}");
	json_message(w, c + 1, len - sizeof(*c));
}

void
json_log(struct wbuf *w, const struct json_sums *sums, uint8_t kind_of_data,
    const void *data)
{
	switch (kind_of_data) {
	case EVD_SEGMENT:
		put_segment(w, sums, data);
		break;
	case EVD_RETIRED:
		put_retired(w, data);
		break;
	case EVD_FOLD:
		put_fold(w, data);
		break;
	case EVD_DIGEST:
		put_digest(w, data);
		break;
	case EVD_LOGSTATS:
		put_stats(w, data);
		break;
	default:
		break;
	}
}
