/* SPDX-License-Identifier: ISC */
/*
 * hpaudit: looks at sandbox policies and builds the jail. A tool for the
 * administrator, never part of the running suite; loads no filter into itself.
 */
#include <stdio.h>
#include <string.h>

#include "audit.h"

static const struct {
	const char *verb, *args, *what;
	int (*fn)(int, char **);
} verbs[] = {
    {"check", "FILE...", "read policies, warn of what looks wrong",
	audit_check},
    {"show", "[-t|-j|-b|-r] FILE", "every system call and its verdict", audit_show},
    {"sim", "FILE[+FILE...] 'CALL ARG=VALUE...' ...",
	"what the kernel would answer", audit_sim},
    {"test", "[-d DIR] TABLE...", "hold verdicts against a table (TAP)",
	audit_test},
    {"diff", "FILE FILE", "what the second lets through and the first not",
	audit_diff},
    {"live", "FILE...", "the kernel against the simulator", audit_live},
    {"run", "-p FILE [-j DIR] [-u UID] [--trace] -- COMMAND...",
	"a command under a policy; what it misses", audit_run_verb},
    {"proc", "[-t] [-d DIR] PID...|--all [PID]",
	"a running process against its policy", audit_proc},
    {"attack", "--all | --list | [--from SHNLRY] [--row N] [-L DIR]",
	"the catalogue of attacks, from every process", audit_attack},
    {"mkjail", "[-c] -m MANIFEST -s SCRIPTSDIR -i HPD_INIT DIR",
	"build (check) the jail of the scripts", audit_mkjail},
};

static void
usage(FILE *f)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		(void)fprintf(f, "%s hpaudit %s %s\n\t%s\n",
		    i == 0 ? "usage:" : "      ", verbs[i].verb,
		    verbs[i].args, verbs[i].what);
}

int
main(int argc, char **argv)
{
	size_t i;
	int rc;

	if (argc == 2 && strcmp(argv[1], "-h") == 0) {
		usage(stdout);
		return 0;
	}
	for (i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].verb, argv[1]) != 0)
			continue;
		rc = verbs[i].fn(argc - 1, argv + 1);
		if (rc == AUDIT_USAGE)
			usage(stderr);
		else if (fflush(stdout) != 0)
			rc = 1;
		return rc;
	}
	usage(stderr);
	return AUDIT_USAGE;
}
