/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent's side of hpship: sockets of all transports, which segments it
 * keeps, what a failed socket and a reload bring.
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/clock.h"
#include "hpd-parent/parent.h"

static struct parent *p;
static struct chan side; /* hpship's end */
static char dir[] = "/tmp/t_parent_ship.XXXXXX";
static char strings[512] = "\0/nowhere";
static struct img_header hdr;

static int
make(void **state)
{
	struct chan_msg *m = malloc(sizeof(*m));
	struct kid *k;
	int pair[2];

	(void)state;
	p = calloc(1, sizeof(*p));
	if (p == NULL || m == NULL || chan_pair(pair) == -1)
		return -1;
	p->phase = PHASE_RUN;
	p->now = 1000 * NS_SEC;
	p->image.hdr = &hdr;
	p->image.strings = strings;
	memset(&hdr, 0, sizeof(hdr));
	p->seg.dir = open(dir, O_RDONLY | O_DIRECTORY);
	for (uint8_t i = 0; i < KID_MAX; i++)
		p->kids[i].id = i;
	k = &p->kids[KID_SHIP];
	k->proc = PROC_SHIP;
	chan_init(&k->chan, pair[0], PROC_PARENT, PROC_SHIP, 0, 64);
	chan_init(&side, pair[1], PROC_SHIP, PROC_PARENT, 0, 64);
	if (chan_hello(&k->chan, 0) == -1 || chan_hello(&side, 0) == -1 ||
	    chan_recv(&k->chan, m) != 1 || chan_recv(&side, m) != 1)
		return -1;
	free(m);
	k->open = 1;
	k->pid = getpid(); /* there is one ... */
	k->reaped = 1;	   /* ... that is never signalled */
	k->state = KID_RUN;
	return 0;
}

static int
drop(void **state)
{
	(void)state;
	for (int i = 0; i < p->ship.nsegs; i++)
		close(p->ship.seg[i].fd);
	kid_close(&p->kids[KID_SHIP]);
	chan_close(&side);
	close(p->seg.dir);
	free(p);
	return 0;
}

/* The next message hpship gets: its type, 0 none. Its descriptor in *fd. */
static uint16_t
heard(struct chan_msg *m)
{
	m->type = 0;
	m->fd = -1;
	(void)chan_recv(&side, m);
	return m->type;
}

/* How many of that type wait; all others are taken off as well. */
static int
count(uint16_t type)
{
	static struct chan_msg m;
	int n = 0;

	while (heard(&m) != 0) {
		n += m.type == type;
		if (m.fd != -1)
			close(m.fd);
	}
	return n;
}

static void
configure(uint8_t transport, uint8_t probes)
{
	hdr.syslog.transport = transport;
	hdr.syslog.facility = 3;
	hdr.syslog.probes = probes;
	hdr.syslog.ver = transport == SHIP_UNIX || transport == 0 ? 0 : 4;
	hdr.syslog.port = 9; /* UDP: connecting to it always works */
	hdr.syslog.path = transport == SHIP_UNIX ? 1 : 0;
	memset(hdr.syslog.addr, 0, sizeof(hdr.syslog.addr));
	if (hdr.syslog.ver == 4)
		memcpy(hdr.syslog.addr, "\x7f\0\0\1", 4);
	ship_config(p);
}

/* A segment of size bytes, as hpd-parent makes and hpd-log fills it. */
static void
segment(int stream, size_t size)
{
	char path[200];
	int fd;

	snprintf(p->seg.newest[stream], sizeof(p->seg.newest[stream]),
	    "%d-%u", stream, ++p->seg.number[stream]);
	snprintf(path, sizeof(path), "%s/%s", dir, p->seg.newest[stream]);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
	ship_new_segment(p, stream);
}

static uint32_t
held(int i)
{
	return i < p->ship.nsegs ? p->ship.seg[i].number +
	    1000 * p->ship.seg[i].stream : 0;
}

