/* SPDX-License-Identifier: ISC */
/*
 * hpd-log while its disk is full or fails: what stays true of the chain, of the
 * numbers of its own records and of the seal's state.
 */
#define LOG_FIX_DRIVEN
#include "tests/unit/log_fix.h"

/* A disk that stays full: each segment that takes nothing costs one number, not
 * one for each line that waits, and the doubt stays one that verify believes. */
static void
long_full(void **state)
{
	struct follow was;
	uint64_t index;
	uint32_t i;

	(void)state;
	begin();
	for (i = 0; i < 20; i++)
		put_flow((uint16_t)(1000 + i));
	limit(1200);
	flush();
	look(&ev, STREAM_EVENTS);
	was = ev;
	index = ld->seal->chain[SEAL_EVENTS].index;
	limit(100);
	for (i = 0; i < 300; i++)
		segment(STREAM_EVENTS, 2 + i, 1 << 24);
	assert_int_equal(ld->seal->chain[SEAL_EVENTS].index, index + 300);
	assert_true(ld->seal->chain[SEAL_EVENTS].index -
	    ld->seal->chain[SEAL_EVENTS].written < 400);
	limit(0);
	stream_tick(ld);
	look(&ev, STREAM_EVENTS);
	assert_in_range(occurs("\"port\":10"), 17, 20);
	stream_finish(ld);
	assert_int_equal(ld->seal->chain[0].index, ld->seal->chain[0].written);
	assert_int_equal(ev.bad, was.bad);
	assert_int_equal(ld->seal->clean, 1);
	end();
}

/* What can't be made durable is said once, and the state on disk does not speak
 * of it; when that itself can't be written, the other slot stays. */
static void
not_durable(void **state)
{
	static uint8_t slots[2 * SEAL_STATE_SIZE];
	struct seal_state st;
	uint64_t saved;
	int fd, i, sv[2];

	(void)state;
	begin();
	put_flow(1);
	flush();
	saved = ld->seal->saved;
	/* A socket takes lines and can't be synced. */
	fd = dup(FD_SEGMENT_MIN + STREAM_EVENTS);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	dup2(sv[0], FD_SEGMENT_MIN + STREAM_EVENTS);
	for (i = 0; i < 3; i++) {
		put_flow(2);
		flush();
		ld->saved_ns = 0;
		stream_tick(ld);
	}
	assert_int_equal(ld->seal->saved, saved);
	assert_true(ld->stats[LS_SYNC_ERRORS] >= 3);
	i = (int)read(sv[1], text, sizeof(text) - 1);
	assert_true(i > 0);
	text[i] = '\0';
	assert_int_equal(occurs("segment 1: not durable"), 1);
	dup2(fd, FD_SEGMENT_MIN + STREAM_EVENTS);
	ld->saved_ns = 0;
	ld->saved_written[0] = 0;
	stream_tick(ld);
	assert_int_equal(ld->seal->saved, saved + 1);
	assert_int_equal(pread(state_fd, slots, sizeof(slots), 0),
	    sizeof(slots));
	assert_int_equal(seal_unpack(&st, slots, sizeof(slots)), 0);
	assert_int_equal(st.saved, saved + 1);
	close(fd);
	close(sv[0]);
	close(sv[1]);
	end();
}

/* Each number of hpd-log's own stands in one record: in the page, 1 to the
 * last; readers drop what has a number they have seen. */
static void
numbers(uint8_t *seen, uint64_t max)
{
	static const char own[] = "\"producer\":\"hpd-log\",\"instance\":0";
	char *p, *nl;

	for (p = text; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		uint64_t n = member(p, (size_t)(nl - p), "\"seq\":");

		if (memmem(p, (size_t)(nl - p), own, strlen(own)) == NULL)
			continue;
		assert_in_range(n, 1, max);
		seen[n]++;
	}
}

static void
numbered_once(void **state)
{
	uint8_t seen[100] = { 0 };
	uint64_t i;

	(void)state;
	begin();
	segment(STREAM_PROBES, 1, 1 << 24);
	put(1);
	put_flow(1);
	flush();
	(void)check_of(STREAM_PROBES, 0);
	numbers(seen, 99);
	limit(100); /* neither ends nor begins fit */
	segment(STREAM_PROBES, 2, 1 << 24);
	segment(STREAM_PROBES, 3, 1 << 24);
	(void)check(1);
	numbers(seen, 99);
	segment(STREAM_EVENTS, 2, 1 << 24);
	limit(0);
	segment(STREAM_PROBES, 4, 1 << 24);
	stream_tick(ld);
	stream_finish(ld);
	(void)check(1);
	numbers(seen, 99);
	(void)check_of(STREAM_PROBES, 0);
	numbers(seen, 99);
	assert_in_range(ld->own_seq, 10, 90);
	for (i = 1; i < ld->own_seq; i++)
		assert_int_equal(seen[i], 1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(long_full),
		cmocka_unit_test(not_durable),
		cmocka_unit_test(numbered_once),
	};

	signal(SIGXFSZ, SIG_IGN);
	diag_init("t_log_full", DIAG_FATAL);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
