/* SPDX-License-Identifier: ISC */
/*
 * The event loop of the children, the only user of libevent. Descriptors,
 * signals and slow timers; per-connection timers belong to the wheel. Make
 * the loop and the first watches before the sandbox closes.
 */
#ifndef HPD_LOOP_H
#define HPD_LOOP_H

#include <stdint.h>

#define LOOP_READ  0x1
#define LOOP_WRITE 0x2

struct loop;
struct loop_fd;
struct loop_timer;

typedef void (*loop_fd_cb)(int fd, int what, void *arg);
typedef void (*loop_cb)(void *arg);
typedef void (*loop_sig_cb)(int sig, void *arg);

/* NULL when libevent can't (errno). Its own descriptors are moved to
 * FD_LOOP_MIN.. by opening enough first; see loop.c. */
struct loop *loop_new(void);
void loop_free(struct loop *);

/* Watch fd, level triggered, persistent. what: LOOP_READ | LOOP_WRITE; may be
 * 0 (watched for nothing until loop_fd_set). NULL on error. */
struct loop_fd *loop_fd_add(struct loop *, int fd, int what, loop_fd_cb,
    void *arg);
/* Change what is watched; cheap when nothing changes. 0 or -1. */
int loop_fd_set(struct loop_fd *, int what);
/* Stop watching and free; the descriptor stays open. */
void loop_fd_del(struct loop_fd *);

struct loop_timer *loop_timer_new(struct loop *, loop_cb, void *arg);
/* Fire once after us microseconds (re-arms when pending). */
void loop_timer_set(struct loop_timer *, uint64_t us);
void loop_timer_cancel(struct loop_timer *);
void loop_timer_free(struct loop_timer *);

/* Deliver sig to cb inside the loop. 0 or -1. */
int loop_signal(struct loop *, int sig, loop_sig_cb, void *arg);

/* Run until loop_stop(). Returns 0, -1 on a loop error. */
int loop_run(struct loop *);
/* One turn: block says whether to wait for something. */
int loop_turn(struct loop *, int block);
void loop_stop(struct loop *);

#endif
