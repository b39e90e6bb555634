/* SPDX-License-Identifier: ISC */
/*
 * The habits of every family on a virtual clock: hpd-conf's table through
 * hpd-net's TCP. What is expected is written down here once more, in seconds
 * and segments as a peer would see them, not taken from the table.
 */
#include "tcp_world.h"

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/persona_habit.h"
#include "hpd-parent/conf/table.h"

#define STEP_MS 5
#define SEEN	64

static uint32_t isn; /* the decoy's */

static const uint8_t ws_sack[] = {2, 4, 0x05, 0xb4, 1, 1, 4, 2};

static void
world_family(enum img_family f)
{
	world_init(64);
	persona_habits(&w_pers, f);
	w_pers.family = (uint8_t)f;
}

/* Answers of the decoy while ms pass, with their times since `from'. */
struct seen {
	uint32_t at; /* ms */
	uint8_t flags;
	uint32_t seq, ack, len;
};
static struct seen seen[SEEN];
static uint32_t nseen;

static void
take(int64_t from)
{
	struct got g;
	uint32_t i;

	for (i = 0; got_answer(i, &g); i++) {
		assert_true(nseen < SEEN);
		seen[nseen].at = (uint32_t)((w_ns - from) / 1000000);
		seen[nseen].flags = g.flags;
		seen[nseen].seq = g.seq;
		seen[nseen].ack = g.ack;
		seen[nseen++].len = g.len;
	}
	got_clear();
}

static void
watch(uint32_t ms)
{
	int64_t from = w_ns;
	uint32_t t;

	nseen = 0;
	world_turn();
	take(from);
	for (t = 0; t < ms; t += STEP_MS) {
		w_ns += STEP_MS * 1000000LL;
		net_now();
		net_timer_run();
		tcp_flush();
		take(from);
	}
}

/* What sockets and messages bring, without time. */
static void
turns(void)
{
	uint32_t i;

	nseen = 0;
	for (i = 0; i < 6; i++)
		world_turn();
	take(w_ns);
}

static void
near(uint32_t got, uint32_t want, const char *what, enum img_family f)
{
	uint32_t slack = want / 50 + 3 * STEP_MS;

	if (got + slack < want || got > want + slack)
		fail_msg("%s, %s: %u ms, not %u", persona_family_name(f), what,
		    got, want);
}

static void
number(uint32_t got, uint32_t want, const char *what, enum img_family f)
{
	if (got != want)
		fail_msg("%s, %s: %u, not %u", persona_family_name(f), what,
		    got, want);
}

static void
seg(uint16_t sport, uint16_t port, uint32_t seq, uint32_t ack, uint8_t flags,
    const char *data)
{
	world_tcp(P_ADDR, sport, port, 1001 + seq, isn + 1 + ack, flags, 64240,
	    NULL, 0, (const uint8_t *)data, (uint32_t)strlen(data));
	world_turn();
}

/* A connection of 5 ms round trip. */
static void
connection(uint16_t sport, uint16_t port)
{
	struct got g;

	got_clear();
	world_tcp(P_ADDR, sport, port, 1000, 0, TH_SYN, 64240, ws_sack,
	    sizeof(ws_sack), NULL, 0);
	assert_true(got_answer(0, &g));
	isn = g.seq;
	w_ns += 5000000;
	seg(sport, port, 0, 0, TH_ACK, "");
	world_turn();
	got_clear();
}

