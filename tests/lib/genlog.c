/* SPDX-License-Identifier: ISC */
/*
 * Writes a log like a busy sensor's, with hpd-log's own JSON writer: for tests
 * and measurements of what reads it. Same seed, same bytes.
 *   genlog [-n events] [-s sources] [-d decoys] [-t hours] [-S seed]
 *	[-m bytes a segment] [-k] -o DIR
 * -k seals it: the verification key is printed. Prints the counts it meant, as
 * name=value lines.
 */
#include <sys/stat.h>

#include <err.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/addr.h"
#include "common/proc.h"
#include "common/proto.h"
#include "common/seal.h"
#include "hpd-log/json.h"

#define SEC 1000000000LL
#define BOOT 0x18eab8bde0ab0000ULL

struct out { /* a stream */
	struct wbuf w;
	uint64_t lines, bytes;
	uint32_t number;
	uint8_t prev_tag[SEAL_TAG_LEN];
	int fd;
};

static struct json_ctx json;
static struct seal_chain chain[SEAL_CHAINS];
static struct out outs[2]; /* events, probes */
static uint64_t state = 1, seq[PROC_MAX], events = 1000000, segment_max;
static unsigned int sources = 10000, decoys = 250, hours = 24;
static const char *dir;
static int sealing;
static int64_t now;
static uint64_t kinds[EV_KIND_MAX], packets, sessions, logins, total;

static uint64_t
rnd(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state * 2685821657736338717ULL % n;
}

static void
drain(struct out *o)
{
	if (write(o->fd, o->w.data, o->w.len) != (ssize_t)o->w.len)
		err(1, "write");
	o->w.len = 0;
}

static void put(struct out *, struct event *, const void *, size_t, int proc);

/* The first or last line of a segment. */
static void
edge(int stream, uint32_t phase)
{
	struct out *o = &outs[stream];
	struct event ev = { .kind = EV_LOG_SEGMENT, .count = 1 };
	struct ev_segment s = { .stream = stream ? STREAM_PROBES :
						   STREAM_EVENTS,
		.number = o->number, .phase = phase };

	if (phase == 1) {
		s.prev_number = o->number - 1;
		memcpy(s.prev_tag, o->prev_tag, SEAL_TAG_LEN);
		s.why = s.number > 1;
	} else {
		s.lines = o->lines;
		s.bytes = o->bytes;
		s.why = 1;
	}
	put(o, &ev, &s, sizeof(s), PROC_LOG);
}

