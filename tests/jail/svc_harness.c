/* SPDX-License-Identifier: ISC */
/* See svc_harness.h. One hpd-svc at a time; everything static. */
#include "svc_harness.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/addr.h"
#include "svc_image.h"

#define KEPT_MAX 2048

static struct chan parent, net;
static int log_fd = -1, net_up, svc_pid = -1, is_shell;
static struct chan log_chan;
static const struct tsvc *cur_list;
static int cur_n;
static uint32_t cur_gen;
static uint64_t next_id = 1000;
static struct tevent *events;
static int nevents;
static struct tsession answer[KEPT_MAX]; /* ring of OPENED, DENIED, EXIT */
static struct msg_image_ack ack;
static int acks, readies;
static uint64_t stats[64];
static int nstats = -1;
int h_troubles, h_peer_eof;
struct msg_trouble h_trouble;

static void bail(const char *, ...)
    __attribute__((noreturn, format(printf, 1, 2)));

static void
bail(const char *fmt, ...)
{
	va_list ap;

	printf("Bail out! ");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf(" (%s)\n", strerror(errno));
	exit(1);
}

int64_t
h_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct tsession *
answer_of(uint64_t id)
{
	struct tsession *t = &answer[id % KEPT_MAX];

	if (t->id != id) {
		memset(t, 0, sizeof(*t));
		t->id = id;
		t->sock = -1;
	}
	return t;
}

static void
take_net(void)
{
	static struct chan_msg m;
	struct tsession *t;
	int r;

	while ((r = chan_recv(&net, &m)) == 1) {
		t = answer_of(m.id);
		if (m.type == MSG_SVC_OPENED) {
			t->sock = m.fd;
			t->transport = m.u.svc_opened.transport;
		} else if (m.type == MSG_SVC_DENIED) {
			t->denied = m.u.svc_denied.reason;
		} else if (m.type == MSG_SVC_EXIT) {
			t->ended = 1;
			t->exit = m.u.svc_exit;
		}
	}
	if (r == -1) {
		h_peer_eof = net.err == CHAN_E_EOF;
		if (!h_peer_eof)
			bail("net: %s", chan_strerror(net.err));
		chan_close(&net);
		net_up = 0;
	}
}

static void
take_parent(void)
{
	static struct chan_msg m;
	int r;

	while ((r = chan_recv(&parent, &m)) == 1) {
		if (m.type == MSG_IMAGE_ACK) {
			ack = m.u.image_ack;
			acks++;
		} else if (m.type == MSG_READY) {
			readies++;
		} else if (m.type == MSG_TROUBLE) {
			h_trouble = m.u.trouble;
			h_troubles++;
		} else if (m.type == MSG_STATS) {
			nstats = (int)m.u.stats.count;
			memcpy(stats, m.u.data + sizeof(struct msg_stats),
			    m.len - sizeof(struct msg_stats));
		}
	}
	if (r == -1 && parent.err != CHAN_E_EOF)
		bail("parent: %s", chan_strerror(parent.err));
}

static void
take_log(void)
{
	static struct chan_msg m;
	const uint8_t *p;
	size_t left, n, dlen;
	const void *d;
	int i;

	while (chan_recv(&log_chan, &m) == 1) {
		p = m.u.data + sizeof(struct msg_events);
		left = m.len - sizeof(struct msg_events);
		for (i = 0; i < m.u.events.count; i++) {
			n = event_check(p, left, is_shell ? PROC_SVC_SHELL
							  : PROC_SVC);
			if (n == 0 || nevents == EVENTS_KEPT)
				bail("bad or too many events");
			memcpy(&events[nevents].ev, p, sizeof(struct event));
			d = event_data((const void *)p, &dlen);
			memcpy(events[nevents].data, d, dlen);
			events[nevents].data[dlen] = '\0';
			events[nevents++].len = dlen;
			p += n;
			left -= n;
		}
	}
}

