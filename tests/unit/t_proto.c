/* SPDX-License-Identifier: ISC */
/*
 * The protocol table and the meaning checks, against the vectors. Fails when a
 * row has no good vector or a message fewer than three bad ones.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto_vectors.h"

static union {
	uint8_t b[PROTO_MAX_PAYLOAD];
	uint64_t align;
} buf;

static int
taken(const struct proto_row *r, size_t len)
{
	return len >= r->min && len <= r->max &&
	    proto_check(r, buf.b, len) == 0;
}

static void
every_row_has_vectors(void **state)
{
	const struct proto_row *r;
	size_t i, j, good, bad;

	(void)state;
	for (i = 0; i < proto_nrows; i++) {
		r = &proto_rows[i];
		for (j = good = 0; j < NGOOD; j++)
			good += proto_row(vec_good[j].type, vec_good[j].from,
				    vec_good[j].to) == r;
		for (j = bad = 0; j < NBAD; j++)
			bad += vec_bad[j].type == r->type;
		if (good < 1 || bad < 3)
			fail_msg("row %zu, %s: %zu good, %zu bad", i, r->name,
			    good, bad);
	}
}

static void
good_is_taken(void **state)
{
	const struct proto_row *r;
	size_t i;

	(void)state;
	for (i = 0; i < NGOOD; i++) {
		r = proto_row(vec_good[i].type, vec_good[i].from,
		    vec_good[i].to);
		assert_non_null(r);
		if (!taken(r, vec_fill(&vec_good[i], buf.b)))
			fail_msg("%s refused", r->name);
	}
}

static void
bad_is_refused(void **state)
{
	const struct vec_good *g;
	size_t i, j, n;

	(void)state;
	for (i = 0; i < NBAD; i++) {
		for (j = n = 0; j < NGOOD; j++) {
			g = &vec_good[j];
			if (g->type != vec_bad[i].type)
				continue;
			n++;
			if (taken(proto_row(g->type, g->from, g->to),
			    vec_spoil(&vec_bad[i], buf.b,
			    vec_fill(g, buf.b))))
				fail_msg("%s taken: %s",
				    proto_type_name(g->type), vec_bad[i].why);
		}
		assert_true(n > 0);
	}
}

/* Nothing a bit flip turns into something longer than the buffer is read: the
 * sanitizers watch while every byte of every vector takes every value. */
static void
flips(void **state)
{
	const struct proto_row *r;
	size_t i, k, len;
	unsigned int v, same = 0;
	uint8_t old;

	(void)state;
	for (i = 0; i < NGOOD; i++) {
		r = proto_row(vec_good[i].type, vec_good[i].from,
		    vec_good[i].to);
		len = vec_fill(&vec_good[i], buf.b);
		for (k = 0; k < len; k++) {
			old = buf.b[k];
			for (v = 0; v < 256; v++) {
				buf.b[k] = (uint8_t)v;
				same += taken(r, len);
			}
			buf.b[k] = old;
		}
		assert_true(taken(r, len));
	}
	assert_true(same > 0);
}

static void
table_is_sound(void **state)
{
	const struct proto_row *r;
	size_t i, j;

	(void)state;
	for (i = 0; i < proto_nrows; i++) {
		r = &proto_rows[i];
		assert_true(r->from != 0 && r->to != 0);
		assert_true((r->from & r->to) == 0);
		assert_true((r->from | r->to) < 1u << PROC_MAX);
		assert_true(r->states != 0 && r->states < 16);
		assert_true(r->min <= r->max && r->max <= PROTO_MAX_PAYLOAD);
		assert_true((r->min != r->max) ==
		    ((r->flags & ROW_VARLEN) != 0));
		assert_string_equal(proto_type_name(r->type), r->name);
		for (j = 0; j < i; j++) /* one row a type and direction */
			assert_false(proto_rows[j].type == r->type &&
			    proto_rows[j].from & r->from &&
			    proto_rows[j].to & r->to);
	}
	assert_string_equal(proto_type_name(0x7777), "?");
}

/* What the design says nobody may do. */
static void
forbidden(void **state)
{
	static const uint16_t to_parent[] = {MSG_HELLO, MSG_IMAGE_ACK,
	    MSG_READY, MSG_STATS, MSG_TROUBLE, MSG_LOG_FULL, MSG_SEALED,
	    MSG_SHIP_DOWN};
	const struct proto_row *r;
	size_t i, j, ok;

	(void)state;
	for (i = 0; i < proto_nrows; i++) {
		r = &proto_rows[i];
		if (r->to & 1u << PROC_PARENT) { /* root: a short list */
			for (j = ok = 0; j < sizeof(to_parent) / 2; j++)
				ok += to_parent[j] == r->type;
			assert_int_equal(ok, 1);
			assert_int_equal(r->fd, FDK_NONE);
		}
		if (r->to & (1u << PROC_SVC | 1u << PROC_SVC_SHELL) &&
		    r->fd != FDK_NONE) {
			assert_int_equal(r->from, 1u << PROC_PARENT);
			assert_true(r->type == MSG_IMAGE ||
			    r->type == MSG_PEER_UP);
		}
		/* what sends to the network gets no more than its channels,
		 * what it reads, and that socket; the log no socket */
		if (r->to == 1u << PROC_SHIP && r->fd != FDK_NONE)
			assert_true(r->fd == FDK_READ || r->fd == FDK_SYSLOG);
		if (r->to == 1u << PROC_LOG && r->fd != FDK_NONE)
			assert_true(r->fd == FDK_SEGMENT ||
			    r->fd == FDK_PAGE || r->fd == FDK_STATE);
		assert_false(r->from & 1u << PROC_CONF);
		assert_false(r->to & 1u << PROC_CONF);
	}
	assert_null(proto_row(MSG_SVC_OPEN, PROC_SVC, PROC_NET));
	assert_null(proto_row(MSG_EVENTS, PROC_LOG, PROC_NET));
	assert_null(proto_row(MSG_HELLO, PROC_NET, PROC_LOG));
	assert_null(proto_row(MSG_HELLO, PROC_NET, PROC_NET));
	assert_null(proto_row(MSG_SEAL_PAGE, PROC_PARENT, PROC_NET));
	assert_null(proto_row(MSG_SHIP_SOCKET, PROC_PARENT, PROC_LOG));
	assert_null(proto_row(MSG_SHIP_SEGMENT, PROC_LOG, PROC_SHIP));
	assert_null(proto_row(MSG_STOP, 255, 255));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_row_has_vectors),
	    cmocka_unit_test(good_is_taken),
	    cmocka_unit_test(bad_is_refused),
	    cmocka_unit_test(flips),
	    cmocka_unit_test(table_is_sound),
	    cmocka_unit_test(forbidden),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
