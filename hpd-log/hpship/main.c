/* SPDX-License-Identifier: ISC */
/*
 * hpship: sends the log on as syslog. Started by hpd-parent with its channel
 * on descriptor 3 and its way to hpd-log on 4; segments and the socket come
 * through the first. Must never open or connect anything: after
 * sandbox_enter() the kernel holds it to that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/diag.h"
#include "common/sandbox.h"
#include "common/wide.h"
#include "hpd-log/hpship/ship.h"

#define EVQ_BYTES (64u << 10)

static struct ship ship;
static int wide;

static void
usage(void)
{
	fatal_code(64, "usage: hpship -u uid -g gid [-v] (hpd-parent starts it)");
}

static uint32_t
number(const char *s)
{
	uint32_t v;

	if (str_u32(s, UINT32_MAX - 1, &v) == -1 || v == 0)
		usage();
	return v;
}

static void
arguments(int argc, char **argv, struct sandbox_ids *ids, int *level)
{
	int c;

	while ((c = getopt(argc, argv, "u:g:PvX:")) != -1) {
		switch (c) {
		case 'u':
			ids->uid = number(optarg);
			break;
		case 'g':
			ids->gid = number(optarg);
			break;
		case 'P':
			wide = 1;
			break;
		case 'v':
			if (*level < DIAG_DEBUG)
				++*level;
			break;
#ifdef HPD_TEST_INJECT
		case 'X':
			if (sandbox_inject_arg(optarg) == -1)
				usage();
			break;
#endif
		default:
			usage();
		}
	}
	if (optind != argc || ids->uid == 0 || ids->gid == 0)
		usage();
}

/* The parent alone tells us when to stop. */
static void
ignore_signals(void)
{
	static const int sigs[] = { SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGUSR1,
		SIGUSR2 };

	for (size_t i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct sandbox_ids ids = { 0, 0, NULL };
	int level = DIAG_WARN;
	struct loop *loop;

	diag_init("hpship", level);
	arguments(argc, argv, &ids, &level);
	diag_init("hpship", level);
	if (gethostname(ship.host, sizeof(ship.host)) == -1)
		ship.host[0] = '\0';
	ship.host[sizeof(ship.host) - 1] = '\0';
	ignore_signals();
	loop = loop_new();
	if (loop == NULL || ship_init(&ship, loop) == -1)
		fatal("start");
	if (evq_init(&ship.evq, FD_LOG, PROC_SHIP, 0, EVQ_BYTES) == -1)
		fatal("event queue");
	diag_attach(&ship.evq);
	ship.missing = sandbox_enter(wide ?
	    wide_policy(&policy_ship, NARROW_SHIP) : &policy_ship, &ids);
	ship_msg_start(&ship);
	if (loop_run(loop) == -1)
		fatal("event loop");
	info("stopped");
	return 0;
}