void
h_pump(int ms)
{
	struct pollfd p[3];
	int64_t end = h_ms() + ms, left;

	do {
		if (net_up && chan_pending(&net))
			chan_flush(&net);
		p[0] = (struct pollfd){ parent.fd, POLLIN, 0 };
		p[1] = (struct pollfd){ log_fd, POLLIN, 0 };
		p[2] = (struct pollfd){ net_up ? net.fd : -1, POLLIN, 0 };
		left = end - h_ms();
		if (poll(p, 3, left > 0 ? (int)left : 0) <= 0)
			break;
		if (p[0].revents)
			take_parent();
		if (p[1].revents)
			take_log();
		if (p[2].revents)
			take_net();
		if (p[0].revents & POLLHUP || p[2].revents)
			break;
	} while (h_ms() < end);
}

#define UNTIL(cond, ms)                                         \
	do {                                                    \
		int64_t end_ = h_ms() + (ms);                 \
		while (!(cond) && h_ms() < end_)              \
			h_pump(5);                              \
	} while (0)

void
h_parent(uint16_t type, const void *p, size_t len)
{
	if (chan_send(&parent, type, 0, p, len, -1) == -1)
		bail("send %u: %s", type, chan_strerror(parent.err));
}

uint32_t
h_image(const struct tsvc *list, int n, uint32_t generation)
{
	struct msg_image m = { generation, 0 };
	size_t size;
	int fd = svc_image(list, n, generation, is_shell, &size);
	int before = acks;

	if (fd == -1)
		bail("image");
	m.size = (uint32_t)size;
	if (chan_send(&parent, MSG_IMAGE, 0, &m, sizeof(m), fd) == -1)
		bail("IMAGE: %s", chan_strerror(parent.err));
	close(fd);
	UNTIL(acks > before, 3000);
	if (acks == before)
		bail("no IMAGE_ACK");
	if (ack.result == 0) {
		cur_list = list;
		cur_n = n;
		cur_gen = generation;
	}
	return ack.result;
}

void
h_peer_up(void)
{
	struct msg_peer m;
	int fds[2];

	if (chan_pair(fds) == -1)
		bail("pair");
	memset(&m, 0, sizeof(m));
	m.proc = PROC_NET;
	if (chan_send(&parent, MSG_PEER_UP, 0, &m, sizeof(m), fds[1]) == -1)
		bail("PEER_UP: %s", chan_strerror(parent.err));
	close(fds[1]);
	if (net_up)
		chan_close(&net);
	chan_init(&net, fds[0], PROC_NET, is_shell ? PROC_SVC_SHELL : PROC_SVC,
	    0, 2048);
	net_up = 1;
	h_peer_eof = 0;
	if (chan_hello(&net, 0) == -1)
		bail("hello");
	UNTIL(net.state >= CHAN_RUN, 3000);
	if (net.state < CHAN_RUN)
		bail("no HELLO on the peer channel");
}

void
h_peer_down(void)
{
	struct msg_peer m;

	memset(&m, 0, sizeof(m));
	m.proc = PROC_NET;
	h_parent(MSG_PEER_DOWN, &m, sizeof(m));
	chan_close(&net);
	net_up = 0;
}

static void
child(const char *bin, const char *jail, int shell, int pfd, int lfd)
{
	char name[] = "hpd-svc", j[] = "-j", v[] = "-v", cap[] = "-S";
	char *argv[] = { name, j, strdup(jail), v, shell ? cap : NULL, NULL };
	char *envp[] = { NULL };
	int null = open("/dev/null", O_RDWR);
	int p = fcntl(pfd, F_DUPFD, 100), l = fcntl(lfd, F_DUPFD, 100);

	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 ||
	    (getenv("HPD_DEBUG") == NULL && dup2(null, 2) == -1) ||
	    dup2(p, FD_PARENT) == -1 || dup2(l, FD_LOG) == -1 ||
	    syscall(SYS_close_range, 5, ~0u, 0) == -1)
		_exit(126);
	execve(bin, argv, envp);
	_exit(127);
}

