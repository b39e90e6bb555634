/* SPDX-License-Identifier: ISC */
/*
 * Which files a log has, in hpview. Names are taken apart, a file named by
 * hand is known by its first line. Must never write, and never follow names
 * into other directories.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/proto.h"
#include "hpd-log/hpview/view_int.h"
#include "hpd-log/hpview/vtime.h"

static const struct {
	const char *stem, *suffix;
	uint8_t form, stream;
} kinds[] = {
	{ "events-", ".jsonl", VIEW_JSON, STREAM_EVENTS },
	{ "probes-", ".jsonl", VIEW_JSON, STREAM_PROBES },
	{ "honeyd-", ".log", VIEW_HONEYD, STREAM_HONEYD },
	{ "service-", ".log", VIEW_SERVICE, STREAM_SERVICE },
};

/* n digits, or -1. */
static long
digits(const char *p, int n)
{
	long v = 0;

	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p - '0');
	}
	return v;
}

/* STEM-YYYYMMDDTHHMMSSZ-NNNNNN.SUFFIX, the number of six digits or more. */
int
view_name(const char *name, struct vfile *f)
{
	const char *p = NULL;
	long d, t, n;
	size_t i, len;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		len = strlen(kinds[i].stem);
		if (strncmp(name, kinds[i].stem, len) == 0) {
			p = name + len;
			break;
		}
	}
	if (p == NULL || strnlen(p, 24) < 24 || p[8] != 'T' || p[15] != 'Z' ||
	    p[16] != '-')
		return -1;
	d = digits(p, 8);
	t = digits(p + 9, 6);
	len = strspn(p + 17, "0123456789");
	if (d < 0 || t < 0 || len < 6 || len > 9 ||
	    strcmp(p + 17 + len, kinds[i].suffix) != 0)
		return -1;
	n = digits(p + 17, (int)len);
	if (d / 100 % 100 < 1 || d / 100 % 100 > 12 || d % 100 < 1 ||
	    d % 100 > 31)
		return -1;
	f->form = kinds[i].form;
	f->stream = kinds[i].stream;
	f->number = (uint32_t)n;
	f->stamp = vtime_civil((int)(d / 10000), (unsigned int)(d / 100 % 100),
	    (unsigned int)(d % 100), (unsigned int)(t / 10000),
	    (unsigned int)(t / 100 % 100), (unsigned int)(t % 100));
	return 0;
}

static int
add(struct view *v, const struct vfile *f, const char *dir, const char *name,
    const struct stat *st)
{
	struct vfile *n;
	size_t i, len = strlen(dir) + strlen(name) + 2;

	for (i = 0; i < v->nfiles; i++)
		if (v->files[i].ino == (uint64_t)st->st_ino &&
		    v->files[i].dev == (uint64_t)st->st_dev)
			return 0;
	if (v->nfiles == VIEW_FILES) {
		fprintf(stderr, "hpview: more than %d files\n", VIEW_FILES);
		return -1;
	}
	if ((v->nfiles & (v->nfiles - 1)) == 0) { /* a power of two: double */
		n = reallocarray(v->files, v->nfiles == 0 ? 1 : v->nfiles * 2,
		    sizeof(*n));
		if (n == NULL)
			return view_nomem();
		v->files = n;
	}
	n = &v->files[v->nfiles];
	*n = *f;
	n->size = (uint64_t)st->st_size;
	n->dev = (uint64_t)st->st_dev;
	n->ino = (uint64_t)st->st_ino;
	n->path = malloc(len);
	if (n->path == NULL)
		return view_nomem();
	if (dir[0] == '\0')
		(void)snprintf(n->path, len, "%s", name);
	else
		(void)snprintf(n->path, len, "%s/%s", dir, name);
	v->nfiles++;
	return 0;
}

/* Number of a sensor by its directory, or -1. */
static int
sensor(struct view *v, const char *dir)
{
	unsigned int i;

	for (i = 0; i < v->nsensors; i++)
		if (strcmp(v->sensors[i], dir) == 0)
			return (int)i;
	if (i == VIEW_SENSORS) {
		fprintf(stderr, "hpview: more than %d sensors\n",
		    VIEW_SENSORS);
		return -1;
	}
	v->sensors[i] = strdup(dir);
	if (v->sensors[i] == NULL)
		return view_nomem();
	v->nsensors++;
	return (int)i;
}

/* All segments of a directory. Those added, or -1. */
int
view_list(struct view *v, const char *dir, uint16_t number)
{
	const struct dirent *e;
	struct vfile f;
	struct stat st;
	int json, n = 0;
	DIR *d = opendir(dir);

	if (d == NULL) {
		view_say(dir, strerror(errno));
		return -1;
	}
	memset(&f, 0, sizeof(f));
	f.sensor = number;
	for (json = 1; json >= 0 && n == 0; json--) {
		rewinddir(d);
		while ((e = readdir(d)) != NULL) {
			if (view_name(e->d_name, &f) == -1 ||
			    (f.form == VIEW_JSON) != json ||
			    fstatat(dirfd(d), e->d_name, &st,
				AT_SYMLINK_NOFOLLOW) == -1 ||
			    !S_ISREG(st.st_mode))
				continue;
			if (add(v, &f, dir, e->d_name, &st) == -1) {
				closedir(d);
				return -1;
			}
			n++;
		}
	}
	closedir(d);
	return n;
}

