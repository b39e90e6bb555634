/* SPDX-License-Identifier: ISC */
/*
 * hpaudit mkjail [-c] -m MANIFEST -s SCRIPTSDIR -i HPD_INIT DIR: builds the
 * directory that is the whole world of every script. Built beside DIR and put
 * in its place in one step; a running hpd-svc keeps the old one until it is
 * restarted. Manifest, one statement a line, '#' starts a comment:
 *
 *	program SRC [DST]	an executable nobody may read, its libraries
 *	links PROGRAM DIR NAME...	symbolic links DIR/NAME to PROGRAM
 *	perl MODULE...		module files, what they load, their libraries
 *	file SRC [DST]		any other file, read-only
 *	dir PATH		an empty directory
 *	null PATH		where hpd-svc mounts /dev/null
 *	scripts PATH		the scripts
 *	init PATH		hpd-init
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

#define MAX_WORDS 300
#define MAX_LINE  4096
#define MAX_PATH  AUDIT_PATH_MAX

struct jail {
	struct tree tree;
	const char *manifest, *scripts, *init;
	unsigned line;
};

static int
bad(const struct jail *j, const char *what)
{
	(void)fprintf(stderr, "%s:%u: %s\n", j->manifest, j->line, what);
	return -1;
}

/* "	libc.so.6 => /lib/.../libc.so.6 (0x...)" or "	/lib64/ld... (0x...)" */
static int
library_line(void *arg, char *line)
{
	struct jail *j = arg;
	char *path = strchr(line, '/'), *end;

	if (path == NULL)
		return strstr(line, "not found") != NULL ?
		    bad(j, "library not found") : 0;
	if ((end = strstr(path, " (")) != NULL)
		*end = '\0';
	/* The kernel wants to execute the loader; the others are only read. */
	return tree_copy_same(&j->tree, path,
	    strstr(path, "/ld-") != NULL ? 0555 : 0444);
}

static int
libraries(struct jail *j, const char *loader, const char *file)
{
	char l[MAX_PATH], f[MAX_PATH], list[] = "--list";
	char *argv[] = {l, list, f, NULL};

	(void)snprintf(l, sizeof(l), "%s", loader);
	(void)snprintf(f, sizeof(f), "%s", file);
	if (audit_run(argv, library_line, j) == -1)
		return bad(j, "cannot list the libraries");
	return 0;
}

static int
st_program(struct jail *j, int argc, char **argv)
{
	char loader[MAX_PATH];

	if (argc > 3)
		return bad(j, "must be: program SRC [DST]");
	if (audit_loader(argv[1], loader) == -1)
		return bad(j, "not a program");
	if (loader[0] != '\0' && libraries(j, loader, argv[1]) == -1)
		return -1;
	return argc == 3 ? tree_copy(&j->tree, argv[1], argv[2], 0111) :
	    tree_copy_same(&j->tree, argv[1], 0111);
}

static int
st_links(struct jail *j, int argc, char **argv)
{
	char path[MAX_PATH];
	int i;

	if (argc < 4)
		return bad(j, "must be: links PROGRAM DIR NAME...");
	for (i = 3; i < argc; i++) {
		if (strchr(argv[i], '/') != NULL ||
		    snprintf(path, sizeof(path), "%s/%s", argv[2], argv[i]) >=
		    (int)sizeof(path))
			return bad(j, "bad name");
		if (tree_link(&j->tree, path, argv[1]) == -1)
			return -1;
	}
	return 0;
}

static int
module_line(void *arg, char *line)
{
	struct jail *j = arg;

	if (line[0] != '/')
		return bad(j, "perl names a file without a place");
	if (tree_copy_same(&j->tree, line, 0444) == -1)
		return -1;
	if (strstr(line, ".so") != NULL)
		return libraries(j, "/lib64/ld-linux-x86-64.so.2", line);
	return 0;
}

/* Ask perl itself what loading the modules loads. */
static int
st_perl(struct jail *j, int argc, char **argv)
{
	static char prog[] = "BEGIN { $^W = 0 } for (@ARGV) { eval \"require "
	    "$_; 1\" or die $@ } my %s; print \"$_\\n\" for grep { !$s{$_}++ }"
	    " (values %INC, @DynaLoader::dl_shared_objects);";
	static char perl[] = "/usr/bin/perl", e[] = "-e", dd[] = "--";
	char *cmd[MAX_WORDS + 8] = {perl, e, prog, dd};
	int i;

	for (i = 1; i < argc; i++)
		cmd[3 + i] = argv[i];
	cmd[3 + i] = NULL;
	if (audit_run(cmd, module_line, j) == -1)
		return bad(j, "perl cannot load a module");
	return 0;
}

