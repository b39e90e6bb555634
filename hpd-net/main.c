/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: reads the wire and answers for the decoys. Started by hpd-parent
 * with the descriptors of common/proc.h; not for hands. Reads no byte before
 * its sandbox is complete, and opens nothing after it.
 */
#include <sys/prctl.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/buf.h"
#include "../common/diag.h"
#include "../common/proc.h"
#include "../common/sandbox.h"
#include "../common/wide.h"
#include "net_run.h"
#include "report.h"

#define EVQ_BYTES (4u << 20)

static int wide; /* -P */

static void
usage(void)
{
	fatal_code(64, "usage: hpd-net -u uid -g gid [-v]; "
	    "hpd-parent starts it");
}

static uint32_t
number(const char *s)
{
	uint32_t v;

	if (str_u32(s, UINT32_MAX - 1, &v) == -1)
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

int
main(int argc, char **argv)
{
	struct sandbox_ids ids = {0, 0, NULL};
	int level = DIAG_WARN;
	uint32_t missing;

	diag_init("hpd-net", level);
	arguments(argc, argv, &ids, &level);
	diag_init("hpd-net", level);
	if (prctl(PR_SET_TIMERSLACK, 1UL) == -1) /* waits of 100 us */
		diag_warn("timer slack");
	net.loop = loop_new();
	if (net.loop == NULL)
		fatal("event loop");
	if (evq_init(&net.evq, FD_LOG, PROC_NET, 0, EVQ_BYTES) == -1)
		fatal("event queue");
	diag_attach(&net.evq);
	net_init();
	net_timers_init();
	missing = sandbox_enter(wide ? wide_policy(&policy_net, NARROW_NET) :
	    &policy_net, &ids);
	net_msg_init(missing);
	while (!net_msg_finished()) {
		if (loop_turn(net.loop, 1) == -1)
			fatalx("event loop");
		net_after();
	}
	net_end();
	return 0;
}