static const struct expect {
	enum img_family f;
	/* SYN/ACKs again after so many seconds, then the end */
	uint32_t synack[12];
	uint32_t over;	  /* with RST at that second, 0: silence */
	/* data again: how often, the shortest and longest wait (ms), RST */
	uint32_t again, first, longest, rst;
	uint32_t fin_again; /* our FIN, unanswered */
	uint32_t probe[4], probe_len; /* closed window: ms after it closed */
	uint32_t fin_wait, time_wait; /* s */
	char tw_new, tw_old; /* SYN there: N new, A ack, R rst, - nothing */
	char syn, rst_near; /* in the window: A challenge, R reset */
	char unread;	    /* closed with bytes unread: R or F */
	uint32_t delack;    /* ms of the 20th small segment */
} rows[] = {
	{FAM_GENERIC, {1, 3, 7, 15, 31}, 0, 15, 200, 120000, 0, 8,
	    {200, 600, 1400, 3000}, 0, 60, 60, 'N', 'A', 'A', 'A', 'R', 40},
	{FAM_LINUX24, {3, 9, 21, 45, 93}, 0, 15, 200, 120000, 0, 8,
	    {200, 600, 1400, 3000}, 0, 60, 60, 'N', 'A', 'R', 'R', 'R', 40},
	{FAM_LINUX26, {3, 9, 21, 45, 93}, 0, 15, 200, 120000, 0, 8,
	    {200, 600, 1400, 3000}, 0, 60, 60, 'N', 'A', 'R', 'R', 'R', 40},
	{FAM_LINUX, {1, 3, 7, 15, 31}, 0, 15, 200, 120000, 0, 8,
	    {200, 600, 1400, 3000}, 0, 60, 60, 'N', 'A', 'A', 'A', 'R', 40},
	{FAM_WIN_OLD, {3, 9}, 0, 5, 300, 4800, 1, 5, {300, 900, 2100, 4500},
	    1, 240, 240, 'N', 'A', 'R', 'R', 'R', 200},
	{FAM_WIN_XP, {3, 9}, 0, 5, 300, 4800, 1, 5, {300, 900, 2100, 4500},
	    1, 240, 240, 'N', 'A', 'R', 'R', 'R', 200},
	{FAM_WIN_7, {3, 9}, 0, 5, 300, 4800, 1, 5, {300, 900, 2100, 4500}, 1,
	    120, 120, 'N', 'A', 'A', 'A', 'R', 200},
	{FAM_WIN_10, {1, 3}, 0, 5, 300, 4800, 1, 5, {300, 900, 2100, 4500}, 1,
	    120, 120, 'N', 'A', 'A', 'A', 'R', 50},
	{FAM_FREEBSD, {3, 9, 21}, 0, 12, 230, 64000, 1, 12,
	    {5000, 10000, 15000, 20000}, 1, 60, 60, 'N', '-', 'A', 'A', 'F',
	    100},
	{FAM_OPENBSD, {3, 9, 21, 45}, 0, 12, 1000, 64000, 1, 12,
	    {5000, 10000, 15000, 23000}, 1, 600, 60, 'N', 'A', 'A', 'A', 'F',
	    200},
	{FAM_NETBSD, {3, 9, 21, 45}, 0, 12, 1000, 64000, 1, 12,
	    {5000, 10000, 15000, 23000}, 1, 600, 60, 'N', 'A', 'A', 'A', 'F',
	    200},
	{FAM_MACOS, {1, 3, 7, 15, 31, 63}, 75, 12, 230, 14720, 1,
	    12, {5000, 10000, 15000, 20000}, 1, 60, 30, 'N', 'A', 'A', 'A',
	    'F', 100},
	{FAM_SOLARIS, {3, 9, 21, 45, 93, 153}, 0, 14, 400, 60000, 0, 14,
	    {400, 1200, 2800, 6000}, 1, 675, 60, 'N', 'A', 'R', 'R', 'R',
	    100},
	{FAM_IOS, {2, 6, 14}, 0, 12, 300, 60000, 1, 12,
	    {300, 900, 2100, 4500}, 1, 600, 60, 'N', 'A', 'A', 'A', 'F', 200},
	{FAM_VXWORKS, {6, 18, 42}, 75, 12, 1000, 64000, 1, 12,
	    {5000, 10000, 15000, 23000}, 1, 600, 60, 'N', 'A', 'R', 'R', 'F',
	    200},
	{FAM_PRINTER, {3, 9, 21}, 0, 12, 1000, 64000, 1, 12,
	    {5000, 10000, 15000, 23000}, 1, 60, 60, 'N', 'A', 'R', 'R', 'F',
	    200},
	{FAM_EMBEDDED, {3, 9}, 0, 12, 1000, 120000, 0, 12,
	    {1500, 3500, 7500, 15500}, 1, 20, 120, 'R', 'A', 'A', 'R', 'R',
	    250},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static void
each(void (*test)(const struct expect *))
{
	size_t i;

	assert_int_equal(ROWS, FAM_MAX);
	for (i = 0; i < ROWS; i++) {
		world_family(rows[i].f);
		test(&rows[i]);
		world_done();
	}
}

static void
synacks(const struct expect *e)
{
	uint32_t i, n;

	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1000, 0, TH_SYN, 64240, NULL, 0,
	    NULL, 0);
	got_clear();
	watch(260000);
	for (n = 0; n < nseen && seen[n].flags == (TH_SYN | TH_ACK); n++)
		near(seen[n].at, e->synack[n] * 1000, "SYN/ACK again", e->f);
	for (i = n; i < 12; i++)
		number(0, e->synack[i], "SYN/ACK missing", e->f);
	number(nseen - n, e->over != 0, "segments at the end", e->f);
	if (e->over != 0) {
		number(seen[n].flags, TH_RST | TH_ACK, "its flags", e->f);
		near(seen[n].at, e->over * 1000, "the end", e->f);
	}
	number(stats[ST_TCP_HALF_OPEN], 0, "half-open left", e->f);
}