static void
segment(int stream)
{
	static const char *const stem[] = { "events", "probes" };
	struct out *o = &outs[stream];
	char path[512];
	time_t t = (time_t)(now / SEC);
	struct tm tm;
	char stamp[32];

	if (o->fd > 0) {
		edge(stream, 2);
		drain(o);
		close(o->fd);
	}
	o->number++;
	o->lines = o->bytes = 0;
	gmtime_r(&t, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	(void)snprintf(path, sizeof(path), "%s/%s-%s-%06u.jsonl", dir,
	    stem[stream], stamp, o->number);
	o->fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (o->fd == -1)
		err(1, "%s", path);
	edge(stream, 1);
}

static void
put(struct out *o, struct event *ev, const void *data, size_t len, int proc)
{
	static union {
		struct event ev;
		uint8_t b[EVENT_MAX];
	} u;
	struct json_who who = { BOOT, ++seq[proc],
		0x930ddacULL + (unsigned int)proc, (uint8_t)proc, 0 };
	size_t n, at = o->w.len;

	ev->len = (uint16_t)((sizeof(*ev) + len + 7) & ~7u);
	ev->pad = (uint8_t)(ev->len - sizeof(*ev) - len);
	if (ev->wall_ns == 0)
		ev->wall_ns = now;
	memset(&u, 0, sizeof(*ev) + len + 8);
	u.ev = *ev;
	if (len > 0)
		memcpy(u.b + sizeof(*ev), data, len);
	n = json_event(&json, &o->w, &who, &u.ev);
	if (n == 0)
		errx(1, "a record of kind %u did not fit", ev->kind);
	if (sealing) {
		n = seal_line(&chain[o == &outs[1]], o->w.data + at, n,
		    o->prev_tag);
		o->w.len = at + n;
	}
	o->lines++;
	o->bytes += n;
	kinds[ev->kind]++;
	total++;
	if (o->w.len > o->w.cap - 65536)
		drain(o);
	if (proc != PROC_LOG && o->bytes > segment_max)
		segment(o == &outs[1]);
}

/* Sources: a few do most of it. */
static void
ends(struct event *ev, uint8_t proto)
{
	uint64_t i = rnd(4) == 0 ? rnd(sources) :
				   rnd(1 + rnd(1 + rnd(sources)));

	memset(ev, 0, sizeof(*ev));
	ev->ver = 4;
	ev->proto = proto;
	ev->count = 1;
	/* Spread them over the net, never 10/8. */
	addr_set4(ev->src, (uint32_t)(i * 2654435761u) | 0x20000000u);
	addr_set4(ev->dst, 0x0a420000u + (uint32_t)rnd(decoys) + 4);
	ev->sport = (uint16_t)(1024 + rnd(64000));
}

static void
probe(void)
{
	static const uint16_t often[] = { 22, 23, 80, 443, 445, 3389, 8080, 21,
		25, 3306, 5900, 6379, 1433, 81, 2323, 8443 };
	struct event ev;
	struct ev_probe p = { .ip_len = 44, .tcp_flags = 2, .ttl = 51,
		.window = 1024 };
	uint64_t what = rnd(20);

	ends(&ev, what == 0 ? IPPROTO_ICMP : what == 1 ? IPPROTO_UDP :
							 IPPROTO_TCP);
	ev.kind = what == 0 ? EV_ICMP_PROBE : what == 1 ? EV_UDP_PROBE :
							  EV_TCP_PROBE;
	ev.verdict = what == 0 ? VERDICT_REPLIED : VERDICT_CLOSED;
	ev.dport = rnd(3) ? often[rnd(16)] : (uint16_t)(1 + rnd(65535));
	if (what == 0) {
		ev.sport = 8;
		ev.dport = 0;
	}
	if (rnd(10) == 0)
		ev.count = (uint32_t)(2 + rnd(50));
	p.srcos = (uint16_t)(addr_ip4(ev.src) >> 8 & 3);
	packets += ev.count;
	put(&outs[1], &ev, &p, sizeof(p), PROC_NET);
}

static void
chunk(const struct event *of, int out, uint64_t offset, const char *text)
{
	struct event ev = *of;
	struct ev_chunk c = { .offset = offset, .out = (uint8_t)out };
	uint8_t b[512];
	size_t n = strlen(text);

	ev.kind = EV_SESSION_DATA;
	memcpy(b, &c, sizeof(c));
	memcpy(b + sizeof(c), text, n);
	put(&outs[0], &ev, b, sizeof(c) + n, PROC_NET);
}

static void
login(const struct event *of)
{
	static const char *const user[] = { "root", "admin", "user", "test",
		"pi", "ubnt", "oracle", "guest" };
	static const char *const word[] = { "123456", "admin", "root",
		"password", "1234", "raspberry", "ubnt", "", "12345",
		"\xc3\xa4rger", "x\x1b[2J" };
	struct event ev = *of;
	const char *u = user[rnd(1 + rnd(8))], *w = word[rnd(1 + rnd(11))];
	char b[256], t[256];
	int n;

	n = snprintf(b, sizeof(b),
	    "{\"event\":\"login\",\"user\":\"%s\",\"password\":\"%s%s\"}", u,
	    w[0] == 'x' ? "x\\u001b[2J" : w, rnd(50) ? "" : "!");
	ev.kind = EV_SVC_FIELD;
	put(&outs[0], &ev, b, (size_t)n, PROC_SVC);
	ev.kind = EV_SVC_LINE;
	n = snprintf(t, sizeof(t), "login user=%s password=%s", u, w);
	put(&outs[0], &ev, t, (size_t)n, PROC_SVC);
	chunk(of, 0, 100, u);
	logins++;
}

static void
session(void)
{
	static const uint16_t port[] = { 22, 23, 80 };
	struct event ev, s;
	struct ev_flow f;
	struct ev_exit x = { .rss_kb = 4000, .cpu_us = 3000 };
	uint64_t kind = rnd(3), n = 1 + rnd(3), i;

	ends(&ev, IPPROTO_TCP);
	ev.dport = port[kind];
	ev.session = 0x10000000000ULL + ++sessions;
	memset(&f, 0, sizeof(f));
	f.service = (uint32_t)kind;
	f.srcos = (uint16_t)(addr_ip4(ev.src) >> 8 & 3);
	f.ttl = 51;
	s = ev;
	s.kind = EV_TCP_OPEN;
	put(&outs[0], &s, &f, sizeof(f), PROC_NET);
	s.kind = EV_SVC_START;
	put(&outs[0], &s, "perl scripts/ssh/openssh.pl", 27, PROC_SVC);
	chunk(&ev, 1, 0, kind == 0 ? "SSH-2.0-OpenSSH_9.2p1\r\n" :
		kind == 1	   ? "login: " :
				     "HTTP/1.1 200 OK\r\n\r\n");
	for (i = 0; i < n; i++) {
		now += (int64_t)rnd(5000000);
		login(&ev);
	}
	f.bytes_in = rnd(2000);
	f.bytes_out = rnd(20000);
	f.duration_ns = n * 2500000;
	f.why = 1;
	x.wall_us = f.duration_ns / 1000;
	s.kind = EV_SVC_EXIT;
	put(&outs[0], &s, &x, sizeof(x), PROC_SVC);
	s.kind = EV_TCP_CLOSE;
	put(&outs[0], &s, &f, sizeof(f), PROC_NET);
}

/* Names for decoys, services and systems, without hpd-conf. */
static void
names(struct image *img)
{
	static const char pool[] = "\0web\0Linux 4.15 - 5.6\0"
				   "perl scripts/ssh/openssh.pl\0"
				   "perl scripts/telnet/router.pl\0"
				   "perl scripts/web/iis.pl\0"
				   "Linux\0""3.11 and newer\0unix\0"
				   "Nmap\0SYN scan\0Windows\0""NT kernel\0win";
	static struct img_template t;
	static struct img_persona persona;
	static struct img_service svc[3];
	static struct img_srcos os[3];
	static uint32_t root[65536];
	const char *s = pool + 1;
	uint32_t at[16];
	int i;

	for (i = 0; i < 13; i++) {
		at[i] = (uint32_t)(s - pool);
		s += strlen(s) + 1;
	}
	t.name = at[0];
	persona.name = at[1];
	for (i = 0; i < 3; i++)
		svc[i].name = at[2 + i];
	os[0].name = at[5];
	os[0].flavor = at[6];
	os[0].family = at[7];
	os[0].ttl = 64;
	os[1].name = at[8];
	os[1].flavor = at[9];
	os[1].flags = SRCOS_F_TOOL;
	os[1].ttl = 64;
	os[2].name = at[10];
	os[2].flavor = at[11];
	os[2].family = at[12];
	os[2].ttl = 128;
	for (i = 0; i < 65536; i++)
		root[i] = 1;
	img->strings = pool;
	img->templates = &t;
	img->personas = &persona;
	img->services = svc;
	img->srcos = os;
	img->trie_root = root;
	img->ntemplates = img->npersonas = 1;
	img->nservices = img->nsrcos = 3;
}

static void
options(int argc, char *argv[])
{
	int c;

	segment_max = 64u << 20;
	while ((c = getopt(argc, argv, "n:s:d:t:S:m:ko:")) != -1) {
		unsigned long long v = optarg == NULL ? 0 :
		    strtoull(optarg, NULL, 10);

		switch (c) {
		case 'n': events = v; break;
		case 's': sources = (unsigned int)v; break;
		case 'd': decoys = (unsigned int)v; break;
		case 't': hours = (unsigned int)v; break;
		case 'S': state = v * 2 + 1; break;
		case 'm': segment_max = v; break;
		case 'k': sealing = 1; break;
		case 'o': dir = optarg; break;
		default: errx(64, "see the head of tests/lib/genlog.c");
		}
	}
	if (dir == NULL || sources == 0 || decoys == 0)
		errx(64, "see the head of tests/lib/genlog.c");
}

int
main(int argc, char *argv[])
{
	struct image img = { 0 };
	struct event ev = { .kind = EV_START, .count = 1 };
	uint8_t root[SEAL_KEY_LEN];
	char key[SEAL_KEY_TEXT];
	int64_t step;
	size_t i;

	options(argc, argv);
	if (mkdir(dir, 0755) == -1)
		err(1, "%s", dir);
	for (i = 0; i < 2; i++)
		wbuf_init(&outs[i].w, malloc(1 << 20), 1 << 20);
	if (sealing) {
		if (seal_init() == -1)
			errx(1, "libsodium");
		for (i = 0; i < sizeof(root); i++)
			root[i] = (uint8_t)rnd(256);
		seal_derive(&chain[0], root, 0, BOOT, SEAL_EVENTS);
		seal_derive(&chain[1], root, 0, BOOT, SEAL_PROBES);
		seal_key_text(root, key);
		printf("key=%s\n", key);
	}
	names(&img);
	json_init(&json, "sensor-one");
	json_image(&json, &img);
	now = 1795000000LL * SEC;
	step = (int64_t)(hours * 3600 * SEC / (int64_t)(events + 1));
	segment(0);
	segment(1);
	put(&outs[0], &ev, "hpd " HPD_VERSION, 3 + sizeof(HPD_VERSION),
	    PROC_PARENT);
	while (total < events) {
		now += (int64_t)rnd((uint64_t)(2 * step) + 1);
		if (rnd(40) == 0)
			session();
		else
			probe();
	}
	for (i = 0; i < 2; i++) {
		edge((int)i, 2);
		drain(&outs[i]);
		close(outs[i].fd);
	}
	printf("records=%llu\npackets=%llu\nsessions=%llu\nlogins=%llu\n",
	    (unsigned long long)total, (unsigned long long)packets,
	    (unsigned long long)sessions, (unsigned long long)logins);
	for (i = 0; i < event_nrows; i++)
		if (kinds[event_rows[i].kind] > 0)
			printf("%s=%llu\n", event_rows[i].name,
			    (unsigned long long)kinds[event_rows[i].kind]);
	return 0;
}
