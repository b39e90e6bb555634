/* SPDX-License-Identifier: ISC */
/*
 * The command line of hpd-parent, and the defaults behind it. Runs first, with
 * whatever rights the caller has; opens nothing, decides nothing but words.
 */
#include "flags.h"

#include <net/if.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"

#define DEFAULT_POLICIES HPD_SYSCONFDIR "/policies"
#define DEFAULT_OSDB   "/usr/share/nmap/nmap-os-db"
#define DEFAULT_SIGS   "/etc/p0f/p0f.fp"
#define DEFAULT_LOGDIR "/var/log/hpd"
#define DEFAULT_KEY    "/var/lib/hpd/sensor.key"
#define DEFAULT_SEAL   "/var/lib/hpd/seal"

static void
usage(FILE *to)
{
	fputs("usage: hpd-parent [-Adhnv] [-0 p0f.fp] [-D name=value] "
	      "[-f file]\n"
	      "                  [-i interface] [-j jail] [-k keyfile] [-L dir] "
	      "[-l logdir]\n"
	      "                  [-N netns] [-o policies | -P policies] "
	      "[-p nmap-os-db]\n"
	      "                  [-S sealdir] [net ...]\n"
	      "       hpd-parent -V\n"
	      "  -d  stay in the foreground, messages on stderr\n"
	      "  -n  check the configuration and exit; with -v print it as "
	      "compiled\n"
	      "  -f  the configuration (" HPD_SYSCONFDIR "/hpd.conf)\n"
	      "  -i  answer on this interface (up to 4)\n"
	      "  -l  directory of the log (" DEFAULT_LOGDIR ")\n"
	      "  net is an address or prefix the default template answers "
	      "for\n"
	      "See hpd-parent(8) for the rest.\n",
	    to);
}

static const char *
copy(const char *s)
{
	char *c = strdup(s);

	if (c == NULL)
		fatal("out of memory");
	return c;
}

/* Where s is from /, without resolving links: the file may come later. */
static const char *
absolute(const char *s)
{
	char cwd[PATH_MAX], out[PATH_MAX * 2];

	if (s == NULL || s[0] == '/')
		return s;
	if (getcwd(cwd, sizeof(cwd)) == NULL)
		fatal("current directory");
	snprintf(out, sizeof(out), "%s/%s", cwd, s);
	return copy(out);
}

static const char *
join(const char *dir, const char *name)
{
	char out[PATH_MAX * 2];

	if ((size_t)snprintf(out, sizeof(out), "%s/%s", dir, name) >=
	    sizeof(out))
		fatal_code(EX_USAGE_, "%s: path too long", dir);
	return copy(out);
}

static void
add(const char **list, int *n, int max, const char *what, const char *s)
{
	if (*n == max)
		fatal_code(EX_USAGE_, "more than %d of -%s", max, what);
	list[(*n)++] = s;
}

static void
defaults(struct flags *f)
{
	int tree = f->libexec != NULL;

	if (f->conf == NULL)
		f->conf = HPD_SYSCONFDIR "/hpd.conf";
	if (f->osdb == NULL)
		f->osdb = DEFAULT_OSDB;
	if (f->logdir == NULL)
		f->logdir = DEFAULT_LOGDIR;
	f->sigs_given = f->sigs != NULL;
	if (f->sigs == NULL)
		f->sigs = DEFAULT_SIGS;
	f->policies_given = f->policies != NULL;
	if (f->policies == NULL)
		f->policies = DEFAULT_POLICIES;
	f->policies = absolute(f->policies);
	f->sigs = absolute(f->sigs);
	f->conf = absolute(f->conf);
	f->osdb = absolute(f->osdb);
	f->logdir = absolute(f->logdir);
	f->libexec = absolute(tree ? f->libexec : HPD_LIBEXECDIR);
	if (f->jail == NULL)
		f->jail = tree ? join(f->libexec, "../jail") : HPD_JAILDIR;
	f->jail = absolute(f->jail);
	if (f->keyfile == NULL)
		f->keyfile =
		    tree ? join(f->logdir, ".sensor.key") : DEFAULT_KEY;
	f->keyfile = absolute(f->keyfile);
	if (f->sealdir == NULL)
		f->sealdir = tree ? join(f->logdir, ".seal") : DEFAULT_SEAL;
	f->sealdir = absolute(f->sealdir);
	f->print = f->check && f->verbose;
}

