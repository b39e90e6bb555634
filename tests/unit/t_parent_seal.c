/* SPDX-License-Identifier: ISC */
/* What a start does with the seal directory: new, next, changed by others. */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-parent/seal_start.h"

static char top[64], dir[96], err[512];
static struct seal_start s;

static int
make(void **state)
{
	(void)state;
	snprintf(top, sizeof(top), "/tmp/hpd-t-seal.XXXXXX");
	if (mkdtemp(top) == NULL)
		return -1;
	snprintf(dir, sizeof(dir), "%s/lib/seal", top);
	return 0;
}

static void
end(void)
{
	if (s.state != NULL)
		munmap(s.state, SEAL_STATE_SIZE);
	if (s.dir != -1)
		close(s.dir);
	if (s.page != -1)
		close(s.page);
	if (s.file != -1)
		close(s.file);
	memset(&s, 0, sizeof(s));
	s.dir = s.page = s.file = -1;
}

static int
drop(void **state)
{
	char cmd[128];

	(void)state;
	end();
	snprintf(cmd, sizeof(cmd), "rm -rf '%s'", top);
	return system(cmd);
}

static int
start(uint64_t boot)
{
	end();
	err[0] = '\0';
	return seal_start(&s, dir, boot, err, sizeof(err));
}

static const char *
in(const char *name)
{
	static char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static size_t
get(const char *name, void *buf, size_t cap)
{
	int fd = open(in(name), O_RDONLY);
	ssize_t n;

	if (fd == -1)
		return 0;
	n = read(fd, buf, cap);
	close(fd);
	return n < 0 ? 0 : (size_t)n;
}

static void
put(const char *name, const void *buf, size_t len)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, buf, len), len);
	close(fd);
}

static int
is_there(const char *name)
{
	return access(in(name), F_OK) == 0;
}

/* As hpd-log does. */
static void
save(void)
{
	static uint8_t page[SEAL_STATE_SIZE];

	seal_pack(s.state, page);
	assert_int_equal(pwrite(s.file, page, sizeof(page),
	    (off_t)((s.state->saved & 1) * sizeof(page))), sizeof(page));
}

