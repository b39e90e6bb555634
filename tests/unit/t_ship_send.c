/* SPDX-License-Identifier: ISC */
/*
 * hpship's socket: octet counting, what counts as delivered, what happens when
 * the receiver is slow, small, absent or gone. Real sockets on the loopback.
 */
#include <sys/socket.h>
#include <sys/un.h>

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
#include <poll.h>
#include <unistd.h>

#include "common/clock.h"
#include "hpd-log/hpship/send.h"

static struct sender s;
static struct syslog_ident id;
static int there = -1, back = -1; /* the receiver's listening one, and end */
static struct sockaddr_in to;

static int
begin(void **state)
{
	(void)state;
	syslog_ident(&id, "sensor", 1);
	id.facility = 3;
	return send_init(&s);
}

static int
end(void **state)
{
	(void)state;
	send_free(&s);
	if (there != -1)
		close(there);
	if (back != -1)
		close(back);
	there = back = -1;
	return 0;
}

static int
message(const char *kind, size_t filler)
{
	static char line[70000];
	struct ship_line l;
	size_t n = (size_t)snprintf(line, sizeof(line), "{\"@timestamp\":"
	    "\"2026-11-23T16:31:58.123949Z\",\"event\":{\"action\":\"%s\"},"
	    "\"message\":\"", kind);

	memset(line + n, 'm', filler);
	n += filler;
	memcpy(line + n, "\"}", 2);
	assert_int_equal(line_scan(line, n + 2, &l), 0);
	return send_line(&s, &id, &l, line, n + 2);
}

static void
point(uint64_t off)
{
	struct place e = { 1, off, off }, p = { 0, 0, 0 };

	send_point(&s, clock_mono_ns(), &e, &p);
}

/* The newest that is delivered: its place, or 0. */
static uint64_t
delivered(void)
{
	const struct point *p = send_delivered(&s, clock_mono_ns());

	return p == NULL ? 0 : p->events.off;
}

static int
inet(int type, int listening)
{
	socklen_t len = sizeof(to);
	int fd = socket(AF_INET, type, 0);

	memset(&to, 0, sizeof(to));
	to.sin_family = AF_INET;
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&to, &len), 0);
	if (listening)
		assert_int_equal(listen(fd, 1), 0);
	return fd;
}

static int
connected(int type)
{
	int fd = socket(AF_INET, type | SOCK_NONBLOCK, 0);
	int r = connect(fd, (struct sockaddr *)&to, sizeof(to));

	assert_true(r == 0 || errno == EINPROGRESS);
	return fd;
}

static void
nap(int ms)
{
	(void)poll(NULL, 0, ms);
}

static void
octet_counting(void **state)
{
	static char buf[1 << 20];
	size_t len = 0, want = 0, n;
	char *p = buf, *q;
	ssize_t r;

	(void)state;
	there = inet(SOCK_STREAM, 1);
	send_open(&s, connected(SOCK_STREAM), SHIP_TCP);
	back = accept(there, NULL, NULL);
	nap(20);
	for (size_t i = 0; i < 60000; i = i * 3 + 7)
		if (message("hpd.start", i) == 0)
			want++;
	send_flush(&s);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.out_len, 0);
	while (len < s.given) {
		r = recv(back, buf + len, sizeof(buf) - len, 0);
		assert_true(r > 0);
		len += (size_t)r;
	}
	while (p < buf + len) {
		n = strtoul(p, &q, 10);
		assert_true(*p != '0' && *q == ' ');
		assert_memory_equal(q + 1, "<29>1 2026-", 11);
		assert_true(q[n] == '}'); /* whole, nothing behind it */
		p = q + 1 + n;
		want--;
	}
	assert_true(p == buf + len);
	assert_int_equal(want, 0);
	assert_int_equal(s.cut, 0);
}

/* Delivered is what the other system acknowledged. */
static void
acknowledged(void **state)
{
	static char buf[65536];
	uint64_t taken = 0, d = 0;
	int small = 4096;

	(void)state;
	there = inet(SOCK_STREAM, 1);
	assert_int_equal(setsockopt(there, SOL_SOCKET, SO_RCVBUF, &small,
	    sizeof(small)), 0);
	send_open(&s, connected(SOCK_STREAM), SHIP_TCP);
	back = accept(there, NULL, NULL);
	nap(20);
	for (int i = 0; i < 2000 && !s.blocked; i++) {
		if (message("hpd.start", 20000) == 0 && send_point_room(&s))
			point(s.given);
	}
	assert_true(s.blocked); /* nobody reads */
	nap(50);
	d = delivered();
	assert_true(d < s.given);
	assert_int_equal(message("hpd.start", 1), 1); /* not now */
	for (int i = 0; i < 4000 && d < s.given; i++) {
		ssize_t r = recv(back, buf, sizeof(buf), MSG_DONTWAIT);

		taken += r > 0 ? (uint64_t)r : 0;
		s.blocked = 0;
		send_flush(&s);
		if (s.out_len == 0 && s.npoints == 0)
			point(s.given);
		nap(1);
		if ((r = (ssize_t)delivered()) > 0)
			d = (uint64_t)r;
	}
	assert_int_equal(d, s.given);
	/* all of it is in the receiver's hands, read or in its buffer */
	assert_true(taken + (1 << 20) > d && taken <= d);
}

