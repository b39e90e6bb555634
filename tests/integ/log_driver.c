/* SPDX-License-Identifier: ISC */
/*
 * Plays hpd-parent and two producers for the real hpd-log in its real sandbox,
 * and prints TAP. Run as root by log-process.t: log_driver HPD-LOG DIR. DIR
 * receives the segments. hpd-log is killed again and again while the producers
 * send; in the end every sequence number must be in the segments.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/chan.h"
#include "common/clock.h"
#include "common/diag.h"
#include "common/evq.h"
#include "common/image.h"
#include "common/proc.h"
#include "common/seal.h"
#include "tests/lib/persona_fix.h"
#include "tests/unit/json_check.h"

#define NPROD	 2
#define NEVENTS	 30000
#define NKILLS	 6
#define SEGMENTS 64
#define BOOT	 0xb007

static const char *program, *dir;
static struct chan boss;
static pid_t pid;
static int image_fd, image_size, page_fd, state_fd, ntest, nbad;
static uint8_t root[SEAL_KEY_LEN] = "not the key of any sensor";
static struct seal_state *page;
static uint32_t number; /* of the segment */
static int ends[NPROD + 1]; /* the reading ends, kept; the last: vandal */
static struct evq q[NPROD];
static const uint8_t procs[NPROD + 1] = { PROC_NET, PROC_SVC, PROC_PARENT };
static uint8_t seen[NPROD][NEVENTS + 1];
static const char *const names[2] = { "events", "probes" };
static unsigned int sealed, duplicates;
static struct seal_chain chains[2]; /* the verifier's */

static void
ok(int good, const char *name)
{
	printf("%sok %d - %s\n", good ? "" : "not ", ++ntest, name);
	nbad += !good;
}

/* A sealed image with one template that answers for 10.66.0.0/16. */
static void
make_image(void)
{
	static const char strings[] = "\0bait\0Toaster 1.0\0";
	size_t off = (sizeof(struct img_header) + 7) & ~7ul, t;
	size_t count[IMG_TABLES] = { [IMG_STRINGS] = sizeof(strings),
		[IMG_TEMPLATES] = 1, [IMG_PERSONAS] = 1,
		[IMG_TRIE_ROOT] = 65536 };
	struct img_template *tm;
	struct img_persona *pe;
	struct img_header *h;
	char path[64];
	uint8_t *mem;
	int fd;

	mem = calloc(1, 1 << 20);
	if (mem == NULL)
		err(1, "calloc");
	h = (struct img_header *)(void *)mem;
	for (t = 0; t < IMG_TABLES; t++) {
		h->table[t].off = off;
		h->table[t].count = (uint32_t)count[t];
		h->table[t].size = image_record_size((unsigned)t);
		off += (count[t] * image_record_size((unsigned)t) + 7) & ~7ul;
	}
	memcpy(mem + h->table[IMG_STRINGS].off, strings, sizeof(strings));
	tm = (void *)(mem + h->table[IMG_TEMPLATES].off);
	tm->name = 1;
	pe = (void *)(mem + h->table[IMG_PERSONAS].off);
	persona_fix(pe);
	pe->name = 6;
	((uint32_t *)(void *)(mem + h->table[IMG_TRIE_ROOT].off))[0x0a42] = 1;
	h->magic = IMAGE_MAGIC;
	h->version = IMAGE_VERSION;
	h->generation = 1;
	h->size = off;
	h->default_tmpl = IMG_NONE;
	h->max_sessions = h->max_sessions_source = 1;
	h->max_connections = h->max_connections_source = 1;
	h->log_segment_bytes = 1 << 30;
	h->log_segment_seconds = 86400;
	h->arp_pace_ms = 1;
	h->scripts_processes = SCRIPTS_PROCESSES;
	h->checksum = image_checksum(mem, off);
	image_size = (int)off;
	fd = memfd_create("image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd == -1 || write(fd, mem, off) != (ssize_t)off ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW |
		F_SEAL_SEAL) == -1)
		err(1, "image");
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	image_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (image_fd == -1)
		err(1, "%s", path);
	close(fd);
	free(mem);
}

