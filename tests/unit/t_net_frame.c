/* SPDX-License-Identifier: ISC */
/* Frames for the pcap stream: those the filter takes, received and sent, cut
 * to the length asked for, with their own length and time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pcap/pcap.h>

#include "net_fix.h"

#include "hpd-net/frame.h"
#include "hpd-net/io_impl.h"

static struct img_bpf prog[IMG_FRAMES_MAX];

struct kept {
	struct event e;
	struct ev_frame f;
	uint8_t data[EV_FRAME_MAX];
	size_t len;
};
static struct kept kept[64];
static uint32_t nkept;

static void
collect(void)
{
	static union {
		uint8_t b[PROTO_MAX_MSG];
		uint64_t align;
	} m;
	struct msg_events h;
	struct kept *k;
	size_t at, i, n;
	ssize_t r;

	nkept = 0;
	while (evq_flush(&net.evq, 1) == 1 || net.evq.nrec > 0)
		continue;
	while ((r = recv(fix_log[1], m.b, sizeof(m.b), MSG_DONTWAIT)) > 0) {
		at = sizeof(struct proto_hdr);
		memcpy(&h, m.b + at, sizeof(h));
		at += sizeof(h);
		for (i = 0; i < h.count; i++, at += n) {
			n = event_check(m.b + at, (size_t)r - at, PROC_NET);
			assert_int_not_equal(n, 0);
			k = &kept[nkept];
			memcpy(&k->e, m.b + at, sizeof(k->e));
			if (k->e.kind != EV_FRAME)
				continue;
			memcpy(&k->f, m.b + at + sizeof(k->e), sizeof(k->f));
			k->len = n - sizeof(k->e) - k->e.pad - sizeof(k->f);
			memcpy(k->data,
			    m.b + at + sizeof(k->e) + sizeof(k->f), k->len);
			nkept++;
		}
	}
}

static void
filter(const char *text, uint32_t snap)
{
	struct bpf_program p;
	pcap_t *pc;

	net.img.nframes = 0;
	if (text != NULL) {
		pc = pcap_open_dead(DLT_EN10MB, 65535);
		assert_non_null(pc);
		assert_int_equal(pcap_compile(pc, &p, text, 1,
				     PCAP_NETMASK_UNKNOWN), 0);
		memcpy(prog, p.bf_insns, p.bf_len * sizeof(*prog));
		net.img.frames = prog;
		net.img.nframes = p.bf_len;
		pcap_freecode(&p);
		pcap_close(pc);
	}
	fix_hdr.frames_snap = snap;
	frame_image();
	collect();
}

static int
setup(void **state)
{
	(void)state;
	fix_init();
	io_mem_clear(&net.ifs[0]);
	return 0;
}

static uint32_t
echo(uint8_t *f, uint32_t size)
{
	uint8_t icmp[2000];

	return fix_ip(f, FIX_A, FIX_H, 1, 1, 0, icmp,
	    fix_echo(icmp, size, 3));
}

static void
run(const uint8_t *f, uint32_t len, int64_t ts)
{
	struct pkt pk[4];

	assert_int_equal(io_mem_push(&net.ifs[0], f, len, ts, 0), 0);
	assert_int_equal(io_rx(&net.ifs[0], pk, 4), 1);
	net_batch(pk, 1, NULL);
	io_rx_done(&net.ifs[0]);
}

static void
both_ways(void **state)
{
	uint8_t f[2048];
	const uint8_t *a;
	uint32_t len, alen;

	(void)state;
	filter("icmp", 4000);
	assert_int_equal(frames_on, 1);
	len = echo(f, 100);
	run(f, len, 1700000000123456789LL);
	collect();
	assert_int_equal(nkept, 2);
	assert_int_equal(kept[0].f.out, 0);
	assert_int_equal(kept[0].f.wire_len, len);
	assert_int_equal(kept[0].len, len);
	assert_memory_equal(kept[0].data, f, len);
	assert_true(kept[0].e.wall_ns == 1700000000123456789LL);
	a = io_mem_frame(&net.ifs[0], 0, &alen);
	assert_int_equal(kept[1].f.out, 1);
	assert_int_equal(kept[1].f.wire_len, alen);
	assert_int_equal(kept[1].len, alen);
	assert_memory_equal(kept[1].data, a, alen);
	assert_true(kept[1].e.wall_ns > kept[0].e.wall_ns);
	assert_int_equal(stats[ST_FRAMES_KEPT], 2);
}

static void
cut(void **state)
{
	uint8_t f[2048];
	uint32_t len;

	(void)state;
	filter("icmp[0] = 8", 96);
	len = echo(f, 1000);
	run(f, len, 5);
	collect();
	assert_int_equal(nkept, 1); /* not the answer */
	assert_int_equal(kept[0].len, 96);
	assert_int_equal(kept[0].f.wire_len, len);
	assert_memory_equal(kept[0].data, f, 96);
}

