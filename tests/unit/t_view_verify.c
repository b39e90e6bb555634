/* SPDX-License-Identifier: ISC */
/*
 * hpview verify: the untouched set is intact, and every change is named: each
 * byte, each line, each cut, each swap, each segment, everywhere. In memory;
 * the whole file's tests go through a set of a few thousand bytes some hundred
 * thousand times.
 */
#include <unistd.h>

#include "verify_fix.h"

/*
 * Two starts, two streams, a killed writer with a torn line and doubt, removed
 * probes, a text segment with digests; the first start ends without a word
 * (power), the second one in order.
 */
static struct fix *
small(void)
{
	struct fix *x = fix_new();
	char buf[4096];
	struct file *f;
	size_t n;

	start(x);
	f = new_file(x, STREAM_HONEYD);
	app(f, "2026-01-01-00:00:00.0000 honeyd log started\n", 44);
	put(x, STREAM_EVENTS, "tcp.open", "");
	put(x, STREAM_PROBES, "tcp.probe", "");
	put(x, STREAM_PROBES, "tcp.probe", "");
	end(x, STREAM_PROBES, "size", "\"log.segment\":1,\"tcp.probe\":2");
	x->now++;
	begin(x, STREAM_PROBES, "size");
	put(x, STREAM_EVENTS, "tcp.close", "");
	digest(x, STREAM_HONEYD, 0);
	app(f, "more of it\n", 11);
	end(x, STREAM_EVENTS, "size", "\"tcp.open\":1,\"tcp.close\":1,"
	    "\"log.segment\":1,\"log.digest\":1");
	x->now++;
	begin(x, STREAM_EVENTS, "size");
	put(x, STREAM_PROBES, "udp.probe", "");
	put(x, STREAM_EVENTS, "svc.start", "");
	digest(x, STREAM_HONEYD, 1);
	/* sealed, one half written, one not at all: killed */
	n = make_line(x, STREAM_EVENTS, "svc.line", "", buf, sizeof(buf));
	f = x->open[STREAM_EVENTS];
	f->free_from = f->len;
	app(f, buf, n / 2);
	f->free_to = f->len;
	(void)make_line(x, STREAM_EVENTS, "svc.line", "", buf, sizeof(buf));
	x->now++;
	begin(x, STREAM_EVENTS, "restart");
	x->now++;
	begin(x, STREAM_PROBES, "restart");
	put(x, STREAM_EVENTS, "svc.exit", "");
	retire(x, &x->file[1], STREAM_PROBES, 1, "budget");
	put(x, STREAM_PROBES, "icmp.probe", "");
	put(x, STREAM_EVENTS, "diag", "");
	save(x, 0);
	start(x);
	put(x, STREAM_EVENTS, "tcp.open", "");
	put(x, STREAM_PROBES, "tcp.probe", "");
	put(x, STREAM_EVENTS, "stop", "");
	end(x, STREAM_PROBES, "stop", "");
	end(x, STREAM_EVENTS, "stop", "");
	save(x, 1);
	return x;
}

static void
intact(void **state)
{
	struct fix *x = small();
	struct vf_input in[FILES_MAX];
	struct vf_report r;
	struct vf_set set;

	(void)state;
	fix_set(x, &set, in);
	set.no_seqs = 0;
	set.nthreads = 3;
	vf_run(&set, &r);
	if (r.bad > 0)
		show(&r);
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.starts, 2);
	assert_int_equal(r.segments, 7);
	assert_int_equal(r.doubts, 1);
	assert_int_equal(r.doubt_records, 2);
	assert_int_equal(r.retired_files, 1);
	assert_int_equal(r.texts, 1);
	assert_int_equal(r.text_bytes, 55);
	assert_int_equal(r.text_open, 0);
	vf_free(&r);
	fix_free(x);
}

static void
change_init(struct change *c)
{
	c->x = small();
	c->runs = 0;
	fix_set(c->x, &c->set, c->in);
}