/* The seal as the parent makes it. */
static void
make_seal(void)
{
	uint8_t carry[SEAL_KEY_LEN], next[SEAL_KEY_LEN];
	char path[512];

	page_fd = memfd_create("seal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (page_fd == -1 || ftruncate(page_fd, SEAL_STATE_SIZE) == -1 ||
	    fcntl(page_fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == -1)
		err(1, "seal page");
	page = mmap(NULL, SEAL_STATE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    page_fd, 0);
	if (page == MAP_FAILED || seal_init() == -1)
		err(1, "seal page");
	memcpy(carry, root, sizeof(carry));
	seal_begin(page, carry, 0, BOOT, next);
	snprintf(path, sizeof(path), "%s/state", dir);
	state_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (state_fd == -1)
		err(1, "%s", path);
}

static void
say(uint16_t type, const void *m, size_t len, int fd)
{
	if (chan_send(&boss, type, 0, m, len, fd) == -1)
		errx(1, "send %u: %s", type, chan_strerror(boss.err));
}

/* Wait for a message; 0 when it did not come within five seconds. */
static int
await(uint16_t type, struct chan_msg *m)
{
	struct pollfd p = { boss.fd, POLLIN, 0 };
	int i, r;

	for (i = 0; i < 50; i++) {
		while ((r = chan_recv(&boss, m)) == 1) {
			if (m->type == type)
				return 1;
		}
		if (r == -1)
			return 0;
		(void)chan_flush(&boss);
		(void)poll(&p, 1, 100);
	}
	return 0;
}

static void
new_segment(void)
{
	static const uint32_t streams[2] = { STREAM_EVENTS, STREAM_PROBES };
	struct msg_log_segment m = { .quota = 1 << 30 };
	char path[512];
	int fd, i;

	m.number = ++number;
	for (i = 0; i < 2; i++) {
		m.stream = streams[i];
		snprintf(path, sizeof(path), "%s/%s-%u", dir, names[i], number);
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_EXCL |
			O_CLOEXEC, 0640);
		if (fd == -1)
			err(1, "%s", path);
		say(MSG_LOG_SEGMENT, &m, sizeof(m), fd);
		close(fd);
	}
}

/* Start hpd-log up to READY and START. */
static int
start(void)
{
	static struct chan_msg m;
	struct msg_image im = { 1, (uint32_t)image_size };
	struct msg_start st = { .boot = BOOT, .session = 1 };
	struct msg_seal seal = { .ordinal = 0 };
	int sv[2], i;

	if (chan_pair(sv) == -1)
		err(1, "pair");
	fflush(stdout);
	pid = (pid_t)syscall(SYS_clone, SIGCHLD | CLONE_NEWNET | CLONE_NEWIPC |
	    CLONE_NEWUTS | CLONE_NEWNS | CLONE_NEWPID, 0, 0, 0, 0);
	if (pid == -1)
		err(1, "clone");
	if (pid == 0) {
		char uid[16];
		char *argv[] = { (char *)(uintptr_t)program,
			(char *)(uintptr_t) "-u", uid,
			(char *)(uintptr_t) "-g", uid, NULL };
		char *env[] = { NULL };

		snprintf(uid, sizeof(uid), "%u", UID_LOG_FALLBACK);
		if (sv[0] != FD_PARENT)
			dup2(sv[0], FD_PARENT);
		fcntl(FD_PARENT, F_SETFD, 0);
		close_range(4, ~0u, 0);
		execve(program, argv, env);
		_exit(127);
	}
	close(sv[0]);
	chan_init(&boss, sv[1], PROC_PARENT, PROC_LOG, 0, 256);
	if (chan_hello(&boss, 0) == -1 || !await(MSG_HELLO, &m))
		return 0;
	say(MSG_SEAL_PAGE, &seal, sizeof(seal), page_fd);
	say(MSG_SEAL_FILE, &seal, sizeof(seal), state_fd);
	new_segment();
	for (i = 0; i < NPROD + (number == 1); i++) {
		struct msg_peer p = { .proc = procs[i], .slot = (uint8_t)i };

		say(MSG_PEER_UP, &p, sizeof(p), ends[i]);
	}
	say(MSG_IMAGE, &im, sizeof(im), image_fd);
	if (!await(MSG_READY, &m))
		return 0;
	say(MSG_START, &st, sizeof(st), -1);
	return 1;
}

