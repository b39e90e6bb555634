/* SPDX-License-Identifier: ISC */
/*
 * hpview: reads the log for people. An ordinary program of the operator's;
 * must never write into a log directory, and never show an attacker's bytes
 * unescaped.
 */
#include <stdio.h>
#include <string.h>

#include "hpd-log/hpview/cmd.h"

static const struct {
	const char *name, *args;
	int (*fn)(int, char *[]);
} cmds[] = {
	{ "show", "[-jtF] [-N RECORDS] [FILTER]... [LOG]...", cmd_show },
	{ "export", "-f csv|honeyd|service|json [-P KEYFILE [-K]] [FILTER]... "
	    "[LOG]...", cmd_export },
	{ "summary", "[-j] [-g GEODB] [-N ROWS] [-T THREADS] [FILTER]... [LOG]...",
	    cmd_summary },
	{ "top", "[-1] [-i SECONDS] [FILTER] [LOGDIR ...]", cmd_top },
	{ "session", "[[BOOT:]ID] [-cx] [-r[SPEED]] [-i | -o] [FILTER] "
	    "[LOGDIR ...]", cmd_session },
	{ "report", "--html FILE [--chart FILE|none] [-g GEODB] [FILTER] "
	    "[LOGDIR ...]", cmd_report },
	{ "verify", "[-jqv] [-k KEYFILE|-] [-s SEALDIR|none] [-t THREADS] "
	    "[LOGDIR ...]", cmd_verify },
	{ "key", "[-f] [-q auto|none] [-s SEALDIR]", cmd_key },
	{ NULL, NULL, NULL },
};

int
main(int argc, char *argv[])
{
	size_t i;

	for (i = 0; argc > 1 && cmds[i].name != NULL; i++)
		if (strcmp(argv[1], cmds[i].name) == 0)
			return cmds[i].fn(argc - 1, argv + 1);
	fprintf(stderr, "usage:\n");
	for (i = 0; cmds[i].name != NULL; i++)
		fprintf(stderr, "  hpview %s %s\n", cmds[i].name, cmds[i].args);
	return 64;
}
