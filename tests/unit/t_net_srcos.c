/* SPDX-License-Identifier: ISC */
/*
 * Senders told by their first packets: packets of real tools and systems
 * against the image hpd-conf makes of the list of ours and of a table in
 * p0f's notation; what may differ and what not; what is remembered of a
 * source; and that a tool is told of once, with nothing left uncounted.
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "net_fix.h"
#include "srcos_frames.h"

#include "hpd-net/ip4.h"
#include "hpd-net/report.h"
#include "hpd-net/srcos.h"
#include "hpd-net/tcp_int.h"

#define SRC 0x0a4d0001u /* of the frames */

static const char table[] =
    "; signatures of nobody in particular\n"
    "classes = unix,win,other\n"
    "[tcp:request]\n"
    "label = g:unix:Generic:\n"
    "sig = *:64:0:*:*,*:mss,nop,ws:df,id+:0\n"
    "label = s:unix:Special:1\n"
    "sig = *:64:0:*:mss*4,7:mss,nop,ws:df,id+:0\n"
    "sig = *:64:0:*:mtu*2,7:mss,nop,ws:df,id+:0\n"
    "sig = *:64:0:*:%8192,3:mss,nop,ws:df,id+:0\n"
    "label = s:win:Stamps:\n"
    "sig = *:128:0:*:mss*10,*:mss,nop,nop,ts:df,id+:0\n"
    "label = s:other:Odd:box\n"
    "sig = *:255:0:0:1234,0:?77,eol+3:df,seq-,opt+:+\n"
    "label = s:!:Tool:\n"
    "sys = @unix\n"
    "sig = *:64-:0:1000:5000,0:mss::0\n"
    "label = s:unix:Six:\n"
    "sig = 6:64:0:1000:5001,0:mss::0\n";

static struct image image;

