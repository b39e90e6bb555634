/* SPDX-License-Identifier: ISC */
/*
 * hpview key: the verification key, shown once, then gone from the sensor.
 * Must never write it anywhere but to the terminal it was asked from (or, with
 * -f, to standard output), and never remove it before it was shown.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <qrencode.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/seal.h"
#include "hpd-log/hpview/cmd.h"

#define SEAL_DIR "/var/lib/hpd/seal"
#define QUIET	 2 /* modules of margin; terminals have their own */

struct key_opts {
	const char *dir;
	int force, qr;
};

static int
usage(void)
{
	fprintf(stderr, "usage: hpview key [-f] [-q auto|none] [-s sealdir]\n");
	return 64;
}

static int
options(int argc, char *argv[], struct key_opts *o)
{
	int c;

	o->dir = SEAL_DIR;
	o->force = 0;
	o->qr = 1;
	optind = 1;
	while ((c = getopt(argc, argv, "fq:s:")) != -1)
		if (c == 'f')
			o->force = 1;
		else if (c == 's')
			o->dir = optarg;
		else if (c == 'q' && strcmp(optarg, "none") == 0)
			o->qr = 0;
		else if (c != 'q' || strcmp(optarg, "auto") != 0)
			return usage();
	return optind == argc ? 0 : usage();
}

static int
dark(const QRcode *q, int x, int y)
{
	x -= QUIET;
	y -= QUIET;
	return x >= 0 && y >= 0 && x < q->width && y < q->width &&
	    (q->data[y * q->width + x] & 1);
}

/* Two rows of modules a line of half blocks, dark on light whatever the
 * terminal's colours are. */
static void
qr(const char *text)
{
	static const char *const block[] = { " ", "\xe2\x96\x84",
		"\xe2\x96\x80", "\xe2\x96\x88" };
	QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
	int x, y, n;

	if (q == NULL)
		return;
	n = q->width + 2 * QUIET;
	for (y = 0; y < n; y += 2) {
		fputs("  \033[30;107m", stdout);
		for (x = 0; x < n; x++)
			fputs(block[dark(q, x, y) << 1 | dark(q, x, y + 1)],
			    stdout);
		fputs("\033[0m\n", stdout);
	}
	fputs("\n", stdout);
	sodium_memzero(q->data, (size_t)(q->width * q->width));
	QRcode_free(q);
}

static int
show(const uint8_t root[SEAL_KEY_LEN], const struct key_opts *o)
{
	char text[SEAL_KEY_TEXT];
	int r;

	seal_key_text(root, text);
	if (!isatty(1))
		printf("%s\n", text);
	else {
		printf("\nThe verification key of this sensor's log:\n\n"
		       "  %s\n\n", text);
		(void)setlocale(LC_CTYPE, "");
		if (o->qr && strcmp(nl_langinfo(CODESET), "UTF-8") == 0)
			qr(text);
		printf("Keep it elsewhere: with it hpview verify proves that "
		       "the log is what was\nwritten, and who has it can "
		       "forge the log. It is shown this once.\n\n");
	}
	r = fflush(stdout) == 0 && !ferror(stdout) ? 0 : -1;
	sodium_memzero(text, sizeof(text));
	return r;
}

static int
kept(void)
{
	char line[64];

	if (!isatty(0) || !isatty(1))
		return 1;
	printf("Did you keep it? Then it is removed from the sensor (yes/no): ");
	(void)fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL &&
	    (line[0] == 'y' || line[0] == 'Y');
}

/* Overwritten before it goes: what that is worth is up to the disk. */
static int
take(int dir, int fd)
{
	static const uint8_t zero[SEAL_KEY_LEN];

	if (pwrite(fd, zero, sizeof(zero), 0) != sizeof(zero) ||
	    fdatasync(fd) == -1 || unlinkat(dir, "root", 0) == -1)
		return -1;
	return fsync(dir);
}

static int
missing(int dir, const char *path)
{
	struct stat st;

	if (errno == ENOENT && fstatat(dir, "carry", &st, 0) == 0)
		fprintf(stderr, "hpview: %s: the key was taken already; it is "
		    "not on this sensor any more\n", path);
	else if (errno == ENOENT)
		fprintf(stderr, "hpview: %s: no key there: hpd-parent makes "
		    "one at its first start\n", path);
	else
		fprintf(stderr, "hpview: %s/root: %s\n", path,
		    strerror(errno));
	return errno == ENOENT ? 1 : 66;
}

int
cmd_key(int argc, char *argv[])
{
	struct key_opts o;
	uint8_t root[SEAL_KEY_LEN];
	int dir, fd, r;

	if (options(argc, argv, &o) != 0)
		return 64;
	if (seal_init() == -1)
		return 70;
	if (!isatty(1) && !o.force) {
		fprintf(stderr, "hpview: standard output is no terminal: the "
		    "key is not written there (-f if it is to be)\n");
		return 64;
	}
	dir = open(o.dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir == -1) {
		fprintf(stderr, "hpview: %s: %s\n", o.dir, strerror(errno));
		return 66;
	}
	fd = openat(dir, "root", O_RDWR | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1)
		return missing(dir, o.dir);
	if (read(fd, root, sizeof(root)) != sizeof(root) ||
	    sodium_is_zero(root, sizeof(root))) {
		fprintf(stderr, "hpview: %s/root: not whole\n", o.dir);
		return 70;
	}
	r = show(root, &o);
	sodium_memzero(root, sizeof(root));
	if (r == -1) {
		fprintf(stderr, "hpview: it could not be shown: it stays\n");
		return 70;
	}
	if (!kept()) {
		printf("It stays on the sensor; run this again.\n");
		return 1;
	}
	if (take(dir, fd) == -1) {
		fprintf(stderr, "hpview: %s/root could not be removed: %s\n",
		    o.dir, strerror(errno));
		return 70;
	}
	if (isatty(1))
		printf("It is gone from the sensor.\n");
	return 0;
}
