/* SPDX-License-Identifier: ISC */
/*
 * Finding and mapping the segments for hpview verify. Reads only. The sensor
 * may be running: files grow, new ones come, old ones go while this looks.
 */
#include "hpd-log/hpview/verify_set.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hpd-log/hpview/view.h"

#define FRESH	5  /* seconds */
#define LISTS	3  /* tries, when segments vanish while they are opened */
#define WAITS	20 /* times 50 ms for a line to be whole */

static const struct {
	const char *stem, *suffix;
	uint8_t stream;
} names[] = {
	{ "events", ".jsonl", STREAM_EVENTS },
	{ "probes", ".jsonl", STREAM_PROBES },
	{ "honeyd", ".log", STREAM_HONEYD },
	{ "service", ".log", STREAM_SERVICE },
	{ "frames", ".pcap", STREAM_PCAP },
};

/* n digits at p as a number, or -1. */
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

/* YYYYMMDDTHHMMSSZ, 16 characters. */
static int
stamp(const char *p, int64_t *out)
{
	long y = digits(p, 4), mo = digits(p + 4, 2), d = digits(p + 6, 2);
	long h = digits(p + 9, 2), mi = digits(p + 11, 2),
	    s = digits(p + 13, 2);
	struct tm tm;

	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || d > 31 || h < 0 ||
	    h > 23 || mi < 0 || mi > 59 || s < 0 || s > 60 || p[8] != 'T' ||
	    p[15] != 'Z')
		return -1;
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = (int)y - 1900;
	tm.tm_mon = (int)mo - 1;
	tm.tm_mday = (int)d;
	tm.tm_hour = (int)h;
	tm.tm_min = (int)mi;
	tm.tm_sec = (int)s;
	*out = (int64_t)timegm(&tm);
	return 0;
}

int
vf_name_parse(const char *path, struct vf_name *n)
{
	const char *p = strrchr(path, '/'), *q;
	size_t i, len;
	uint64_t v = 0;

	p = p == NULL ? path : p + 1;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		len = strlen(names[i].stem);
		if (strncmp(p, names[i].stem, len) != 0 || p[len] != '-' ||
		    strlen(p) < len + 1 + 16 + 1 + 6)
			continue;
		q = p + len + 1;
		if (stamp(q, &n->stamp) == -1 || q[16] != '-')
			continue;
		for (q += 17, len = 0; *q >= '0' && *q <= '9' && len < 10;
		     q++, len++)
			v = v * 10 + (uint64_t)(*q - '0');
		if (len < 6 || v > UINT32_MAX ||
		    strcmp(q, names[i].suffix) != 0)
			return -1;
		n->stream = names[i].stream;
		n->number = (uint32_t)v;
		return 0;
	}
	return -1;
}

/* A small file of the seal directory. Bytes read, or -1. */
static ssize_t
small(const char *dir, const char *name, void *buf, size_t len)
{
	char path[PATH_MAX];
	size_t n = 0;
	ssize_t r;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
		return -1;
	while (n < len && (r = read(fd, (char *)buf + n, len - n)) > 0)
		n += (size_t)r;
	close(fd);
	return (ssize_t)n;
}

static int
seal_files(struct vset *s, const char *dir)
{
	ssize_t n;

	n = small(dir, "state", s->state, sizeof(s->state));
	if (n == -1 && errno == EACCES) {
		fprintf(stderr, "hpview: %s: %s (root's only)\n", dir,
		    strerror(errno));
		return -1;
	}
	s->has_state = n > 0;
	s->state_len = n > 0 ? (size_t)n : 0;
	n = small(dir, "carry", s->carry, sizeof(s->carry));
	s->has_carry = n == (ssize_t)sizeof(s->carry);
	return 0;
}

static int
add(struct vset *s, const char *dir, const char *name)
{
	void *p;
	size_t cap;

	if (s->n == s->cap) {
		cap = s->cap ? s->cap * 2 : 64;
		if ((p = realloc(s->in, cap * sizeof(*s->in))) == NULL)
			return -1;
		s->in = p;
		if ((p = realloc(s->path, cap * sizeof(char *))) == NULL)
			return -1;
		s->path = p;
		s->cap = cap;
	}
	memset(&s->in[s->n], 0, sizeof(*s->in));
	if (asprintf(&s->path[s->n], "%s/%s", dir, name) == -1)
		return -1;
	s->in[s->n].path = s->path[s->n];
	s->n++;
	return 0;
}