/* The image, by hpd-conf beside this program. */
static int
group(void **state)
{
	static char text[] = "create d\nbind 10.0.0.1 d\n";
	char exe[PATH_MAX], dir[] = "/tmp/t_net_srcos.XXXXXX", *end;
	struct stat st;
	int d, fd, img, status;
	ssize_t n;
	void *mem;

	(void)state;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	assert_true(n > 0);
	exe[n] = '\0';
	end = strstr(exe, "/tests/unit/");
	assert_non_null(end);
	strcpy(end, "/bin/hpd-conf");
	assert_non_null(mkdtemp(dir));
	d = open(dir, O_RDONLY | O_DIRECTORY);
	fd = openat(d, "t.conf", O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	fd = openat(d, "t.fp", O_WRONLY | O_CREAT, 0644);
	assert_int_equal(write(fd, table, sizeof(table) - 1),
	    sizeof(table) - 1);
	close(fd);
	img = memfd_create("img", 0);
	if (fork() == 0) {
		char a[32], b[32], c[32];

		snprintf(a, sizeof(a), "%d:t.conf", d);
		snprintf(b, sizeof(b), "%d:t.fp", d);
		snprintf(c, sizeof(c), "%d", img);
		execl(exe, "hpd-conf", "-c", a, "-0", b, "-o", c,
		    (char *)NULL);
		_exit(127);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(unlinkat(d, "t.conf", 0), 0);
	assert_int_equal(unlinkat(d, "t.fp", 0), 0);
	assert_int_equal(rmdir(dir), 0);
	assert_int_equal(status, 0);
	assert_int_equal(fstat(img, &st), 0);
	mem = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, img, 0);
	assert_int_equal(image_check(mem, (size_t)st.st_size, &image),
	    IMAGE_OK);
	fix_init();
	net.img.strings = image.strings;
	net.img.srcos = image.srcos;
	net.img.nsrcos = image.nsrcos;
	srcos_image();
	return 0;
}

static int
ungroup(void **state)
{
	(void)state;
	return munmap((void *)(uintptr_t)image.hdr, image.size);
}

/* --- packets ------------------------------------------------------------ */

static uint8_t frame[14 + 400];
#define IP  (frame + 14)
#define L4  (frame + 34)

static void
load(const uint8_t *p, size_t n)
{
	memset(frame, 0, sizeof(frame));
	memcpy(IP, p, n);
}

/* The number of what is in frame, as hpd-net gets it. */
static uint16_t
number(void)
{
	static struct pkt p;
	struct seg s;
	uint32_t hlen;

	memset(&p, 0, sizeof(p));
	put16(IP + 10, 0);
	put16(IP + 10, csum_fold(csum_add(0, IP, 20)));
	p.nif = &net.ifs[0];
	p.data = frame;
	p.len = 14u + be16(IP + 2);
	p.eth_src = p.eth_dst = frame;
	assert_int_equal(ip4_parse(&p), 0);
	if (p.ip_proto == 17)
		return srcos_udp(&p, p.l4_len);
	if (p.ip_proto == 1)
		return srcos_icmp(&p);
	memset(&s, 0, sizeof(s));
	s.p = &p;
	s.sport = be16(p.l4);
	s.dport = be16(p.l4 + 2);
	s.seq = be32(p.l4 + 4);
	s.ack = be32(p.l4 + 8);
	s.flags = p.l4[13];
	s.window = be16(p.l4 + 14);
	hlen = (uint32_t)(p.l4[12] >> 4) * 4;
	s.optlen = (uint8_t)(hlen - 20);
	s.len = p.l4_len - hlen;
	assert_int_equal(tcp_opt_parse(p.l4 + 20, s.optlen, &s.o), 0);
	return srcos_tcp(&s);
}

static const char *
name(void)
{
	static char buf[SRCOS_NAME_BUF];

	srcos_name(&net.img, number(), buf);
	return buf;
}

/* A SYN: options, window, IP ID; DF, TTL 64. */
static void
syn(const uint8_t *opt, uint8_t n, uint16_t win)
{
	memset(frame, 0, sizeof(frame));
	IP[0] = 0x45;
	put16(IP + 2, 40u + n);
	put16(IP + 4, 77);
	put16(IP + 6, 0x4000);
	IP[8] = 64;
	IP[9] = 6;
	put32(IP + 12, SRC);
	put32(IP + 16, SRC + 1);
	put16(L4, 4000);
	put16(L4 + 2, 80);
	put32(L4 + 4, 12345);
	L4[12] = (uint8_t)((20 + n) << 2);
	L4[13] = TH_SYN;
	put16(L4 + 14, win);
	if (n > 0)
		memcpy(L4 + 20, opt, n);
}

static void
captured(void **state)
{
#define C(x, n) {x, sizeof(x), n, #x}
	static const char osd[] = "Nmap OS detection";
	const struct {
		const uint8_t *p;
		size_t len;
		const char *want, *what;
	} all[] = {C(LINUX, "Linux 4.20 and newer"),
	    C(SYN_SCAN, "Nmap SYN scan"), C(SEQ1, osd), C(SEQ2, osd),
	    C(SEQ3, osd), C(SEQ4, osd), C(SEQ5, osd), C(SEQ6, osd),
	    C(ECN, osd), C(T2, osd), C(T3, osd), C(T4, osd), C(T5, osd),
	    C(T6, osd), C(T7, osd), C(ECHO_9, osd), C(ECHO_0, ""),
	    C(HPING, "hping3"), C(HPING_DF, "hping3"),
	    C(MASSCAN, "masscan"), C(ZMAP, "ZMap")};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		load(all[i].p, all[i].len);
		if (strcmp(name(), all[i].want) != 0)
			fail_msg("%s is '%s'", all[i].what, name());
		if (IP[9] != 6)
			continue;
		IP[8] += 100; /* beyond what it begins with */
		if (all[i].want[0] != 'L' && IP[8] > 100)
			assert_string_equal(name(), "");
	}
	load(U1, sizeof(U1));
	assert_string_equal(name(), "");
	memset(L4 + 8, 'C', 300);
	assert_string_equal(name(), osd);
	L4[8 + 299] = 'D';
	assert_string_equal(name(), "");
	L4[8 + 299] = 'C';
	IP[5]++;
	assert_string_equal(name(), "");
	load(ECHO_9, sizeof(ECHO_9));
	L4[8 + 119] = 1;
	assert_string_equal(name(), "");
}

/* What tells a tool must be so. */
static void
facts(void **state)
{
	static const uint8_t mss[] = {2, 4, 3, 0xe8}; /* 1000 */

	(void)state;
	load(MASSCAN, sizeof(MASSCAN));
	L4[7] ^= 1;
	assert_string_equal(name(), "");
	load(ZMAP, sizeof(ZMAP));
	IP[5] ^= 1;
	assert_string_equal(name(), "");
	syn(NULL, 0, 4711); /* Mirai's */
	put16(IP + 6, 0);
	put32(L4 + 4, SRC + 1);
	assert_string_equal(name(), "Mirai");
	L4[7]++;
	assert_string_equal(name(), "");
	load(HPING, sizeof(HPING));
	put32(L4 + 8, 0); /* no acknowledgement number: somebody else */
	assert_string_equal(name(), "");
	syn(mss, 4, 5000); /* a tool of the table: nothing may differ */
	put16(IP + 6, 0);
	assert_string_equal(name(), "Tool");
	IP[8] = 1;
	assert_string_equal(name(), "Tool");
	IP[8] = 65;
	assert_string_equal(name(), "");
	IP[8] = 64;
	put16(IP + 4, 0);
	assert_string_equal(name(), "");
	put16(IP + 4, 5);
	put16(L4 + 14, 5001); /* a signature of IPv6 */
	assert_string_equal(name(), "");
	syn(mss, 4, 5000);
	put16(IP + 6, 0);
	L4[13] = TH_SYN | TH_FIN; /* no SYN in this sense */
	assert_string_equal(name(), "");
}