static void
data(const struct expect *e)
{
	uint32_t n, longest = 0;

	connection(4000, PORT_SERVICE);
	assert_int_equal(send(w_script, "0123456789", 10, 0), 10);
	watch(1000000);
	assert_true(nseen > 1 && seen[0].len == 10 && seen[0].at == 0);
	near(seen[1].at, e->first, "data again", e->f);
	for (n = 1; n < nseen && seen[n].len == 10; n++)
		if (seen[n].at - seen[n - 1].at > longest)
			longest = seen[n].at - seen[n - 1].at;
	number(n - 1, e->again, "times data was sent again", e->f);
	near(longest, e->longest, "longest wait", e->f);
	number(nseen - n, e->rst, "segments at the end", e->f);
	if (e->rst)
		number(seen[n].flags & TH_RST, TH_RST, "RST", e->f);
	number(tcp_active(), 0, "connections left", e->f);
}

static void
fin(const struct expect *e)
{
	uint32_t n;

	connection(4000, PORT_SERVICE);
	world_exit_script();
	world_turn();
	watch(700000);
	for (n = 0; n < nseen && (seen[n].flags & TH_FIN); n++)
		number(seen[n].len, 0, "bytes with the FIN", e->f);
	/* the slow ones are ended after ten minutes */
	if (e->first >= 1000 || e->longest > 60000) {
		if (n < 9)
			fail_msg("%s: %u FINs", persona_family_name(e->f), n);
	} else if (e->f != FAM_SOLARIS)
		number(n, e->fin_again + 1, "FINs", e->f);
	number(nseen - n, e->rst, "segments at the end", e->f);
}

static void
closed_window(const struct expect *e)
{
	uint32_t i, n;

	connection(4000, PORT_SERVICE);
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001, isn + 1, TH_ACK, 0, NULL,
	    0, (const uint8_t *)"x", 1);
	world_turn();
	got_clear();
	assert_int_equal(send(w_script, "0123456789", 10, 0), 10);
	watch(e->probe[3] + 1000);
	for (i = n = 0; i < nseen; i++) /* without the ACK that was owed */
		if (seen[i].len != 0 || seen[i].seq == isn)
			seen[n++] = seen[i];
	nseen = n;
	assert_true(nseen >= 4);
	for (i = 0; i < 4; i++)
		near(seen[i].at, e->probe[i], "window probe", e->f);
	number(seen[nseen - 1].len, e->probe_len, "its bytes", e->f);
	/* taken: goes on behind it; not taken: with it */
	if (e->probe_len == 1) {
		number(seen[nseen - 1].seq - isn, 1, "its number", e->f);
		nseen = 0;
		got_clear();
		seg(4000, PORT_SERVICE, 1, 1, TH_ACK, "");
		watch(300);
		assert_true(nseen >= 1);
		number(seen[0].seq - isn, 2, "the next byte", e->f);
		number(seen[0].len, 9, "bytes left", e->f);
		return;
	}
	number(isn - seen[nseen - 1].seq, 0, "its number", e->f);
	seg(4000, PORT_SERVICE, 1, 0, TH_ACK, "");
	watch(10);
	number(nseen, 1, "segments when it opened", e->f);
	number(seen[0].len, 10, "bytes", e->f);
}

/* Leaves a connection in FIN_WAIT_2. */
static void
half_closed(void)
{
	connection(4000, PORT_SERVICE);
	world_exit_script();
	world_turn();
	world_turn();
	got_clear();
	seg(4000, PORT_SERVICE, 0, 1, TH_ACK, "");
}

static void
fin_wait(const struct expect *e)
{
	half_closed();
	watch(e->fin_wait * 1000 - 1000);
	number(tcp_active(), 1, "in FIN_WAIT_2", e->f);
	watch(2000);
	number(tcp_active(), 0, "after it", e->f);
	number(nseen, 0, "segments at its end", e->f);
}