static void
nothing(void **state)
{
	uint8_t f[2048];
	uint32_t len = echo(f, 10);

	(void)state;
	filter("tcp", 4000);
	run(f, len, 5);
	collect();
	assert_int_equal(nkept, 0);
	filter(NULL, 4000);
	assert_int_equal(frames_on, 0);
	assert_null(io_tx_seen);
	run(f, len, 5);
	collect();
	assert_int_equal(nkept, 0);
}

/* What the image's check lets through and libpcap does not. */
static void
invalid(void **state)
{
	static const struct img_bpf bad = {0x15, 9, 9, 0}; /* a far jump */
	uint8_t f[2048];
	uint32_t len = echo(f, 10);

	(void)state;
	prog[0] = bad;
	net.img.frames = prog;
	net.img.nframes = 1;
	frame_image();
	assert_int_equal(frames_on, 0);
	run(f, len, 5);
	collect();
	assert_int_equal(nkept, 0);
}

/* A large send: one frame with its own length, the payload behind the head. */
static void
large(void **state)
{
	static uint8_t head[54], data[20000];
	uint32_t i;

	(void)state;
	filter("tcp and greater 10000", 3000);
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 3);
	memset(head, 0, sizeof(head));
	put16(head + 12, 0x0800);
	head[14] = 0x45;
	head[23] = 6;
	io_tx_seen(&net.ifs[0], head, sizeof(head), data, sizeof(data));
	io_tx_seen(&net.ifs[0], head, sizeof(head), data, 1000);
	collect();
	assert_int_equal(nkept, 1);
	assert_int_equal(kept[0].f.out, 1);
	assert_int_equal(kept[0].f.wire_len, sizeof(head) + sizeof(data));
	assert_int_equal(kept[0].len, 3000);
	assert_memory_equal(kept[0].data, head, sizeof(head));
	assert_memory_equal(kept[0].data + sizeof(head), data,
	    3000 - sizeof(head));
}

/* The queue is half full: frames stay out, and that is counted. */
static void
full(void **state)
{
	uint8_t f[2048];
	uint32_t len = echo(f, 10), i;

	(void)state;
	filter("icmp", 4000);
	for (i = 0; evq_room(&net.evq, EV_FRAME) > 0; i++)
		assert_int_equal(evq_text(&net.evq, EV_NET_LINK, 0, "%2000d",
				     1), 0);
	stats[ST_FRAMES_LOST] = 0;
	for (i = 0; i < 100; i++)
		run(f, len, 5);
	assert_true(stats[ST_FRAMES_LOST] > 100);
	assert_int_equal(net.evq.lost[LOST_FRAMES].records,
	    stats[ST_FRAMES_LOST]);
	assert_int_equal(net.evq.lost[LOST_EVENTS].records, 0);
}

#define T(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(both_ways), T(cut), T(nothing), T(invalid), T(large), T(full),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
