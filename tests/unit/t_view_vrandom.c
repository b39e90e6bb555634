/* SPDX-License-Identifier: ISC */
/*
 * hpview verify: random changes of a larger set, each one named.
 * HPD_VERIFY_RANDOM says how many (100000 take some minutes); else a sample.
 */
#include "verify_fix.h"

/* A larger set: two starts, many segments, a few kills with records lost. */
static struct fix *
large(void)
{
	static const char *const kinds[] = { "tcp.open", "tcp.close",
		"svc.line", "session.data" };
	char more[256], buf[4096];
	struct fix *x = fix_new();
	unsigned int o, g, i;
	struct file *f;

	for (o = 0; o < 2; o++) {
		start(x);
		f = new_file(x, STREAM_SERVICE);
		for (g = 0; g < 8; g++) {
			for (i = 0; i < 60; i++) {
				snprintf(more, sizeof(more), ",\"count\":%u,"
				    "\"data\":{\"offset\":%u}},\"message\":"
				    "{\"x\":\"%0*u\"", i, i * 7, i % 50 + 1,
				    g);
				put(x, STREAM_EVENTS, kinds[i % 4], more);
				put(x, STREAM_PROBES, "tcp.probe", more);
				app(f, more, strlen(more));
			}
			digest(x, STREAM_SERVICE, g == 7);
			if (g == 3) /* killed: three sealed, none written */
				for (i = 0; i < 3; i++)
					(void)make_line(x, STREAM_EVENTS,
					    "diag", "", buf, sizeof(buf));
			else if (g < 7)
				end(x, STREAM_EVENTS, "size", "");
			if (g == 7)
				break;
			end(x, STREAM_PROBES, "size", "");
			x->now++;
			begin(x, STREAM_EVENTS, g == 3 ? "restart" : "size");
			begin(x, STREAM_PROBES, "size");
		}
		if (o == 1) {
			end(x, STREAM_PROBES, "stop", "");
			end(x, STREAM_EVENTS, "stop", "");
		}
		save(x, o == 1);
	}
	return x;
}

static uint64_t rnd_state = 88172645463325252ULL;

static size_t
rnd(size_t n)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return (size_t)(rnd_state % n);
}

/* One random change of f into out; its length, 0: none made this time. */
static size_t
mutate(const struct change *c, const struct file *f, char *out,
    const char **what)
{
	size_t off[1024], n = lines_at(f, off), a = rnd(n), b = rnd(n), m;
	size_t at = rnd(f->len), len = 1 + rnd(40);
	const struct file *g = file_of(c, rnd(c->set.nin));

	memcpy(out, f->data, f->len);
	switch (rnd(9)) {
	case 0:
		*what = "a bit";
		out[at] = (char)(out[at] ^ 1 << rnd(8));
		return f->len;
	case 1:
		*what = "a byte";
		out[at] = (char)rnd(256);
		return out[at] == f->data[at] ? 0 : f->len;
	case 2:
		*what = "lines removed";
		b = a + 1 + rnd(3) > n ? n : a + 1;
		return splice(out, f, off[a], off[b], "", 0);
	case 3:
		*what = "a line twice";
		return splice(out, f, off[b], off[b], f->data + off[a],
		    off[a + 1] - off[a]);
	case 4:
		*what = "a line moved";
		if (a == b || a + 1 == b)
			return 0;
		m = splice(out, f, off[b], off[b], f->data + off[a],
		    off[a + 1] - off[a]);
		at = off[a] + (a > b ? off[a + 1] - off[a] : 0);
		memmove(out + at, out + at + off[a + 1] - off[a],
		    m - at - (off[a + 1] - off[a]));
		return f->len;
	case 5:
		*what = "a cut";
		return at;
	case 6:
		*what = "bytes removed";
		m = at + len > f->len ? f->len : at + len;
		return splice(out, f, at, m, "", 0);
	case 7:
		*what = "another file's line";
		m = lines_at(g, off);
		a = rnd(m);
		m = off[a + 1] - off[a];
		(void)lines_at(f, off);
		at = off[b];
		{
			size_t from[1024];

			(void)lines_at(g, from);
			return splice(out, f, at, at, g->data + from[a], m);
		}
	default:
		*what = "bytes put in";
		for (m = 0; m < len; m++)
			off[m] = rnd(256);
		{
			char junk[40];

			for (m = 0; m < len; m++)
				junk[m] = (char)off[m];
			return splice(out, f, at, at, junk, len);
		}
	}
}

/* Each of them named, none of the untouched set. */
static void
random_changes(void **state)
{
	const char *env = getenv("HPD_VERIFY_RANDOM");
	size_t n = env != NULL ? strtoul(env, NULL, 10) : 3000 / STEP, i, k, len;
	struct change c = { .x = large() };
	char *out = malloc(4 << 20);
	const struct file *f;
	struct vf_report r;
	const char *what = "";
	uint64_t bytes = 0;

	(void)state;
	fix_set(c.x, &c.set, c.in);
	vf_run(&c.set, &r);
	if (r.bad > 0)
		show(&r);
	assert_int_equal(r.bad, 0);
	assert_int_equal(r.doubt_records, 6);
	vf_free(&r);
	for (i = 0; i < c.set.nin; i++)
		bytes += c.in[i].len;
	for (i = 0; i < n;) {
		k = rnd(c.set.nin);
		f = file_of(&c, k);
		len = mutate(&c, f, out, &what);
		if (len == 0 || (len == f->len &&
		    memcmp(out, f->data, len) == 0))
			continue;
		named(&c, k, out, len, what, i++);
	}
	print_message("# %d random changes of %d files, %d bytes\n", (int)n,
	    (int)c.set.nin, (int)bytes);
	free(out);
	fix_free(c.x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_changes),
	};

	if (seal_init() == -1)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
