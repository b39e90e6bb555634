/* SPDX-License-Identifier: ISC */
/*
 * hpview top: the log as it grows, on a terminal. Takes the screen over and
 * gives it back however it ends. On anything else than a terminal: one frame.
 */
#include <sys/ioctl.h>

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "hpd-log/hpview/cmd.h"
#include "hpd-log/hpview/top.h"
#include "hpd-log/hpview/vfilter.h"

#define FRAME_MAX (256u << 10)
#define HOUR_NS	  3600000000000
#define LOOK_MS	  200

static volatile sig_atomic_t ended, resized;
static struct termios saved;
static int raw_keys;

static void
on_signal(int sig)
{
	if (sig == SIGWINCH)
		resized = 1;
	else
		ended = sig;
}

static int64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void
screen_leave(void)
{
	static const char off[] = "\033[?25h\033[?1049l";

	(void)!write(STDOUT_FILENO, off, sizeof(off) - 1);
	if (raw_keys)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	raw_keys = 0;
}

static void
screen_enter(void)
{
	static const char on[] = "\033[?1049h\033[?25l\033[2J";
	static const int sigs[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT,
		SIGWINCH };
	struct sigaction sa = { .sa_handler = on_signal };
	struct termios t;
	size_t i;

	for (i = 0; i < sizeof(sigs) / sizeof(sigs[0]); i++)
		(void)sigaction(sigs[i], &sa, NULL);
	if (tcgetattr(STDIN_FILENO, &saved) == 0) {
		t = saved;
		t.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		t.c_cc[VSUSP] = _POSIX_VDISABLE;
		t.c_cc[VMIN] = 0;
		t.c_cc[VTIME] = 0;
		raw_keys = tcsetattr(STDIN_FILENO, TCSANOW, &t) == 0;
	}
	(void)!write(STDOUT_FILENO, on, sizeof(on) - 1);
}

static void
screen_size(unsigned int *width, unsigned int *height)
{
	struct winsize ws;

	*width = 80;
	*height = 24;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0 && ws.ws_col > 0 &&
	    ws.ws_row > 0) {
		*width = ws.ws_col;
		*height = ws.ws_row;
	}
}

/* All of it, in as many writes as a slow terminal takes. */
static int
write_all(const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(STDOUT_FILENO, p, n);
		if (done == -1 && errno == EINTR && !ended)
			continue;
		if (done == -1)
			return -1;
		p += done;
		n -= (size_t)done;
	}
	return 0;
}

/* A frame onto the screen: every line erased behind its end, no scrolling. */
static int
draw(struct top *t, char *mem, const char *what)
{
	static char out[2 * FRAME_MAX];
	unsigned int width, height;
	struct wbuf w, o;
	size_t i;

	screen_size(&width, &height);
	wbuf_init(&w, mem, FRAME_MAX);
	top_frame(t, &w, width, height - 1, now_ns(), what);
	wbuf_init(&o, out, sizeof(out));
	wbuf_str(&o, resized ? "\033[2J\033[H" : "\033[H");
	resized = 0;
	for (i = 0; i < w.len; i++) {
		if (mem[i] == '\n')
			wbuf_str(&o, "\033[K\n");
		else
			wbuf_char(&o, mem[i]);
	}
	wbuf_str(&o, "q: quit\033[K");
	return write_all(out, o.len);
}

static int
take_one(void *state, const struct vrec *r)
{
	top_take(state, r);
	return ended ? 1 : 0;
}

static void
take_scan(void *state, unsigned int thread, const struct vrec *r)
{
	(void)thread;
	top_take(state, r);
}

/* Was q pressed, or is the terminal gone? */
static int
key_quit(void)
{
	struct pollfd p = { STDIN_FILENO, POLLIN, 0 };
	char c;

	if (!raw_keys || poll(&p, 1, 0) != 1)
		return 0;
	if (p.revents & (POLLHUP | POLLERR))
		return 1;
	return read(STDIN_FILENO, &c, 1) == 1 && (c == 'q' || c == 'Q');
}

static int
live(struct view *v, struct top *t, char *mem, const char *what, double secs)
{
	int64_t next = 0, step = (int64_t)(secs * 1e9);
	int rc = 0;

	screen_enter();
	while (!ended && !key_quit()) {
		if (now_ns() >= next || resized) {
			next = now_ns() + step;
			if (draw(t, mem, what) == -1)
				break;
		}
		if (view_follow(v, LOOK_MS, take_one, t) == -1 && !ended) {
			rc = 70;
			break;
		}
	}
	screen_leave();
	return rc;
}

static int
top(struct view *v, double secs, int once)
{
	static struct top t;
	char *mem = malloc(FRAME_MAX), what[128];
	unsigned int width, height;
	struct wbuf w;
	struct vstr name;
	int rc = 0;

	if (mem == NULL || top_init(&t) == -1) {
		fprintf(stderr, "hpview top: no memory\n");
		free(mem);
		return 70;
	}
	name.p = v->nsensors > 0 ? v->sensors[0] : "";
	name.n = (uint32_t)strlen(name.p);
	top_plain(name, what, sizeof(what) - 16);
	if (v->nsensors > 1)
		snprintf(what + strlen(what), 16, " and %u more",
		    (v->nsensors - 1) % 1000);
	if (view_scan(v, 1, take_scan, &t) == -1) {
		rc = 70;
	} else if (once) {
		screen_size(&width, &height);
		wbuf_init(&w, mem, FRAME_MAX);
		top_frame(&t, &w, width, height, now_ns(), what);
		rc = write_all(mem, w.len) == 0 ? 0 : 70;
	} else {
		rc = live(v, &t, mem, what, secs);
	}
	top_free(&t);
	free(mem);
	return rc;
}

static int
usage(void)
{
	fprintf(stderr, "usage: hpview top [-1] [-i SECONDS] " FILTER_USAGE
			" [LOGDIR ...]\n");
	return 64;
}

int
cmd_top(int argc, char *argv[])
{
	struct filter *f = malloc(sizeof(*f));
	int once = !isatty(STDOUT_FILENO), c, rc;
	double secs = 1;
	struct view v;
	char *end;

	if (f == NULL)
		return 70;
	filter_init(f);
	while ((c = getopt(argc, argv, "1i:" FILTER_OPTS)) != -1) {
		if (c == '1') {
			once = 1;
		} else if (c == 'i') {
			secs = strtod(optarg, &end);
			if (*end == '\0' && secs >= 0.2 && secs <= 3600)
				continue;
			free(f);
			return usage();
		} else if (c == '?' ||
		    filter_option(f, c, optarg, now_ns()) == -1) {
			free(f);
			return usage();
		}
	}
	if (!f->has_after) {
		f->has_after = 1;
		f->after_ns = now_ns() - HOUR_NS;
	}
	if (view_open(&v, argv + optind, argc - optind) == -1) {
		free(f);
		return 66;
	}
	v.filter = f;
	rc = top(&v, secs, once);
	view_close(&v);
	free(f);
	return rc;
}
