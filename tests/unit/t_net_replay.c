/* SPDX-License-Identifier: ISC */
/* A savefile through the whole stack, the answers in another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pcap/pcap.h>

#include "net_fix.h"

#include "hpd-net/io_pcap.h"

#define N 200

static char in[] = "/tmp/hpd-replay-in.XXXXXX";
static char out[] = "/tmp/hpd-replay-out.XXXXXX";

static void
write_savefile(int linktype)
{
	uint8_t f[2048], echo[64];
	struct pcap_pkthdr h = {.ts = {1800000000, 0}};
	pcap_t *p = pcap_open_dead(linktype, 65535);
	pcap_dumper_t *d = pcap_dump_open(p, in);
	int i;

	assert_non_null(d);
	for (i = 0; i < N; i++) {
		h.caplen = h.len = fix_ip(f, FIX_A, FIX_H, 1, (uint16_t)i, 0,
		    echo, fix_echo(echo, 32, (uint8_t)i));
		h.ts.tv_usec = i * 1000;
		pcap_dump((u_char *)d, &h, f);
	}
	pcap_dump_close(d);
	pcap_close(p);
}

static void
test_replay(void **state)
{
	char err[256];
	struct pcap_pkthdr *h;
	const u_char *data;
	pcap_t *p;
	int n = 0;

	(void)state;
	fix_init();
	write_savefile(DLT_EN10MB);
	assert_int_equal(io_pcap_replay(&net.ifs[0], in, out, net_batch, NULL,
			     err, sizeof(err)), N);
	p = pcap_open_offline(out, err);
	assert_non_null(p);
	while (pcap_next_ex(p, &h, &data) == 1) {
		assert_int_equal(h->caplen, 14 + 20 + 40);
		assert_int_equal(data[34], 0);
		assert_int_equal(data[42], (uint8_t)n); /* in order */
		n++;
	}
	assert_int_equal(n, N);
	pcap_close(p);
}

static void
test_refused(void **state)
{
	char err[256] = "";

	(void)state;
	fix_init();
	assert_int_equal(io_pcap_replay(&net.ifs[0], "/nonexistent", NULL,
			     net_batch, NULL, err, sizeof(err)), -1);
	assert_true(err[0] != '\0');
	write_savefile(DLT_RAW);
	assert_int_equal(io_pcap_replay(&net.ifs[0], in, NULL, net_batch, NULL,
			     err, sizeof(err)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_replay),
	    cmocka_unit_test(test_refused),
	};
	int a = mkstemp(in), b = mkstemp(out), r;

	if (a == -1 || b == -1)
		return 1;
	close(a);
	close(b);
	cmocka_set_message_output(CM_OUTPUT_TAP);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(in);
	unlink(out);
	return r;
}