static uint64_t
line_of(const char *p, size_t at)
{
	uint64_t n = 1;

	while (at-- > 0)
		n += *p++ == '\n';
	return n;
}

/* Bytes: what it takes to make each of a thousand lines worth of positions
 * another one. For sealed streams the record itself must be named. */
static void
bytes_of(struct change *c, size_t i, const uint8_t *values, size_t nvalues)
{
	const struct file *f = file_of(c, i);
	int sealed = strstr(f->path, "jsonl") != NULL;
	char *copy = malloc(f->len);
	struct vf_input was = c->in[i];
	struct vf_report r;
	size_t at, v;
	char to;

	memcpy(copy, f->data, f->len);
	for (at = 0; at < f->len; at += STEP) {
		if (at >= f->free_from && at < f->free_to)
			continue;
		for (v = 0; v < nvalues + 8; v++) {
			to = v < 8 ? (char)(f->data[at] ^ 1 << v) :
			    (char)values[v - 8];
			if (to == f->data[at])
				continue;
			copy[at] = to;
			c->in[i].data = copy;
			vf_run(&c->set, &r);
			c->runs++;
			if (r.bad == 0)
				fail_msg("%s: byte %zu, %02x to %02x, is not "
				    "named", f->path, at,
				    (uint8_t)f->data[at], (uint8_t)to);
			if (sealed && to != '\n' && f->data[at] != '\n' &&
			    found(&r, VF_ALTERED, f->path,
			    line_of(f->data, at)) == 0 &&
			    found(&r, VF_TORN, f->path,
			    line_of(f->data, at)) == 0) {
				show(&r);
				fail_msg("%s: byte %zu, %02x to %02x: its line "
				    "%d is not named", f->path, at,
				    (uint8_t)f->data[at], (uint8_t)to,
				    (int)line_of(f->data, at));
			}
			vf_free(&r);
		}
		copy[at] = f->data[at];
	}
	c->in[i] = was;
	free(copy);
}

static void
every_byte(void **state)
{
	static const uint8_t values[] = { 0, '\n', '"', '}', ' ', '0', 0xff };
	struct change c;
	size_t i;

	(void)state;
	change_init(&c);
	c.set.no_state = 1; /* faster; the end records prove the ends */
	for (i = 0; i < c.set.nin; i++)
		bytes_of(&c, i, values, sizeof(values));
	print_message("# %d changes of a byte\n", (int)c.runs);
	fix_free(c.x);
}

/* One whole segment, every other value of every byte. */
static void
every_value(void **state)
{
	static uint8_t values[256];
	struct fix *x = fix_new();
	struct change c = { .x = x };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(values); i++)
		values[i] = (uint8_t)i;
	start(x);
	put(x, STREAM_EVENTS, "tcp.open", "");
	put(x, STREAM_EVENTS, "tcp.close", "");
	end(x, STREAM_EVENTS, "stop", "");
	save(x, 0);
	fix_set(x, &c.set, c.in);
	c.set.no_state = 1;
	bytes_of(&c, 0, values, sizeof(values));
	print_message("# %d changes of a byte\n", (int)c.runs);
	fix_free(x);
}

/* Does [a, b) hold nothing but what may be torn or missing? */
static int
is_free(const struct file *f, size_t a, size_t b)
{
	return f->free_from < f->free_to && a >= f->free_from &&
	    b <= f->free_to;
}

