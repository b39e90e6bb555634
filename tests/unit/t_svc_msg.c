/* SPDX-License-Identifier: ISC */
/* SVC_OPEN as a taken-over hpd-net might send it: only what the image offers
 * to this runner is started. */
#include <netinet/in.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "hpd-svc/limits.h"
#include "hpd-svc/svc_msg.h"

static struct svc svc;
static struct img_header hdr;
static struct img_service services[4];
static uint32_t running[4];
static struct generation *g;

static int
setup(void **state)
{
	(void)state;
	memset(&svc, 0, sizeof(svc));
	memset(services, 0, sizeof(services));
	memset(running, 0, sizeof(running));
	svc.proc = PROC_SVC;
	svc.profile = PROFILE_NOFORK;
	services_init(&svc.services);
	sessions_init(&svc, SLOT_COUNT);
	g = &svc.services.gen[2];
	g->number = 7;
	g->running = running;
	g->img.hdr = &hdr;
	g->img.services = services;
	g->img.nservices = 4;
	g->img.ntemplates = 3;
	g->img.npersonas = 2;
	g->img.nsrcos = 2;
	hdr.max_sessions = 6;
	hdr.max_sessions_source = 4;
	services[0].proto = services[2].proto = services[3].proto =
	    IPPROTO_TCP;
	services[1].proto = IPPROTO_UDP;
	services[2].profile = PROFILE_SHELL;
	services[0].max_sessions = services[1].max_sessions = 5;
	services[0].max_sessions_source = services[1].max_sessions_source = 3;
	services[3].max_sessions = services[3].max_sessions_source = 100;
	return 0;
}

static struct msg_svc_open
good(void)
{
	struct msg_svc_open o;

	memset(&o, 0, sizeof(o));
	o.generation = 7;
	o.tmpl = 2;
	o.persona = 1;
	o.proto = IPPROTO_TCP;
	o.ver = 4;
	addr_set4(o.src, 0x0a000001);
	addr_set4(o.dst, 0x0a000002);
	o.dport = 25;
	return o;
}

static enum open_verdict
ask(const struct msg_svc_open *o, uint64_t id)
{
	struct generation *gen = NULL;
	enum open_verdict v = svc_open_check(&svc, id, o, &gen);

	assert_int_equal(v == OPEN_START, gen == g);
	return v;
}

static void
each_field(void **state)
{
	struct msg_svc_open o = good();

	(void)state;
	assert_int_equal(ask(&o, 1), OPEN_START);
	assert_int_equal(ask(&o, 0), OPEN_BROKEN);
	o.generation = 8;
	assert_int_equal(ask(&o, 1), OPEN_UNKNOWN);
	o.generation = 0; /* empty rows are no generation */
	assert_int_equal(ask(&o, 1), OPEN_UNKNOWN);
	o = good();
	o.service = 4;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o.service = UINT32_MAX;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o.service = 1; /* udp, asked for as tcp */
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o.proto = IPPROTO_UDP;
	assert_int_equal(ask(&o, 1), OPEN_START);
	o = good();
	o.service = 2; /* the other runner's */
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	svc.profile = PROFILE_SHELL;
	assert_int_equal(ask(&o, 1), OPEN_START);
	o.service = 0;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	svc.profile = PROFILE_NOFORK;
	o = good();
	o.tmpl = 3;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.persona = 2;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.srcos = 2; /* the peer's system: a row plus one */
	assert_int_equal(ask(&o, 1), OPEN_START);
	o.srcos = 3;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o.srcos = UINT32_MAX;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.ver = 5;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.src[15] = 1; /* ipv4 with a tail */
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.proto = IPPROTO_ICMP;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
	o = good();
	o.reserved = 1;
	assert_int_equal(ask(&o, 1), OPEN_BROKEN);
}

/* Garbage never gets an index out of the image. */
static void
garbage(void **state)
{
	struct generation *gen;
	struct msg_svc_open o;
	uint8_t *p = (uint8_t *)&o;
	int i, started = 0;
	size_t k;

	(void)state;
	srandom(3);
	for (i = 0; i < 200000; i++) {
		o = good();
		for (k = random() % 4; k > 0; k--)
			p[random() % sizeof(o)] = (uint8_t)(random() %
			    (random() % 2 ? 8 : 256));
		gen = NULL;
		if (svc_open_check(&svc, (uint64_t)i + 1, &o, &gen) !=
		    OPEN_START)
			continue;
		started++;
		assert_ptr_equal(gen, g);
		assert_true(o.service < 4 && o.tmpl < 3 && o.persona < 2);
		assert_int_equal(services[o.service].proto, o.proto);
		assert_int_equal(services[o.service].profile, PROFILE_NOFORK);
		limits_check(&svc, gen, &o);
	}
	assert_true(started > 1000);
}

static struct session *
run(const struct msg_svc_open *o, uint64_t id, pid_t pid)
{
	int slot = slots_take(&svc.slots);
	struct session *s = &svc.session[slot];

	assert_int_not_equal(slot, -1);
	s->used = 1;
	s->id = id;
	s->pid = pid;
	s->open = *o;
	s->gen = g;
	session_link_pid(&svc, s);
	session_link(&svc, s);
	return s;
}