static void
put(int i, unsigned int n)
{
	struct ev_probe p = { 44, 2, 64, 1024, 0 };
	struct event ev;

	memset(&ev, 0, sizeof(ev));
	ev.ver = 4;
	ev.proto = IPPROTO_TCP;
	memcpy(ev.src, "\xcb\x00\x71\x05", 4);
	memcpy(ev.dst, "\x0a\x42\x00\x0a", 4);
	ev.sport = (uint16_t)n;
	if (procs[i] == PROC_NET) {
		ev.kind = EV_TCP_PROBE;
		(void)evq_put(&q[i], &ev, &p, sizeof(p));
	} else {
		ev.kind = EV_SVC_LINE;
		(void)evq_put(&q[i], &ev, "a \r\n\033 line", 10);
	}
}

static void
kill_it(void)
{
	kill(pid, SIGKILL);
	if (waitpid(pid, NULL, 0) == -1)
		err(1, "waitpid");
	chan_close(&boss);
}

/* Fill the rings as far as they take it, send, kill now and then. */
static void
storm(void)
{
	unsigned int n[NPROD] = { 0 }, i, kills = 0, at = NEVENTS / NKILLS / 2;

	for (;;) {
		for (i = 0; i < NPROD; i++) {
			while (n[i] < NEVENTS &&
			    q[i].tail - q[i].head < q[i].size / 2)
				put((int)i, ++n[i]);
			if (evq_flush(&q[i], 1) == -1)
				errx(1, "evq_flush");
		}
		if (q[0].n_sent > at && kills < NKILLS) {
			kill_it();
			kills++;
			at += NEVENTS / NKILLS;
			if (!start())
				errx(1, "hpd-log does not start again");
		}
		if (q[0].n_sent == NEVENTS && q[1].n_sent == NEVENTS)
			break;
		usleep(200);
	}
	ok(kills == NKILLS, "killed six times under load, each time "
	    "its successor was ready");
}

static int
status_is(const char *field, const char *want)
{
	char path[64], line[256];
	size_t n = strlen(field);
	int good = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, field, n) == 0 && line[n] == ':')
			good = strstr(line + n, want) != NULL;
	}
	fclose(f);
	return good;
}

/* Is the seal of a line right? Numbers left out are followed over. */
static int
seal_good(int stream, const char *line, size_t len)
{
	struct seal_chain *c = &chains[stream];
	uint8_t tag[SEAL_TAG_LEN];
	uint64_t index;
	size_t body;

	if (seal_parse(line, len, &body, &index, tag) == -1 ||
	    index < c->index)
		return 0;
	seal_skip(c, index);
	return seal_check(c, line, body, tag);
}

/* One segment's lines into seen[]; bad lines, of which the last of a segment
 * may be one. */
static int
read_segment(int stream, uint32_t num, unsigned int *gaps, unsigned int *named)
{
	static char buf[64 << 20];
	char path[512], seq[64], who[64], *p, *nl;
	int fd, bad = 0;
	ssize_t n, len = 0;

	snprintf(path, sizeof(path), "%s/%s-%u", dir, names[stream], num);
	fd = open(path, O_RDONLY);
	if (fd == -1)
		err(1, "%s", path);
	while ((n = read(fd, buf + len, sizeof(buf) - 1 - (size_t)len)) > 0)
		len += n;
	close(fd);
	buf[len] = '\0';
	for (p = buf; (nl = strchr(p, '\n')) != NULL; p = nl + 1) {
		size_t l = (size_t)(nl - p);
		int i;

		if (json_check(p, l, "hpd.seq", seq, sizeof(seq)) == -1 ||
		    json_check(p, l, "hpd.producer", who, sizeof(who)) == -1) {
			bad++;
			continue;
		}
		sealed += seal_good(stream, p, l + 1);
		*nl = '\0';
		*gaps += strstr(p, "hpd.log.gap") != NULL;
		*named += strstr(p, "\"template\":\"bait\",\"persona\":"
				    "\"Toaster 1.0\"") != NULL;
		for (i = 0; i < NPROD; i++) {
			char want[64];
			unsigned long v = strtoul(seq, NULL, 10);

			snprintf(want, sizeof(want), "\"%s\"",
			    proc_name(procs[i]));
			if (strcmp(who, want) == 0 && v <= NEVENTS)
				duplicates += seen[i][v]++;
		}
	}
	return bad;
}

