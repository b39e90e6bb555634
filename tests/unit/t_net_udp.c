/* SPDX-License-Identifier: ISC */
/* UDP: ports by action, flows with a service, both transports, limits. */
#include "tcp_world.h"

static int
setup(void **state)
{
	(void)state;
	world_init(64);
	w_transport = 2;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_done();
	return 0;
}

static void
dgram(uint32_t src, uint16_t sport, uint16_t dport, const void *data,
    uint32_t len, int damage)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	static uint8_t buf[2048];
	uint8_t *ip = buf + 14, *l4 = buf + 34;
	struct pkt p;

	memset(buf, 0, 42);
	memset(&p, 0, sizeof(p));
	put16(l4, sport);
	put16(l4 + 2, dport);
	put16(l4 + 4, 8 + len);
	memcpy(l4 + 8, data, len);
	put16(l4 + 6, csum_fold(csum_add(csum_pseudo(src, H_ADDR, IPPROTO_UDP,
			  8 + len), l4, 8 + len)));
	l4[6] ^= (uint8_t)damage;
	ip[0] = 0x45;
	put16(ip + 2, 28 + len);
	p.nif = &net.ifs[0];
	p.data = buf;
	p.len = 42 + len;
	p.eth_src = p.eth_dst = mac;
	p.ip = ip;
	p.ip_hlen = 20;
	p.ip_proto = IPPROTO_UDP;
	p.ip_len = (uint16_t)(28 + len);
	p.src = src;
	p.dst = H_ADDR;
	p.l4 = l4;
	p.l4_len = 8 + len;
	net_now();
	udp_input(&p, host_get(H_ADDR));
}

/* The i-th answer's IP header, its length in *len. */
static const uint8_t *
answer(uint32_t i, uint32_t *len)
{
	const uint8_t *f;

	io_tx_flush(&net.ifs[0]);
	if (i >= io_mem_count(&net.ifs[0]))
		return NULL;
	f = io_mem_frame(&net.ifs[0], i, len);
	*len -= 14;
	assert_int_equal(csum_fold(csum_add(0, f + 14, 20)), 0);
	return f + 14;
}

static void
ports(void **state)
{
	const uint8_t *ip;
	uint32_t len, i;

	(void)state;
	dgram(P_ADDR, 5000, 9, "x", 1, 0); /* open: swallowed */
	assert_int_equal(got_count(), 0);
	dgram(P_ADDR, 5000, 77, "x", 1, 1); /* bad checksum */
	assert_int_equal(got_count(), 0);
	assert_int_equal(stats[ST_DROP_UDP_CSUM], 1);
	dgram(P_ADDR, 5000, 77, "x", 1, 0); /* closed */
	assert_non_null(ip = answer(0, &len));
	assert_int_equal(ip[9], IPPROTO_ICMP);
	assert_int_equal(ip[20], 3);
	assert_int_equal(ip[21], 3);
	for (i = 0; i < 50; i++)
		dgram(P_ADDR, 5000, 77, "x", 1, 0);
	assert_int_equal(got_count(), 6); /* the persona's burst */
	w_tmpl.act_udp = ACT_FILTERED;
	got_clear();
	world_sleep(5000);
	dgram(P_ADDR, 5000, 77, "x", 1, 0);
	assert_int_equal(got_count(), 0);
}