static void
off_is_nothing(void **state)
{
	(void)state;
	configure(SHIP_NONE, 0);
	segment(STREAM_EVENTS, 10);
	segment(STREAM_PROBES, 10);
	assert_int_equal(p->ship.nsegs, 0);
	p->now += 100 * NS_SEC;
	ship_timers(p);
	assert_int_equal(ship_due(p), 0);
	assert_int_equal(count(0xffff), 0);
	assert_int_equal(side.n_in, 1); /* its HELLO */
}

static void
only_the_streams_asked_for(void **state)
{
	static struct chan_msg m;

	(void)state;
	p->ship.on = 1;
	p->ship.conf.transport = SHIP_UDP;
	segment(STREAM_PROBES, 10);
	segment(STREAM_HONEYD, 10);
	segment(STREAM_PCAP, 10);
	assert_int_equal(p->ship.nsegs, 0);
	segment(STREAM_EVENTS, 10);
	assert_int_equal(heard(&m), MSG_SHIP_SEGMENT);
	assert_int_equal(m.u.ship_segment.stream, STREAM_EVENTS);
	assert_int_equal(m.u.ship_segment.number, 1);
	assert_int_equal(fcntl(m.fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(lseek(m.fd, 0, SEEK_CUR), 0);
	/* one place, shared: hpship moves it */
	assert_int_equal(lseek(m.fd, 7, SEEK_SET), 7);
	assert_int_equal(lseek(p->ship.seg[0].fd, 0, SEEK_CUR), 7);
	close(m.fd);
	p->ship.conf.probes = 1;
	segment(STREAM_PROBES, 10);
	assert_int_equal(count(MSG_SHIP_SEGMENT), 1);
	assert_int_equal(p->ship.nsegs, 2);
}

static void
delivered_ones_go(void **state)
{
	(void)state;
	p->ship.on = 1;
	p->ship.conf.probes = 1;
	segment(STREAM_EVENTS, 10);
	segment(STREAM_PROBES, 10);
	(void)lseek(p->ship.seg[0].fd, 10, SEEK_SET);
	segment(STREAM_EVENTS, 0); /* empty: hpd-log may still be at the first */
	assert_int_equal(p->ship.nsegs, 3);
	segment(STREAM_EVENTS, 5);
	segment(STREAM_EVENTS, 0);
	assert_int_equal(held(0), 1000 * STREAM_PROBES + 1);
	assert_int_equal(held(1), 3); /* 1 delivered, 2 stayed empty */
	assert_int_equal(held(2), 4);
	(void)lseek(p->ship.seg[0].fd, 10, SEEK_SET); /* no successor */
	segment(STREAM_EVENTS, 5);
	assert_int_equal(held(0), 1000 * STREAM_PROBES + 1);
}

static void
too_many(void **state)
{
	(void)state;
	p->ship.on = 1;
	p->ship.conf.probes = 1;
	segment(STREAM_EVENTS, 10);
	segment(STREAM_PROBES, 10);
	segment(STREAM_PROBES, 10);
	for (int i = 3; i < SHIP_SEGMENTS; i++)
		segment(STREAM_EVENTS, 10);
	assert_int_equal(p->ship.nsegs, SHIP_SEGMENTS);
	segment(STREAM_EVENTS, 10); /* the older of the probes goes */
	assert_int_equal(p->ship.nsegs, SHIP_SEGMENTS);
	assert_int_equal(held(0), 1);
	assert_int_equal(held(1), 1000 * STREAM_PROBES + 2);
	segment(STREAM_EVENTS, 10); /* their newest stays: the oldest events */
	assert_int_equal(held(0), 1000 * STREAM_PROBES + 2);
	assert_int_equal(held(1), 2);
	assert_int_equal(p->ship.nsegs, SHIP_SEGMENTS);
	assert_int_equal(count(MSG_SHIP_SEGMENT), SHIP_SEGMENTS + 2);
}

static void
removed_ones_go(void **state)
{
	char path[200];

	(void)state;
	p->ship.on = 1;
	segment(STREAM_EVENTS, 10);
	segment(STREAM_EVENTS, 10);
	snprintf(path, sizeof(path), "%s/%d-1", dir, STREAM_EVENTS);
	assert_int_equal(unlink(path), 0);
	ship_timers(p);
	assert_int_equal(p->ship.nsegs, 1);
	assert_int_equal(held(0), 2);
}

static void
a_successor_gets_them_again(void **state)
{
	static struct chan_msg m;
	struct kid *k = &p->kids[KID_SHIP];

	(void)state;
	configure(SHIP_UDP, 0); /* on: state is RUN, so it "still ends" */
	(void)count(0);
	k->state = KID_WAIT;
	segment(STREAM_EVENTS, 10);
	segment(STREAM_EVENTS, 10);
	assert_int_equal(heard(&m), 0); /* it is not there */
	(void)lseek(p->ship.seg[0].fd, 4, SEEK_SET);
	k->state = KID_RUN;
	ship_started(p, k);
	for (uint32_t i = 1; i <= 2; i++) {
		assert_int_equal(heard(&m), MSG_SHIP_SEGMENT);
		assert_int_equal(m.u.ship_segment.number, i);
		assert_int_equal(lseek(m.fd, 0, SEEK_CUR), i == 1 ? 4 : 0);
		close(m.fd);
	}
	assert_int_equal(heard(&m), MSG_SHIP_SOCKET);
	assert_int_equal(m.u.ship_socket.transport, SHIP_UDP);
	close(m.fd);
}

static void
a_failed_socket_waits(void **state)
{
	static const struct msg_ship_down down = {ECONNREFUSED, 0};
	static const int wait[] = {1, 2, 4, 8, 16, 32, 60, 60};
	struct kid *k = &p->kids[KID_SHIP];

	(void)state;
	configure(SHIP_UDP, 0);
	ship_started(p, k);
	assert_int_equal(count(MSG_SHIP_SOCKET), 1);
	for (size_t i = 0; i < sizeof(wait) / sizeof(wait[0]); i++) {
		ship_lost(p, &down);
		ship_lost(p, &down); /* of the same one: once */
		assert_int_equal(ship_due(p), p->now + wait[i] * NS_SEC);
		p->now += wait[i] * NS_SEC - 1;
		ship_timers(p);
		assert_int_equal(count(MSG_SHIP_SOCKET), 0);
		p->now += 1;
		ship_timers(p);
		assert_int_equal(count(MSG_SHIP_SOCKET), 1);
		assert_int_equal(ship_due(p), 0);
	}
	p->now += SHIP_STEADY;
	ship_timers(p);
	ship_lost(p, &down);
	assert_int_equal(ship_due(p), p->now + NS_SEC);
	/* it died: no connecting for nobody */
	k->mute = 0;
	assert_int_equal(ship_died(p, k), 0);
	assert_int_equal(ship_due(p), 0);
}

static void
nobody_at_a_path(void **state)
{
	struct kid *k = &p->kids[KID_SHIP];

	(void)state;
	configure(SHIP_UNIX, 0);
	ship_started(p, k);
	assert_int_equal(count(MSG_SHIP_SOCKET), 0);
	assert_int_equal(ship_due(p), p->now + NS_SEC);
}

static void
reloads(void **state)
{
	static struct chan_msg m;
	struct kid *k = &p->kids[KID_SHIP];

	(void)state;
	k->state = KID_WAIT; /* so that nothing is started here */
	p->phase = PHASE_START;
	configure(SHIP_UDP, 1);
	p->phase = PHASE_RUN;
	k->state = KID_RUN;
	assert_int_equal(p->ship.on, 1);
	segment(STREAM_EVENTS, 10);
	segment(STREAM_PROBES, 10);
	ship_started(p, k);
	(void)count(0);
	configure(SHIP_UDP, 1); /* the same */
	assert_int_equal(count(MSG_SHIP_SOCKET), 0);
	configure(SHIP_UDP, 0); /* no probes any more */
	assert_int_equal(p->ship.nsegs, 1);
	assert_int_equal(heard(&m), MSG_SHIP_SOCKET);
	assert_int_equal(m.u.ship_socket.probes, 0);
	close(m.fd);
	configure(SHIP_UDP, 1); /* again: from the end of what there is */
	assert_int_equal(p->ship.nsegs, 2);
	assert_int_equal(lseek(p->ship.seg[1].fd, 0, SEEK_CUR), 10);
	assert_int_equal(heard(&m), MSG_SHIP_SEGMENT);
	close(m.fd);
	assert_int_equal(count(MSG_SHIP_SOCKET), 1);
	configure(SHIP_NONE, 0); /* off */
	assert_int_equal(p->ship.nsegs, 0);
	assert_true(k->mute);
	assert_int_equal(heard(&m), MSG_STOP);
	configure(SHIP_UDP, 1); /* on, while the last one still ends */
	assert_true(p->ship.restart);
	assert_int_equal(p->ship.nsegs, 2);
	assert_int_equal(count(MSG_SHIP_SEGMENT), 0); /* not for that one */
	configure(SHIP_NONE, 0);
	assert_false(p->ship.restart);
	assert_int_equal(ship_died(p, k), 1); /* as asked: no restart */
}

static void
close_all(int a, int b)
{
	close(a);
	if (b != -1)
		close(b);
}

static void
is_connected(int fd, int type)
{
	socklen_t len = sizeof(int);
	int got = 0;

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_TYPE, &got, &len), 0);
	assert_int_equal(got, type);
}

