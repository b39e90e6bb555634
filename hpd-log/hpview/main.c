/* SPDX-License-Identifier: ISC */
/*
 * hpview: reads the log for people. An ordinary program of the operator's;
 * must never write into a log directory, and never show an attacker's bytes
 * unescaped.
 */
#include <stdio.h>
#include <string.h>

#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/vfilter.h"

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

static int
is_help(const char *arg)
{
	return strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0;
}

static void
usage(FILE *f)
{
	size_t i;

	fprintf(f, "usage:\n");
	for (i = 0; cmds[i].name != NULL; i++)
		fprintf(f, "  hpview %s %s\n", cmds[i].name, cmds[i].args);
	fprintf(f, "filters: " FILTER_USAGE "\n"
	    "LOG: a sensor's log directory or a file, else " VIEW_DIR
	    "; see hpview(1)\n");
}

int
main(int argc, char *argv[])
{
	size_t i;

	for (i = 0; argc > 1 && cmds[i].name != NULL; i++) {
		if (strcmp(argv[1], cmds[i].name) != 0)
			continue;
		if (argc != 3 || !is_help(argv[2]))
			return cmds[i].fn(argc - 1, argv + 1);
		printf("usage: hpview %s %s\n%s", cmds[i].name, cmds[i].args,
		    strstr(cmds[i].args, "[FILTER]") != NULL ?
			"filters: " FILTER_USAGE "\n" : "");
		return 0;
	}
	if (argc == 2 && (is_help(argv[1]) || strcmp(argv[1], "help") == 0)) {
		usage(stdout);
		return 0;
	}
	if (argc > 1)
		fprintf(stderr, "hpview: %s: no such command\n", argv[1]);
	usage(stderr);
	return 64;
}
