/* SPDX-License-Identifier: ISC */
/*
 * What is in the log directory. Runs in hpd-parent; reads names and sizes,
 * opens no segment and changes nothing.
 */
#include "retire_scan.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"

int
retire_stat(const struct segments *s, struct budget_file *f)
{
	struct stat st;

	if (fstatat(s->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) == -1 ||
	    !S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_size < 0)
		return -1;
	f->bytes = (uint64_t)st.st_size;
	f->newest_ns = (int64_t)st.st_mtim.tv_sec * NS_SEC +
	    st.st_mtim.tv_nsec;
	return 0;
}

/* A segment by its name and kind; 0 or -1. */
static int
take(struct budget_file *f, const struct segments *s, const char *name)
{
	unsigned int stream;

	memset(f, 0, sizeof(*f));
	if (segments_parse(name, &stream, &f->made_s, &f->number) == -1)
		return -1;
	f->stream = (uint8_t)stream;
	memcpy(f->name, name, strlen(name) + 1);
	if (retire_stat(s, f) == -1)
		return -1;
	f->live = strcmp(name, s->newest[stream]) == 0;
	return 0;
}

static int
by_name(const void *a, const void *b)
{
	const struct budget_file *x = a, *y = b;

	return strcmp(x->name, y->name);
}

void
retire_add(struct retire *r, const struct segments *s, const char *name,
    int64_t now)
{
	struct budget_file f;

	if (take(&f, s, name) == -1)
		return;
	if (r->n == RETIRE_FILES) {
		r->more = 1;
		r->others += f.bytes;
		return;
	}
	f.fresh = 0;
	f.at = now;
	r->file[r->n++] = f;
}

void
retire_scan(struct retire *r, const struct segments *s, int64_t now)
{
	size_t known = r->n, keep = 0;
	struct budget_file f, *old;
	struct dirent *d;
	DIR *dir;
	int fd;

	/* A description of its own: the position is not shared. */
	fd = openat(s->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd == -1 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd != -1)
			close(fd);
		return;
	}
	r->more = 0;
	r->others = 0;
	qsort(r->file, known, sizeof(f), by_name);
	for (size_t i = 0; i < known; i++)
		r->file[i].seen = 0;
	for (int n = 0; n < RETIRE_SCAN && (d = readdir(dir)) != NULL; n++) {
		if (take(&f, s, d->d_name) == -1)
			continue;
		old = bsearch(&f, r->file, known, sizeof(f), by_name);
		if (old != NULL) {
			old->seen = 1;
			old->bytes = f.bytes;
			old->newest_ns = f.newest_ns;
		} else if (r->n == RETIRE_FILES) {
			r->more = 1;
			r->others += f.bytes;
		} else {
			f.seen = 1;
			f.at = now;
			r->file[r->n++] = f;
		}
	}
	closedir(dir);
	for (size_t i = 0; i < r->n; i++)
		if (r->file[i].seen || r->file[i].live)
			r->file[keep++] = r->file[i];
	r->n = keep;
}
