/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: configuration text to an image, then exit. Started by hpd-parent
 * with descriptors for every directory it may read; opens no path of its own,
 * holds no privilege while it reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/buf.h"
#include "common/diag.h"
#include "common/sandbox.h"
#include "conf.h"

#define EX_USAGE  64
#define EX_CONFIG 78

struct options {
	const char *conf;
	uint32_t generation, uid, gid;
	int image, check, print, level, policies;
};

static void
usage(void)
{
	fprintf(stderr, "usage: hpd-conf [-v] [-G generation] [-o imagefd] "
	    "-c dirfd:name [-p dirfd:name]\n"
	    "                [-m dirfd:name] [-0 dirfd:name] [-J jailfd] "
	    "[-O policydirfd]\n                [-D name=value]\n"
	    "                [-u uid] [-g gid] [-n | -P] [net ...]\n");
	exit(EX_USAGE);
}

static uint32_t
number(const char *s, uint32_t max)
{
	uint32_t v;

	if (str_u32(s, max, &v) == -1)
		fatal_code(EX_USAGE, "'%s' is no number up to %u", s, max);
	return v;
}

/* "7:name" */
static const char *
dir_name(char *arg, int *dir)
{
	char *colon = strchr(arg, ':');

	if (colon == NULL || colon[1] == '\0')
		fatal_code(EX_USAGE, "'%s' is not DIRFD:NAME", arg);
	*colon = '\0';
	*dir = (int)number(arg, 1023);
	return colon + 1;
}

static void
parse_options(int argc, char **argv, struct conf *c, struct options *o)
{
	int ch;

	while ((ch = getopt(argc, argv, "0:c:D:g:G:J:m:no:O:p:Pu:vWX:")) != -1) {
		switch (ch) {
		case '0':
			c->fp_name = dir_name(optarg, &c->fp_dir);
			break;
		case 'c':
			o->conf = dir_name(optarg, &c->conf_dir);
			break;
		case 'D':
			if (conf_macro_add(c, optarg) == -1)
				fatal_code(EX_USAGE, "-D %s: not NAME=VALUE "
				    "without quotes", optarg);
			break;
		case 'g':
			o->gid = number(optarg, UINT32_MAX - 1);
			break;
		case 'G':
			o->generation = number(optarg, UINT32_MAX);
			break;
		case 'J':
			c->jail_dir = (int)number(optarg, 1023);
			break;
		case 'm':
			c->oui_name = dir_name(optarg, &c->oui_dir);
			break;
		case 'n':
			o->check = 1;
			break;
		case 'o':
			o->image = (int)number(optarg, 1023);
			break;
		case 'W':
			c->policies_wide = 1;
			break;
		case 'O':
			o->policies = (int)number(optarg, 1023);
			break;
		case 'p':
			c->db_name = dir_name(optarg, &c->db_dir);
			break;
		case 'P':
			o->print = 1;
			break;
		case 'u':
			o->uid = number(optarg, UINT32_MAX - 1);
			break;
		case 'v':
			o->level++;
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
	if (o->conf == NULL || o->check + o->print + (o->image != -1) != 1)
		usage();
}

static int
write_all(int fd, const char *p, size_t n)
{
	ssize_t r;

	if (ftruncate(fd, (off_t)n) == -1)
		return -1;
	while (n > 0) {
		r = write(fd, p, n);
		if (r == -1 && errno == EINTR)
			continue;
		if (r <= 0)
			return -1;
		p += r;
		n -= (size_t)r;
	}
	return 0;
}

static void
output(struct conf *c, const struct options *o)
{
	size_t size;
	void *mem;

	mem = conf_image(c, o->generation, &size);
	if (mem == NULL)
		exit(EX_CONFIG);
	if (o->image != -1 && write_all(o->image, mem, size) == -1)
		fatal("writing the image");
	if (o->print && conf_print(c, stdout) == -1)
		fatal("writing the configuration");
	free(mem);
}

int
main(int argc, char **argv)
{
	struct options o = { .generation = 1, .image = -1,
		.level = DIAG_WARN, .policies = -1 };
	struct sandbox_ids ids = { .root = "/" };
	static struct conf c;
	int i, bad;

	diag_init("hpd-conf", DIAG_WARN);
	conf_init(&c, stderr);
	parse_options(argc, argv, &c, &o);
	for (i = optind; i < argc; i++)
		if (conf_net_add(&c, argv[i]) == -1)
			return EX_USAGE;
	diag_init("hpd-conf", o.level);
	ids.uid = o.uid;
	ids.gid = o.gid;
	sandbox_enter(&policy_conf, &ids);
	bad = conf_load(&c, o.conf) == -1;
	if (o.policies != -1 && conf_policies(&c, o.policies) == -1)
		bad = 1;
	if (bad)
		return EX_CONFIG;
	output(&c, &o);
	conf_free(&c);
	return 0;
}