static void
check_words(const struct flags *f)
{
	for (int i = 0; i < f->nifaces; i++) {
		if (f->ifaces[i][0] == '\0' ||
		    strlen(f->ifaces[i]) >= IFNAMSIZ)
			fatal_code(EX_USAGE_, "-i %s: not an interface name",
			    f->ifaces[i]);
		for (int j = 0; j < i; j++)
			if (strcmp(f->ifaces[i], f->ifaces[j]) == 0)
				fatal_code(EX_USAGE_, "-i %s: given twice",
				    f->ifaces[i]);
	}
	if (f->netns != NULL &&
	    (f->netns[0] == '\0' || f->netns[0] == '.' ||
		strchr(f->netns, '/') != NULL || strlen(f->netns) > 255))
		fatal_code(EX_USAGE_, "-N %s: not a name below /run/netns",
		    f->netns);
	for (int i = 0; i < f->ndefs; i++)
		if (strchr(f->defs[i], '=') == NULL || f->defs[i][0] == '=')
			fatal_code(EX_USAGE_, "-D %s: wants name=value",
			    f->defs[i]);
	if (f->nnets > FLAGS_MAX_NETS)
		fatal_code(EX_USAGE_, "more than %d networks", FLAGS_MAX_NETS);
	if (!f->check && f->nifaces == 0)
		fatal_code(EX_USAGE_, "no interface: give one with -i");
}

#ifdef HPD_TEST_INJECT
#define LETTERS ":0:AD:df:hi:j:k:L:l:N:no:P:p:S:VvX:"
#else
#define LETTERS ":0:AD:df:hi:j:k:L:l:N:no:P:p:S:Vv"
#endif

/* Flags of honeyd that are not ours, and what to do instead. */
static const struct {
	const char *flag, *instead;
} honeyd_flags[] = {
	{"u", "each process has its own user: _hpdconf, _hpdnet, _hpdlog, "
	    "_hpdship"},
	{"g", "each process has its own group: _hpdconf, _hpdnet, _hpdlog, "
	    "_hpdship"},
	{"s", "put \"log services\" into the configuration"},
	{"x", "-p's nmap-os-db says all there is about ICMP"},
	{"a", "-p's nmap-os-db is all there is"},
	{"c", "reporting to a collector is not built"},
	{"R", "not built"},
	{"-verify-config", "it is -n here"},
};

static void
unknown(const char *flag)
{
	for (size_t i = 0; i < sizeof(honeyd_flags) / sizeof(honeyd_flags[0]);
	    i++)
		if (strcmp(flag, honeyd_flags[i].flag) == 0)
			fatal_code(EX_USAGE_, "no flag -%s: %s", flag,
			    honeyd_flags[i].instead);
	diag_warnx("no flag -%s", flag);
	usage(stderr);
	exit(EX_USAGE_);
}

static void
letter(struct flags *f, int c)
{
	char flag[2] = {(char)optopt, '\0'};

	switch (c) {
	case '0':
		f->sigs = optarg;
		break;
	case 'A':
		f->plain = 1;
		break;
	case 'D':
		add(f->defs, &f->ndefs, FLAGS_MAX_DEFS, "D", optarg);
		break;
	case 'd':
		f->foreground = 1;
		break;
	case 'f':
		f->conf = optarg;
		break;
	case 'i':
		add(f->ifaces, &f->nifaces, FLAGS_MAX_IFACES, "i", optarg);
		break;
	case 'j':
		f->jail = optarg;
		break;
	case 'k':
		f->keyfile = optarg;
		break;
	case 'L':
		f->libexec = optarg;
		break;
	case 'l':
		f->logdir = optarg;
		break;
	case 'N':
		f->netns = optarg;
		break;
	case 'n':
		f->check = 1;
		break;
	case 'P':
		f->wide = 1;
		/* FALLTHROUGH */
	case 'o':
		if (f->policies != NULL)
			fatal_code(EX_USAGE_, "one of -o and -P, once");
		f->policies = optarg;
		break;
	case 'p':
		f->osdb = optarg;
		break;
	case 'S':
		f->sealdir = optarg;
		break;
	case 'v':
		f->verbose++;
		break;
	case 'X':
		add(f->inject, &f->ninject, FLAGS_MAX_INJECT, "X", optarg);
		break;
	case 'V':
		printf("hpd %s\n", HPD_VERSION);
		exit(EX_OK);
	case 'h':
		usage(stdout);
		exit(EX_OK);
	case ':':
		fatal_code(EX_USAGE_, "-%s wants a value", flag);
	default:
		unknown(flag);
	}
}

void
flags_parse(struct flags *f, int argc, char *const *argv)
{
	int c;

	memset(f, 0, sizeof(*f));
	opterr = 0;
	while ((c = getopt(argc, argv, LETTERS)) != -1) {
		if (c == '?' && optopt == '-')
			unknown(argv[optind] == NULL ? "-"
						     : argv[optind] + 1);
		letter(f, c);
	}
	f->nets = argv + optind;
	f->nnets = argc - optind;
	defaults(f);
	check_words(f);
}
