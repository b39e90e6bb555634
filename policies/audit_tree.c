/* SPDX-License-Identifier: ISC */
/*
 * Filling a directory with copies of host files: what mkjail builds the jail
 * with. Runs as the administrator (root or, for a look only, anybody) on
 * trusted files; must never write outside the tree or leave anything in it
 * that others can write.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define TREE_PATH  1024
#define TREE_HOPS  16 /* symbolic links on one path */
#define TREE_DEPTH 32

static int
whine(const char *what, const char *path)
{
	(void)fprintf(stderr, "hpaudit: %s %s: %s\n", what, path,
	    strerror(errno));
	return -1;
}

static int
full(const struct tree *t, const char *path, char out[TREE_PATH])
{
	int n = snprintf(out, TREE_PATH, "%s%s", t->dir, path);

	if (path[0] != '/' || n < 0 || n >= TREE_PATH) {
		errno = ENAMETOOLONG;
		return whine("path", path);
	}
	return 0;
}

int
tree_dir(struct tree *t, const char *path)
{
	char buf[TREE_PATH], *p;
	struct stat st;

	if (full(t, path, buf) == -1)
		return -1;
	for (p = buf + strlen(t->dir) + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		char c = *p;

		*p = '\0';
		if (mkdir(buf, 0755) == 0)
			t->dirs++;
		else if (errno != EEXIST || stat(buf, &st) == -1 ||
		    !S_ISDIR(st.st_mode))
			return whine("mkdir", buf);
		*p = c;
		if (c == '\0')
			return 0;
	}
}

/* The directory a path is in. */
static int
parent_dir(struct tree *t, const char *path)
{
	char buf[TREE_PATH];
	const char *slash = strrchr(path, '/');

	if (slash == NULL || slash == path)
		return 0;
	if ((size_t)(slash - path) >= sizeof(buf)) {
		errno = ENAMETOOLONG;
		return whine("path", path);
	}
	memcpy(buf, path, (size_t)(slash - path));
	buf[slash - path] = '\0';
	return tree_dir(t, buf);
}

int
tree_link(struct tree *t, const char *path, const char *target)
{
	char buf[TREE_PATH], old[TREE_PATH];
	ssize_t n;

	if (parent_dir(t, path) == -1 || full(t, path, buf) == -1)
		return -1;
	if (symlink(target, buf) == 0) {
		t->links++;
		return 0;
	}
	if (errno == EEXIST &&
	    (n = readlink(buf, old, sizeof(old) - 1)) >= 0) {
		old[n] = '\0';
		if (strcmp(old, target) == 0)
			return 0;
		errno = EEXIST;
	}
	return whine("symlink", buf);
}

int
tree_empty(struct tree *t, const char *path, unsigned mode)
{
	char buf[TREE_PATH];
	int fd;

	if (parent_dir(t, path) == -1 || full(t, path, buf) == -1)
		return -1;
	fd = open(buf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1 || fchmod(fd, mode) == -1)
		return whine("create", buf);
	(void)close(fd);
	t->files++;
	return 0;
}

static int
pour(struct tree *t, int in, int out)
{
	static char buf[65536];
	ssize_t n, w, off;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		for (off = 0; off < n; off += w) {
			if ((w = write(out, buf + off, (size_t)(n - off))) < 1)
				return -1;
			t->bytes += (uint64_t)w;
		}
	return n == 0 ? 0 : -1;
}

