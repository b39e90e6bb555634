/* SPDX-License-Identifier: ISC */
/*
 * hpd-attack: an intruder in a script's place. Reads the number of an attack
 * of the catalogue from its connection, tries it, and says WORKED or REFUSED;
 * a bomb says GO first. As the control, outside every sandbox:
 *	hpd-attack NUMBER DIRECTORY
 * Static: it needs nothing of the jail. Put only into jails made for it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attack.h"

static void
tell(int rc)
{
	char line[128];

	if (rc == 0)
		(void)snprintf(line, sizeof(line), "WORKED\n");
	else
		(void)snprintf(line, sizeof(line), "REFUSED %s\n",
		    strerrorname_np(errno) != NULL ? strerrorname_np(errno) :
		    "0");
	(void)!write(1, line, strlen(line));
}

int
main(int argc, char **argv)
{
	struct attack_place at = {.who = 'S', .dir = "/tmp"};
	const struct attack *a;
	char line[32];
	size_t n = 0;

	if (argc == 3) {
		at.who = 'C';
		at.dir = argv[2];
		(void)snprintf(line, sizeof(line), "%s", argv[1]);
	} else {
		if (argc == 2)
			at.who = argv[1][0];
		while (n < sizeof(line) - 1 && read(0, line + n, 1) == 1 &&
		    line[n] != '\n')
			n++;
		line[n] = '\0';
	}
	a = attack_get((unsigned)strtoul(line, NULL, 10));
	if (a == NULL)
		return 64;
	tell(attack_try(a, &at));
	return 0;
}