static void
every_line_and_cut(void **state)
{
	struct change c;
	const struct file *f;
	char *out = malloc(1 << 20);
	size_t i, k, n, len, off[256];

	(void)state;
	change_init(&c);
	for (i = 0; i < c.set.nin; i++) {
		f = file_of(&c, i);
		n = lines_at(f, off);
		for (k = 0; k < n; k++) { /* removed, twice */
			if (is_free(f, off[k], off[k + 1]))
				continue;
			len = splice(out, f, off[k], off[k + 1], "", 0);
			named(&c, i, out, len, "a line removed", k);
			len = splice(out, f, off[k], off[k], f->data + off[k],
			    off[k + 1] - off[k]);
			named(&c, i, out, len, "a line twice", k);
		}
		for (k = 0; k < f->len; k += STEP) { /* cut there */
			if (f->free_from < f->free_to && k >= f->free_from)
				break;
			named(&c, i, f->data, k, "a cut", k);
		}
		for (k = 0; k < f->len; k += STEP) { /* the head gone */
			memcpy(out, f->data + k + 1, f->len - k - 1);
			named(&c, i, out, f->len - k - 1, "a cut head", k);
		}
	}
	print_message("# %d lines and cuts\n", (int)c.runs);
	free(out);
	fix_free(c.x);
}

static void
every_swap(void **state)
{
	struct change c;
	const struct file *f;
	char *out = malloc(1 << 20), *p;
	size_t i, a, b, n, off[256];

	(void)state;
	change_init(&c);
	for (i = 0; i < c.set.nin; i++) {
		f = file_of(&c, i);
		n = lines_at(f, off);
		for (a = 0; a < n; a++)
			for (b = a + 1; b < n; b++) {
				if (is_free(f, off[b], off[b + 1]))
					continue;
				p = out;
#define PART(x, y) memcpy(p, f->data + (x), (y) - (x)), p += (y) - (x)
				PART(0, off[a]);
				PART(off[b], off[b + 1]);
				PART(off[a + 1], off[b]);
				PART(off[a], off[a + 1]);
				PART(off[b + 1], f->len);
				named(&c, i, out, f->len, "a swap", a * 1000 +
				    b);
			}
	}
	print_message("# %d swaps\n", (int)c.runs);
	free(out);
	fix_free(c.x);
}

/* Every line of every file put in at every place of every other; instead of
 * one as well. */
static void
every_insertion(void **state)
{
	static const char own[] = "{\"a\":1,\"seal\":\"3."
	    "AAAAAAAAAAAAAAAAAAAAAA\"}\n";
	struct change c;
	const struct file *f, *g;
	char *out = malloc(1 << 20);
	size_t i, j, a, b, n, m, len, off[256], from[256];

	(void)state;
	change_init(&c);
	for (i = 0; i < c.set.nin; i++) {
		f = file_of(&c, i);
		n = lines_at(f, off);
		for (a = 0; a <= n; a++) {
			if (f->free_to > 0 && off[a] >= f->free_to)
				continue;
			len = splice(out, f, off[a], off[a], own,
			    sizeof(own) - 1);
			named(&c, i, out, len, "a line put in", a);
			len = splice(out, f, off[a], off[a], "\n", 1);
			named(&c, i, out, len, "an empty line put in", a);
		}
		for (j = 0; j < c.set.nin; j++) {
			g = file_of(&c, j);
			m = lines_at(g, from);
			for (b = 0; b < m; b += 1 + (b > 3)) {
				for (a = 0; a <= n; a++) {
					if ((f->free_to > 0 &&
					    off[a] >= f->free_to) ||
					    g->data[from[b + 1] - 1] != '\n')
						continue;
					len = splice(out, f, off[a], off[a],
					    g->data + from[b],
					    from[b + 1] - from[b]);
					named(&c, i, out, len,
					    "another's line", a);
				}
				for (a = 0; a < n; a++) {
					if ((i == j && a == b) ||
					    is_free(f, off[a], off[a + 1]))
						continue;
					len = splice(out, f, off[a],
					    off[a + 1], g->data + from[b],
					    from[b + 1] - from[b]);
					named(&c, i, out, len,
					    "another's line instead", a);
				}
			}
		}
	}
	print_message("# %d lines put in\n", (int)c.runs);
	free(out);
	fix_free(c.x);
}

