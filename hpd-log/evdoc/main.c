/* SPDX-License-Identifier: ISC */
/*
 * evdoc -s: the schema of the log's lines; -m: hpd-events(7). To standard
 * output, at build time; reads nothing.
 */
#include <err.h>
#include <string.h>

#include "evdoc.h"

int
main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-s") == 0)
		write_schema(stdout);
	else if (argc == 2 && strcmp(argv[1], "-m") == 0)
		write_page(stdout);
	else
		errx(64, "usage: evdoc -s | -m");
	if (fflush(stdout) == EOF || ferror(stdout))
		err(1, "standard output");
	return 0;
}