/* Windows by their kind, specific before generic, what a way may change. */
static void
systems(void **state)
{
	static const uint8_t ws7[] = {2, 4, 5, 0xb4, 1, 3, 3, 7};
	static const uint8_t ws3[] = {2, 4, 5, 0xb4, 1, 3, 3, 3};
	static const uint8_t less[] = {2, 4, 5, 0x78, 1, 3, 3, 7}; /* 1400 */
	static const uint8_t ts[] = {2, 4, 5, 0xb4, 1, 1, 8, 10, 0, 0, 0, 1,
	    0, 0, 0, 0};

	(void)state;
	syn(ws7, 8, 4 * 1460);
	assert_string_equal(name(), "Special 1");
	syn(less, 8, 4 * 1400);
	assert_string_equal(name(), "Special 1");
	syn(less, 8, 4 * 1460); /* clamped on the way */
	assert_string_equal(name(), "Special 1");
	syn(ws7, 8, 2 * 1500);
	assert_string_equal(name(), "Special 1");
	syn(ws3, 8, 2 * 8192);
	assert_string_equal(name(), "Special 1");
	syn(ws7, 8, 2 * 8192);
	assert_string_equal(name(), "Generic");
	IP[8] = 64 - 35;
	assert_string_equal(name(), "Generic");
	IP[8] = 128; /* fuzzy: any TTL */
	assert_string_equal(name(), "Generic");
	syn(ws7, 8, 4 * 1460);
	put16(IP + 6, 0); /* DF taken away: the specific one, nearly */
	assert_string_equal(name(), "Special 1");
	put16(IP + 4, 0);
	assert_string_equal(name(), "Special 1");
	syn(ws7, 8, 4 * 1460);
	IP[1] = 2; /* ECN came */
	assert_string_equal(name(), "Special 1");
	IP[1] = 0;
	put16(L4 + 18, 1); /* an urgent pointer may not come */
	assert_string_equal(name(), "");
	syn(ts, 16, 10 * 1448);
	IP[8] = 120;
	assert_string_equal(name(), "Stamps");
	put32(L4 + 20 + 12, 1); /* TSecr */
	assert_string_equal(name(), "");
}

/* An option nobody knows, what lies behind the end, a payload. */
static void
odd(void **state)
{
	static const uint8_t o[] = {77, 4, 1, 2, 0, 0, 0, 9};

	(void)state;
	syn(o, 8, 1234);
	put32(L4 + 4, 0);
	put16(IP + 4, 0);
	put16(IP + 2, 40 + 8 + 1);
	IP[8] = 250;
	assert_string_equal(name(), "Odd box");
	L4[27] = 0; /* nothing behind the end */
	assert_string_equal(name(), "");
	L4[27] = 9;
	put16(IP + 2, 40 + 8); /* no payload */
	assert_string_equal(name(), "");
	put16(IP + 2, 40 + 8 + 1);
	L4[20] = 78;
	assert_string_equal(name(), "");
	L4[20] = 77;
	put32(L4 + 4, 1);
	assert_string_equal(name(), "");
}

/* --- sources and events ------------------------------------------------- */

static uint32_t records, tools, folded;
static struct event last;
static struct ev_probe last_probe;

static void
collect(void)
{
	static union {
		uint8_t b[PROTO_MAX_MSG];
		uint64_t align;
	} m;
	struct msg_events h;
	struct event ev;
	size_t at, i, n;
	ssize_t r;

	records = tools = folded = 0;
	(void)evq_flush(&net.evq, 1);
	while ((r = recv(fix_log[1], m.b, sizeof(m.b), MSG_DONTWAIT)) > 0) {
		at = sizeof(struct proto_hdr);
		memcpy(&h, m.b + at, sizeof(h));
		at += sizeof(h);
		for (i = 0; i < h.count; i++, at += n) {
			n = event_check(m.b + at, (size_t)r - at, PROC_NET);
			assert_int_not_equal(n, 0);
			memcpy(&ev, m.b + at, sizeof(ev));
			records++;
			if (ev.kind != EV_TOOL)
				continue;
			tools++;
			folded += ev.count;
			last = ev;
			memcpy(&last_probe, m.b + at + sizeof(ev),
			    sizeof(last_probe));
		}
	}
}

