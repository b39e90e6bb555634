/* SPDX-License-Identifier: ISC */
/* A script's environment: these variables, these values, nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/addr.h"
#include "hpd-svc/env.h"

/* offsets: 1 "mail", 6 "Linux 2.6.32", 19 banner, 25 "default", 33 "a b" */
static const char strings[] = "\0mail\0Linux 2.6.32\0ESMTP\0default\0a b";
static struct img_template tmpl[3];
static struct img_persona persona[1];
static struct image img;
static struct msg_svc_open open_;
static const uint8_t key[16] = { 1, 2, 3 };
static struct env env;

static int
setup(void **state)
{
	(void)state;
	img.strings = strings;
	img.templates = tmpl;
	img.personas = persona;
	tmpl[0].name = 1;
	tmpl[0].banner = 19;
	tmpl[1].name = 25;
	tmpl[2].name = 33;
	persona[0].name = 6;
	open_.ver = 4;
	open_.proto = 6;
	addr_set4(open_.src, 0xc6336407);
	addr_set4(open_.dst, 0xc0000205);
	open_.sport = 40000;
	open_.dport = 25;
	return 0;
}

static const char *
get(const char *name)
{
	size_t n = strlen(name);
	uint32_t i;

	for (i = 0; i < env.n; i++)
		if (strncmp(env.vec[i], name, n) == 0 && env.vec[i][n] == '=')
			return env.vec[i] + n + 1;
	return NULL;
}

static void
exact(void **state)
{
	static const char *const want[] = {
		"HONEYD_IP_SRC=198.51.100.7", "HONEYD_IP_DST=192.0.2.5",
		"HONEYD_SRC_PORT=40000", "HONEYD_DST_PORT=25",
		"HONEYD_PERSONALITY=Linux 2.6.32",
		"HONEYD_TEMPLATE_NAME=mail", "HPD_SESSION=18446744073709551615",
		"HPD_SEED=", "HPD_BANNER=ESMTP", "HPD_HOSTNAME=mail",
		"PATH=/bin:/usr/bin", "LC_ALL=C", "HOME=/"
	};
	uint32_t i, n = sizeof(want) / sizeof(want[0]);

	(void)state;
	setenv("LD_PRELOAD", "/x", 1); /* of the host: must not get through */
	assert_int_equal(env_build(&env, &img, &open_, UINT64_MAX, key), 0);
	unsetenv("LD_PRELOAD");
	assert_int_equal(env.n, n);
	assert_null(env.vec[n]);
	for (i = 0; i < n; i++) {
		if (strcmp(want[i], "HPD_SEED=") == 0)
			assert_memory_equal(env.vec[i], want[i], 9);
		else
			assert_string_equal(env.vec[i], want[i]);
	}
	assert_int_equal(strlen(get("HPD_SEED")), 16);
	assert_int_equal(strspn(get("HPD_SEED"), "0123456789abcdef"), 16);
}

static void
seed(void **state)
{
	uint8_t other[16] = { 9 }, dst[16];
	uint64_t a = env_seed(key, 4, open_.dst);
	char text[17];

	(void)state;
	assert_int_equal(a, env_seed(key, 4, open_.dst));
	assert_int_not_equal(a, env_seed(other, 4, open_.dst));
	memcpy(dst, open_.dst, 16);
	dst[3]++;
	assert_int_not_equal(a, env_seed(key, 4, dst));
	snprintf(text, sizeof(text), "%016llx", (unsigned long long)a);
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_string_equal(get("HPD_SEED"), text);
	open_.src[0] ^= 1; /* the peer has no say in it */
	open_.sport++;
	assert_int_equal(env_build(&env, &img, &open_, 2, key), 0);
	assert_string_equal(get("HPD_SEED"), text);
}

static void
hostname(void **state)
{
	char first[64];

	(void)state;
	open_.tmpl = 1; /* stock name: derived from the address */
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_string_equal(get("HONEYD_TEMPLATE_NAME"), "default");
	assert_memory_equal(get("HPD_HOSTNAME"), "host-", 5);
	assert_null(get("HPD_BANNER"));
	snprintf(first, sizeof(first), "%s", get("HPD_HOSTNAME"));
	open_.dst[3]++;
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_string_not_equal(get("HPD_HOSTNAME"), first);
	open_.tmpl = 2; /* no host is called so */
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_memory_equal(get("HPD_HOSTNAME"), "host-", 5);
	assert_string_equal(get("HONEYD_TEMPLATE_NAME"), "a b");
	open_.tmpl = 0;
}

/* The peer's system, when it is known. */
static void
remote_os(void **state)
{
	static const struct img_srcos rows[] = {
		{ .name = 25, .flavor = 33 }, { .name = 25 } };

	(void)state;
	assert_null(get("HONEYD_REMOTE_OS"));
	img.srcos = rows;
	img.nsrcos = 2;
	open_.srcos = 1;
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_string_equal(get("HONEYD_REMOTE_OS"), "default a b");
	open_.srcos = 2;
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
	assert_string_equal(get("HONEYD_REMOTE_OS"), "default");
	open_.srcos = 0;
}

static void
too_long(void **state)
{
	static char big[ENV_TEXT_MAX + 64];

	(void)state;
	memset(big + 1, 'B', ENV_TEXT_MAX);
	img.strings = big;
	assert_int_equal(env_build(&env, &img, &open_, 1, key), -1);
	img.strings = strings;
	assert_int_equal(env_build(&env, &img, &open_, 1, key), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exact),
		cmocka_unit_test(seed),
		cmocka_unit_test(hostname),
		cmocka_unit_test(remote_os),
		cmocka_unit_test(too_long),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, setup, NULL);
}
