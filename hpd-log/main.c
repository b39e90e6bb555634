/* SPDX-License-Identifier: ISC */
/*
 * hpd-log: the only writer of the log. Started by hpd-parent with its channel
 * on descriptor 3; everything else comes through that. Must never open a file,
 * look at the network or run anything: after sandbox_enter() the kernel holds
 * it to that.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/diag.h"
#include "common/sandbox.h"
#include "common/wide.h"
#include "hpd-log/log.h"

static struct logd logd;

static void
usage(void)
{
	fatal_code(64, "usage: hpd-log -u uid -g gid [-v]");
}

static uint32_t
number(const char *s)
{
	uint32_t v;

	if (str_u32(s, UINT32_MAX - 1, &v) == -1 || v == 0)
		usage();
	return v;
}

/* The parent alone tells us when to stop; a full file is an error of write. */
static void
ignore_signals(void)
{
	static const int sigs[] = { SIGPIPE, SIGXFSZ, SIGINT, SIGTERM, SIGHUP,
		SIGUSR1, SIGUSR2 };
	size_t i;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)signal(sigs[i], SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct sandbox_ids ids = { 0, 0, NULL };
	int c, level = DIAG_WARN, wide = 0;
	struct loop *loop;
	char host[65];

	diag_init("hpd-log", level);
	while ((c = getopt(argc, argv, "u:g:PvX:")) != -1) {
		switch (c) {
		case 'u':
			ids.uid = number(optarg);
			break;
		case 'g':
			ids.gid = number(optarg);
			break;
		case 'P':
			wide = 1;
			break;
		case 'v':
			if (level < DIAG_DEBUG)
				level++;
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
	if (argc != optind || ids.uid == 0 || ids.gid == 0)
		usage();
	diag_init("hpd-log", level);
	if (gethostname(host, sizeof(host)) == -1)
		str_copy(host, "sensor", sizeof(host));
	host[sizeof(host) - 1] = '\0';
	ignore_signals();
	/* Nobody's number here; no received descriptor may land below 5. */
	if (dup2(STDIN_FILENO, FD_LOG) == -1)
		fatal("descriptor %d", FD_LOG);
	loop = loop_new();
	if (loop == NULL || log_init(&logd, loop, host) == -1)
		fatal("start");
	logd.missing = sandbox_enter(wide ? wide_policy(&policy_log, NARROW_LOG)
	    : &policy_log, &ids);
	log_start(&logd);
	if (loop_run(loop) == -1)
		fatal("event loop");
	info("stopped");
	return 0;
}
