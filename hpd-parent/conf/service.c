/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: a service's command: split into arguments, its interpreter and its
 * script found inside the jail. Nothing is run here; paths are only looked at
 * below the jail's descriptor.
 */
#include "conf.h"

#include <sys/stat.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define POOL_DIR    "/scripts/lib"
#define POOL_MODULE POOL_DIR "/HpdPool.pm"

#define PATH_LEN 512

static int
split(struct conf *c, struct conf_service *s, struct conf_pos pos)
{
	char buf[CONF_STRING_MAX + 1];
	const char *p = s->command;
	char quote = 0;
	size_t n;

	s->argc = 0;
	for (;;) {
		p += strspn(p, " \t\r\n");
		if (*p == '\0')
			break;
		for (n = 0; *p != '\0'; p++) {
			if (quote != 0 && *p == quote)
				quote = 0;
			else if (quote == 0 && (*p == '\'' || *p == '"'))
				quote = *p;
			else if (quote == 0 && strchr(" \t\r\n", *p) != NULL)
				break;
			else
				buf[n++] = *p;
		}
		if (quote != 0) {
			conf_error(c, pos, "a quote (%c) is never closed in "
			    "the command", quote);
			return -1;
		}
		if (s->argc == CONF_ARGS_MAX) {
			conf_error(c, pos, "a command has at most %d words",
			    CONF_ARGS_MAX);
			return -1;
		}
		s->argv[s->argc++] = arena_dup(&c->mem, buf, n);
	}
	if (s->argc == 0) {
		conf_error(c, pos, "an empty command");
		return -1;
	}
	return 0;
}

static const char *
base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

static int
is_shell(const char *name)
{
	return strcmp(name, "sh") == 0 || strcmp(name, "bash") == 0 ||
	    strcmp(name, "ash") == 0 || strcmp(name, "dash") == 0;
}

/* "scripts/x", "./scripts/x" and "/scripts/x" are all /scripts/x. NULL: the
 * path climbs or is too long (message given). */
static const char *
jail_path(struct conf *c, const char *path, struct conf_pos pos)
{
	char out[PATH_LEN];
	const char *s = path;
	size_t n = 0, k;

	while (*s != '\0') {
		s += strspn(s, "/");
		k = strcspn(s, "/");
		if (k == 2 && s[0] == '.' && s[1] == '.') {
			conf_error(c, pos, "'%s' leaves the jail (..)",
			    conf_show(c, path));
			return NULL;
		}
		if (k == 0 || (k == 1 && s[0] == '.')) {
			s += k;
			continue;
		}
		if (n + k + 2 > sizeof(out)) {
			conf_error(c, pos, "a path longer than %d bytes",
			    PATH_LEN - 1);
			return NULL;
		}
		out[n++] = '/';
		memcpy(out + n, s, k);
		n += k;
		s += k;
	}
	if (n == 0)
		out[n++] = '/';
	return arena_dup(&c->mem, out, n);
}

/* Is it there, a file, and (exec) executable? */
static int
look(struct conf *c, const char *path, int exec)
{
	uint32_t mode;

	if (conf_stat_inroot(c->jail_dir, path, &mode) == -1)
		return 0;
	return S_ISREG(mode) && (!exec || (mode & 0111) != 0);
}

static const char *
find_interp(struct conf *c, const char *name, struct conf_pos pos)
{
	static const char *const dirs[] = { "/usr/bin/", "/bin/",
		"/usr/local/bin/" };
	char path[PATH_LEN];
	size_t i;

	if (is_shell(base(name))) {
		if (strcmp(base(name), "sh") != 0)
			conf_warn(c, pos, "%s: the jail's shell /bin/sh runs "
			    "it", conf_show(c, base(name)));
		name = "/bin/sh";
	}
	if (strchr(name, '/') != NULL) {
		name = jail_path(c, name, pos);
		if (name != NULL && c->jail_dir != -1 && !look(c, name, 1)) {
			conf_error(c, pos, "no program %s in the jail",
			    conf_show(c, name));
			return NULL;
		}
		return name;
	}
	for (i = 0; i < 3; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", dirs[i],
			name) >= sizeof(path))
			break;
		if (c->jail_dir == -1 || look(c, path, 1))
			return arena_dup(&c->mem, path, strlen(path));
	}
	conf_error(c, pos, "no program '%s' in the jail (looked for /usr/bin/"
	    "%s, /bin/%s, /usr/local/bin/%s)", conf_show(c, name),
	    conf_show(c, name), conf_show(c, name), conf_show(c, name));
	return NULL;
}