int
tree_copy(struct tree *t, const char *src, const char *dst, unsigned mode)
{
	char buf[TREE_PATH];
	struct stat st;
	int in, out, rc = -1;

	if (parent_dir(t, dst) == -1 || full(t, dst, buf) == -1)
		return -1;
	if ((in = open(src, O_RDONLY | O_CLOEXEC)) == -1)
		return whine("open", src);
	if (fstat(in, &st) == -1 || !S_ISREG(st.st_mode)) {
		errno = EINVAL;
		(void)whine("not a file", src);
		(void)close(in);
		return -1;
	}
	out = open(buf, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (out == -1 && errno == EEXIST)
		rc = 0; /* named twice: the first copy stays */
	else if (out == -1 || pour(t, in, out) == -1 ||
	    fchmod(out, mode) == -1)
		(void)whine("write", buf);
	else {
		t->files++;
		rc = 0;
	}
	if (out != -1)
		(void)close(out);
	(void)close(in);
	return rc;
}

/* Resolve "." , ".." and "//" of an absolute path by text. */
static int
tidy(const char *in, char out[TREE_PATH])
{
	size_t n = 0, len;

	while (*in != '\0') {
		while (*in == '/')
			in++;
		len = strcspn(in, "/");
		if (len == 2 && in[0] == '.' && in[1] == '.') {
			while (n > 0 && out[--n] != '/')
				;
		} else if (len > 0 && !(len == 1 && in[0] == '.')) {
			if (n + 1 + len >= TREE_PATH)
				return -1;
			out[n++] = '/';
			memcpy(out + n, in, len);
			n += len;
		}
		in += len;
	}
	out[n] = '\0';
	return 0;
}

/* First component of path that is a link: its end, or NULL. */
static char *
first_link(char *path, char target[TREE_PATH])
{
	char *p, c;
	ssize_t n;

	for (p = path + 1;; p++) {
		if (*p != '/' && *p != '\0')
			continue;
		c = *p;
		*p = '\0';
		n = readlink(path, target, TREE_PATH - 1);
		*p = c;
		if (n > 0) {
			target[n] = '\0';
			return p;
		}
		if (c == '\0')
			return NULL;
	}
}

int
tree_copy_same(struct tree *t, const char *path, unsigned mode)
{
	char cur[TREE_PATH], next[3 * TREE_PATH], target[TREE_PATH], *end;
	char rest[TREE_PATH];
	int hops, n;

	if (tidy(path, cur) == -1)
		return whine("path", path);
	for (hops = 0; hops < TREE_HOPS; hops++) {
		if ((end = first_link(cur, target)) == NULL)
			return tree_copy(t, cur, cur, mode);
		(void)snprintf(rest, sizeof(rest), "%s", end);
		*end = '\0';
		if (tree_link(t, cur, target) == -1)
			return -1;
		if (target[0] == '/')
			n = snprintf(next, sizeof(next), "%s%s", target, rest);
		else
			n = snprintf(next, sizeof(next), "%.*s/%s%s",
			    (int)(strrchr(cur, '/') - cur), cur, target, rest);
		if (n < 0 || (size_t)n >= sizeof(next) ||
		    tidy(next, cur) == -1)
			break;
	}
	errno = ELOOP;
	return whine("path", path);
}

static int
copy_dir(struct tree *t, const char *src, const char *dst,
    const char *const *skip, int depth)
{
	char from[TREE_PATH], to[TREE_PATH];
	struct dirent *e;
	struct stat st;
	DIR *d;
	int i, rc = 0;

	if (depth > TREE_DEPTH || (d = opendir(src)) == NULL)
		return whine("directory", src);
	rc = tree_dir(t, dst);
	while (rc == 0 && (e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		for (i = 0; skip[i] != NULL; i++)
			if (fnmatch(skip[i], e->d_name, 0) == 0)
				break;
		if (skip[i] != NULL)
			continue;
		if (snprintf(from, sizeof(from), "%s/%s", src, e->d_name) >=
		    (int)sizeof(from) ||
		    snprintf(to, sizeof(to), "%s/%s", dst, e->d_name) >=
		    (int)sizeof(to) || lstat(from, &st) == -1)
			rc = whine("path", src);
		else if (S_ISDIR(st.st_mode))
			rc = copy_dir(t, from, to, skip, depth + 1);
		else if (S_ISREG(st.st_mode))
			rc = tree_copy(t, from, to,
			    (st.st_mode & 0111) != 0 ? 0555 : 0444);
	}
	(void)closedir(d);
	return rc;
}

int
tree_copy_dir(struct tree *t, const char *src, const char *dst,
    const char *const *skip)
{
	return copy_dir(t, src, dst, skip, 0);
}

static int
seal_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_NS || type == FTW_DNR)
		return whine("seal", path);
	if (geteuid() == 0 && lchown(path, 0, 0) == -1)
		return whine("chown", path);
	if (S_ISLNK(st->st_mode))
		return 0;
	if (S_ISDIR(st->st_mode))
		return chmod(path, 0555) == -1 ? whine("chmod", path) : 0;
	if (!S_ISREG(st->st_mode) || (st->st_mode & 07222) != 0) {
		errno = EPERM;
		return whine("mode of", path);
	}
	return 0;
}

int
tree_seal(struct tree *t)
{
	return nftw(t->dir, seal_one, 32, FTW_PHYS | FTW_DEPTH) == 0 ? 0 : -1;
}

static int
open_up(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)ftw;
	/* Not root: a directory without w keeps its entries. */
	return type == FTW_D && chmod(path, 0700) == -1 ?
	    whine("chmod", path) : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path) == -1 ? whine("remove", path) : 0;
}

int
tree_remove(const char *dir)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return errno == ENOENT ? 0 : whine("stat", dir);
	if (!S_ISDIR(st.st_mode))
		return remove_one(dir, &st, 0, NULL);
	return nftw(dir, open_up, 32, FTW_PHYS) == 0 &&
	    nftw(dir, remove_one, 32, FTW_PHYS | FTW_DEPTH) == 0 ? 0 : -1;
}
