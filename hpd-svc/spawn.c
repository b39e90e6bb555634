/* SPDX-License-Identifier: ISC */
/*
 * Starting a session in hpd-svc: caps, interpreter, slot, socket and pipes,
 * environment, jail_spawn(), watches. Every failure is undone, answered with a
 * reason and recorded with the name of the step. Must never allocate per
 * session beyond libevent's two watches.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "common/diag.h"
#include "hpd-svc/limits.h"
#include "hpd-svc/output.h"
#include "hpd-svc/pool.h"
#include "hpd-svc/session.h"

#define SLOT_TRIES 16 /* further slots after one whose uid is in use */

struct start { /* descriptors of a session being started */
	int sock[2];   /* ours to hand out, the script's */
	int pipe[2][2]; /* stderr, descriptor 3: reading, writing end */
};

static void
start_close(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static void
start_undo(struct start *st)
{
	int i;

	for (i = 0; i < 2; i++) {
		start_close(&st->sock[i]);
		start_close(&st->pipe[i][0]);
		start_close(&st->pipe[i][1]);
	}
}

/* Which kind of socket: datagrams keep their edges, but shells read
 * bytewise and would lose what follows the first one of each. */
static int
start_socktype(const struct svc *svc, const struct msg_svc_open *open)
{
	return open->proto == IPPROTO_UDP && svc->profile == PROFILE_NOFORK
	    ? SOCK_SEQPACKET : SOCK_STREAM;
}

/* NULL, or the step that failed (errno). */
static const char *
start_fds(struct start *st, int type)
{
	int i;

	memset(st, 0xff, sizeof(*st));
	if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, st->sock) == -1)
		return "socketpair";
	/* hpd-net never blocks; the script's end does */
	if (fcntl(st->sock[0], F_SETFL, O_RDWR | O_NONBLOCK) == -1)
		return "nonblock";
	for (i = 0; i < 2; i++) {
		if (pipe2(st->pipe[i], O_CLOEXEC) == -1)
			return "pipe";
		if (fcntl(st->pipe[i][0], F_SETFL, O_NONBLOCK) == -1)
			return "nonblock";
	}
	return NULL;
}

/* The job of the jail. argv and env live until the exec. NULL or the step. */
static const char *
start_job(struct svc *svc, struct jail_job *job, const struct start *st,
    const struct msg_svc_open *open, const struct generation *g,
    const char **argv)
{
	const struct img_service *s = &g->img.services[open->service];

	memset(job, 0, sizeof(*job));
	job->interp = services_interp(&svc->services,
	    svc->profile == PROFILE_SHELL ? INIT_PATH
					  : image_str(&g->img, s->interp));
	if (job->interp == -1)
		return "interpreter";
	errno = E2BIG;
	if (services_argv(&g->img, s, argv) == -1)
		return "argv";
	if (services_rlimits(&svc->services, job, svc->script, g->narrow, s) == -1)
		return "limits";
	job->sock = st->sock[1];
	job->err = st->pipe[0][1];
	job->json = st->pipe[1][1];
	job->landlock = svc->landlock;
	job->filter = g->filter;
	job->filter_len = g->filter_len;
	job->argv = argv;
	job->own_pidns = svc->profile == PROFILE_SHELL;
	return NULL;
}

/* The script runs, waiting or not: fill what its row has from the start. */
static void
start_row(struct svc *svc, struct session *s, struct start *st, pid_t pid)
{
	const struct img_service *is =
	    &s->gen->img.services[s->open.service];
	uint32_t row = (uint32_t)(s - svc->session);
	int i;

	s->used = 1;
	s->pid = pid;
	s->shell = svc->profile == PROFILE_SHELL;
	s->cpu_s = is->cpu_s;
	str_copy(s->name, image_str(&s->gen->img, is->name),
	    sizeof(s->name));
	bucket_init(&s->bucket, s->start_ns, LINES_RATE, LINES_BURST);
	for (i = 0; i < 2; i++) {
		s->fd[i] = st->pipe[i][0];
		st->pipe[i][0] = -1;
		lines_init(&s->lines[i], svc->part[row][i]);
		s->watch[i] = loop_fd_add(svc->loop, s->fd[i], LOOP_READ,
		    output_ready, s);
		if (s->watch[i] == NULL)
			diag_warnx("session %llu: output %d not watched",
			    (unsigned long long)s->id, i);
	}
	session_link_pid(svc, s);
}

/* It has its client: chains, deadline, event. */
static void
start_session(struct svc *svc, struct session *s)
{
	const struct img_service *is =
	    &s->gen->img.services[s->open.service];

	session_link(svc, s);
	session_deadline(svc, s, (uint64_t)is->wall_s * 1000);
	svc->stat[SVC_STAT_OPENED]++;
	output_event(svc, s, EV_SVC_START, 0, 1, s->name, strlen(s->name));
}

void
session_denied(struct svc *svc, uint64_t id, const struct msg_svc_open *open,
    uint8_t reason, const char *step, int error)
{
	struct session s;

	svc->stat[SVC_STAT_DENIED]++;
	if (!bucket_take(&svc->denied, clock_mono_ns(), DENIED_RATE,
	    DENIED_BURST)) {
		svc->denied_folded++;
		return;
	}
	memset(&s, 0, sizeof(s));
	s.id = id;
	s.open = *open;
	output_event(svc, &s, EV_SVC_DENIED, reason, 1 + svc->denied_folded,
	    NULL, 0);
	svc->denied_folded = 0;
	if (step != NULL)
		diag_warnx("session %llu not started: %s: %s",
		    (unsigned long long)id, step, strerror(error));
}

