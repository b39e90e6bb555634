/* SPDX-License-Identifier: ISC */
/*
 * For the tests of hpview verify: a sealed log in memory, written as hpd-log
 * and hpd-parent write one, with the seal's own files. Included once a program.
 */
#ifndef VERIFY_FIX_H
#define VERIFY_FIX_H

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hpd-log/hpview/verify.h"

#ifdef HPD_SANITIZED /* a sample: the plain build does all */
#define STEP 23
#else
#define STEP 1
#endif

#define FILES_MAX 64
#define T0	  1767225600 /* 2026-01-01 */

struct file {
	char path[64];
	char *data;
	size_t len, cap;
	int gone;
	size_t free_from, free_to; /* bytes that nothing proves */
	uint32_t lines;
};

struct fix {
	struct seal_state st;
	uint8_t root[SEAL_KEY_LEN], next[SEAL_KEY_LEN];
	uint8_t slots[2 * SEAL_STATE_SIZE], carry[SEAL_CARRY_SIZE];
	struct file file[FILES_MAX];
	size_t n;
	struct file *open[STREAM_MAX];
	uint32_t number[STREAM_MAX];
	uint64_t seq, boot;
	int64_t now;
};

static const char *const stems[STREAM_MAX] = { "events", "honeyd", "service",
	"probes", "frames" };
static const char *const snames[STREAM_MAX] = { "events", "honeyd", "service",
	"probes", "pcap" };

static void
app(struct file *f, const char *p, size_t n)
{
	if (f->len + n > f->cap) {
		f->cap = (f->len + n) * 2;
		f->data = realloc(f->data, f->cap);
	}
	memcpy(f->data + f->len, p, n);
	f->len += n;
}

static int
chain_of(int stream)
{
	return stream == STREAM_EVENTS ? SEAL_EVENTS : SEAL_PROBES;
}

/* One record of `kind' whose hpd object ends with more (",..." or ""). Not
 * written: sealed only. Returns its length in buf. */
static size_t
make_line(struct fix *x, int stream, const char *kind, const char *more,
    char *buf, size_t cap)
{
	struct seal_chain *c = &x->st.chain[chain_of(stream)];
	int n;

	n = snprintf(buf, cap - SEAL_TAIL_MAX,
	    "{\"@timestamp\":\"2026-01-01T00:00:%02dZ\",\"event\":{\"action\":"
	    "\"hpd.%s\"},\"hpd\":{\"schema\":1,\"boot\":\"%016llx\",\"seq\":%llu"
	    ",\"producer\":\"hpd-log\",\"instance\":0%s}}\n",
	    (int)(x->now - T0) % 60, kind, (unsigned long long)x->boot,
	    (unsigned long long)++x->seq, more);
	return seal_line(c, buf, (size_t)n, NULL);
}

static void
written(struct fix *x, int stream, const char *line, size_t n)
{
	unsigned int c = (unsigned int)chain_of(stream);
	struct seal_last *l;
	uint64_t i;
	size_t body;

	app(x->open[stream], line, n);
	x->open[stream]->lines++;
	x->st.chain[c].written = x->st.chain[c].index;
	l = &x->st.last[c][x->st.chain[c].index & 1];
	assert_int_equal(seal_parse(line, n, &body, &i, l->tag), 0);
	l->index = i;
}

static void
put(struct fix *x, int stream, const char *kind, const char *more)
{
	char buf[16384];
	size_t n = make_line(x, stream, kind, more, buf, sizeof(buf));

	written(x, stream, buf, n);
}

static struct file *
new_file(struct fix *x, int stream)
{
	struct file *f = &x->file[x->n++];
	int64_t s = x->now - T0;

	assert_true(x->n < FILES_MAX);
	memset(f, 0, sizeof(*f));
	snprintf(f->path, sizeof(f->path), "%s-20260101T00%02d%02dZ-%06u.%s",
	    stems[stream], (int)(s / 60), (int)(s % 60),
	    x->number[stream] + 1, stream == STREAM_PCAP ? "pcap" :
	    stream == STREAM_EVENTS || stream == STREAM_PROBES ? "jsonl" :
	    "log");
	x->number[stream]++;
	x->st.segment[stream] = x->number[stream];
	return x->open[stream] = f;
}

static void
tag_text(const uint8_t tag[16], char out[32])
{
	(void)sodium_bin2base64(out, 32, tag, 16,
	    sodium_base64_VARIANT_URLSAFE_NO_PADDING);
}

