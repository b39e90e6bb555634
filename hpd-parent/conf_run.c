/* SPDX-License-Identifier: ISC */
/*
 * Runs hpd-conf as a process of its own with directory descriptors, seals what
 * it wrote and checks it before anybody uses it. Runs in hpd-parent as root;
 * must never look at the configuration's text itself.
 */
#include "conf_run.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"
#include "../common/sandbox.h"

#include "parent.h"
#include "spawn.h"

/* Descriptors of hpd-conf; 1 is our stdout in print mode. */
enum { CFD_NULL, CFD_OUT, CFD_DIAG, CFD_IMAGE, CFD_CONF, CFD_DB, CFD_JAIL,
	CFD_SIGS, CFD_POLICIES, CFD_COUNT };

#define MAC_PREFIXES "nmap-mac-prefixes"
#define ARGV_MAX     (40 + 2 * FLAGS_MAX_DEFS + FLAGS_MAX_NETS)

struct args {
	const char *v[ARGV_MAX];
	int n;
	char gen[16], out[16], jail[16], uid[16], gid[16];
	char conf[NAME_MAX + 16], db[NAME_MAX + 16], mac[NAME_MAX + 16];
	char sigs[NAME_MAX + 16], policies[16];
};

static void
arg(struct args *a, const char *flag, const char *value)
{
	if (a->n + 3 > ARGV_MAX)
		fatalx("too many arguments for hpd-conf");
	if (flag != NULL)
		a->v[a->n++] = flag;
	if (value != NULL)
		a->v[a->n++] = value;
	a->v[a->n] = NULL;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL ? path : slash + 1;
}