static void
sockets(void **state)
{
	struct img_syslog c = {.transport = SHIP_UNIX};
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} a;
	socklen_t len;
	char path[300];
	int there, fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/s", dir);
	(void)str_copy(un.sun_path, path, sizeof(un.sun_path));
	assert_int_equal(ship_connect(&c, path), -1);
	assert_int_equal(errno, ENOENT);
	there = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(there, (struct sockaddr *)&un, sizeof(un)), 0);
	fd = ship_connect(&c, path);
	is_connected(fd, SOCK_DGRAM);
	assert_int_equal(send(fd, "x", 1, 0), 1);
	close_all(fd, there);
	assert_int_equal(ship_connect(&c, path), -1);
	assert_int_equal(errno, ECONNREFUSED);
	memset(path, '/', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(ship_connect(&c, path), -1);
	assert_int_equal(errno, ENAMETOOLONG);
	for (int v6 = 0; v6 < 2; v6++)
		for (int tcp = 0; tcp < 2; tcp++) {
			int type = tcp ? SOCK_STREAM : SOCK_DGRAM;

			memset(&a, 0, sizeof(a));
			memset(&c, 0, sizeof(c));
			c.transport = tcp ? SHIP_TCP : SHIP_UDP;
			c.ver = v6 ? 6 : 4;
			c.addr[v6 ? 15 : 3] = 1;
			if (!v6)
				c.addr[0] = 127;
			a.sa.sa_family = v6 ? AF_INET6 : AF_INET;
			if (v6)
				a.in6.sin6_addr = in6addr_loopback;
			else
				a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
			len = v6 ? sizeof(a.in6) : sizeof(a.in);
			there = socket(a.sa.sa_family, type, 0);
			if (there == -1 || bind(there, &a.sa, len) == -1) {
				print_message("# no IPv6 here\n");
				close(there);
				continue;
			}
			assert_int_equal(getsockname(there, &a.sa, &len), 0);
			if (tcp)
				assert_int_equal(listen(there, 1), 0);
			c.port = ntohs(a.in.sin_port);
			fd = ship_connect(&c, "");
			is_connected(fd, type);
			(void)poll(&(struct pollfd){fd, POLLOUT, 0}, 1, 1000);
			assert_int_equal(send(fd, "x", 1, 0), 1);
			close_all(fd, there);
		}
}

static int
away(void **state)
{
	char cmd[64];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(off_is_nothing),
	    T(only_the_streams_asked_for),
	    T(delivered_ones_go),
	    T(too_many),
	    T(removed_ones_go),
	    T(a_successor_gets_them_again),
	    T(a_failed_socket_waits),
	    T(nobody_at_a_path),
	    T(reloads),
	    T(sockets),
	};

	if (mkdtemp(dir) == NULL)
		return 1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, away);
}