static int
list(struct vset *s, const char *dir)
{
	struct vf_name name;
	struct dirent *e;
	struct stat st;
	DIR *d = opendir(dir);
	int r = 0;

	if (d == NULL) {
		view_say(dir, strerror(errno));
		return -1;
	}
	while (r == 0 && (e = readdir(d)) != NULL) {
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ==
		    -1 || !S_ISREG(st.st_mode))
			continue;
		if (vf_name_parse(e->d_name, &name) == 0)
			r = add(s, dir, e->d_name);
		else
			s->strange++;
	}
	closedir(d);
	return r;
}

/* Does a sealed segment end in the middle of a line? */
static int
midline(int fd, off_t size, uint8_t stream)
{
	char c;

	return (stream == STREAM_EVENTS || stream == STREAM_PROBES) &&
	    size > 0 && pread(fd, &c, 1, size - 1) == 1 && c != '\n';
}

/* 0, -1 error, 1: it is gone. */
static int
map(struct vset *s, struct vf_input *in)
{
	struct vf_name name;
	struct stat st;
	void *p;
	int fd, i;

	if ((fd = open(in->path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK)) == -1) {
		if (errno == ENOENT)
			return 1;
		view_say(in->path, strerror(errno));
		return -1;
	}
	(void)vf_name_parse(in->path, &name);
	for (i = 0; i < WAITS; i++) {
		if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)) {
			close(fd);
			return 1; /* another thing is in its place now */
		}
		if (!midline(fd, st.st_size, name.stream))
			break;
		if (time(NULL) - st.st_mtime > 3)
			break; /* nobody is writing */
		(void)usleep(50000);
	}
	if (st.st_mtime > s->newest)
		s->newest = st.st_mtime;
	in->len = (size_t)st.st_size;
	if (in->len > 0) {
		p = mmap(NULL, in->len, PROT_READ, MAP_PRIVATE, fd, 0);
		if (p == MAP_FAILED) {
			view_say(in->path, strerror(errno));
			close(fd);
			return -1;
		}
		(void)madvise(p, in->len, MADV_SEQUENTIAL);
		in->data = p;
	}
	close(fd);
	return 0;
}

/* Sealed streams first: a digest never speaks of more than is mapped later. */
static int
map_all(struct vset *s)
{
	struct vf_name name;
	size_t i;
	int turn, r, sealed;

	for (turn = 0; turn < 2; turn++)
		for (i = 0; i < s->n; i++) {
			(void)vf_name_parse(s->in[i].path, &name);
			sealed = name.stream == STREAM_EVENTS ||
			    name.stream == STREAM_PROBES;
			if (sealed == turn)
				continue;
			if ((r = map(s, &s->in[i])) != 0)
				return r;
		}
	return 0;
}

int
vset_open(struct vset *s, char *const dirs[], size_t ndirs,
    const char *sealdir)
{
	size_t i;
	int turn, r = 1;

	for (turn = 0; turn < LISTS && r == 1; turn++) {
		if (turn > 0)
			vset_close(s);
		memset(s, 0, sizeof(*s));
		if (sealdir != NULL && seal_files(s, sealdir) == -1)
			return -1;
		for (i = 0; i < ndirs; i++)
			if (list(s, dirs[i]) == -1)
				return -1;
		r = map_all(s);
	}
	if (r == 1)
		fprintf(stderr, "hpview: segments vanish while they are "
		    "read\n");
	return r == 0 ? 0 : -1;
}

int
vset_fresh(const struct vset *s)
{
	int64_t age = (int64_t)time(NULL) - s->newest;

	return age >= -FRESH && age <= FRESH;
}

void
vset_close(struct vset *s)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		if (s->in[i].data != NULL)
			(void)munmap((void *)(uintptr_t)s->in[i].data,
			    s->in[i].len);
		free(s->path[i]);
	}
	free(s->in);
	free(s->path);
	memset(s, 0, sizeof(*s));
}