static void
the_first_start_makes_all(void **state)
{
	uint8_t root[64], tag[16], want[16];
	struct seal_chain c;
	struct stat st;
	int seals;

	(void)state;
	assert_int_equal(start(7), 0);
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {"root", "carry", "state"};

		assert_int_equal(stat(in(names[i]), &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
	}
	assert_false(is_there("root.new") || is_there("carry.new"));
	assert_true(s.unclaimed && !s.known && !s.damaged);
	assert_int_equal(s.ordinal, 0);
	/* a page of its size for ever, no room in hpd-log's way */
	assert_int_equal(fstat(s.page, &st), 0);
	assert_int_equal(st.st_size, SEAL_STATE_SIZE);
	seals = fcntl(s.page, F_GET_SEALS);
	assert_int_equal(seals & (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL),
	    F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL);
	assert_int_equal(fcntl(s.file, F_GETFL) & (O_ACCMODE | O_APPEND),
	    O_WRONLY);
	assert_int_equal(s.state->boot, 7);
	assert_false(s.state->prev[SEAL_EVENTS].known);
	/* what it seals, the holder of root verifies */
	assert_int_equal(get("root", root, sizeof(root)), SEAL_KEY_LEN);
	seal_derive(&c, root, 0, 7, SEAL_EVENTS);
	seal_tag(&c, "x", 1, want);
	seal_tag(&s.state->chain[SEAL_EVENTS], "x", 1, tag);
	assert_memory_equal(tag, want, sizeof(tag));
}

static void
each_start_has_its_number_and_keys(void **state)
{
	uint8_t root[SEAL_KEY_LEN], tag[16], want[16];
	struct seal_chain c;

	(void)state;
	assert_int_equal(start(1), 0);
	assert_int_equal(get("root", root, sizeof(root)), SEAL_KEY_LEN);
	assert_int_equal(unlink(in("root")), 0); /* taken */
	for (uint64_t n = 1; n < 5; n++) {
		assert_int_equal(start(100 + n), 0);
		assert_int_equal(s.ordinal, n);
		assert_false(s.unclaimed);
		seal_derive(&c, root, n, 100 + n, SEAL_PROBES);
		seal_tag(&c, "abc", 3, want);
		seal_tag(&s.state->chain[SEAL_PROBES], "abc", 3, tag);
		assert_memory_equal(tag, want, sizeof(tag));
		assert_false(is_there("root"));
	}
}

/* The page leads on from what the disk says of the start before. */
static void
a_start_follows_the_one_before(void **state)
{
	uint8_t tag[SEAL_TAG_LEN];

	(void)state;
	assert_int_equal(start(1), 0);
	for (int i = 0; i < 40; i++)
		seal_tag(&s.state->chain[SEAL_EVENTS], "line", 4, tag);
	s.state->chain[SEAL_EVENTS].written = 40;
	s.state->last[SEAL_EVENTS][1].index = 39;
	memcpy(s.state->last[SEAL_EVENTS][1].tag, tag, sizeof(tag));
	s.state->clean = 1;
	save();
	assert_int_equal(start(2), 0);
	assert_true(s.known && !s.damaged);
	assert_true(s.state->prev[SEAL_EVENTS].known &&
	    s.state->prev[SEAL_EVENTS].clean);
	assert_int_equal(s.state->prev[SEAL_EVENTS].ordinal, 0);
	assert_int_equal(s.state->prev[SEAL_EVENTS].index, 40);
	assert_memory_equal(s.state->prev[SEAL_EVENTS].tag, tag, sizeof(tag));
	assert_int_equal(s.state->chain[SEAL_EVENTS].index, 0);
	assert_int_equal(s.state->saved, 1); /* the other slot comes next */
	/* one that ended before it saved anything is not in the way */
	assert_int_equal(start(3), 0);
	assert_int_equal(s.state->prev[SEAL_EVENTS].ordinal, 0);
	assert_int_equal(s.state->prev[SEAL_EVENTS].index, 40);
}

static void
a_damaged_carry_is_refused(void **state)
{
	uint8_t c[128], again[128];
	size_t n;

	(void)state;
	assert_int_equal(start(1), 0);
	n = get("carry", c, sizeof(c));
	assert_int_equal(n, SEAL_CARRY_SIZE);
	for (size_t i = 0; i < n; i++) {
		c[i] ^= 1;
		put("carry", c, n);
		assert_int_equal(start(2), -1);
		assert_non_null(strstr(err, "move the directory away"));
		assert_non_null(strstr(err, "/carry"));
		assert_int_equal(get("carry", again, sizeof(again)), n);
		assert_memory_equal(again, c, n); /* untouched: evidence */
		c[i] ^= 1;
	}
	put("carry", c, n - 1);
	assert_int_equal(start(2), -1);
	put("carry", c, n + 1);
	assert_int_equal(start(2), -1);
	put("carry", c, 0);
	assert_int_equal(start(2), -1);
	put("carry", c, n);
	assert_int_equal(start(2), 0);
	assert_int_equal(s.ordinal, 1);
}

static void
a_removed_carry_is_no_first_start(void **state)
{
	(void)state;
	assert_int_equal(start(1), 0);
	assert_int_equal(unlink(in("carry")), 0);
	assert_int_equal(start(2), -1);
	assert_non_null(strstr(err, "is missing"));
	assert_int_equal(unlink(in("root")), 0);
	assert_int_equal(start(2), -1);
	assert_false(is_there("carry"));
}

/* Put back from a copy: its keys sealed records that exist. */
static void
an_old_carry_is_refused(void **state)
{
	uint8_t c[128];
	size_t n;

	(void)state;
	assert_int_equal(start(1), 0);
	n = get("carry", c, sizeof(c));
	assert_int_equal(start(2), 0);
	save();
	put("carry", c, n);
	assert_int_equal(start(3), -1);
	assert_non_null(strstr(err, "put back from a copy"));
}

/* hpd-log writes state, and one in wrong hands writes what it likes there: a
 * start that never was must not keep the next one from starting. */
static void
an_invented_state_is_damaged(void **state)
{
	static uint8_t page[SEAL_STATE_SIZE];
	struct seal_state st;
	uint64_t ordinal[3] = {2, 70, UINT64_MAX};

	(void)state;
	assert_int_equal(start(1), 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(start(2 + (uint64_t)i), 0);
		st = *s.state;
		st.ordinal = ordinal[i];
		st.chain[SEAL_EVENTS].index = i == 1 ? UINT64_MAX : 0;
		seal_pack(&st, page);
		assert_int_equal(pwrite(s.file, page, sizeof(page),
		    (off_t)((st.saved & 1) * sizeof(page))), sizeof(page));
		assert_int_equal(start(10 + (uint64_t)i), 0);
		assert_true(s.damaged && !s.known);
		assert_int_equal(s.state->saved, 0);
	}
}

static void
a_damaged_state_is_told(void **state)
{
	(void)state;
	assert_int_equal(start(1), 0);
	save();
	assert_int_equal(start(2), 0);
	save();
	put("state", "garbage", 7);
	assert_int_equal(start(3), 0);
	assert_true(s.damaged && !s.state->prev[SEAL_EVENTS].known);
	assert_int_equal(unlink(in("state")), 0);
	assert_int_equal(start(4), 0);
	assert_true(s.damaged);
	save();
	assert_int_equal(start(5), 0);
	assert_false(s.damaged);
}

/* Cut off at any step of the very first start: a new one begins anew, or
 * goes on with the key that was made. */
static void
an_interrupted_first_start_is_repeated(void **state)
{
	uint8_t root[64], again[64];

	(void)state;
	assert_int_equal(start(1), 0);
	assert_int_equal(get("root", root, sizeof(root)), SEAL_KEY_LEN);
	end();
	/* before carry was there */
	assert_int_equal(unlink(in("carry")), 0);
	put("carry.new", "half", 4);
	char to[160];
	snprintf(to, sizeof(to), "%s/root.new", dir);
	assert_int_equal(rename(in("root"), to), 0);
	assert_int_equal(start(1), 0);
	assert_int_equal(s.ordinal, 0);
	assert_int_equal(get("root", again, sizeof(again)), SEAL_KEY_LEN);
	assert_memory_not_equal(root, again, SEAL_KEY_LEN);
	/* carry is there, root has not got its name */
	end();
	assert_int_equal(rename(in("root"), to), 0);
	assert_int_equal(start(1), 0);
	assert_int_equal(s.ordinal, 1);
	assert_true(s.unclaimed);
	assert_int_equal(get("root", root, sizeof(root)), SEAL_KEY_LEN);
	assert_memory_equal(root, again, SEAL_KEY_LEN);
}

static void
a_directory_of_others_is_refused(void **state)
{
	struct seal_start t;

	(void)state;
	assert_int_equal(start(1), 0);
	/* two at once */
	assert_int_equal(seal_start(&t, dir, 2, err, sizeof(err)), -1);
	assert_non_null(strstr(err, "another hpd-parent"));
	assert_int_equal(chmod(dir, 0750), 0);
	assert_int_equal(start(2), -1);
	assert_non_null(strstr(err, "0700"));
	assert_int_equal(chmod(dir, 0700), 0);
	assert_int_equal(chmod(in("carry"), 0640), 0);
	assert_int_equal(start(2), -1);
	assert_int_equal(chmod(in("carry"), 0600), 0);
	assert_int_equal(start(2), 0);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, make, drop)
	const struct CMUnitTest tests[] = {
	    T(the_first_start_makes_all),
	    T(each_start_has_its_number_and_keys),
	    T(a_start_follows_the_one_before),
	    T(a_damaged_carry_is_refused),
	    T(a_removed_carry_is_no_first_start),
	    T(an_old_carry_is_refused),
	    T(an_invented_state_is_damaged),
	    T(a_damaged_state_is_told),
	    T(an_interrupted_first_start_is_repeated),
	    T(a_directory_of_others_is_refused),
	};

	s.dir = s.page = s.file = -1;
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