static void
a_receiver_that_closes(void **state)
{
	(void)state;
	there = inet(SOCK_STREAM, 1);
	send_open(&s, connected(SOCK_STREAM), SHIP_TCP);
	back = accept(there, NULL, NULL);
	nap(20);
	assert_int_equal(message("hpd.start", 10), 0);
	send_flush(&s);
	point(7);
	nap(20);
	assert_int_equal(delivered(), 7);
	close(back);
	back = -1;
	nap(20);
	assert_int_equal(message("hpd.start", 10), 0);
	send_flush(&s);
	point(9);
	(void)delivered();
	assert_true(s.err == ECONNRESET || s.err == EPIPE);
	assert_int_equal(delivered(), 0); /* the second was not */
	send_close(&s);
	assert_int_equal(s.err, 0);
	assert_int_equal(s.npoints, 0);
}

static void
nobody_listens(void **state)
{
	(void)state;
	there = inet(SOCK_STREAM, 0);
	send_open(&s, connected(SOCK_STREAM), SHIP_TCP);
	nap(20);
	(void)message("hpd.start", 10);
	send_flush(&s);
	point(1);
	assert_int_equal(delivered(), 0);
	assert_int_equal(s.err, ECONNREFUSED);
}

/* UDP: one message on trial; the rest when no refusal came. */
static void
udp_on_trial(void **state)
{
	char buf[9000];

	(void)state;
	there = inet(SOCK_DGRAM, 0);
	send_open(&s, connected(SOCK_DGRAM), SHIP_UDP);
	assert_int_equal(message("hpd.start", 10), 0);
	assert_int_equal(message("hpd.start", 10), 1);
	point(5);
	assert_int_equal(delivered(), 0);
	nap(300);
	assert_int_equal(delivered(), 5);
	for (int i = 0; i < 10; i++)
		assert_int_equal(message("hpd.start", 10), 0);
	for (int i = 0; i < 11; i++)
		assert_true(recv(there, buf, sizeof(buf), MSG_DONTWAIT) > 0);
	close(there);
	there = -1;
	point(6);
	assert_int_equal(message("hpd.start", 10), 0); /* refused, later */
	point(7);
	nap(300);
	assert_int_equal(delivered(), 0);
	assert_int_equal(s.err, ECONNREFUSED);
}

static void
datagrams_are_cut(void **state)
{
	static char buf[70000];
	ssize_t n;

	(void)state;
	there = inet(SOCK_DGRAM, 0);
	send_open(&s, connected(SOCK_DGRAM), SHIP_UDP);
	s.trial = 0;
	for (size_t i = 0; i < 60000; i = i * 2 + 997) {
		assert_int_equal(message("hpd.svc.line", i), 0);
		n = recv(there, buf, sizeof(buf), 0);
		assert_true(n > 0 && n <= SYSLOG_DGRAM);
		buf[n] = '\0';
		assert_int_equal(strcmp(buf + n - 9, SYSLOG_CUT) == 0,
		    i > 8000);
	}
	assert_true(s.cut > 0);
	assert_int_equal(recv(there, buf, sizeof(buf), MSG_DONTWAIT), -1);
}

/* A socket that takes less: shorter, down to what every receiver takes. */
static void
small_datagrams(void **state)
{
	static char buf[70000];
	int sv[2], small = 1;
	ssize_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    sv), 0);
	assert_int_equal(setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &small,
	    sizeof(small)), 0); /* the least there is: 4.5 KiB */
	there = sv[1];
	send_open(&s, sv[0], SHIP_UNIX);
	assert_int_equal(message("hpd.svc.line", 20000), 0);
	n = recv(there, buf, sizeof(buf), 0);
	assert_true(n >= 480 && n < 4608);
	assert_int_equal(s.limit, 4096 >= n && n > 2048 ? 4096 : 2048);
	point(3);
	assert_int_equal(delivered(), 3); /* at once */
}

static void
local_receiver_full_or_gone(void **state)
{
	static char buf[70000];
	int sv[2], n = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0,
	    sv), 0);
	there = sv[1];
	send_open(&s, sv[0], SHIP_UNIX);
	while (message("hpd.start", 100) == 0)
		n++;
	assert_true(s.blocked);
	assert_int_equal(s.err, 0);
	assert_in_range(n, 1, 5000);
	assert_true(recv(there, buf, sizeof(buf), 0) > 0);
	s.blocked = 0;
	assert_int_equal(message("hpd.start", 100), 0);
	close(there);
	there = -1;
	assert_int_equal(message("hpd.start", 100), 1);
	assert_true(s.err != 0);
}

static void
points_are_bounded(void **state)
{
	(void)state;
	there = inet(SOCK_DGRAM, 0);
	send_open(&s, connected(SOCK_DGRAM), SHIP_UDP);
	for (int i = 0; i < SEND_POINTS; i++) {
		assert_true(send_point_room(&s));
		point((uint64_t)i + 1);
	}
	assert_false(send_point_room(&s));
	point(999); /* not taken */
	nap(300);
	assert_int_equal(delivered(), SEND_POINTS);
	assert_true(send_point_room(&s));
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(octet_counting),
	    T(acknowledged),
	    T(a_receiver_that_closes),
	    T(nobody_listens),
	    T(udp_on_trial),
	    T(datagrams_are_cut),
	    T(small_datagrams),
	    T(local_receiver_full_or_gone),
	    T(points_are_bounded),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
