/* SPDX-License-Identifier: ISC */
/*
 * hpaudit mkjail -c: is a jail still what its manifest makes? A fresh one is
 * built beside it and both are walked together: what is stale, missing, too
 * much, of another mode; and whatever is dangerous by itself: setuid, written
 * by others, a device, somebody else's, a link that leads out. hpaudit only;
 * changes nothing in the jail.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define MAX_DEPTH 32
#define MAX_TOLD  100

struct both {
	const char *jail, *fresh; /* the two roots */
	unsigned wrong, files;
};

static void tell(struct both *, const char *path, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
tell(struct both *b, const char *path, const char *fmt, ...)
{
	va_list ap;

	if (b->wrong++ >= MAX_TOLD)
		return;
	(void)printf("%s: ", *path != '\0' ? path : "/");
	va_start(ap, fmt);
	(void)vprintf(fmt, ap);
	va_end(ap);
	(void)printf("\n");
}

/* Where a link leads, as a script inside sees it: names only, no access. */
static int
leads_out(const char *path, const char *target)
{
	char at[AUDIT_PATH_MAX], *part, *save;
	int depth = 0;
	const char *s;

	if (target[0] != '/')
		for (s = path; (s = strchr(s + 1, '/')) != NULL;)
			depth++;
	(void)snprintf(at, sizeof(at), "%s", target);
	for (part = strtok_r(at, "/", &save); part != NULL;
	     part = strtok_r(NULL, "/", &save)) {
		if (strcmp(part, "..") == 0)
			depth--;
		else if (strcmp(part, ".") != 0)
			depth++;
		if (depth < 0)
			return 1;
	}
	return 0;
}

static void
check_one(struct both *b, const char *path, const char *full,
    const struct stat *st)
{
	char target[AUDIT_PATH_MAX];
	ssize_t n;

	if (st->st_uid != 0 || st->st_gid != 0)
		tell(b, path, "belongs to %u:%u", st->st_uid, st->st_gid);
	if (S_ISLNK(st->st_mode)) {
		n = readlink(full, target, sizeof(target) - 1);
		if (n < 0)
			return;
		target[n] = '\0';
		if (leads_out(path, target))
			tell(b, path, "link leads out: %s", target);
		return;
	}
	if (st->st_mode & 06000)
		tell(b, path, "set-id (%04o)", st->st_mode & 07777);
	if (st->st_mode & 0222)
		tell(b, path, "can be written (%04o)", st->st_mode & 07777);
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		tell(b, path, "neither file, directory nor link");
}

/* Both are regular files, or both are links. */
static int
same(const char *a, const char *b, int link)
{
	static char x[65536], y[65536];
	ssize_t n, m;
	int fa, fb, eq = 0;

	if (link) {
		n = readlink(a, x, sizeof(x));
		m = readlink(b, y, sizeof(y));
		return n == m && n >= 0 && memcmp(x, y, (size_t)n) == 0;
	}
	fa = open(a, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	fb = open(b, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	while (fa != -1 && fb != -1) {
		n = read(fa, x, sizeof(x));
		m = read(fb, y, sizeof(y));
		if (n != m || n < 0 || memcmp(x, y, (size_t)n) != 0)
			break;
		if (n == 0) {
			eq = 1;
			break;
		}
	}
	if (fa != -1)
		(void)close(fa);
	if (fb != -1)
		(void)close(fb);
	return eq;
}

static void walk(struct both *, const char *path, int depth);

static void
compare(struct both *b, const char *path, int depth)
{
	char old[AUDIT_PATH_MAX], new[AUDIT_PATH_MAX];
	struct stat so, sn;

	if (snprintf(old, sizeof(old), "%s%s", b->jail, path) >=
	    (int)sizeof(old) || snprintf(new, sizeof(new), "%s%s", b->fresh,
	    path) >= (int)sizeof(new)) {
		tell(b, path, "too long a path");
		return;
	}
	b->files++;
	if (lstat(old, &so) == -1) {
		tell(b, path, "%s", errno == ENOENT ? "missing" :
		    strerror(errno));
		return;
	}
	check_one(b, path, old, &so);
	if (lstat(new, &sn) == -1)
		tell(b, path, "not in the manifest");
	else if ((so.st_mode & S_IFMT) != (sn.st_mode & S_IFMT))
		tell(b, path, "of another kind than the manifest's");
	else if (!S_ISLNK(so.st_mode) && so.st_mode != sn.st_mode)
		tell(b, path, "mode %04o, should be %04o",
		    so.st_mode & 07777, sn.st_mode & 07777);
	else if (!S_ISDIR(so.st_mode) &&
	    !same(old, new, S_ISLNK(so.st_mode)))
		tell(b, path, "stale: differs from what would be copied now");
	if (S_ISDIR(so.st_mode))
		walk(b, path, depth + 1);
}

static void
names_of(struct both *b, const char *root, const char *path, int depth,
    const char *skip_root)
{
	char dir[AUDIT_PATH_MAX], sub[AUDIT_PATH_MAX];
	struct stat st;
	struct dirent *e;
	DIR *d;

	if (snprintf(dir, sizeof(dir), "%s%s", root, path) >=
	    (int)sizeof(dir) || (d = opendir(dir)) == NULL)
		return;
	while ((e = readdir(d)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 ||
		    strcmp(e->d_name, "..") == 0)
			continue;
		if (skip_root != NULL && (snprintf(sub, sizeof(sub),
		    "%s%s/%s", skip_root, path, e->d_name) >=
		    (int)sizeof(sub) || lstat(sub, &st) == 0))
			continue; /* seen from the other side */
		if (snprintf(sub, sizeof(sub), "%s/%s", path, e->d_name) >=
		    (int)sizeof(sub))
			tell(b, path, "too long a path");
		else
			compare(b, sub, depth);
	}
	(void)closedir(d);
}

static void
walk(struct both *b, const char *path, int depth)
{
	if (depth > MAX_DEPTH) {
		tell(b, path, "too deep");
		return;
	}
	names_of(b, b->jail, path, depth, NULL);
	names_of(b, b->fresh, path, depth, b->jail);
}

int
audit_jail_compare(const char *jail, const char *fresh)
{
	struct both b = {jail, fresh, 0, 0};

	compare(&b, "", 0);
	if (b.wrong > MAX_TOLD)
		(void)printf("... and %u more\n", b.wrong - MAX_TOLD);
	(void)printf("%s: %u names, %u wrong\n", jail, b.files, b.wrong);
	return b.wrong == 0 ? 0 : 1;
}