/* The script among an interpreter's arguments: made absolute, must be there.
 * -e and -c bring their program with them. */
static int
find_script(struct conf *c, struct conf_service *s, struct conf_pos pos)
{
	const char *inl = is_shell(base(s->interp)) ? "c" :
	    strncmp(base(s->interp), "perl", 4) == 0 ? "eE" : "ec";
	const char *a, *path;
	uint32_t i;

	for (i = 1; i < s->argc; i++) {
		a = s->argv[i];
		if (a[0] != '-')
			break;
		if (a[1] != '\0' && strchr(inl, a[strlen(a) - 1]) != NULL) {
			if (i + 1 < s->argc)
				return 0;
			conf_error(c, pos, "'%s' needs a program behind it",
			    conf_show(c, a));
			return -1;
		}
	}
	if (i == s->argc) {
		conf_error(c, pos, "'%s' without a script would run whatever "
		    "the peer sends", conf_show(c, s->command));
		return -1;
	}
	path = jail_path(c, s->argv[i], pos);
	if (path == NULL)
		return -1;
	s->argv[i] = path;
	if (c->jail_dir != -1 && !look(c, path, 0)) {
		conf_error(c, pos, "no script %s in the jail (command '%s')",
		    conf_show(c, path), conf_show(c, s->command));
		return -1;
	}
	return 0;
}

/* argv becomes interpreter, its option, the script, the rest. */
static int
prepend(struct conf *c, struct conf_service *s, const char *script,
    const char *interp, const char *option, struct conf_pos pos)
{
	uint32_t extra = option != NULL ? 2 : 1, i;

	if (s->argc + extra > CONF_ARGS_MAX) {
		conf_error(c, pos, "a command has at most %d words",
		    CONF_ARGS_MAX);
		return -1;
	}
	for (i = s->argc; i-- > 1;)
		s->argv[i + extra] = s->argv[i];
	s->argv[extra] = script;
	s->argv[0] = is_shell(base(interp)) ? "sh" : base(interp);
	if (option != NULL)
		s->argv[1] = option;
	s->argc += extra;
	return 0;
}

/* A program by path: its "#!" line names the interpreter. */
static int
hash_bang(struct conf *c, struct conf_service *s, const char *path,
    struct conf_pos pos)
{
	char line[256], *p, *interp, *option = NULL;
	const char *found;
	ssize_t n;
	int fd;

	fd = conf_open_inroot(c->jail_dir, path);
	n = fd == -1 ? -1 : read(fd, line, sizeof(line) - 1);
	if (fd != -1)
		close(fd);
	/* The jail's programs may be executed, not read; a script has to be
	 * read, so this is none. */
	if (n == -1 && errno == EACCES && look(c, path, 1)) {
		s->interp = path;
		return 0;
	}
	if (n == -1) {
		conf_error(c, pos, errno == ENOENT || errno == ENOTDIR ?
		    "no script %s in the jail" : "can't read %s in the jail",
		    conf_show(c, path));
		return -1;
	}
	line[n] = '\0';
	if (n < 3 || line[0] != '#' || line[1] != '!') {
		s->interp = path; /* a program of its own */
		if (!look(c, path, 1)) {
			conf_error(c, pos, "%s is no program: it has neither "
			    "a #! line nor execute permission",
			    conf_show(c, path));
			return -1;
		}
		return 0;
	}
	line[strcspn(line, "\r\n")] = '\0';
	interp = line + 2 + strspn(line + 2, " \t");
	p = interp + strcspn(interp, " \t");
	if (*p != '\0') {
		*p++ = '\0';
		p += strspn(p, " \t");
		option = *p != '\0' ? p : NULL;
	}
	if (strcmp(base(interp), "env") == 0 && option != NULL) {
		interp = option;
		option = NULL;
		interp[strcspn(interp, " \t")] = '\0';
	}
	found = find_interp(c, arena_dup(&c->mem, interp, strlen(interp)),
	    pos);
	if (found == NULL)
		return -1;
	s->interp = found;
	return prepend(c, s, path, found, option == NULL ? NULL :
	    arena_dup(&c->mem, option, strlen(option)), pos);
}