/* What a file is, by its first line that says so. */
static int
sniff(const char *path, struct vfile *f)
{
	struct vlines l;
	struct vrec r;
	const char *line;
	struct stat st;
	size_t len;
	int i, found = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1 || fstat(fd, &st) == -1 || vlines_init(&l) == -1) {
		view_say(path, strerror(errno));
		if (fd != -1)
			close(fd);
		return -1;
	}
	vlines_open(&l, fd, 0, UINT64_MAX, (uint64_t)st.st_size, 1);
	for (i = 0; i < 100 && found == -1 &&
	     vlines_next(&l, &line, &len) == 1; i++) {
		if (vrec_parse(line, len, &r) == 0)
			found = VIEW_JSON;
		else if (vrec_parse_honeyd(line, len, &r) == 0)
			found = VIEW_HONEYD;
		else if (vrec_parse_service(line, len, &r) == 0)
			found = VIEW_SERVICE;
	}
	vlines_free(&l);
	close(fd);
	if (found == -1 && st.st_size > 0) {
		view_say(path, "not a log hpview can read");
		return -1;
	}
	f->form = (uint8_t)(found == -1 ? VIEW_JSON : found);
	f->stream = f->form == VIEW_JSON ? STREAM_EVENTS :
	    f->form == VIEW_HONEYD	 ? STREAM_HONEYD :
					   STREAM_SERVICE;
	return 0;
}

static int
add_file(struct view *v, const char *path, const struct stat *st)
{
	const char *base = strrchr(path, '/');
	struct vfile f;
	char *dir;
	int s;

	dir = base == NULL ? strdup(".") :
	    base == path   ? strdup("/") :
			     strndup(path, (size_t)(base - path));
	if (dir == NULL)
		return view_nomem();
	s = sensor(v, dir);
	free(dir);
	if (s == -1)
		return -1;
	memset(&f, 0, sizeof(f));
	f.sensor = (uint16_t)s;
	if (view_name(base == NULL ? path : base + 1, &f) == -1 &&
	    sniff(path, &f) == -1)
		return -1;
	return add(v, &f, "", path, st);
}

static int
compare(const void *a, const void *b)
{
	const struct vfile *x = a, *y = b;

	if (x->sensor != y->sensor)
		return x->sensor < y->sensor ? -1 : 1;
	if (x->stream != y->stream)
		return x->stream < y->stream ? -1 : 1;
	if (x->stamp != y->stamp)
		return x->stamp < y->stamp ? -1 : 1;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return strcmp(x->path, y->path);
}

void
view_sort(struct view *v)
{
	size_t i;

	if (v->nfiles > 0)
		qsort(v->files, v->nfiles, sizeof(*v->files), compare);
	for (i = 0; i < v->nfiles; i++)
		v->files[i].last = i + 1 == v->nfiles ||
		    v->files[i].sensor != v->files[i + 1].sensor ||
		    v->files[i].stream != v->files[i + 1].stream;
}

static int
open_one(struct view *v, const char *path)
{
	char dir[4096];
	struct stat st;
	size_t n;
	int s, r;

	if (stat(path, &st) == -1) {
		view_say(path, strerror(errno));
		return -1;
	}
	if (S_ISREG(st.st_mode))
		return add_file(v, path, &st);
	if (!S_ISDIR(st.st_mode)) { /* it is read twice, from any place */
		view_say(path, "neither a file nor a directory");
		return -1;
	}
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (n >= sizeof(dir)) {
		view_say(path, "too long");
		return -1;
	}
	memcpy(dir, path, n);
	dir[n] = '\0';
	s = sensor(v, dir);
	if (s == -1)
		return -1;
	v->dirs |= 1ULL << s;
	r = view_list(v, dir, (uint16_t)s);
	if (r == 0) {
		view_say(dir, "no log in it");
		return -1;
	}
	return r < 0 ? -1 : 0;
}

int
view_open(struct view *v, char *const paths[], int npaths)
{
	char *const usual[] = { (char[]) { VIEW_DIR } };
	int i;

	memset(v, 0, sizeof(*v));
	if (npaths == 0) {
		paths = usual;
		npaths = 1;
	}
	for (i = 0; i < npaths; i++)
		if (open_one(v, paths[i]) == -1) {
			view_close(v);
			return -1;
		}
	view_sort(v);
	return 0;
}

void
view_close(struct view *v)
{
	unsigned int s;
	size_t i;

	view_marks_free(v);
	view_follow_free(v);
	for (i = 0; i < v->nfiles; i++)
		free(v->files[i].path);
	free(v->files);
	for (s = 0; s < v->nsensors; s++)
		free(v->sensors[s]);
	memset(v, 0, sizeof(*v));
}

int
view_nomem(void)
{
	fprintf(stderr, "hpview: no memory\n");
	return -1;
}
