/* SPDX-License-Identifier: ISC */
/*
 * The children: starting, ending, counting. Runs in hpd-parent. A child that
 * dies is recorded and comes back with back-off; one that dies too often ends
 * the suite. Never trusts a child's word about another process.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"
#include "../common/sandbox.h"

#include "groups.h"
#include "parent.h"
#include "reload.h"
#include "spawn.h"

#define KID_ARGS 32

static const struct {
	uint8_t proc, slot;
	const char *program, *inject; /* -X's word for it */
	const struct sandbox_policy *policy;
} kinds[KID_MAX] = {
	[KID_LOG] = {PROC_LOG, SLOT_NONE, "hpd-log", "log:", &policy_log},
	[KID_SVC] = {PROC_SVC, SLOT_SVC, "hpd-svc", "svc:", &policy_svc},
	[KID_SVC_SHELL] = {PROC_SVC_SHELL, SLOT_SVC_SHELL, "hpd-svc", "svcS:",
	    &policy_svc_S},
	[KID_NET] = {PROC_NET, SLOT_NET, "hpd-net", "net:", &policy_net},
	[KID_SHIP] = {PROC_SHIP, SLOT_SHIP, "hpship", "ship:", &policy_ship},
};

void
kids_init(struct parent *p)
{
	for (int i = 0; i < KID_MAX; i++) {
		struct kid *k = &p->kids[i];

		memset(k, 0, sizeof(*k));
		k->id = (uint8_t)i;
		k->proc = kinds[i].proc;
		k->slot = kinds[i].slot;
		k->backoff = BACKOFF_MIN;
		k->exe = spawn_open(p->flags.libexec, kinds[i].program);
		if (k->exe == -1)
			fatal("%s/%s", p->flags.libexec, kinds[i].program);
	}
}

int
kid_up(const struct kid *k)
{
	return k->pid > 0;
}

struct kid *
kid_by_proc(struct parent *p, uint8_t proc)
{
	for (int i = 0; i < KID_MAX; i++)
		if (p->kids[i].proc == proc)
			return &p->kids[i];
	return NULL;
}

void
kid_close(struct kid *k)
{
	if (k->open)
		chan_close(&k->chan);
	k->open = 0;
}

struct kid_args {
	const char *v[KID_ARGS];
	char uid[16], gid[16];
};

static void
args_fill(const struct parent *p, const struct kid *k, struct kid_args *a)
{
	const struct flags *f = &p->flags;
	size_t prefix = strlen(kinds[k->id].inject);
	int n = 0, svc = k->id == KID_SVC || k->id == KID_SVC_SHELL;

	a->v[n++] = kinds[k->id].program;
	if (svc) {
		a->v[n++] = "-j";
		a->v[n++] = f->jail;
		if (k->id == KID_SVC_SHELL)
			a->v[n++] = "-S";
	} else {
		snprintf(a->uid, sizeof(a->uid), "%u",
		    k->id == KID_LOG ? p->uid_log :
		    k->id == KID_SHIP ? p->uid_ship : p->uid_net);
		snprintf(a->gid, sizeof(a->gid), "%u",
		    k->id == KID_LOG ? p->gid_log :
		    k->id == KID_SHIP ? p->gid_ship : p->gid_net);
		a->v[n++] = "-u";
		a->v[n++] = a->uid;
		a->v[n++] = "-g";
		a->v[n++] = a->gid;
	}
	if (f->wide)
		a->v[n++] = "-P";
	for (int i = 0; i < f->verbose && i < 3; i++)
		a->v[n++] = "-v";
	for (int i = 0; i < f->ninject && n < KID_ARGS - 2; i++) {
		if (strncmp(f->inject[i], kinds[k->id].inject, prefix) != 0)
			continue;
		a->v[n++] = "-X";
		a->v[n++] = f->inject[i] + prefix;
	}
	a->v[n] = NULL;
}