static void
run_named(struct vf_set *set, const char *what, size_t i)
{
	struct vf_report r;

	vf_run(set, &r);
	if (r.bad == 0)
		fail_msg("%s %zu is not named", what, i);
	vf_free(&r);
}

#define EV1	  0
#define EV1_LATER 6

/* Segments removed alone and in any two; copied; exchanged; renamed; replaced
 * by nothing; the state and carry likewise. */
static void
every_segment(void **state)
{
	static const char more[] = "events-20260101T000009Z-000009.jsonl";
	struct change c;
	struct vf_set s;
	struct vf_input in[FILES_MAX];
	size_t i, j, k;

	(void)state;
	change_init(&c);
	for (i = 0; i < c.set.nin; i++)
		for (j = i; j < c.set.nin; j++) {
			s = c.set;
			s.in = in;
			s.nin = 0;
			for (k = 0; k < c.set.nin; k++)
				if (k != i && k != j)
					in[s.nin++] = c.in[k];
			run_named(&s, "segment removed", i * 100 + j);
			memcpy(in, c.in, sizeof(in));
			s.nin = c.set.nin;
			in[i].len = 0;
			run_named(&s, "segment emptied", i);
			if (i == j)
				continue;
			in[i] = c.in[j]; /* the other's bytes too, or bytes */
			in[i].path = c.in[i].path;
			run_named(&s, "segment replaced", i * 100 + j);
			in[j] = c.in[i];
			in[j].path = c.in[j].path;
			/* names alone, of the same number in two starts: the
			 * seal tells the order, nothing is lost */
			if (i == EV1 && j == EV1_LATER)
				continue;
			run_named(&s, "segments exchanged", i * 100 + j);
		}
	for (i = 0; i < c.set.nin; i++) {
		s = c.set;
		s.in = in;
		memcpy(in, c.in, sizeof(in));
		in[s.nin] = in[i];
		in[s.nin++].path = more;
		run_named(&s, "segment copied", i);
		memcpy(in, c.in, sizeof(in));
		s.nin = c.set.nin;
		in[i].path = more;
		run_named(&s, "segment renamed", i);
	}
	s = c.set;
	s.nin = 0;
	run_named(&s, "all removed", 0);
	fix_free(c.x);
}

/* The seal's own files. */
static void
seal_files(void **state)
{
	struct change c;
	struct vf_set s;
	uint8_t state_copy[2 * SEAL_STATE_SIZE], carry[SEAL_CARRY_SIZE];
	struct seal_state st;
	struct vf_report r;
	size_t i;

	(void)state;
	change_init(&c);
	s = c.set;
	s.state = NULL;
	run_named(&s, "no state", 0);
	s = c.set;
	s.carry = NULL;
	run_named(&s, "no carry", 0);
	/* an older one only: the newest start is unknown to it */
	memcpy(state_copy, c.set.state, sizeof(state_copy));
	assert_int_equal(seal_unpack(&st, state_copy, sizeof(state_copy)), 0);
	memset(state_copy + (st.saved & 1) * SEAL_STATE_SIZE, 0,
	    SEAL_STATE_SIZE);
	s = c.set;
	s.state = state_copy;
	run_named(&s, "old state", 0);
	/* what the state says changed, its check made anew */
	for (i = 0; i < offsetof(struct seal_state, check); i += 7) {
		memcpy(state_copy, c.set.state, sizeof(state_copy));
		uint8_t *at = state_copy + (st.saved & 1) * SEAL_STATE_SIZE;

		at[i] ^= 1;
		(void)crypto_generichash(at + offsetof(struct seal_state,
		    check), 16, at, offsetof(struct seal_state, check), NULL,
		    0);
		s.state = state_copy;
		run_named(&s, "forged state", i);
	}
	/* carry set back, forged, ahead */
	s = c.set;
	s.carry = carry;
	memcpy(carry, c.set.carry, sizeof(carry));
	carry[20] ^= 1;
	run_named(&s, "carry damaged", 0);
	for (i = 0; i < 5; i++) {
		uint8_t k[SEAL_KEY_LEN];
		uint64_t n;

		memcpy(k, c.set.root, sizeof(k));
		for (n = 0; n < i; n++)
			seal_carry(k);
		seal_carry_pack(carry, i, k);
		vf_run(&s, &r);
		assert_int_equal(r.bad > 0, i != 2);
		vf_free(&r);
		seal_carry_pack(carry, 2, k);
		vf_run(&s, &r);
		assert_int_equal(r.bad > 0, i != 2);
		vf_free(&r);
	}
	/* another machine: not asked for, and what they prove is not said */
	s = c.set;
	s.state = s.carry = NULL;
	s.no_state = 1;
	vf_run(&s, &r);
	assert_int_equal(r.bad, 0);
	vf_free(&r);
	/* a wrong key is said once */
	s = c.set;
	s.root[5] ^= 1;
	vf_run(&s, &r);
	assert_int_equal(r.bad, 1);
	assert_int_equal(found(&r, VF_KEY, NULL, 0), 1);
	vf_free(&r);
	fix_free(c.x);
}