static void
service(void **state)
{
	const uint8_t *ip;
	uint32_t len, n;
	char buf[64];

	(void)state;
	dgram(P_ADDR, 5000, 53, "one", 3, 0);
	dgram(P_ADDR, 5000, 53, "two", 3, 0);
	dgram(P_ADDR, 5000, 53, "", 0, 0); /* empty: not delivered */
	assert_int_equal(udp_active(), 1);
	world_turn();
	world_turn();
	assert_int_equal(w_open.proto, IPPROTO_UDP);
	assert_int_equal(w_opens, 1);
	assert_int_equal(recv(w_script, buf, sizeof(buf), 0), 3);
	assert_memory_equal(buf, "one", 3);
	assert_int_equal(recv(w_script, buf, sizeof(buf), 0), 3);
	assert_memory_equal(buf, "two", 3);
	assert_int_equal(recv(w_script, buf, sizeof(buf), MSG_DONTWAIT), -1);
	assert_int_equal(send(w_script, "reply", 5, 0), 5);
	assert_int_equal(send(w_script, "more", 4, 0), 4);
	world_turn();
	assert_int_equal(got_count(), 2);
	assert_non_null(ip = answer(0, &len));
	n = len - 20;
	assert_int_equal(n, 13);
	assert_int_equal(be16(ip + 20), 53);
	assert_int_equal(be16(ip + 22), 5000);
	assert_int_equal(csum_fold(csum_add(csum_pseudo(H_ADDR, P_ADDR,
			     IPPROTO_UDP, n), ip + 20, n)), 0);
	assert_memory_equal(ip + 28, "reply", 5);
	world_exit_script();
	world_turn();
	world_turn();
	assert_int_equal(udp_active(), 0);
	dgram(P_ADDR, 5000, 53, "again", 5, 0);
	world_turn();
	assert_int_equal(w_opens, 2);
}

/* More than the MTU: fragments, one datagram again. */
static void
large(void **state)
{
	static char big[4000];
	static uint8_t all[8192];
	const uint8_t *ip;
	uint32_t len, i, off, total = 0;

	(void)state;
	memset(big, 'L', sizeof(big));
	dgram(P_ADDR, 5000, 53, "q", 1, 0);
	world_turn();
	world_turn();
	assert_int_equal(send(w_script, big, sizeof(big), 0), sizeof(big));
	world_turn();
	assert_int_equal(got_count(), 3);
	for (i = 0; i < 3; i++) {
		assert_non_null(ip = answer(i, &len));
		assert_true(len <= 1500);
		assert_int_equal(ip[6] & 0x40, 0);
		off = (be16(ip + 6) & 0x1fffu) * 8;
		memcpy(all + off, ip + 20, len - 20);
		total += len - 20;
	}
	assert_int_equal(total, 4008);
	assert_int_equal(csum_fold(csum_add(csum_pseudo(H_ADDR, P_ADDR,
			     IPPROTO_UDP, total), all, total)), 0);
	for (i = 8; i < total; i++)
		assert_int_equal(all[i], 'L');
}

/* Who sets DF and has IDs of 0: so is a short answer; the pieces of a long one
 * have no DF and one ID that is not 0, or nobody could put them together. */
static void
ids(void **state)
{
	static char big[3000];
	const uint8_t *ip;
	uint32_t len, i, id;

	(void)state;
	w_pers.df_udp = 1;
	memset(w_pers.ipid, 0, sizeof(w_pers.ipid));
	dgram(P_ADDR, 5000, 53, "q", 1, 0);
	world_turn();
	world_turn();
	assert_int_equal(send(w_script, "short", 5, 0), 5);
	world_turn();
	assert_non_null(ip = answer(0, &len));
	assert_int_equal(be16(ip + 4), 0);
	assert_int_equal(be16(ip + 6), 0x4000);
	got_clear();
	assert_int_equal(send(w_script, big, sizeof(big), 0), sizeof(big));
	world_turn();
	assert_int_equal(got_count(), 3);
	assert_non_null(ip = answer(0, &len));
	id = be16(ip + 4);
	assert_int_not_equal(id, 0);
	for (i = 0; i < 3; i++) {
		assert_non_null(ip = answer(i, &len));
		assert_int_equal(be16(ip + 4), id);
		assert_int_equal(ip[6] & 0x40, 0);
	}
}

/* The shell profile's stream. */
static void
stream(void **state)
{
	char buf[64];

	(void)state;
	w_transport = 1;
	dgram(P_ADDR, 5000, 53, "line\n", 5, 0);
	world_turn();
	world_turn();
	assert_int_equal(read(w_script, buf, sizeof(buf)), 5);
	assert_int_equal(write(w_script, "answer\n", 7), 7);
	world_turn();
	assert_int_equal(got_count(), 1);
}

/* At most ten wait for a session that does not come. */
static void
queue(void **state)
{
	char buf[64];
	uint32_t i;

	(void)state;
	w_hold = 1;
	for (i = 0; i < 15; i++)
		dgram(P_ADDR, 5000, 53, &"abcdefghijklmno"[i], 1, 0);
	world_turn();
	world_answer_open();
	world_turn();
	for (i = 0; i < 10; i++) {
		assert_int_equal(recv(w_script, buf, 64, MSG_DONTWAIT), 1);
		assert_int_equal(buf[0], 'a' + i);
	}
	assert_int_equal(recv(w_script, buf, 64, MSG_DONTWAIT), -1);
}