/* Begin the next segment of a sealed stream. */
static void
begin(struct fix *x, int stream, const char *why)
{
	struct ev_segment e = { .prev_number = x->number[stream] };
	char more[512], tag[32];

	seal_told(&x->st, (unsigned int)chain_of(stream), &e);
	(void)new_file(x, stream);
	tag_text(e.prev_tag, tag);
	snprintf(more, sizeof(more), ",\"segment\":{\"stream\":\"%s\","
	    "\"number\":%u,\"phase\":\"begin\",\"ordinal\":%llu,\"why\":\"%s\""
	    ",\"prev_number\":%u,\"prev_ordinal\":%llu,\"prev_tag\":\"%s\","
	    "\"doubt_from\":%llu,\"doubt_to\":%llu}", snames[stream],
	    x->number[stream], (unsigned long long)e.ordinal, why,
	    e.prev_number, (unsigned long long)e.prev_ordinal, tag,
	    (unsigned long long)e.doubt_from, (unsigned long long)e.doubt_to);
	put(x, stream, "log.segment", more);
}

static void
end(struct fix *x, int stream, const char *why, const char *records)
{
	struct file *f = x->open[stream];
	char more[512];

	snprintf(more, sizeof(more), ",\"segment\":{\"stream\":\"%s\","
	    "\"number\":%u,\"phase\":\"end\",\"ordinal\":%llu,\"why\":\"%s\","
	    "\"lines\":%u,\"bytes\":%zu%s%s%s}", snames[stream],
	    x->number[stream], (unsigned long long)x->st.ordinal, why,
	    f->lines, f->len, *records ? ",\"records\":{" : "", records,
	    *records ? "}" : "");
	put(x, stream, "log.segment", more);
}

static void
digest(struct fix *x, int stream, int final)
{
	struct file *f = x->open[stream];
	uint8_t h[32];
	char more[512], hex[65];

	(void)crypto_generichash(h, sizeof(h), (const uint8_t *)f->data,
	    f->len, NULL, 0);
	(void)sodium_bin2hex(hex, sizeof(hex), h, sizeof(h));
	snprintf(more, sizeof(more), ",\"digest\":{\"stream\":\"%s\","
	    "\"number\":%u,\"bytes\":%zu,\"final\":%s,\"blake2b\":\"%s\"}",
	    snames[stream], x->number[stream], f->len,
	    final ? "true" : "false", hex);
	put(x, STREAM_EVENTS, "log.digest", more);
}

__attribute__((unused)) static void
retire(struct fix *x, struct file *f, int stream, uint32_t number,
    const char *why)
{
	char more[8192];

	snprintf(more, sizeof(more), ",\"retired\":{\"stream\":\"%s\","
	    "\"number\":%u,\"name\":\"%s\",\"bytes\":%zu,\"newest\":"
	    "\"2026-01-01T00:00:00Z\",\"why\":\"%s\"}", snames[stream], number,
	    f->path, f->len, why);
	put(x, STREAM_EVENTS, "log.retired", more);
	f->gone = 1;
}

static void
save(struct fix *x, int clean)
{
	uint8_t page[SEAL_STATE_SIZE];

	x->st.clean = (uint8_t)clean;
	seal_pack(&x->st, page);
	memcpy(x->slots + (x->st.saved & 1) * SEAL_STATE_SIZE, page,
	    sizeof(page));
}

static void
start(struct fix *x)
{
	struct seal_state old;
	uint8_t carry[SEAL_KEY_LEN];
	uint64_t ordinal = 0;
	int known;

	known = seal_unpack(&old, x->slots, sizeof(x->slots)) == 0;
	if (x->boot == 0)
		memcpy(carry, x->root, sizeof(carry));
	else
		assert_int_equal(seal_carry_unpack(x->carry, &ordinal, carry),
		    0);
	x->boot = 0xb00700 + ordinal;
	x->seq = 0;
	x->now += 7;
	seal_begin(&x->st, carry, ordinal, x->boot, x->next);
	seal_follow(&x->st, known ? &old : NULL);
	seal_carry_pack(x->carry, ordinal + 1, x->next);
	memset(x->number, 0, sizeof(x->number));
	memset(x->open, 0, sizeof(x->open));
	begin(x, STREAM_EVENTS, "start");
	begin(x, STREAM_PROBES, "start");
}

