/* SPDX-License-Identifier: ISC */
/*
 * hpview report: the log as one page of HTML that needs nothing else. Written
 * beside its place and renamed, so that there is a whole page or none; readable
 * by its owner only. Must never write into a directory it reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/report.h"
#include "hpd-log/hpview/vfilter.h"

#define CHART_DEFAULT "/usr/share/javascript/chart.js/chart.min.js"

/* The chart library. 0, 1 not there, -1 (message). */
static int
chart_load(const char *path, char **text, size_t *len)
{
	FILE *f = fopen(path, "re");
	size_t n;

	if (f == NULL)
		return errno == ENOENT ? 1 : -1;
	*text = malloc(REPORT_CHART_MAX + 1);
	if (*text == NULL) {
		fclose(f);
		return -1;
	}
	n = fread(*text, 1, REPORT_CHART_MAX + 1, f);
	if (ferror(f) || n == 0 || n > REPORT_CHART_MAX) {
		errno = n > REPORT_CHART_MAX ? EFBIG : EIO;
		fclose(f);
		return -1;
	}
	fclose(f);
	*len = n;
	return 0;
}

/* Is the directory of path one that is read from? */
static int
in_log(const char *path, const struct view *v)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat out, log;
	unsigned int i;

	if (slash == NULL)
		snprintf(dir, sizeof(dir), ".");
	else
		snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path) + 1,
		    path);
	if (stat(dir, &out) == -1)
		return 0;
	for (i = 0; i < v->nfiles; i++) {
		slash = strrchr(v->files[i].path, '/');
		if (slash == NULL)
			snprintf(dir, sizeof(dir), ".");
		else
			snprintf(dir, sizeof(dir), "%.*s",
			    (int)(slash - v->files[i].path) + 1,
			    v->files[i].path);
		if (stat(dir, &log) == 0 && log.st_dev == out.st_dev &&
		    log.st_ino == out.st_ino)
			return 1;
	}
	return 0;
}

/* Not over a device, a pipe or a link: renaming would put the page in its
 * place (of /dev/stdout, say). 0 or -1 (message). */
static int
place(const char *path)
{
	struct stat st;

	if (lstat(path, &st) == -1 || S_ISREG(st.st_mode))
		return 0;
	fprintf(stderr, "hpview report: %s: not a regular file (-: standard "
	    "output)\n", path);
	return -1;
}

/* The page into FILE by way of FILE.XXXXXX. 0 or -1 (message). */
static int
page_write(const char *path, struct report *r, const char *chart, size_t len)
{
	char tmp[PATH_MAX];
	FILE *f;
	int fd, bad;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.XXXXXX", path) >=
	    sizeof(tmp)) {
		fprintf(stderr, "hpview report: %s: name too long\n", path);
		return -1;
	}
	fd = mkostemp(tmp, O_CLOEXEC); /* mode 0600 */
	if (fd == -1 || (f = fdopen(fd, "w")) == NULL) {
		fprintf(stderr, "hpview report: %s: %s\n", tmp,
		    strerror(errno));
		if (fd != -1) {
			close(fd);
			unlink(tmp);
		}
		return -1;
	}
	(void)setvbuf(f, NULL, _IOFBF, 1 << 18);
	bad = report_page(f, r, chart, len) == -1;
	if (!bad && (fflush(f) != 0 || ferror(f) || fsync(fd) == -1)) {
		fprintf(stderr, "hpview report: %s: %s\n", tmp,
		    strerror(errno));
		bad = 1;
	}
	fclose(f);
	if (!bad && rename(tmp, path) == -1) {
		fprintf(stderr, "hpview report: %s: %s\n", path,
		    strerror(errno));
		bad = 1;
	}
	if (bad)
		unlink(tmp);
	return bad ? -1 : 0;
}

static int
page_stdout(struct report *r, const char *chart, size_t len)
{
	if (report_page(stdout, r, chart, len) == -1)
		return -1;
	if (fflush(stdout) != 0) {
		fprintf(stderr, "hpview report: %s\n", strerror(errno));
		return -1;
	}
	return 0;
}

static int
report(const char *out, const char *chart_file, const char *geo,
    struct view *v, const char *words)
{
	struct report *r = calloc(1, sizeof(*r));
	const char *path = chart_file != NULL ? chart_file : CHART_DEFAULT;
	char *chart = NULL;
	size_t len = 0;
	int rc = -1, got;

	if (r == NULL || sodium_init() == -1) {
		fprintf(stderr, "hpview report: no memory\n");
		free(r);
		return 70;
	}
	r->filter = words;
	r->geo = geo;
	got = strcmp(path, "none") == 0 ? 1 : chart_load(path, &chart, &len);
	if (got == -1 || (got == 1 && chart_file != NULL &&
	    strcmp(chart_file, "none") != 0)) {
		fprintf(stderr, "hpview report: %s: %s\n", path,
		    strerror(errno));
		free(chart);
		free(r);
		return 66;
	}
	if (got == 1 && chart_file == NULL)
		fprintf(stderr, "hpview report: no %s (Debian: "
			"libjs-chart.js): a page without the time line's "
			"chart\n", path);
	if (report_collect(r, v) == 0)
		rc = strcmp(out, "-") == 0 ?
		    page_stdout(r, got == 0 ? chart : NULL, len) :
		    page_write(out, r, got == 0 ? chart : NULL, len);
	report_free(r);
	free(chart);
	free(r);
	return rc == 0 ? 0 : 70;
}

/* The options as typed, for the page's head. */
static void
words_add(char *words, size_t cap, int letter, const char *arg)
{
	size_t n = strlen(words);

	if (n < cap)
		snprintf(words + n, cap - n, "%s-%c %s", n ? " " : "", letter,
		    arg);
}

static int
usage(void)
{
	fprintf(stderr, "usage: hpview report --html FILE [--chart FILE|none] "
			"[-g GEODB] " FILTER_USAGE " [LOGDIR ...]\n");
	return 64;
}

int
cmd_report(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "html", required_argument, NULL, 'H' },
		{ "chart", required_argument, NULL, 'C' },
		{ "geo", required_argument, NULL, 'g' },
		{ NULL, 0, NULL, 0 },
	};
	const char *out = NULL, *chart = NULL, *geo = NULL;
	char words[512] = "";
	struct filter *f = malloc(sizeof(*f));
	struct timespec now;
	struct view v;
	int c, rc;

	if (f == NULL)
		return 70;
	filter_init(f);
	clock_gettime(CLOCK_REALTIME, &now);
	while ((c = getopt_long(argc, argv, "g:" FILTER_OPTS, longs, NULL)) != -1) {
		if (c == 'H')
			out = optarg;
		else if (c == 'C')
			chart = optarg;
		else if (c == 'g')
			geo = optarg;
		else if (c == '?' || filter_option(f, c, optarg,
		    (int64_t)now.tv_sec * 1000000000 + now.tv_nsec) == -1) {
			free(f);
			return usage();
		} else
			words_add(words, sizeof(words), c, optarg);
	}
	if (out == NULL) {
		free(f);
		return usage();
	}
	if (view_open(&v, argv + optind, argc - optind) == -1) {
		free(f);
		return 66;
	}
	v.filter = f;
	if (strcmp(out, "-") != 0 && in_log(out, &v)) {
		fprintf(stderr, "hpview report: %s: would be among the logs\n",
		    out);
		rc = 64;
	} else if (strcmp(out, "-") != 0 && place(out) == -1)
		rc = 64;
	else
		rc = report(out, chart, geo, &v, words);
	view_close(&v);
	free(f);
	return rc;
}
