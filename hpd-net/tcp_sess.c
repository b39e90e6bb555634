/* SPDX-License-Identifier: ISC */
/*
 * hpd-net: a connection and its session: asked for when the handshake is done,
 * told apart from it when either side ends.
 */
#include <netinet/in.h>
#include <string.h>

#include "net.h"
#include "report.h"
#include "srcos.h"
#include "tcp_int.h"

/* The template's line and an orderly end; nobody reads what comes. */
static void
say_no(struct tcp_conn *c, struct host *h)
{
	const char *text = image_str(&net.img, h->t->denied_text);
	struct tcp_data *d = tcp_data_get(c, h);
	uint32_t n = (uint32_t)strlen(text);

	if (d == NULL || ring_grow(&d->snd, c->snd_una,
	    d->snd_end - c->snd_una, d->snd_end + n + 2, TCP_BUF_MAX) == -1) {
		tcp_end(c, h, WHY_SERVICE, 1);
		return;
	}
	ring_put(&d->snd, d->snd_end, (const uint8_t *)text, n);
	ring_put(&d->snd, d->snd_end + n, (const uint8_t *)"\r\n", 2);
	d->snd_end += n + 2;
	relay_end(c);
	tcp_run(c, h);
}

static void
refuse(struct tcp_conn *c, struct host *h)
{
	if (h != NULL && h->t->denied == 2)
		say_no(c, h);
	else if (h == NULL || h->t->denied == 0)
		tcp_end(c, h, WHY_SERVICE, 1);
	else
		tcp_mute(c, WHY_SERVICE);
}

static void
on_opened(uint64_t session, void *ctx, int fd, uint8_t transport)
{
	struct tcp_conn *c = ctx;
	struct host *h;

	(void)session;
	(void)transport;
	net_now();
	h = host_get(c->t.laddr);
	/* taken over first: refuse() closes it */
	if (relay_open(c, fd) == -1 || h == NULL) {
		refuse(c, h);
		return;
	}
	if (c->flags & CF_QUIET)
		tcp_event_loud(c);
	tcp_run(c, h);
	io_tx_flush(net_if(c->peer.nif));
}

static void
on_denied(uint64_t session, void *ctx, uint8_t reason)
{
	struct tcp_conn *c = ctx;
	uint8_t nif = c->peer.nif;

	(void)session;
	(void)reason;
	net_now();
	c->flags &= (uint16_t)~CF_SESSION;
	refuse(c, host_get(c->t.laddr));
	io_tx_flush(net_if(nif));
}

/* The socket's end tells the rest: there may be bytes in it. */
static void
on_exited(uint64_t session, void *ctx, const struct msg_svc_exit *x)
{
	struct tcp_conn *c = ctx;
	struct host *h;

	(void)session;
	(void)x;
	net_now();
	c->flags &= (uint16_t)~CF_SESSION;
	c->flags |= CF_APP_GONE;
	if (c->d == NULL || c->d->fd != -1)
		return;
	c->flags |= CF_NOREAD;
	tcp_close_ours(c);
	if ((h = host_get(c->t.laddr)) != NULL)
		tcp_run(c, h);
	io_tx_flush(net_if(c->peer.nif));
}

static const struct sess_owner owner = {
    .opened = on_opened, .denied = on_denied, .exited = on_exited};

/* After the handshake. c may be gone or mute afterwards. */
void
tcp_sess_start(struct tcp_conn *c, struct host *h)
{
	struct sess_flow f = {.src = c->t.raddr,
	    .dst = c->t.laddr,
	    .sport = c->t.rport,
	    .dport = c->t.lport,
	    .proto = IPPROTO_TCP,
	    .service = c->service,
	    .tmpl = h->tmpl,
	    .persona = h->t->persona,
	    .srcos = srcos_conn[c - tcp.conn],
	    .ifindex = net_if(c->peer.nif)->ifindex};

	if (tcp_data_get(c, h) == NULL ||
	    sess_open(c->session, &f, &owner, c) != 0) {
		refuse(c, h);
		return;
	}
	c->flags |= CF_SESSION;
	if (net.img.services[c->service].profile == PROFILE_SHELL)
		c->flags |= CF_SHELL;
	tcp_timer_plan(c);
}

void
tcp_sess_end(struct tcp_conn *c, uint8_t reason)
{
	if (!(c->flags & CF_SESSION))
		return;
	c->flags &= (uint16_t)~CF_SESSION;
	sess_close(c->session, reason);
}

void
tcp_sess_over(struct tcp_conn *c, enum tcp_why why)
{
	c->d->ended = (uint8_t)why;
	c->d->moved_ms = net.now_ms;
	if (why == WHY_IDLE) {
		STAT_INC(TCP_IDLE);
	} else {
		STAT_INC(SESS_BYTES);
		report_limit("bytes of a session", 1);
	}
	tcp_sess_end(c, why == WHY_IDLE ? 5 : 6);
	relay_end(c);
}