/* Without a jail to look into: by the name alone. */
static void
guess(struct conf *c, struct conf_service *s, const char *path,
    struct conf_pos pos)
{
	size_t n = strlen(path);

	s->interp = path;
	if (n > 3 && strcmp(path + n - 3, ".pl") == 0)
		s->interp = "/usr/bin/perl";
	else if (n > 3 && strcmp(path + n - 3, ".sh") == 0)
		s->interp = "/bin/sh";
	else
		return;
	prepend(c, s, path, s->interp, NULL, pos);
}

static int
is_interpreter(const char *name)
{
	static const char *const known[] = { "perl", "python", "python2",
		"python3", "tclsh", "lua", "ruby", "awk", "busybox" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i]) == 0)
			return i < 7;
	return is_shell(name);
}

/* Started ahead: perl with the module that waits for the session. */
static int
pooled(struct conf *c, struct conf_service *s, struct conf_pos pos)
{
	uint32_t i;

	if (strcmp(base(s->interp), "perl") != 0 || s->argc < 2 ||
	    s->argv[1][0] == '-' || s->profile != PROFILE_NOFORK) {
		conf_error(c, pos, "pool is for perl scripts in the nofork "
		    "profile: others start as fast without");
		return -1;
	}
	if (c->jail_dir != -1 && !look(c, POOL_MODULE, 0)) {
		conf_error(c, pos, "pool needs %s in the jail", POOL_MODULE);
		return -1;
	}
	if (s->argc + 2 > CONF_ARGS_MAX) {
		conf_error(c, pos, "a command has at most %d words",
		    CONF_ARGS_MAX);
		return -1;
	}
	for (i = s->argc; i-- > 1;)
		s->argv[i + 2] = s->argv[i];
	s->argv[1] = "-I" POOL_DIR;
	s->argv[2] = "-MHpdPool";
	s->argc += 2;
	return 0;
}

int
conf_service_resolve(struct conf *c, struct conf_service *s,
    struct conf_pos pos)
{
	static const char *const vars[] = { "$ipsrc", "$ipdst", "$sport",
		"$dport", "$srcport", "$date" };
	const char *path;
	size_t i;

	if (split(c, s, pos) == -1)
		return -1;
	for (i = 0; i < 6; i++)
		if (strstr(s->command, vars[i]) != NULL)
			conf_warn(c, pos, "'%s' is not replaced: scripts find "
			    "it in the environment (HONEYD_IP_SRC, "
			    "HONEYD_SRC_PORT, HONEYD_IP_DST, "
			    "HONEYD_DST_PORT)", vars[i]);
	if (c->jail_dir == -1 && !c->jail_warned) {
		c->jail_warned = 1;
		conf_warn(c, (struct conf_pos){ 0 }, "no jail given: scripts "
		    "and interpreters are not looked for");
	}
	if (is_interpreter(base(s->argv[0]))) {
		s->interp = find_interp(c, s->argv[0], pos);
		if (s->interp == NULL || find_script(c, s, pos) == -1)
			return -1;
		s->argv[0] = is_shell(base(s->interp)) ? "sh" :
							 base(s->argv[0]);
	} else if (strpbrk(s->argv[0], "/.") == NULL) {
		s->interp = find_interp(c, s->argv[0], pos);
		if (s->interp == NULL)
			return -1;
	} else {
		path = jail_path(c, s->argv[0], pos);
		if (path == NULL)
			return -1;
		if (c->jail_dir == -1)
			guess(c, s, path, pos);
		else if (hash_bang(c, s, path, pos) == -1)
			return -1;
	}
	if (s->profile == 255)
		s->profile = is_shell(base(s->interp)) ? PROFILE_SHELL :
							 PROFILE_NOFORK;
	return s->pool != 0 ? pooled(c, s, pos) : 0;
}