static char
answer_to(uint32_t seq)
{
	struct got g;

	got_clear();
	world_tcp(P_ADDR, 4000, PORT_SERVICE, 1001 + seq, 0, TH_SYN, 64240,
	    NULL, 0, NULL, 0);
	if (!got_answer(0, &g))
		return '-';
	if (g.flags & TH_RST)
		return 'R';
	return g.flags & TH_SYN ? 'N' : 'A';
}

static void
time_wait(const struct expect *e)
{
	half_closed();
	seg(4000, PORT_SERVICE, 0, 1, TH_ACK | TH_FIN, "");
	assert_int_equal(stats[ST_TCP_TIME_WAIT], 1);
	number((uint8_t)answer_to(0), (uint8_t)e->tw_old, "SYN of an old number",
	    e->f);
	watch(e->time_wait * 1000 - 1000);
	number((uint32_t)stats[ST_TCP_TIME_WAIT], 1, "in TIME_WAIT", e->f);
	number((uint8_t)answer_to(1000), (uint8_t)e->tw_new,
	    "SYN of a higher number", e->f);
	watch(2000);
	number((uint32_t)stats[ST_TCP_TIME_WAIT], 0, "after it", e->f);
}

static void
in_window(const struct expect *e)
{
	struct got g;

	connection(4000, PORT_SERVICE);
	number((uint8_t)answer_to(100), (uint8_t)e->syn, "SYN in the window",
	    e->f);
	number(tcp_active(), e->syn == 'A', "connections", e->f);
	if (e->syn == 'A')
		seg(4000, PORT_SERVICE, 0, 0, TH_RST, "");
	world_turn();
	if (w_script != -1)
		close(w_script);
	w_script = -1;
	connection(4001, PORT_SERVICE);
	got_clear();
	seg(4001, PORT_SERVICE, 100, 0, TH_RST, "");
	number(tcp_active(), e->rst_near == 'A', "after a RST near by", e->f);
	number(got_answer(0, &g) != 0, e->rst_near == 'A', "challenges", e->f);
	/* outside: never */
	if (e->rst_near == 'A') {
		seg(4001, PORT_SERVICE, 0x40000000, 0, TH_RST, "");
		number(tcp_active(), 1, "after a RST far off", e->f);
	}
}

static void
unread(const struct expect *e)
{
	uint32_t i, rst = 0, fins = 0;

	connection(4000, PORT_SERVICE);
	seg(4000, PORT_SERVICE, 0, 0, TH_ACK, "hello");
	world_turn();
	got_clear();
	world_exit_script();
	turns();
	for (i = 0; i < nseen; i++) {
		rst += (seen[i].flags & TH_RST) != 0;
		fins += (seen[i].flags & TH_FIN) != 0;
	}
	number(rst, e->unread == 'R', "RST", e->f);
	number(fins, e->unread == 'F', "FIN", e->f);
	/* one that has answered is taken to have read */
	if (e->unread == 'F')
		seg(4000, PORT_SERVICE, 5, 1, TH_RST, "");
	connection(4001, PORT_SERVICE);
	seg(4001, PORT_SERVICE, 0, 0, TH_ACK, "hello");
	got_clear();
	assert_int_equal(send(w_script, "bye", 3, 0), 3);
	world_exit_script();
	turns();
	number(nseen, 2, "segments of an answer", e->f);
	number(seen[0].len, 3, "its bytes", e->f);
	number(seen[1].flags & (TH_FIN | TH_RST), TH_FIN, "its end", e->f);
}

/* Data that was sent before the end has no FIN on it; what waited for the
 * window has, where the family does so. */
static void
fin_rides(const struct expect *e)
{
	char buf[4000];
	uint32_t i, with = 0;

	memset(buf, 'x', sizeof(buf));
	connection(4000, PORT_SERVICE);
	assert_int_equal(send(w_script, buf, 10, 0), 10);
	world_exit_script();
	turns();
	number(nseen, 2, "segments", e->f);
	number(seen[0].flags & TH_FIN, 0, "FIN with data", e->f);
	number(seen[1].flags & TH_FIN, TH_FIN, "FIN", e->f);
	seg(4000, PORT_SERVICE, 0, 11, TH_RST, "");
	connection(4001, PORT_SERVICE);
	world_tcp(P_ADDR, 4001, PORT_SERVICE, 1001, isn + 1, TH_ACK, 100, NULL,
	    0, (const uint8_t *)"x", 1);
	world_turn();
	got_clear();
	assert_int_equal(send(w_script, buf, 200, 0), 200);
	assert_int_equal(recv(w_script, buf, 1, 0), 1);
	world_exit_script();
	turns();
	seg(4001, PORT_SERVICE, 1, 0, TH_ACK, "");
	turns();
	for (i = 0; i < nseen; i++)
		with += seen[i].len > 0 && (seen[i].flags & TH_FIN);
	number(with, !w_pers.fin_alone, "FIN with waiting data", e->f);
}