/* Numbers of records far away, in a segment's first line or a forged state:
 * named, without computing the keys of thousands of millions of records. */
static void
far_numbers(void **state)
{
	static const char member[] = ",\"seal\":\"";
	static uint8_t forged[2 * SEAL_STATE_SIZE];
	struct change c;
	struct vf_set s;
	struct vf_input in[FILES_MAX];
	struct vf_report r;
	struct seal_state *st = (void *)forged, whole;
	const char *nl, *at;
	char *p;
	size_t n, i;

	(void)state;
	change_init(&c);
	(void)alarm(60); /* an hour's work otherwise */
	s = c.set;
	s.in = in;
	memcpy(in, c.in, sizeof(in));
	nl = memchr(in[EV1].data, '\n', in[EV1].len);
	at = memmem(in[EV1].data, (size_t)(nl - in[EV1].data), member,
	    sizeof(member) - 1);
	assert_non_null(at);
	n = (size_t)(at - in[EV1].data) + sizeof(member) - 1;
	p = malloc(in[EV1].len + 16);
	assert_non_null(p);
	memcpy(p, in[EV1].data, n);
	memcpy(p + n, "6000000000", 10); /* in front of the 0 */
	memcpy(p + n + 10, in[EV1].data + n, in[EV1].len - n);
	in[EV1].data = p;
	in[EV1].len += 10;
	vf_run(&s, &r);
	assert_int_equal(r.bad, 1);
	assert_int_equal(found(&r, VF_ALTERED, in[EV1].path, 1), 1);
	vf_free(&r);
	free(p);
	for (i = 0; i < SEAL_CHAINS; i++) {
		assert_int_equal(seal_unpack(st, c.set.state,
		    c.set.state_len), 0);
		st->chain[i].index = 60000000000;
		(void)crypto_generichash(st->check, 16, forged,
		    offsetof(struct seal_state, check), NULL, 0);
		assert_int_equal(seal_unpack(&whole, forged, SEAL_STATE_SIZE),
		    0);
		s = c.set;
		s.state = forged;
		s.state_len = SEAL_STATE_SIZE;
		vf_run(&s, &r);
		assert_int_equal(found(&r, VF_STATE, NULL, 0), 1);
		vf_free(&r);
	}
	(void)alarm(0);
	fix_free(c.x);
}

int
main(int argc, char *argv[])
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intact),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(every_value),
		cmocka_unit_test(every_line_and_cut),
		cmocka_unit_test(every_swap),
		cmocka_unit_test(every_insertion),
		cmocka_unit_test(every_segment),
		cmocka_unit_test(seal_files),
		cmocka_unit_test(far_numbers),
	};

	if (seal_init() == -1)
		return 1;
	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
