/* SPDX-License-Identifier: ISC */
/* Slots: never one uid twice, rested as long as possible, in their range. */
#include <sys/wait.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/diag.h"
#include "hpd-svc/slots.h"

static struct slots s;

static void
unique(void **state)
{
	static uint8_t seen[SLOT_COUNT];
	uint32_t i;
	int slot;

	(void)state;
	memset(seen, 0, sizeof(seen));
	slots_init(&s, SLOT_BASE, SLOT_COUNT + 7);
	for (i = 0; i < SLOT_COUNT; i++) {
		slot = slots_take(&s);
		assert_in_range(slot, 0, SLOT_COUNT - 1);
		assert_int_equal(seen[slot]++, 0);
		assert_in_range(slots_uid(&s, (uint32_t)slot), SLOT_BASE,
		    SLOT_BASE + SLOT_COUNT - 1);
	}
	assert_int_equal(slots_take(&s), -1);
	slots_give(&s, 17);
	assert_int_equal(slots_take(&s), 17);
	assert_int_equal(slots_take(&s), -1);
}

static void
oldest_first(void **state)
{
	int i;

	(void)state;
	slots_init(&s, SLOT_BASE_SHELL, 8);
	for (i = 0; i < 4; i++)
		assert_int_equal(slots_take(&s), i);
	slots_give(&s, 2);
	slots_give(&s, 0);
	for (i = 4; i < 8; i++)
		assert_int_equal(slots_take(&s), i);
	assert_int_equal(slots_take(&s), 2);
	assert_int_equal(slots_take(&s), 0);
	assert_int_equal(slots_take(&s), -1);
}

static void
random_walk(void **state)
{
	static uint8_t busy[33];
	int i, slot, n = 0;

	(void)state;
	srandom(1);
	slots_init(&s, SLOT_BASE, 33);
	for (i = 0; i < 100000; i++) {
		if (random() % 2) {
			slot = slots_take(&s);
			assert_int_equal(slot == -1, n == 33);
			if (slot == -1)
				continue;
			assert_int_equal(busy[slot], 0);
			busy[slot] = 1;
			n++;
		} else {
			slot = (int)(random() % 33);
			if (!busy[slot])
				continue;
			slots_give(&s, (uint32_t)slot);
			busy[slot] = 0;
			n--;
		}
		assert_int_equal(s.nfree, 33 - n);
	}
}

static void
dies(uint32_t slot)
{
	int status;
	pid_t pid = fork();

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		diag_init("t_svc_slots", 0);
		slots_give(&s, slot);
		_exit(42);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

static void
misuse(void **state)
{
	int slot;

	(void)state;
	slots_init(&s, SLOT_BASE, 8);
	slot = slots_take(&s);
	slots_give(&s, (uint32_t)slot);
	dies((uint32_t)slot);
	dies(8);
	dies(UINT32_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unique),
		cmocka_unit_test(oldest_first),
		cmocka_unit_test(random_walk),
		cmocka_unit_test(misuse),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