static void
later(uint32_t s)
{
	net.now_ms += s * 1000;
	srcos_tick(0);
}

static void
told_once(void **state)
{
	uint32_t i;

	(void)state;
	srcos_tick(1);
	srcos_tick(1); /* what the tests before saw */
	collect();
	load(SEQ1, sizeof(SEQ1));
	assert_int_not_equal(number(), 0);
	collect();
	assert_int_equal(tools, 1);
	assert_int_equal(be32(last.src), SRC);
	assert_int_equal(last.count, 1);
	assert_int_equal(last.dport, 80);
	assert_int_equal(last_probe.window, 1);
	assert_int_equal(last_probe.srcos, number());
	for (i = 0; i < 99; i++) /* other probes of the same tool too */
		number();
	load(T7, sizeof(T7));
	number();
	later(59);
	collect();
	assert_int_equal(tools, 0);
	later(1);
	collect();
	assert_int_equal(tools, 1);
	assert_int_equal(folded, 101);
	later(60);
	collect();
	assert_int_equal(tools, 0); /* nothing came: forgotten */
	number();
	collect();
	assert_int_equal(tools, 1);
	load(SYN_SCAN, sizeof(SYN_SCAN)); /* asks nothing about a system */
	assert_int_not_equal(number(), 0);
	collect();
	assert_int_equal(tools, 0);
}

/* More sources than there is room for: counted, never lost. */
static void
many(void **state)
{
	uint64_t seen = stats[ST_TOOLS_SEEN], over = stats[ST_TOOLS_FULL];
	uint32_t i, told = 0;

	(void)state;
	srcos_tick(1);
	srcos_tick(1);
	collect();
	load(SEQ1, sizeof(SEQ1));
	for (i = 0; i < 5000; i++) {
		put32(IP + 12, 0x0a500000 + i);
		number();
		if (i % 500 == 499) {
			collect();
			told += tools;
		}
	}
	seen = stats[ST_TOOLS_SEEN] - seen;
	over = stats[ST_TOOLS_FULL] - over;
	assert_int_equal(told, seen);
	assert_int_equal(seen + over, 5000);
	assert_true(seen >= 900 && seen <= 1024);
	later(60);
	collect();
	put32(IP + 12, SRC); /* room again */
	number();
	collect();
	assert_int_equal(tools, 1);
}

static void
known(void **state)
{
	uint16_t os, tool;

	(void)state;
	load(LINUX, sizeof(LINUX));
	os = number();
	load(HPING, sizeof(HPING));
	tool = number();
	assert_true(os != 0 && tool != 0);
	assert_int_equal(srcos_known(SRC), 0);
	srcos_learn(SRC, tool);
	assert_int_equal(srcos_known(SRC), 0);
	srcos_learn(SRC, os);
	assert_int_equal(srcos_known(SRC), os);
	srcos_learn(SRC, tool); /* what the tool runs on stays */
	srcos_learn(SRC, 0);
	assert_int_equal(srcos_known(SRC), os);
	assert_int_equal(srcos_known(SRC + 1), 0);
	later(SRCOS_KNOW_S);
	assert_int_equal(srcos_known(SRC), os);
	later(1);
	assert_int_equal(srcos_known(SRC), 0);
	srcos_learn(SRC, os);
	srcos_learn(SRC, UINT16_MAX); /* beyond the table */
	assert_int_equal(srcos_known(SRC), os);
	srcos_image(); /* the same signatures: nothing is forgotten */
	assert_int_equal(srcos_known(SRC), os);
	net.img.nsrcos--;
	srcos_image();
	assert_int_equal(srcos_known(SRC), 0);
	net.img.nsrcos++;
	srcos_image();
}

/* The cost of a SYN of a shape seen before. */
static void
cost(void **state)
{
	struct timespec a, b;
	double ns;
	int i;

	(void)state;
	load(LINUX, sizeof(LINUX));
	number();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	for (i = 0; i < 200000; i++)
		number();
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	ns = ((double)(b.tv_sec - a.tv_sec) * 1e9 +
	    (double)(b.tv_nsec - a.tv_nsec)) / 200000;
	print_message("# %.0f ns a SYN, parsing counted\n", ns);
#ifndef HPD_SANITIZED
	assert_true(ns < 1000);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(captured),
	    cmocka_unit_test(facts),
	    cmocka_unit_test(systems),
	    cmocka_unit_test(odd),
	    cmocka_unit_test(told_once),
	    cmocka_unit_test(many),
	    cmocka_unit_test(known),
	    cmocka_unit_test(cost),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("srcos", tests, group, ungroup);
}