static int
st_file(struct jail *j, int argc, char **argv)
{
	if (argc > 3)
		return bad(j, "must be: file SRC [DST]");
	return argc == 3 ? tree_copy(&j->tree, argv[1], argv[2], 0444) :
	    tree_copy_same(&j->tree, argv[1], 0444);
}

static int
st_dir(struct jail *j, int argc, char **argv)
{
	return argc == 2 ? tree_dir(&j->tree, argv[1]) :
	    bad(j, "must be: dir PATH");
}

static int
st_null(struct jail *j, int argc, char **argv)
{
	return argc == 2 ? tree_empty(&j->tree, argv[1], 0444) :
	    bad(j, "must be: null PATH");
}

static int
st_scripts(struct jail *j, int argc, char **argv)
{
	static const char *const skip[] = {"*.t", "*.manifest", "*.md",
	    "*.[1-8]", "*~", "tests", "demo.conf", "hpd.conf.example", NULL};

	return argc == 2 ?
	    tree_copy_dir(&j->tree, j->scripts, argv[1], skip) :
	    bad(j, "must be: scripts PATH");
}

static int
st_init(struct jail *j, int argc, char **argv)
{
	return argc == 2 ? tree_copy(&j->tree, j->init, argv[1], 0111) :
	    bad(j, "must be: init PATH");
}

static const struct {
	const char *word;
	int (*fn)(struct jail *, int, char **);
} statements[] = {
    {"program", st_program}, {"links", st_links}, {"perl", st_perl},
    {"file", st_file}, {"dir", st_dir}, {"null", st_null},
    {"scripts", st_scripts}, {"init", st_init},
};

static int
statement(struct jail *j, char *text)
{
	char *argv[MAX_WORDS], *save = NULL, *w;
	size_t i;
	int argc = 0;

	text[strcspn(text, "#\n")] = '\0';
	for (w = strtok_r(text, " \t", &save); w != NULL;
	    w = strtok_r(NULL, " \t", &save)) {
		if (argc == MAX_WORDS)
			return bad(j, "too many words");
		argv[argc++] = w;
	}
	if (argc == 0)
		return 0;
	for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (strcmp(statements[i].word, argv[0]) == 0)
			return argc < 2 ? bad(j, "too few words") :
			    statements[i].fn(j, argc, argv);
	return bad(j, "unknown statement");
}

static int
fill(struct jail *j)
{
	char line[MAX_LINE];
	FILE *f;
	int rc = 0;

	if ((f = fopen(j->manifest, "re")) == NULL) {
		perror(j->manifest);
		return -1;
	}
	while (rc == 0 && fgets(line, sizeof(line), f) != NULL) {
		j->line++;
		if (strchr(line, '\n') == NULL && !feof(f))
			rc = bad(j, "line too long");
		else
			rc = statement(j, line);
	}
	if (ferror(f))
		rc = -1;
	(void)fclose(f);
	return rc;
}

/* Nobody else may be able to change dir or put another in its place. */
static int
place_is_safe(const char *dir)
{
	char up[MAX_PATH];
	struct stat st;

	if (lstat(dir, &st) == 0 && (!S_ISDIR(st.st_mode) ||
	    (st.st_mode & 0022) != 0 ||
	    (st.st_uid != 0 && st.st_uid != geteuid()))) {
		(void)fprintf(stderr, "hpaudit: %s: not a directory, or others "
		    "can write it\n", dir);
		return -1;
	}
	if (snprintf(up, sizeof(up), "%s/..", dir) >= (int)sizeof(up))
		return -1;
	if (lstat(dir, &st) == -1) {
		char *slash;

		(void)snprintf(up, sizeof(up), "%s", dir);
		slash = strrchr(up, '/');
		if (slash == up)
			slash++;
		if (slash == NULL)
			(void)snprintf(up, sizeof(up), ".");
		else
			*slash = '\0';
	}
	if (stat(up, &st) == -1 || ((st.st_mode & 0022) != 0 &&
	    (st.st_mode & S_ISVTX) == 0)) {
		(void)fprintf(stderr, "hpaudit: %s: missing, or others can "
		    "write it\n", up);
		return -1;
	}
	return 0;
}

