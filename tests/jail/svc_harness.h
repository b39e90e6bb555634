/* SPDX-License-Identifier: ISC */
/*
 * Plays hpd-parent and hpd-net to a real hpd-svc: starts it in its namespaces,
 * gives it an image made of test services, opens sessions and collects what
 * comes back. Exits with "Bail out!" when something that is not under test
 * fails.
 */
#ifndef SVC_HARNESS_H
#define SVC_HARNESS_H

#include <stdint.h>

#include "common/chan.h"
#include "common/event.h"
#include "common/image.h"

#define ARGS_MAX   6
#define EVENTS_KEPT 16384

struct tsvc { /* a service of the test image; 0 means the usual value */
	const char *name;
	const char *interp;
	const char *argv[ARGS_MAX];
	uint8_t udp;
	uint32_t wall_s, cpu_s, max, max_source, nofile;
	uint64_t memory;
};

struct tevent {
	struct event ev;
	size_t len;
	char data[EVENT_DATA_MAX + 1];
};

struct tsession {
	uint64_t id;
	int sock;	   /* -1 when denied */
	uint8_t denied, transport;
	int ended;
	struct msg_svc_exit exit;
};

/* Start BIN on JAIL with these services as generation 1; shell: the -S one. */
void h_start(const char *bin, const char *jail, const struct tsvc *, int n,
    int shell);
/* Caps in the header of images made from now on. */
extern uint32_t h_max_sessions, h_max_source;
/* Send one more image; the IMAGE_ACK's result. */
uint32_t h_image(const struct tsvc *, int n, uint32_t generation);
/* Give hpd-svc a (new) channel of an hpd-net. */
void h_peer_up(void);
void h_peer_down(void);

/* Open a session of the service of that name; src: last byte of 198.51.100.x.
 * Returns when it is opened or denied. */
struct tsession h_open(const char *service, uint8_t src);
/* The same with a ready payload. */
struct tsession h_open_raw(const struct msg_svc_open *);
struct msg_svc_open h_payload(const char *service, uint8_t src);
/* Everything the script writes until end of file, at most ms; NUL-ended,
 * static. */
const char *h_read(struct tsession *, int ms);
/* Wait until text is there to be read (it stays so). 1, or 0 after 15 s. */
int h_expect(struct tsession *, const char *text);
int64_t h_ms(void); /* monotonic */
void h_write(struct tsession *, const char *text);
void h_close(struct tsession *, uint8_t reason);
/* Wait for SVC_EXIT, at most ms. 1 came, 0 not. Closes the socket. */
int h_wait(struct tsession *, int ms);
/* Did SVC_EXIT come? */
int h_ended(const struct tsession *);
/* h_open, h_write (when text is not NULL), h_read, h_wait in one. */
const char *h_run(const char *service, const char *text, struct tsession *);

/* Take in what hpd-svc says for ms milliseconds, or until hpd-net's channel
 * has something. */
void h_pump(int ms);
/* Events so far, oldest first; n-th of that kind of that session, or NULL.
 * session 0: any. */
const struct tevent *h_event(uint16_t kind, uint64_t session, int n);
int h_count(uint16_t kind, uint64_t session);
/* The diag text that contains s, or NULL. */
const char *h_diag(const char *s);
/* Last TROUBLE that came, and how many. */
extern int h_troubles;
extern struct msg_trouble h_trouble;
/* hpd-net's channel was closed by hpd-svc. */
extern int h_peer_eof;

/* Message to hpd-svc as its parent. */
void h_parent(uint16_t type, const void *, size_t);
/* Wait for hpd-svc's end, at most ms. Wait status, or -1. */
int h_gone(int ms);
int h_pid(void);
int h_shell(void); /* the -S one? */
/* Counter of STATS. */
uint64_t h_stat(int i);
/* Processes on the machine with a slot uid of this runner. */
int h_slot_procs(void);
/* First word of a line ("CapEff:") of such a process's status; static. */
const char *h_status(const char *field);

/* TAP */
void ok(int cond, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void is(const char *got, const char *want, const char *name);
void is_int(long long got, long long want, const char *name);
int done(void);

#endif