/* The directory a file is in; -1 with errno. */
static int
open_dir_of(const char *path)
{
	char dir[PATH_MAX];
	size_t len = (size_t)(base_name(path) - path);

	if (len >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, len);
	dir[len] = '\0';
	return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
args_fill(struct args *a, const struct conf_run *r, const struct flags *f,
    enum conf_mode mode, const int *fd)
{
	a->n = 0;
	arg(a, NULL, "hpd-conf");
	snprintf(a->gen, sizeof(a->gen), "%u", r->generation);
	snprintf(a->out, sizeof(a->out), "%d", CFD_IMAGE);
	snprintf(a->jail, sizeof(a->jail), "%d", CFD_JAIL);
	snprintf(a->conf, sizeof(a->conf), "%d:%s", CFD_CONF,
	    base_name(f->conf));
	snprintf(a->db, sizeof(a->db), "%d:%s", CFD_DB, base_name(f->osdb));
	snprintf(a->mac, sizeof(a->mac), "%d:%s", CFD_DB, MAC_PREFIXES);
	arg(a, "-G", a->gen);
	if (mode == CONF_COMPILE)
		arg(a, "-o", a->out);
	arg(a, "-c", a->conf);
	arg(a, "-p", a->db);
	arg(a, "-m", a->mac);
	if (fd[CFD_JAIL] != -1)
		arg(a, "-J", a->jail);
	if (fd[CFD_SIGS] != -1) {
		snprintf(a->sigs, sizeof(a->sigs), "%d:%s", CFD_SIGS,
		    base_name(f->sigs));
		arg(a, "-0", a->sigs);
	}
	if (fd[CFD_POLICIES] != -1) {
		snprintf(a->policies, sizeof(a->policies), "%d", CFD_POLICIES);
		arg(a, "-O", a->policies);
		if (f->wide)
			arg(a, "-W", NULL);
	}
	if (r->uid != 0) {
		snprintf(a->uid, sizeof(a->uid), "%u", r->uid);
		snprintf(a->gid, sizeof(a->gid), "%u", r->gid);
		arg(a, "-u", a->uid);
		arg(a, "-g", a->gid);
	}
	if (mode == CONF_CHECK)
		arg(a, "-n", NULL);
	if (mode == CONF_PRINT)
		arg(a, "-P", NULL);
	for (int i = 0; i < f->ndefs; i++)
		arg(a, "-D", f->defs[i]);
	for (int i = 0; i < f->ninject; i++)
		if (strncmp(f->inject[i], "conf:", 5) == 0)
			arg(a, "-X", f->inject[i] + 5);
	if (f->nnets > 0)
		arg(a, "--", NULL);
	for (int i = 0; i < f->nnets; i++)
		arg(a, NULL, f->nets[i]);
}

/* The signatures of senders: without p0f's there is still the list of ours.
 * 0, or -1 after a diag: a file that was asked for must be there. */
static int
open_sigs(int *fd, const struct flags *f)
{
	static int told;
	int dir = open_dir_of(f->sigs);

	if (dir != -1 && faccessat(dir, base_name(f->sigs), F_OK, 0) == 0) {
		*fd = dir;
		return 0;
	}
	if (f->sigs_given)
		diag_warn("signatures of senders: %s", f->sigs);
	else if (!told)
		diag_warn("signatures of senders: %s (install p0f, or give -0);"
		    " only scanners and a few systems will be known", f->sigs);
	told = 1;
	if (dir != -1)
		close(dir);
	return f->sigs_given ? -1 : 0;
}

/* Policies of the operator's, if there are any. 0, or -1 after a diag. */
static int
open_policies(int *fd, const struct flags *f)
{
	*fd = open(f->policies, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd != -1 || (errno == ENOENT && !f->policies_given))
		return 0;
	diag_warn("policies: %s", f->policies);
	return -1;
}

/* Open what it may read. 0, or -1 after a diag. */
static int
open_inputs(int *fd, const struct flags *f, enum conf_mode mode)
{
	fd[CFD_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
	fd[CFD_CONF] = open_dir_of(f->conf);
	if (fd[CFD_CONF] == -1) {
		diag_warn("%s: its directory", f->conf);
		return -1;
	}
	fd[CFD_DB] = open_dir_of(f->osdb);
	if (fd[CFD_DB] == -1) {
		diag_warn("%s: its directory (is nmap-common installed?)",
		    f->osdb);
		return -1;
	}
	if (faccessat(fd[CFD_DB], base_name(f->osdb), F_OK, 0) == -1)
		diag_warn("personalities: %s (install nmap-common, or give -p)",
		    f->osdb);
	if (open_sigs(&fd[CFD_SIGS], f) == -1 ||
	    open_policies(&fd[CFD_POLICIES], f) == -1)
		return -1;
	fd[CFD_JAIL] = open(f->jail, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd[CFD_JAIL] == -1) {
		/* To check words no jail is needed. */
		diag_warn("jail %s (make install builds it, or hpaudit mkjail)",
		    f->jail);
		if (mode == CONF_COMPILE)
			return -1;
	}
	return fd[CFD_NULL] == -1 ? -1 : 0;
}

static int
launch(struct conf_run *r, const struct flags *f, int exe, enum conf_mode mode,
    int *fd, int piped)
{
	struct args a;
	struct spawn s = {.exe = exe, .argv = a.v, .nfds = CFD_COUNT};
	int pipefd[2] = {-1, -1};

	if (open_inputs(fd, f, mode) == -1)
		return -1;
	r->image = spawn_image_new();
	if (r->image == -1) {
		diag_warn("image");
		return -1;
	}
	if (piped && pipe2(pipefd, O_CLOEXEC) == -1) {
		diag_warn("pipe");
		return -1;
	}
	fd[CFD_OUT] = dup(mode == CONF_PRINT ? STDOUT_FILENO : fd[CFD_NULL]);
	fd[CFD_DIAG] = piped ? pipefd[1] : dup(STDERR_FILENO);
	if (piped) {
		r->diag = pipefd[0];
		(void)fcntl(r->diag, F_SETFL, O_NONBLOCK);
	}
	fd[CFD_IMAGE] = dup(r->image);
	args_fill(&a, r, f, mode, fd);
	if (fd[CFD_JAIL] == -1)
		fd[CFD_JAIL] = dup(fd[CFD_NULL]);
	if (fd[CFD_SIGS] == -1)
		fd[CFD_SIGS] = dup(fd[CFD_NULL]);
	if (fd[CFD_POLICIES] == -1)
		fd[CFD_POLICIES] = dup(fd[CFD_NULL]);
	memcpy(s.fd, fd, sizeof(int) * CFD_COUNT);
	r->pid = spawn(&s);
	if (r->pid == -1) {
		diag_warn("hpd-conf");
		r->pid = 0;
		return -1;
	}
	return 0;
}

int
conf_run_start(struct conf_run *r, const struct flags *f, int exe,
    enum conf_mode mode, uint32_t generation, int piped)
{
	int fd[CFD_COUNT], ret;

	for (int i = 0; i < CFD_COUNT; i++)
		fd[i] = -1;
	r->image = r->diag = -1;
	r->pid = 0;
	r->generation = generation;
	r->line_len = 0;
	r->lines = 0;
	r->limit = clock_mono_ns() + CONF_LIMIT;
	ret = launch(r, f, exe, mode, fd, piped);
	for (int i = 0; i < CFD_COUNT; i++)
		if (fd[i] != -1)
			close(fd[i]);
	if (ret == -1)
		conf_run_drop(r);
	return ret;
}

int
conf_run_wait(struct conf_run *r)
{
	int64_t left;
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(r->pid, &status, WNOHANG);
		if (pid == r->pid)
			break;
		left = r->limit - clock_mono_ns();
		if (left <= 0 || watch_took(SIGTERM) || watch_took(SIGINT)) {
			diag_warnx(left <= 0 ? "hpd-conf took too long"
					     : "interrupted");
			kill(r->pid, SIGKILL);
			waitpid(r->pid, NULL, 0);
			r->pid = 0;
			return EX_FAIL;
		}
		watch_sleep(NULL, 0, left < NS_SEC ? left : NS_SEC);
	}
	r->pid = 0;
	if (WIFEXITED(status)) {
		if (WEXITSTATUS(status) == 127)
			diag_warnx("hpd-conf could not be executed");
		return WEXITSTATUS(status);
	}
	diag_warnx("hpd-conf: signal %d", WTERMSIG(status));
	return EX_FAIL;
}

int
conf_run_take(struct conf_run *r, size_t *size, struct image *img)
{
	int fd, err;

	fd = spawn_image_seal(r->image, size);
	r->image = -1;
	if (fd == -1) {
		diag_warn("sealing the image");
		return -1;
	}
	err = image_map(fd, *size, img);
	if (err == IMAGE_OK && img->hdr->generation != r->generation) {
		image_unmap(img);
		err = IMAGE_E_VALUE;
	}
	if (err != IMAGE_OK) {
		diag_warnx("image refused: %s", image_strerror(err));
		close(fd);
		return -1;
	}
	return fd;
}

void
conf_run_drop(struct conf_run *r)
{
	if (r->pid > 0) {
		kill(r->pid, SIGKILL);
		waitpid(r->pid, NULL, 0);
	}
	r->pid = 0;
	if (r->image != -1)
		close(r->image);
	if (r->diag != -1)
		close(r->diag);
	r->image = r->diag = -1;
}