void
h_start(const char *bin, const char *jail, const struct tsvc *list, int n,
    int shell)
{
	struct msg_start s;
	int p[2], l[2];

	is_shell = shell;
	events = calloc(EVENTS_KEPT, sizeof(*events));
	if (events == NULL || chan_pair(p) == -1 || chan_pair(l) == -1)
		bail("setup");
	svc_pid = (int)syscall(SYS_clone, CLONE_NEWPID | CLONE_NEWNS |
	    CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | SIGCHLD, 0, 0, 0, 0);
	if (svc_pid == -1)
		bail("clone");
	if (svc_pid == 0)
		child(bin, jail, shell, p[1], l[1]);
	close(p[1]);
	close(l[1]);
	log_fd = l[0];
	chan_init_oneway(&log_chan, l[0], PROC_LOG,
	    shell ? PROC_SVC_SHELL : PROC_SVC, 0, 1);
	chan_init(&parent, p[0], PROC_PARENT,
	    shell ? PROC_SVC_SHELL : PROC_SVC, 0, 64);
	if (chan_hello(&parent, 0) == -1)
		bail("hello");
	UNTIL(parent.state >= CHAN_SETUP, 5000);
	if (parent.state < CHAN_SETUP)
		bail("hpd-svc did not start: %s", chan_strerror(parent.err));
	if (h_image(list, n, 1) != 0 || readies != 1)
		bail("image refused: %u", ack.result);
	memset(&s, 0, sizeof(s));
	memcpy(s.key, "0123456789abcdef", 16);
	s.boot = 77;
	s.session = next_id;
	h_parent(MSG_START, &s, sizeof(s));
	h_peer_up();
}

struct msg_svc_open
h_payload(const char *service, uint8_t src)
{
	struct msg_svc_open o;
	int i;

	for (i = 0; i < cur_n; i++)
		if (strcmp(cur_list[i].name, service) == 0)
			break;
	if (i == cur_n)
		bail("no test service %s", service);
	memset(&o, 0, sizeof(o));
	o.generation = cur_gen;
	o.service = (uint32_t)i;
	o.ver = 4;
	o.proto = cur_list[i].udp ? IPPROTO_UDP : IPPROTO_TCP;
	addr_set4(o.src, 0xc6336400u | src);
	addr_set4(o.dst, 0xc0000205u);
	o.sport = 40000;
	o.dport = 25;
	o.ifindex = 3;
	return o;
}

struct tsession
h_open_raw(const struct msg_svc_open *o)
{
	struct tsession *t = answer_of(next_id++);

	if (chan_send(&net, MSG_SVC_OPEN, t->id, o, sizeof(*o), -1) == -1)
		bail("SVC_OPEN: %s", chan_strerror(net.err));
	UNTIL(t->sock != -1 || t->denied || !net_up, 3000);
	return *t;
}

struct tsession
h_open(const char *service, uint8_t src)
{
	struct msg_svc_open o = h_payload(service, src);
	struct tsession t = h_open_raw(&o);

	if (t.sock == -1 && !t.denied && net_up)
		bail("no answer to SVC_OPEN of %s", service);
	return t;
}

const char *
h_read(struct tsession *t, int ms)
{
	static char buf[65536];
	struct pollfd p = { t->sock, POLLIN, 0 };
	int64_t end = h_ms() + ms, left;
	size_t n = 0;
	ssize_t r;

	while (t->sock != -1 && n < sizeof(buf) - 1 &&
	    (left = end - h_ms()) > 0) {
		h_pump(0);
		if (poll(&p, 1, left < 20 ? (int)left : 20) <= 0)
			continue;
		r = recv(t->sock, buf + n, sizeof(buf) - 1 - n, 0);
		if (r <= 0)
			break;
		n += (size_t)r;
	}
	buf[n] = '\0';
	return buf;
}