static void
end(struct session *s)
{
	session_unlink(&svc, s);
	s->used = 0;
	slots_give(&svc.slots, (uint32_t)(s - svc.session));
}

static void
caps(void **state)
{
	struct msg_svc_open o = good();
	struct session *s[8];
	int i;

	(void)state;
	setup(NULL);
	for (i = 0; i < 3; i++) {
		assert_int_equal(limits_check(&svc, g, &o), 0);
		s[i] = run(&o, 100 + (uint64_t)i, 2000 + i);
	}
	/* one source, one service: 3; a live id is not asked for again */
	assert_int_equal(limits_check(&svc, g, &o), DENIED_SOURCE);
	assert_int_equal(ask(&o, 101), OPEN_BROKEN);
	assert_int_equal(ask(&o, 103), OPEN_START);
	o.service = 3;
	assert_int_equal(limits_check(&svc, g, &o), 0);
	s[3] = run(&o, 103, 2003);
	/* one source in all: 4 */
	assert_int_equal(limits_check(&svc, g, &o), DENIED_SOURCE);
	o.service = 0;
	addr_set4(o.src, 0x0a000009);
	assert_int_equal(limits_check(&svc, g, &o), 0);
	s[4] = run(&o, 104, 2004);
	addr_set4(o.src, 0x0a00000a);
	s[5] = run(&o, 105, 2005);
	/* in all: 6 */
	addr_set4(o.src, 0x0a00000b);
	assert_int_equal(limits_check(&svc, g, &o), DENIED_TOTAL);
	hdr.max_sessions = 7;
	/* one service: 5 */
	assert_int_equal(limits_check(&svc, g, &o), DENIED_SERVICE);
	for (i = 0; i < 6; i++) {
		assert_ptr_equal(session_by_pid(&svc, 2000 + i), s[i]);
		end(s[i]);
		assert_null(session_by_pid(&svc, 2000 + i));
		assert_null(session_by_id(&svc, 100 + (uint64_t)i));
	}
	assert_int_equal(svc.running, 0);
	assert_int_equal(running[0], 0);
	assert_int_equal(running[3], 0);
	assert_int_equal(limits_check(&svc, g, &o), 0);
}

/* A generation that leaves the table takes no session with it. */
static void
forget(void **state)
{
	struct msg_svc_open o = good();
	struct session *s;

	(void)state;
	setup(NULL);
	s = run(&o, 5, 50);
	sessions_forget(&svc, g);
	assert_null(s->gen);
	end(s);
	assert_int_equal(svc.running, 0);
}

static void
ends(void **state)
{
	struct session s;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.cpu_s = 2;
	assert_int_equal(limits_end(&s, 0, 0), SVC_END_EXIT);
	assert_int_equal(limits_end(&s, 159, 0), SVC_END_EXIT);
	assert_int_equal(limits_end(&s, -31, 0), SVC_END_TRIP);
	assert_int_equal(limits_end(&s, -24, 0), SVC_END_CPU);
	assert_int_equal(limits_end(&s, -9, 2000000), SVC_END_CPU);
	assert_int_equal(limits_end(&s, -9, 1999999), SVC_END_EXIT);
	s.shell = 1; /* hpd-init tells its child's signal as 128 + it */
	assert_int_equal(limits_end(&s, 159, 0), SVC_END_TRIP);
	assert_int_equal(limits_end(&s, 152, 0), SVC_END_CPU);
	s.closing = 5;
	assert_int_equal(limits_end(&s, 0, 0), SVC_END_IDLE);
	s.killed = 1;
	s.why = SVC_END_WALL;
	assert_int_equal(limits_end(&s, -9, 9000000), SVC_END_WALL);
}

static void
arguments(void **state)
{
	static const char strings[] = "\0/bin/sh\0sh\0/x.sh";
	static uint32_t args[SVC_ARGS_MAX + 8];
	const char *argv[SVC_ARGS_MAX];
	struct img_service s;
	struct image img;

	(void)state;
	memset(&img, 0, sizeof(img));
	memset(&s, 0, sizeof(s));
	img.strings = strings;
	img.args = args;
	args[1] = 9;
	args[2] = 12;
	s.interp = 1;
	s.arg_first = 1;
	s.arg_count = 2;
	assert_int_equal(services_argv(&img, &s, argv), 0);
	assert_string_equal(argv[0], "sh");
	assert_string_equal(argv[1], "/x.sh");
	assert_null(argv[2]);
	s.profile = PROFILE_SHELL;
	assert_int_equal(services_argv(&img, &s, argv), 0);
	assert_string_equal(argv[0], "hpd-init");
	assert_string_equal(argv[1], "/bin/sh");
	assert_string_equal(argv[2], "sh");
	assert_null(argv[4]);
	s.arg_count = SVC_ARGS_MAX - 3; /* with the end and two: full */
	assert_int_equal(services_argv(&img, &s, argv), 0);
	s.arg_count++;
	assert_int_equal(services_argv(&img, &s, argv), -1);
	s.arg_count = 0;
	assert_int_equal(services_argv(&img, &s, argv), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field),
		cmocka_unit_test(garbage),
		cmocka_unit_test(caps),
		cmocka_unit_test(forget),
		cmocka_unit_test(ends),
		cmocka_unit_test(arguments),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