static void
verdict(void)
{
	unsigned int gaps = 0, named = 0, missing = 0, i, s;
	int bad = 0;

	seal_derive(&chains[0], root, 0, BOOT, 0);
	seal_derive(&chains[1], root, 0, BOOT, 1);
	for (i = 1; i <= number; i++)
		bad += read_segment(0, i, &gaps, &named) +
		    read_segment(1, i, &gaps, &named);
	for (i = 0; i < NPROD; i++) {
		for (s = 1; s <= NEVENTS; s++)
			missing += !seen[i][s];
	}
	printf("# %u segments, %d torn, %u missing\n", number, bad, missing);
	ok(missing == 0, "every record of both producers is in the log");
	ok(gaps == 0, "hpd-log saw no gap");
	printf("# %u sealed lines, %u records twice\n", sealed, duplicates);
	ok(sealed >= page->chain[0].written + page->chain[1].written -
	    NKILLS * 2 * EVENTS_MAX && chains[0].index ==
	    page->chain[0].written && chains[1].index ==
	    page->chain[1].written, "every seal is right, to the last record");
	ok(duplicates <= NKILLS * EVENTS_MAX,
	    "no more twice than a datagram for each death");
	ok(page->clean == 1, "the end is a clean one");
	ok(bad == 0, "every ended line is valid JSON");
	ok(named >= NEVENTS, "records carry template and persona");
}

static void
vandal(int fd)
{
	static struct chan_msg m;

	if (send(fd, "no message at all, but long enough", 34, 0) != 34)
		err(1, "send");
	ok(await(MSG_TROUBLE, &m) && m.u.trouble.slot == NPROD &&
	    m.u.trouble.step == CHAN_E_FRAME,
	    "garbage from a producer: the parent is told");
	close(fd);
}

static void
finish(void)
{
	static struct chan_msg m;
	int status;

	say(MSG_STATS_REQ, NULL, 0, -1);
	ok(await(MSG_STATS, &m) && m.u.stats.count > 10, "STATS");
	say(MSG_STOP, NULL, 0, -1);
	ok(waitpid(pid, &status, 0) == pid && WIFEXITED(status) &&
	    WEXITSTATUS(status) == 0, "STOP: exit 0");
}

int
main(int argc, char **argv)
{
	static struct chan_msg m;
	int i, sv[2], bad_fd = -1;

	if (argc != 3)
		errx(64, "usage: log_driver HPD-LOG DIR");
	program = argv[1];
	dir = argv[2];
	diag_init("log_driver", DIAG_WARN);
	signal(SIGPIPE, SIG_IGN);
	make_image();
	make_seal();
	for (i = 0; i <= NPROD; i++) {
		if (chan_pair(sv) == -1)
			err(1, "pair");
		ends[i] = sv[0];
		if (i == NPROD) {
			bad_fd = sv[1];
			break;
		}
		if (evq_init(&q[i], sv[1], procs[i], 0, 1 << 18) == -1)
			err(1, "evq");
		evq_start(&q[i], BOOT);
	}
	i = start();
	ok(i, "hpd-log: HELLO, segment, image, READY");
	if (!i)
		errx(1, "hpd-log does not start");
	ok(status_is("Seccomp", "2") && status_is("NoNewPrivs", "1") &&
	    status_is("CapEff", "0000000000000000") &&
	    status_is("Uid", "1879099003"), "in its sandbox");
	vandal(bad_fd);
	storm();
	ok(await(MSG_SEALED, &m), "SEALED");
	new_segment();
	finish();
	verdict();
	printf("1..%d\n", ntest);
	return nbad != 0;
}