int
h_expect(struct tsession *t, const char *text)
{
	int64_t end = h_ms() + 15000;
	char buf[4096];
	ssize_t r;

	do {
		h_pump(10);
		r = recv(t->sock, buf, sizeof(buf) - 1, MSG_PEEK);
		buf[r > 0 ? r : 0] = '\0';
		if (strstr(buf, text) != NULL)
			return 1;
	} while (r != 0 && h_ms() < end);
	return 0;
}

void
h_write(struct tsession *t, const char *text)
{
	if (send(t->sock, text, strlen(text), MSG_NOSIGNAL) == -1)
		printf("# write: %s\n", strerror(errno));
}

void
h_close(struct tsession *t, uint8_t reason)
{
	struct msg_svc_close m;

	memset(&m, 0, sizeof(m));
	m.reason = reason;
	if (t->sock != -1)
		close(t->sock);
	t->sock = -1;
	if (chan_send(&net, MSG_SVC_CLOSE, t->id, &m, sizeof(m), -1) == -1)
		bail("SVC_CLOSE: %s", chan_strerror(net.err));
	h_pump(0);
}

int
h_ended(const struct tsession *t)
{
	return answer_of(t->id)->ended;
}

/* A wait that long is for something that comes: a machine that stands still
 * for seconds must not fail it. */
#define SLOW	    1000
#define SLOW_FACTOR 8

int
h_wait(struct tsession *t, int ms)
{
	struct tsession *a = answer_of(t->id);

	UNTIL(a->ended || !net_up, ms < SLOW ? ms : ms * SLOW_FACTOR);
	/* events come in batches, later */
	if (a->ended)
		UNTIL(h_event(EV_SVC_EXIT, t->id, 0) != NULL, 15000);
	if (t->sock != -1)
		close(t->sock);
	t->sock = -1;
	t->ended = a->ended;
	t->exit = a->exit;
	return t->ended;
}

const char *
h_run(const char *service, const char *text, struct tsession *t)
{
	const char *out;

	*t = h_open(service, 1);
	if (t->sock == -1) {
		printf("# %s: denied %u\n", service, t->denied);
		UNTIL(h_event(EV_SVC_DENIED, t->id, 0) != NULL, 3000);
		return "denied";
	}
	if (text != NULL)
		h_write(t, text);
	out = h_read(t, 5000);
	h_wait(t, 3000);
	return out;
}

const struct tevent *
h_event(uint16_t kind, uint64_t session, int n)
{
	int i;

	for (i = 0; i < nevents; i++)
		if (events[i].ev.kind == kind &&
		    (session == 0 || events[i].ev.session == session) &&
		    n-- == 0)
			return &events[i];
	return NULL;
}

int
h_count(uint16_t kind, uint64_t session)
{
	int n = 0;

	while (h_event(kind, session, n) != NULL)
		n++;
	return n;
}

const char *
h_diag(const char *s)
{
	const struct tevent *e;
	int i;

	for (i = 0; (e = h_event(EV_DIAG, 0, i)) != NULL; i++)
		if (strstr(e->data, s) != NULL)
			return e->data;
	return NULL;
}

int
h_gone(int ms)
{
	int64_t end = h_ms() + ms;
	int st, r;

	do {
		r = waitpid(svc_pid, &st, WNOHANG);
		if (r == svc_pid) {
			take_log();
			return st;
		}
		h_pump(5);
		usleep(2000);
	} while (h_ms() < end);
	return -1;
}

int
h_pid(void)
{
	return svc_pid;
}

int
h_shell(void)
{
	return is_shell;
}

uint64_t
h_stat(int i)
{
	nstats = -1;
	h_parent(MSG_STATS_REQ, NULL, 0);
	UNTIL(nstats != -1, 3000);
	if (i >= nstats)
		bail("no counter %d", i);
	return stats[i];
}
