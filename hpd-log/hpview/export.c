/* SPDX-License-Identifier: ISC */
/*
 * hpview export: the records that pass the filters, in order of time, as other
 * programs read them.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/export.h"
#include "hpd-log/hpview/vfilter.h"
#include "hpd-log/hpview/vtime.h"

enum form { FORM_NONE, FORM_CSV, FORM_HONEYD, FORM_SERVICE, FORM_JSON };

struct job {
	const struct view *v;
	enum form form;
	struct pseudo p;
	struct wbuf w;
	uint64_t unfit, foreign;
};

/* On a terminal: line by line, with what could drive it made visible. */
static int
write_safe(const char *p, size_t len)
{
	const char *end = p + len, *nl;
	size_t n, text;
	char *b;

	for (; p < end; p += n) {
		nl = memchr(p, '\n', (size_t)(end - p));
		n = nl != NULL ? (size_t)(nl - p) + 1 : (size_t)(end - p);
		text = n - (nl != NULL);
		if (text > 0 && p[text - 1] == '\r')
			text--;
		b = malloc(text * 4 + 1); /* no byte becomes more than four */
		if (b == NULL)
			return -1;
		(void)view_safe(p, text, b, text * 4 + 1);
		(void)puts(b);
		free(b);
	}
	return ferror(stdout) ? -1 : 0;
}

static int
write_out(struct wbuf *w)
{
	if (isatty(STDOUT_FILENO)) {
		if (write_safe(w->data, w->len) == -1)
			return -1;
	} else if (fwrite(w->data, 1, w->len, stdout) != w->len)
		return -1;
	w->len = 0;
	return 0;
}

static int
one(void *state, const struct vrec *r)
{
	struct job *j = state;
	struct wbuf save = j->w;

	if (j->form == FORM_JSON && r->form != VIEW_JSON) {
		j->foreign++;
		return 0;
	}
	if (j->form == FORM_CSV)
		export_csv(&j->w, r, j->v->sensors[r->sensor], &j->p);
	else if (j->form == FORM_JSON)
		export_json(&j->w, r, &j->p);
	else if (j->form == FORM_HONEYD)
		export_honeyd(&j->w, r, &j->p);
	else
		export_service(&j->w, r, &j->p);
	if (j->w.over) {
		j->w = save;
		j->unfit++;
	}
	if (j->w.len > EXPORT_MAX / 2 && write_out(&j->w) == -1)
		return 1;
	return 0;
}

static int
run(struct view *v, struct job *j)
{
	char *mem = malloc(EXPORT_MAX);
	int r;

	if (mem == NULL) {
		fprintf(stderr, "hpview: no memory\n");
		return 70;
	}
	wbuf_init(&j->w, mem, EXPORT_MAX);
	if (j->form == FORM_CSV)
		export_csv_head(&j->w);
	r = view_merge(v, one, j);
	if (r == 0)
		r = write_out(&j->w);
	free(mem);
	if (v->torn > 0)
		fprintf(stderr, "hpview: %llu lines are no records\n",
		    (unsigned long long)v->torn);
	if (j->unfit > 0)
		fprintf(stderr, "hpview: %llu records are too long\n",
		    (unsigned long long)j->unfit);
	if (j->foreign > 0)
		fprintf(stderr, "hpview: %llu records of honeyd's logs have no "
		    "JSON; use -f csv\n", (unsigned long long)j->foreign);
	if (r == 1 || fflush(stdout) != 0 || ferror(stdout)) {
		perror("hpview: standard output");
		return 70;
	}
	return r == -1 ? 70 : 0;
}

static enum form
form(const char *name)
{
	static const char *const names[] = { NULL, "csv", "honeyd", "service",
		"json" };
	int i;

	for (i = 1; i < 5; i++)
		if (strcmp(name, names[i]) == 0)
			return (enum form)i;
	fprintf(stderr, "hpview: %s: not csv, honeyd, service or json\n",
	    name);
	return FORM_NONE;
}

static int
options(int argc, char *argv[], struct job *j, struct filter *f)
{
	static const struct option longs[] = {
		{ "pseudonyms", required_argument, NULL, 'P' },
		{ "keep-data", no_argument, NULL, 'K' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, FILTER_OPTS "f:P:K", longs,
		    NULL)) != -1) {
		if (c == 'f') {
			j->form = form(optarg);
			if (j->form == FORM_NONE)
				return -1;
		} else if (c == 'P') {
			if (pseudo_key(&j->p, optarg) == -1)
				return -1;
		} else if (c == 'K') {
			j->p.keep_data = 1;
		} else if (c == '?' ||
		    filter_option(f, c, optarg, vtime_now()) == -1) {
			return -1;
		}
	}
	if (j->form == FORM_NONE) {
		fprintf(stderr, "hpview export: -f csv, honeyd, service or "
		    "json\n");
		return -1;
	}
	return 0;
}

int
cmd_export(int argc, char *argv[])
{
	struct filter f;
	struct view v;
	struct job j;
	int r;

	memset(&j, 0, sizeof(j));
	filter_init(&f);
	if (options(argc, argv, &j, &f) == -1)
		return 64;
	if (view_open(&v, argv + optind, argc - optind) == -1)
		return 66;
	v.filter = &f;
	j.v = &v;
	r = run(&v, &j);
	view_close(&v);
	return r;
}