static struct fix *
fix_new(void)
{
	struct fix *x = calloc(1, sizeof(*x));
	size_t i;

	for (i = 0; i < sizeof(x->root); i++)
		x->root[i] = (uint8_t)(i * 11 + 1);
	x->now = T0;
	return x;
}

static void
fix_free(struct fix *x)
{
	size_t i;

	for (i = 0; i < x->n; i++)
		free(x->file[i].data);
	free(x);
}

/* What verify gets: the files that are there. */
static void
fix_set(struct fix *x, struct vf_set *set, struct vf_input *in)
{
	size_t i;

	memset(set, 0, sizeof(*set));
	for (i = 0; i < x->n; i++) {
		if (x->file[i].gone)
			continue;
		in[set->nin].path = x->file[i].path;
		in[set->nin].data = x->file[i].data;
		in[set->nin++].len = x->file[i].len;
	}
	set->in = in;
	memcpy(set->root, x->root, SEAL_KEY_LEN);
	set->state = x->slots;
	set->state_len = sizeof(x->slots);
	set->carry = x->carry;
	set->no_seqs = 1;
}

static void
show(const struct vf_report *r)
{
	size_t i;

	for (i = 0; i < r->nf; i++)
		fprintf(stderr, "# %s:%llu: %s: %s [%llu, %llu)\n",
		    r->f[i].path == NULL ? "-" : r->f[i].path,
		    (unsigned long long)r->f[i].line, vf_word(r->f[i].code),
		    r->f[i].text, (unsigned long long)r->f[i].from,
		    (unsigned long long)r->f[i].to);
}

/* Findings of a code with that file (NULL: any) and line (0: any). */
__attribute__((unused)) static size_t
found(const struct vf_report *r, uint8_t code, const char *path, uint64_t line)
{
	size_t i, n = 0;

	for (i = 0; i < r->nf; i++)
		n += r->f[i].code == code &&
		    (path == NULL || (r->f[i].path != NULL &&
		    strcmp(r->f[i].path, path) == 0)) &&
		    (line == 0 || r->f[i].line == line);
	return n;
}

/* A changed copy of one file in place of it. */
struct change {
	struct fix *x;
	struct vf_set set;
	struct vf_input in[FILES_MAX];
	uint64_t runs;
};

__attribute__((unused)) static const struct file *
file_of(const struct change *c, size_t i)
{
	size_t k;

	for (k = 0; k < c->x->n; k++)
		if (c->x->file[k].path == c->in[i].path)
			return &c->x->file[k];
	return NULL;
}

/* File i is now these bytes: it must be named, and the file with it (as the
 * path, or as a segment that is missing). */
__attribute__((unused)) static void
named(struct change *c, size_t i, const char *data, size_t len,
    const char *what, size_t at)
{
	struct vf_input was = c->in[i];
	struct vf_report r;
	size_t k;

	c->in[i].data = data;
	c->in[i].len = len;
	vf_run(&c->set, &r);
	c->runs++;
	if (r.bad == 0)
		fail_msg("%s: %s at %zu is not named", was.path, what, at);
	for (k = 0; k < r.nf; k++)
		if (r.f[k].code < VF_BAD_MAX && (r.f[k].path == NULL ||
		    strcmp(r.f[k].path, was.path) == 0 ||
		    strstr(r.f[k].text, was.path) != NULL))
			break;
	if (k == r.nf) {
		show(&r);
		fail_msg("%s: %s at %zu: another file is named", was.path, what,
		    at);
	}
	vf_free(&r);
	c->in[i] = was;
}

/* Offsets of the lines of a file; the last one: its length. */
__attribute__((unused)) static size_t
lines_at(const struct file *f, size_t *off)
{
	size_t n = 0, at = 0;
	const char *nl;

	while (at < f->len) {
		off[n++] = at;
		nl = memchr(f->data + at, '\n', f->len - at);
		at = nl == NULL ? f->len : (size_t)(nl - f->data) + 1;
	}
	off[n] = f->len;
	return n;
}

/* f with the bytes [a, b) replaced. */
__attribute__((unused)) static size_t
splice(char *out, const struct file *f, size_t a, size_t b, const char *p,
    size_t n)
{
	memcpy(out, f->data, a);
	memcpy(out + a, p, n);
	memcpy(out + a + n, f->data + b, f->len - b);
	return f->len - (b - a) + n;
}

#endif