/* Exec it on these channel ends; both are closed here. 0 or -1 errno. */
static int
exec_kid(struct parent *p, struct kid *k, int theirs, int logfd)
{
	struct kid_args a;
	struct spawn s = {.exe = k->exe, .argv = a.v,
	    .ns = kinds[k->id].policy->ns};
	int saved;

	args_fill(p, k, &a);
	s.fd[s.nfds++] = p->null;
	s.fd[s.nfds++] = p->null;
	s.fd[s.nfds++] = p->flags.foreground ? STDERR_FILENO : p->null;
	s.fd[s.nfds++] = theirs;
	if (logfd != -1)
		s.fd[s.nfds++] = logfd;
	if (p->flags.wide) { /* its policy is in it: needed before its sandbox */
		while (s.nfds < FD_IMAGE)
			s.fd[s.nfds++] = p->null;
		s.fd[s.nfds++] = p->image_fd;
	}
	k->pid = spawn(&s);
	saved = errno;
	close(theirs);
	if (logfd != -1)
		close(logfd);
	errno = saved;
	if (k->pid == -1)
		k->pid = 0;
	return k->pid == 0 ? -1 : 0;
}

static int
start(struct parent *p, struct kid *k)
{
	int pair[2], logfd = -1;

	if (chan_pair(pair) == -1)
		return -1;
	if (k->slot != SLOT_NONE) {
		logfd = channels_producer(p, k);
		if (logfd == -1) {
			close(pair[0]);
			close(pair[1]);
			return -1;
		}
	}
	if (exec_kid(p, k, pair[1], logfd) == -1) {
		close(pair[0]);
		return -1;
	}
	chan_init(&k->chan, pair[0], PROC_PARENT, k->proc, 0, KID_QUEUE);
	k->open = 1;
	groups_join(p, k);
	return 0;
}

/* Back-off: when it may start again. */
static void
wait_turn(struct parent *p, struct kid *k)
{
	if (p->now - k->since > BACKOFF_RESET)
		k->backoff = BACKOFF_MIN;
	k->state = KID_WAIT;
	k->at = p->now + k->backoff;
	k->backoff *= 2;
	if (k->backoff > BACKOFF_MAX)
		k->backoff = BACKOFF_MAX;
}

int
kid_start(struct parent *p, struct kid *k)
{
	k->killed = k->mute = k->reaped = 0;
	k->gen = k->gen_sent = 0;
	k->since = p->now;
	k->starts++;
	if (start(p, k) == -1) {
		diag_warn("starting %s", proc_name(k->proc));
		wait_turn(p, k);
		return -1;
	}
	k->state = KID_BOOT;
	k->at = p->now + READY_LIMIT;
	if (chan_hello(&k->chan, 0) == -1)
		fatalx("%s: HELLO: %s", proc_name(k->proc),
		    chan_strerror(k->chan.err));
	debug("%s started, pid %d", proc_name(k->proc), (int)k->pid);
	return 0;
}

void
kid_kill(struct parent *p, struct kid *k, uint16_t kind, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (kind != EV_NONE)
		evq_text(&p->evq, kind, 0, "%s pid %d: %s", proc_name(k->proc),
		    (int)k->pid, text);
	if (!k->mute)
		diag_warnx("%s killed: %s", proc_name(k->proc), text);
	if (k->pid > 0 && !k->reaped)
		kill(k->pid, SIGKILL);
	k->killed = 1;
	kid_close(k);
}

void
kid_send(struct parent *p, struct kid *k, uint16_t type, const void *payload,
    size_t len, int fd)
{
	if (!k->open)
		return;
	if (chan_send(&k->chan, type, 0, payload, len, fd) == 0)
		return;
	if (k->chan.err == CHAN_E_EOF) /* SIGCHLD is on its way */
		return;
	if (k->chan.err != CHAN_E_QUEUE)
		diag_warnx("message %#x to %s: %s (a bug)", type,
		    proc_name(k->proc), chan_strerror(k->chan.err));
	kid_kill(p, k, EV_CHAN_BROKEN, "does not read its channel: %s",
	    chan_strerror(k->chan.err));
}