static void
delayed(const struct expect *e)
{
	uint32_t i, quick = 0;
	struct got g;

	connection(4000, PORT_OPEN);
	for (i = 0; i < 19; i++) {
		got_clear();
		seg(4000, PORT_OPEN, i, 0, TH_ACK, "x");
		quick += got_answer(0, &g) != 0;
		watch(300);
	}
	number(quick, w_pers.quick_acks, "quick ACKs", e->f);
	got_clear();
	seg(4000, PORT_OPEN, 19, 0, TH_ACK, "x");
	watch(300);
	number(nseen, 1, "ACKs", e->f);
	near(seen[0].at, e->delack, "delayed ACK", e->f);
	got_clear();
	seg(4000, PORT_OPEN, 20, 0, TH_ACK, "x");
	seg(4000, PORT_OPEN, 21, 0, TH_ACK, "x");
	assert_true(got_answer(0, &g)); /* the second, at once */
	assert_int_equal(g.ack, 1001 + 22);
}

static uint16_t
window_for(uint16_t mss, int ts)
{
	uint8_t opt[] = {2, 4, (uint8_t)(mss >> 8), (uint8_t)mss, 8, 10, 0, 0,
	    0, 7, 0, 0, 0, 0, 1, 1};
	static uint16_t sport = 6000;
	struct got g;

	got_clear();
	world_tcp(P_ADDR, ++sport, PORT_OPEN, 1000, 0, TH_SYN, 64240, opt,
	    ts ? sizeof(opt) : 4, NULL, 0);
	assert_true(got_answer(0, &g));
	world_tcp(P_ADDR, sport, PORT_OPEN, 1001, 0, TH_RST, 0, NULL, 0, NULL,
	    0);
	return g.win;
}

/* Solaris: 48 KiB rounded up to segments of the smaller MSS, less the
 * timestamps; never beyond the field. */
static void
rounded_window(void **state)
{
	int i;

	(void)state;
	world_family(FAM_SOLARIS);
	for (i = ANS_GEN; i < ANS_MAX; i++) {
		w_pers.answer[i].window = 49152;
		w_pers.answer[i].quirks |= ANQ_WIN_UP | ANQ_WIN_TS;
	}
	assert_int_equal(window_for(1460, 1), 34 * 1448);
	assert_int_equal(window_for(1460, 0), 34 * 1460);
	assert_int_equal(window_for(1400, 1), 36 * 1388);
	assert_int_equal(window_for(1331, 0), 37 * 1331);
	assert_int_equal(window_for(536, 1), 94 * 524);
	assert_int_equal(window_for(9000, 0), 34 * 1460); /* ours */
	assert_int_equal(window_for(1, 1), 49152 / 36 * 36 + 36); /* 48 - 12 */
	for (i = ANS_GEN; i < ANS_MAX; i++)
		w_pers.answer[i].window = 65535;
	assert_int_equal(window_for(1460, 0), 65535);
	world_done();
}

#define EACH(f)                                                               \
	static void t_##f(void **state)                                       \
	{                                                                     \
		(void)state;                                                  \
		each(f);                                                      \
	}
EACH(synacks)
EACH(data)
EACH(fin)
EACH(closed_window)
EACH(fin_wait)
EACH(time_wait)
EACH(in_window)
EACH(unread)
EACH(fin_rides)
EACH(delayed)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(t_synacks),
	    cmocka_unit_test(t_data),
	    cmocka_unit_test(t_fin),
	    cmocka_unit_test(t_closed_window),
	    cmocka_unit_test(t_fin_wait),
	    cmocka_unit_test(t_time_wait),
	    cmocka_unit_test(t_in_window),
	    cmocka_unit_test(t_unread),
	    cmocka_unit_test(t_fin_rides),
	    cmocka_unit_test(t_delayed),
	    cmocka_unit_test(rounded_window),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