/*
 * What is there and will be replaced must be nothing, an empty directory or a
 * jail: its /dev/null is a plain file of no bytes. A slip of the keyboard shall
 * not cost /srv or somebody's home.
 */
static int
replaceable(const char *dir)
{
	char null[MAX_PATH];
	struct stat st;
	struct dirent *e;
	DIR *d;
	int n = 0;

	if (lstat(dir, &st) == -1 && errno == ENOENT)
		return 0;
	if (snprintf(null, sizeof(null), "%s/dev/null", dir) <
	    (int)sizeof(null) && lstat(null, &st) == 0 &&
	    S_ISREG(st.st_mode) && st.st_size == 0)
		return 0;
	if ((d = opendir(dir)) != NULL) {
		while ((e = readdir(d)) != NULL)
			n += strcmp(e->d_name, ".") != 0 &&
			    strcmp(e->d_name, "..") != 0;
		(void)closedir(d);
		if (n == 0)
			return 0;
	}
	(void)fprintf(stderr, "hpaudit: %s: is there and is no jail: not "
	    "replaced\n", dir);
	return -1;
}

/* A whole new jail beside dir, its name in fresh. 0, or -1: nothing is left. */
static int
build_fresh(struct jail *j, const char *dir, char fresh[MAX_PATH])
{
	if (snprintf(fresh, MAX_PATH, "%s.new", dir) >= MAX_PATH ||
	    place_is_safe(dir) == -1 || replaceable(fresh) == -1 ||
	    tree_remove(fresh) == -1)
		return -1;
	if (mkdir(fresh, 0700) == -1) {
		perror(fresh);
		return -1;
	}
	j->tree.dir = fresh;
	if (fill(j) == -1 || tree_seal(&j->tree) == -1) {
		(void)tree_remove(fresh);
		return -1;
	}
	return 0;
}

/* -c: 0 the jail is right, 1 it is not, -1 cannot tell. */
static int
check(struct jail *j, const char *dir)
{
	char fresh[MAX_PATH];
	int rc;

	if (access(dir, F_OK) == -1) {
		perror(dir);
		return -1;
	}
	if (build_fresh(j, dir, fresh) == -1)
		return -1;
	rc = audit_jail_compare(dir, fresh);
	return tree_remove(fresh) == -1 ? -1 : rc;
}

static int
build(struct jail *j, const char *dir)
{
	char fresh[MAX_PATH];

	if (replaceable(dir) == -1 || build_fresh(j, dir, fresh) == -1)
		return -1;
	/* Either name is always a whole jail. */
	if (renameat2(AT_FDCWD, fresh, AT_FDCWD, dir, RENAME_EXCHANGE) == -1 &&
	    (errno != ENOENT || rename(fresh, dir) == -1)) {
		perror(dir);
		return -1;
	}
	return tree_remove(fresh);
}

int
audit_mkjail(int argc, char **argv)
{
	struct jail j;
	char dir[MAX_PATH];
	size_t n;
	int ch, only_check = 0;

	memset(&j, 0, sizeof(j));
	while ((ch = getopt(argc, argv, "cm:s:i:")) != -1)
		switch (ch) {
		case 'c':
			only_check = 1;
			break;
		case 'm':
			j.manifest = optarg;
			break;
		case 's':
			j.scripts = optarg;
			break;
		case 'i':
			j.init = optarg;
			break;
		default:
			return AUDIT_USAGE;
		}
	if (optind + 1 != argc || j.manifest == NULL || j.scripts == NULL ||
	    j.init == NULL)
		return AUDIT_USAGE;
	n = (size_t)snprintf(dir, sizeof(dir), "%s", argv[optind]);
	if (n == 0 || n >= sizeof(dir))
		return AUDIT_USAGE;
	while (n > 1 && dir[n - 1] == '/')
		dir[--n] = '\0';
	(void)umask(0022);
	if (only_check)
		return check(&j, dir) == 0 ? 0 : 1;
	if (build(&j, dir) == -1)
		return 1;
	(void)printf("%s: %u files, %u links, %u directories, %llu KiB\n", dir,
	    j.tree.files, j.tree.links, j.tree.dirs,
	    (unsigned long long)(j.tree.bytes >> 10));
	if (geteuid() != 0)
		(void)fprintf(stderr, "hpaudit: built without root: hpd-svc "
		    "will refuse this jail\n");
	return 0;
}