/* How many deaths lie within the window, this one included? */
static unsigned
count_death(struct kid *k, int64_t now)
{
	unsigned n = 0;

	memmove(k->death, k->death + 1, sizeof(k->death) - sizeof(k->death[0]));
	k->death[DEATHS_MAX - 1] = now;
	if (k->ndeaths < DEATHS_MAX)
		k->ndeaths++;
	for (unsigned i = DEATHS_MAX - k->ndeaths; i < DEATHS_MAX; i++)
		if (now - k->death[i] < DEATHS_WINDOW)
			n++;
	return n;
}

/* It is gone and nobody asked for it: again, or the end of all. Clients can
 * fill the memory of all scripts, but not stop the suite by it: what died of
 * that (oom) is not counted. */
static void
afterwards(struct parent *p, struct kid *k, const char *how, int oom)
{
	char why[160];

	if (p->phase == PHASE_START) {
		snprintf(why, sizeof(why), "%s ended before it was ready (%s)",
		    proc_name(k->proc), how);
		watch_stop(p, EX_FAIL, why);
	} else if (p->image.hdr->flags & IMG_F_CRASH_STOP) {
		snprintf(why, sizeof(why), "%s ended (%s); on-crash stop",
		    proc_name(k->proc), how);
		watch_stop(p, EX_FAIL, why);
	} else if (!oom && count_death(k, p->now) >= DEATHS_MAX &&
	    k->id != KID_SHIP) { /* the log goes on without a copy of it */
		snprintf(why, sizeof(why), "%s ended %d times in %d s (%s)",
		    proc_name(k->proc), DEATHS_MAX,
		    (int)(DEATHS_WINDOW / NS_SEC), how);
		watch_stop(p, EX_FAIL, why);
	} else {
		wait_turn(p, k);
	}
}

static void
died(struct parent *p, struct kid *k, int status)
{
	char how[64];
	int oom;
	pid_t pid = k->pid;

	k->reaped = 1;
	if (k->open && !k->killed)
		parent_msg_read(p, k); /* its last words */
	kid_close(k);
	k->pid = 0;
	k->state = KID_OFF;
	oom = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL &&
	    !k->killed && groups_oom(k);
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "signal %d%s", WTERMSIG(status),
		    oom ? ", scripts were out of memory" : "");
	else
		snprintf(how, sizeof(how), "exit %d", WEXITSTATUS(status));
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		evq_text(&p->evq, EV_SANDBOX_KILL, 0, "%s pid %d",
		    proc_name(k->proc), (int)pid);
		diag_warnx("%s: killed by its sandbox (a system call its "
		    "policy does not have)", proc_name(k->proc));
	}
	if (!k->mute) {
		evq_text(&p->evq, EV_PROC_DOWN, 0, "%s pid %d: %s",
		    proc_name(k->proc), (int)pid, how);
		if (!k->killed)
			diag_warnx("%s ended: %s", proc_name(k->proc), how);
	}
	channels_unlink(p, k);
	if (k->id == KID_LOG)
		channels_log_down(p);
	if (k->id == KID_SHIP && ship_died(p, k))
		return;
	if (p->phase <= PHASE_RUN)
		afterwards(p, k, how, oom);
}

void
kids_reap(struct parent *p)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == p->conf.pid) {
			reload_exited(p, status);
			continue;
		}
		for (int i = 0; i < KID_MAX; i++)
			if (p->kids[i].pid == pid)
				died(p, &p->kids[i], status);
	}
}

void
kids_timers(struct parent *p)
{
	for (int i = 0; i < KID_MAX; i++) {
		struct kid *k = &p->kids[i];

		if (k->state == KID_WAIT && p->phase == PHASE_RUN &&
		    p->now >= k->at)
			kid_start(p, k);
		else if ((k->state == KID_BOOT || k->state == KID_SETUP) &&
		    !k->killed && p->now >= k->at)
			kid_kill(p, k, EV_NONE, "not ready within %d s",
			    (int)(READY_LIMIT / NS_SEC));
		else if (k->state >= KID_BOOT && !k->open && !k->killed &&
		    p->now >= k->at)
			kid_kill(p, k, EV_CHAN_BROKEN, "closed its channel");
	}
}
