/* SPDX-License-Identifier: ISC */
/*
 * Reload: hpd-conf compiles again; a broken configuration changes nothing but
 * the log. A good one becomes the next generation and goes to the runners
 * first, then to hpd-net, then to hpd-log, each when the one before took it.
 * Runs in hpd-parent; hpd-conf's messages are only cut into lines and escaped.
 */
#include "reload.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/clock.h"
#include "../common/diag.h"

#include "groups.h"
#include "parent.h"

#define DIAG_LINES 200 /* of one run; more are counted only */
#define DIAG_READS 64  /* of 4 KiB in one turn: more than a pipe holds */

void
reload_begin(struct parent *p)
{
	if (p->phase != PHASE_RUN)
		return;
	if (p->conf.pid != 0) {
		p->reload_again = 1;
		return;
	}
	p->reload_again = 0;
	if (conf_run_start(&p->conf, &p->flags, p->conf_exe, CONF_COMPILE,
		p->generation + 1, 1) == -1)
		evq_text(&p->evq, EV_RELOAD, 0,
		    "refused: hpd-conf could not be started");
}

static void
line_out(struct conf_run *r)
{
	char text[sizeof(r->line) * 4 + 1];

	if (r->line_len == 0)
		return;
	if (r->lines++ < DIAG_LINES)
		diag_warnx("%s", diag_esc(text, sizeof(text), r->line,
				     r->line_len));
	r->line_len = 0;
}

static void
messages(struct conf_run *r)
{
	char buf[4096];
	ssize_t n = -1;

	if (r->diag == -1)
		return;
	for (int turn = 0; turn < DIAG_READS; turn++) {
		n = read(r->diag, buf, sizeof(buf));
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] == '\n' || r->line_len == sizeof(r->line))
				line_out(r);
			if (buf[i] != '\n')
				r->line[r->line_len++] = buf[i];
		}
	}
	if (n > 0)
		return; /* a writer as fast as we: the limit must be seen */
	if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
		line_out(r);
		close(r->diag);
		r->diag = -1;
	}
}

void
reload_poll(struct parent *p)
{
	struct conf_run *r = &p->conf;

	messages(r);
	if (r->pid != 0 && p->now >= r->limit) {
		diag_warnx("hpd-conf took too long");
		kill(r->pid, SIGKILL);
		r->limit = INT64_MAX;
	}
}

void
reload_streams(struct parent *p)
{
	uint32_t flags = p->image.hdr->flags;
	const struct {
		int stream, want;
	} map[] = {
		{STREAM_HONEYD, (flags & IMG_F_HONEYD) != 0},
		{STREAM_SERVICE, (flags & IMG_F_SERVICE) != 0},
		{STREAM_PCAP, p->image.nframes > 0},
	};

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++) {
		int s = map[i].stream;

		if (map[i].want && !p->seg.wanted[s] && p->phase == PHASE_RUN)
			p->seg.retry_at[s] = p->now; /* open it now */
		p->seg.wanted[s] = (uint8_t)map[i].want;
	}
	ship_config(p);
}

void
reload_policies(const struct parent *p)
{
	char list[128] = "";
	size_t off = 0;
	uint32_t i;

	for (i = 0; i < p->image.npolicies; i++)
		off += (size_t)snprintf(list + off, sizeof(list) - off, " %s",
		    image_policy_name(p->image.policies[i].of));
	if (p->flags.wide)
		diag_warnx("policies of the operator in %s, IN PLACE of the "
		    "shipped ones (-P):%s", p->flags.policies,
		    off > 0 ? list : " none");
	else
		info("policies of the operator in %s, in addition to the "
		    "shipped ones:%s", p->flags.policies,
		    off > 0 ? list : " none");
}

static int
same_nets(const struct image *a, const struct image *b)
{
	uint32_t mask = IMG_F_COMPAT;

	return a->nnets == b->nnets &&
	    (a->hdr->flags & mask) == (b->hdr->flags & mask) &&
	    memcmp(a->nets, b->nets, a->nnets * sizeof(*a->nets)) == 0;
}

/* The new image is what everybody, restarted children included, gets. */
static void
commit(struct parent *p, int fd, size_t size, const struct image *img)
{
	struct kid *shell = &p->kids[KID_SVC_SHELL];
	int policies = p->image.npolicies + img->npolicies > 0;

	if (!same_nets(&p->image, img))
		packets_reopen(p);
	image_unmap(&p->image);
	close(p->image_fd);
	p->image = *img;
	p->image_fd = fd;
	p->image_size = size;
	p->generation = img->hdr->generation;
	reload_streams(p);
	retire_soon(p); /* limits of the log, at once */
	groups_limit(p);
	if (policies)
		reload_policies(p);
	if ((img->hdr->flags & IMG_F_SHELL) && shell->state == KID_OFF)
		kid_start(p, shell);
	p->reloading = 1;
	reload_step(p);
}

void
reload_exited(struct parent *p, int status)
{
	struct conf_run *r = &p->conf;
	struct image img;
	size_t size;
	int fd = -1;

	r->pid = 0;
	messages(r);
	line_out(r);
	if (r->lines > DIAG_LINES)
		diag_warnx("and %u messages more", r->lines - DIAG_LINES);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EX_OK &&
	    p->phase == PHASE_RUN)
		fd = conf_run_take(r, &size, &img);
	if (fd != -1) {
		commit(p, fd, size, &img);
	} else {
		evq_text(&p->evq, EV_RELOAD, 0,
		    "refused: hpd-conf %s %d; generation %u stays",
		    WIFEXITED(status) ? "exit" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status),
		    p->generation);
		diag_warnx("configuration not taken, generation %u stays",
		    p->generation);
	}
	conf_run_drop(r);
	if (p->reload_again)
		reload_begin(p);
}

void
reload_step(struct parent *p)
{
	static const uint8_t order[] = {KID_SVC, KID_SVC_SHELL, KID_NET,
		KID_LOG, KID_SHIP};
	struct msg_image m = {p->generation, (uint32_t)p->image_size};

	if (!p->reloading)
		return;
	for (size_t i = 0; i < sizeof(order); i++) {
		struct kid *k = &p->kids[order[i]];

		if (k->state == KID_OFF || k->gen == p->generation)
			continue;
		if (k->state != KID_RUN)
			return; /* it comes back with the new one */
		if (k->gen_sent != p->generation) {
			k->gen_sent = p->generation;
			kid_send(p, k, MSG_IMAGE, &m, sizeof(m), p->image_fd);
		}
		return;
	}
	p->reloading = 0;
	evq_text(&p->evq, EV_RELOAD, 0, "generation %u", p->generation);
	info("configuration taken, generation %u", p->generation);
}

void
reload_acked(struct parent *p, struct kid *k, uint32_t result)
{
	k->gen = k->gen_sent;
	if (result != 0) {
		/* It keeps what it has; the others go on. */
		evq_text(&p->evq, EV_RELOAD, 0, "%s refused generation %u: %s",
		    proc_name(k->proc), k->gen, image_strerror((int)result));
		diag_warnx("%s refused generation %u: %s", proc_name(k->proc),
		    k->gen, image_strerror((int)result));
	}
	reload_step(p);
}