static void
limits(void **state)
{
	uint32_t i, s;

	(void)state;
	w_hold = 1;
	for (i = 0; i < 1000; i++)
		dgram(P_ADDR, (uint16_t)(5000 + i), 53, "x", 1, 0);
	assert_int_equal(udp_active(), 16); /* one source's share */
	assert_true(stats[ST_LIMIT_SOURCE] > 900);
	w_ns += 1000000000; /* these were all that may begin in a second */
	for (s = 1; s < 40; s++)
		for (i = 0; i < 5; i++)
			dgram(P_ADDR + s, (uint16_t)(5000 + i), 53, "x", 1, 0);
	assert_int_equal(udp_active(), 64);
	assert_true(stats[ST_UDP_FLOWS_FULL] > 0);
	for (i = 0; i < 70; i++) /* the script side hears of every end */
		world_sleep(1000);
	assert_int_equal(udp_active(), 0);
	assert_int_equal(stats[ST_SESS_OPEN], 0);
}

/* Datagrams of false sources begin no more flows than records can be told. */
static void
false_sources(void **state)
{
	uint32_t i;

	(void)state;
	w_deny = DENIED_TOTAL;
	udp_init(8192);
	w_ns += 2000000000 - w_ns % 1000000000;
	for (i = 0; i < 5000; i++)
		dgram(0xc6000000u + i * 5, 5000, 53, "x", 1, 0);
	assert_int_equal(udp_active(), 1000);
	assert_int_equal(stats[ST_PROBES], 4000); /* counted, not lost */
	w_ns += 1000000000;
	dgram(0xc7000000u, 5000, 53, "x", 1, 0);
	assert_int_equal(udp_active(), 1001);
}

/* Silence for as long as the service allows, not a moment less. */
static void
idle(void **state)
{
	(void)state;
	w_svc[1].idle_s = 10;
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	world_turn();
	world_sleep(8000);
	assert_int_equal(send(w_script, "reply", 5, 0), 5);
	world_sleep(8000);
	assert_int_equal(udp_active(), 1);
	world_sleep(3000);
	assert_int_equal(udp_active(), 0);
	assert_int_equal(w_closes, 1);
	assert_int_equal(w_reason, 5);
	assert_int_equal(stats[ST_UDP_IDLE], 1);
}

/* Beyond its bytes: nothing more goes out, no new session for a while. */
static void
bytes(void **state)
{
	(void)state;
	w_svc[1].max_bytes_out = 10;
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	world_turn();
	assert_int_equal(send(w_script, "01234567", 8, 0), 8);
	assert_int_equal(send(w_script, "xyz", 3, 0), 3);
	world_turn();
	assert_int_equal(got_count(), 1);
	world_turn();
	assert_int_equal(w_closes, 1);
	assert_int_equal(w_reason, 6);
	assert_int_equal(stats[ST_SESS_BYTES], 1);
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	assert_int_equal(w_opens, 1);
	world_sleep(6000);
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	assert_int_equal(w_opens, 2);
}

static void
runner_down(void **state)
{
	(void)state;
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	world_turn();
	sess_peer(PROC_SVC, NULL);
	udp_svc_down(PROC_SVC);
	assert_int_equal(udp_active(), 0);
	close(w_script);
	w_script = -1;
	dgram(P_ADDR, 5000, 53, "x", 1, 0); /* denied, swallowed */
	assert_int_equal(udp_active(), 1);
	chan_close(&w_net);
	chan_close(&w_runner);
	world_runner();
	world_sleep(6000);
	dgram(P_ADDR, 5000, 53, "x", 1, 0);
	world_turn();
	assert_int_equal(w_opens, 2);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(ports),
	    T(service),
	    T(large),
	    T(ids),
	    T(stream),
	    T(queue),
	    T(limits),
	    T(runner_down),
	    T(false_sources),
	    T(idle),
	    T(bytes),
	};

	world_unused();
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
