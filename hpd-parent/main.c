/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent: the one process that stays root. Opens what needs root, starts
 * the others, watches them; parses neither packets nor configuration nor what
 * a script says. main() is the order of starting, step by step.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"

#include "background.h"
#include "cage.h"
#include "groups.h"
#include "key.h"
#include "notify.h"
#include "parent.h"
#include "reload.h"
#include "spawn.h"

static struct parent parent;

/* Descriptors 0-2 exist, so that no file of ours lands there; no others. */
static void
stdio_there(struct parent *p)
{
	int fd;

	closefrom(3);
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= 2);
	if (fd == -1)
		fatal("/dev/null");
	p->null = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	if (p->null == -1)
		fatal("/dev/null");
}

static void
ids_of(const char *user, uint32_t fallback, uint32_t *uid, uint32_t *gid)
{
	const struct passwd *pw = getpwnam(user);

	*uid = pw == NULL ? fallback : pw->pw_uid;
	*gid = pw == NULL ? fallback : pw->pw_gid;
	if (*uid == 0 || *gid == 0)
		fatal_code(EX_FAIL, "user %s must not be root", user);
}

static void
find_ids(struct parent *p)
{
	ids_of(USER_CONF, UID_CONF_FALLBACK, &p->conf.uid, &p->conf.gid);
	ids_of(USER_NET, UID_NET_FALLBACK, &p->uid_net, &p->gid_net);
	ids_of(USER_LOG, UID_LOG_FALLBACK, &p->uid_log, &p->gid_log);
	ids_of(USER_SHIP, UID_SHIP_FALLBACK, &p->uid_ship, &p->gid_ship);
	endpwent();
}

/* -n and -nv: hpd-conf's word is ours; no root, no other process. */
static int
check_only(struct parent *p)
{
	if (geteuid() == 0)
		ids_of(USER_CONF, UID_CONF_FALLBACK, &p->conf.uid,
		    &p->conf.gid);
	if (conf_run_start(&p->conf, &p->flags, p->conf_exe,
		p->flags.print ? CONF_PRINT : CONF_CHECK, 1, 0) == -1)
		return EX_FAIL;
	return conf_run_wait(&p->conf);
}

/* hpd-conf, then the image. Exits with its code when there is none. */
static void
configure(struct parent *p)
{
	int code;

	if (conf_run_start(&p->conf, &p->flags, p->conf_exe, CONF_COMPILE, 1,
		0) == -1)
		fatal_code(EX_FAIL, "hpd-conf could not be started");
	code = conf_run_wait(&p->conf);
	if (code != EX_OK) {
		diag_warnx("no usable configuration in %s", p->flags.conf);
		exit(code);
	}
	p->image_fd = conf_run_take(&p->conf, &p->image_size, &p->image);
	conf_run_drop(&p->conf);
	if (p->image_fd == -1)
		exit(EX_FAIL);
	p->generation = p->image.hdr->generation;
	if (p->image.nnets == 0)
		fatal_code(EX_CONF, "%s binds no address and no network was "
		    "given: nothing to answer for", p->flags.conf);
}

static void
open_log(struct parent *p)
{
	char err[512];

	if (segments_init(&p->seg, p->flags.logdir, p->flags.plain, err,
		sizeof(err)) == -1)
		fatal_code(EX_FAIL, "log directory %s", err);
	reload_streams(p);
	p->now = clock_mono_ns();
	retire_init(p);
	if (key_load(p->flags.keyfile, p->key, err, sizeof(err)) == -1)
		fatal_code(EX_FAIL, "sensor key %s", err);
	/* Time of the start; the low bits count the lives of a process. */
	p->boot = (uint64_t)clock_wall_ns() & ~0xffffULL;
	if (seal_start(&p->seal, p->flags.sealdir, p->boot, err,
		sizeof(err)) == -1)
		fatal_code(EX_FAIL, "seal %s", err);
}

/* What the log must tell as well, so said when it can. */
static void
say_seal(const struct parent *p)
{
	if (p->seal.unclaimed)
		diag_warnx("the seal's verification key was not taken yet: "
		    "run hpview key");
	if (p->seal.damaged)
		diag_warnx("%s/state does not tell how far the last start "
		    "came: it was damaged, or removed", p->flags.sealdir);
}

int
main(int argc, char **argv)
{
	struct parent *p = &parent;
	int managed;

	diag_init("hpd-parent", DIAG_WARN);
	stdio_there(p);
	flags_parse(&p->flags, argc, argv);
	if (p->flags.foreground || p->flags.verbose)
		diag_init("hpd-parent",
		    p->flags.verbose > 1 ? DIAG_DEBUG : DIAG_INFO);
	p->conf.image = p->conf.diag = -1;
	watch_signals();
	if (!p->flags.check && geteuid() != 0)
		fatal_code(EX_NOTROOT, "must be started as root");
	p->conf_exe = spawn_open(p->flags.libexec, "hpd-conf");
	if (p->conf_exe == -1)
		fatal("no hpd-conf in %s (not installed? build/bin is used "
		    "with -L build/bin)", p->flags.libexec);
	if (access(p->flags.conf, F_OK) == -1)
		fatal_code(EX_CONF, "%s: %s", p->flags.conf, strerror(errno));
	if (p->flags.check)
		return check_only(p);
	kids_init(p);
	find_ids(p);
	managed = notify_init();
	if (!p->flags.foreground && !managed)
		background_enter();
	if (packets_init(p) == -1 || chdir("/") == -1)
		return EX_FAIL;
	groups_open(p);
	cage_enter();
	configure(p);
	open_log(p);
	if (channels_init(p) == -1)
		fatal("event channel");
	p->now = clock_mono_ns();
	evq_text(&p->evq, EV_START, 0, "hpd %s, pid %d, %s", HPD_VERSION,
	    (int)getpid(), p->flags.conf);
	say_seal(p);
	groups_limit(p);
	if (p->image.npolicies > 0)
		reload_policies(p);
	return watch_run(p);
}