/*
 * Start the job under the uid of *slot. A uid that has processes already
 * (other sensors on this host, in their jails) is refused by RLIMIT_NPROC: the
 * next slots are tried, and *slot and the session's row move there.
 */
static int
spawn_in_slot(struct svc *svc, struct jail_job *job, int *slot)
{
	int tries, next, pid;

	for (tries = 0;; tries++) {
		job->uid = job->gid = slots_uid(&svc->slots, (uint32_t)*slot);
		pid = jail_spawn(job);
		if (pid != -1 || job->error != EAGAIN || tries == SLOT_TRIES)
			return pid;
		next = slots_take(&svc->slots);
		if (next == -1)
			return -1;
		svc->session[next] = svc->session[*slot];
		memset(&svc->session[*slot], 0, sizeof(svc->session[0]));
		slots_give(&svc->slots, (uint32_t)*slot);
		*slot = next;
	}
}

/* A free row, empty but for what every session has; NULL: none. */
static struct session *
new_row(struct svc *svc, struct generation *g, int *slot)
{
	struct session *s;

	*slot = slots_take(&svc->slots);
	if (*slot == -1)
		return NULL;
	s = &svc->session[*slot];
	memset(s, 0, sizeof(*s));
	s->fd[0] = s->fd[1] = s->sock = -1;
	s->svc = svc;
	s->gen = g;
	s->start_ns = clock_mono_ns();
	return s;
}

/*
 * The script of a row with its open message filled in. NULL: it runs, *row is
 * where it now is and *sock its session's socket; else the step that failed
 * (errno), and nothing is left.
 */
static const char *
spawn(struct svc *svc, struct session **row, int slot, const struct env *env,
    int *sock)
{
	static const char *argv[SVC_ARGS_MAX];
	static struct jail_job job;
	struct session *s = *row;
	struct start st;
	const char *step;
	int pid, e;

	step = start_fds(&st, start_socktype(svc, &s->open));
	if (step == NULL)
		step = start_job(svc, &job, &st, &s->open, s->gen, argv);
	if (step == NULL) {
		job.envp = env->vec;
		pid = spawn_in_slot(svc, &job, &slot);
		*row = s = &svc->session[slot];
		if (pid == -1) {
			step = job.step;
			errno = job.error;
		}
	}
	e = errno;
	if (step == NULL) {
		start_row(svc, s, &st, pid);
		*sock = st.sock[0];
		st.sock[0] = -1;
	} else {
		svc->stat[SVC_STAT_SPAWN_FAILED]++;
		slots_give(&svc->slots, (uint32_t)slot);
	}
	start_undo(&st);
	errno = e;
	return step;
}

int
session_start_waiting(struct svc *svc, struct generation *g, uint32_t service)
{
	static struct env none; /* it gets its own with its session */
	const char *step;
	struct session *s;
	int slot, sock;

	if ((s = new_row(svc, g, &slot)) == NULL)
		return -1;
	s->peer = PEER_GONE;
	s->open.service = service;
	s->open.proto = g->img.services[service].proto;
	none.n = 0;
	none.vec[0] = NULL;
	step = spawn(svc, &s, slot, &none, &sock);
	if (step != NULL) {
		diag_warnx("%s: not started ahead: %s: %s",
		    image_str(&g->img, g->img.services[service].name), step,
		    strerror(errno));
		return -1;
	}
	s->waiting = 1;
	s->sock = sock;
	svc->waiting[svc->nwaiting++] = (uint16_t)(s - svc->session);
	return 0;
}

uint8_t
session_open(struct svc *svc, uint8_t peer, uint64_t id,
    const struct msg_svc_open *open, struct generation *g, int *sock)
{
	static struct env env;
	const char *step = NULL;
	struct session *s = NULL;
	int slot;
	uint8_t why = limits_check(svc, g, open);

	if (why != 0) {
		session_denied(svc, id, open, why, NULL, 0);
		return why;
	}
	if (env_build(&env, &g->img, open, id, svc->key) == -1 ||
	    (g->img.services[open->service].pool != 0 &&
	    env.used >= POOL_HEADER)) {
		errno = E2BIG;
		step = "environment";
	} else if (g->img.services[open->service].pool != 0 &&
	    (s = pool_take(svc, g, open->service, &env, sock)) != NULL) {
		svc->stat[SVC_STAT_POOL]++;
	} else if ((s = new_row(svc, g, &slot)) == NULL) {
		errno = EAGAIN; /* limits_check saw a free one */
		step = "slot";
	} else {
		s->open = *open;
		step = spawn(svc, &s, slot, &env, sock);
		/* the module that waits is in it all the same; where this
		 * fails it has ended already, and SVC_EXIT follows */
		if (step == NULL && g->img.services[open->service].pool != 0)
			(void)pool_tell(*sock, &env);
	}
	if (step != NULL) {
		session_denied(svc, id, open, DENIED_SPAWN, step, errno);
		return DENIED_SPAWN;
	}
	s->id = id;
	s->peer = peer;
	s->open = *open;
	s->start_ns = clock_mono_ns();
	start_session(svc, s);
	return 0;
}
