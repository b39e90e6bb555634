/* SPDX-License-Identifier: ISC */
/*
 * Signatures in p0f's notation: good ones to the row they mean, bad ones with
 * the reason; whole files with their lines; the list of ours and the installed
 * p0f.fp in an image that passes its check.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hpd-parent/conf/srcos.h"

#define P0F "/etc/p0f/p0f.fp"

static uint64_t
layout(const char *kinds)
{
	uint64_t key = SRCOS_LAYOUT;

	for (; *kinds != '\0'; kinds++)
		key = srcos_layout(key, (uint8_t)(*kinds - '0'));
	return key;
}

static void
good(void **state)
{
	static const struct {
		const char *text;
		struct img_srcos r;
		const char *kinds;
		int ret;
	} ok[] = {
	    {"*:64:0:*:mss*20,10:mss,sok,ts,nop,ws:df,id+:0",
		{.ttl = 64,
		    .flags = SRCOS_F_MSS_ANY,
		    .win_type = SRCOS_WIN_MSS,
		    .win = 20,
		    .scale = 10,
		    .quirks = SRCOS_Q_DF | SRCOS_Q_IDP},
		"24813", 0},
	    {"4:64-:40:1460:1024,0:mss::0",
		{.ttl = 64,
		    .flags = SRCOS_F_TTL_MAX,
		    .olen = 40,
		    .mss = 1460,
		    .win_type = SRCOS_WIN_VALUE,
		    .win = 1024},
		"2", 0},
	    {"*:54+10:0:0:mtu*1000,*:::*",
		{.ttl = 64,
		    .win_type = SRCOS_WIN_MTU,
		    .win = 1000,
		    .scale = SRCOS_SCALE_ANY,
		    .payload = SRCOS_PAYLOAD_ANY},
		"", 0},
	    {"6:1:0:65535:%2,254:sack,eol+39:flow,bad,exws,opt+,ts2+,ts1-:+",
		{.ttl = 1,
		    .mss = 65535,
		    .win_type = SRCOS_WIN_MOD,
		    .win = 2,
		    .scale = 254,
		    .eol_pad = 39,
		    .payload = 1,
		    .quirks = SRCOS_Q_BAD | SRCOS_Q_EXWS | SRCOS_Q_OPTP |
			SRCOS_Q_TS2P | SRCOS_Q_TS1M},
		"50", 1},
	    {"*:255:0:*:*,*:?6,?9,eol+0:id-,ecn,0+,seq-,ack+,ack-,uptr+,urgf+,"
	     "pushf+:0",
		{.ttl = 255,
		    .flags = SRCOS_F_MSS_ANY,
		    .scale = SRCOS_SCALE_ANY,
		    .quirks = SRCOS_Q_IDM | SRCOS_Q_ECN | SRCOS_Q_MBZ |
			SRCOS_Q_SEQM | SRCOS_Q_ACKP | SRCOS_Q_ACKM |
			SRCOS_Q_UPTRP | SRCOS_Q_URGF | SRCOS_Q_PUSHF},
		"690", 0},
	};
	struct img_srcos r, want;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(ok) / sizeof(ok[0]); i++) {
		memset(&r, 0, sizeof(r));
		assert_int_equal(srcos_sig_parse(ok[i].text, 0, &r, &why),
		    ok[i].ret);
		want = ok[i].r;
		want.layout = layout(ok[i].kinds);
		assert_memory_equal(&r, &want, sizeof(r));
	}
	/* our own words, in our own list only */
	memset(&r, 0, sizeof(r));
	assert_int_equal(srcos_sig_parse("*:64:0:0:*,0::seq=dst,id=mix,"
	    "id=54321:0", 1, &r, &why), 0);
	assert_int_equal(r.facts, SRCOS_FACTS);
	assert_int_equal(srcos_sig_parse("*:64:0:0:*,0::seq=dst:0", 0, &r,
	    &why), -1);
}

static void
bad(void **state)
{
	/* text, and what the reason begins with */
	static const char *const no[][2] = {
	    {"", "signature wants"},
	    {"*:64:0:*:1,0:mss:df", "signature wants"},
	    {"*:64:0:*:1,0:mss:df:0:", "signature wants"},
	    {"*:64:0:*:1,0:mss:df:0:0", "signature wants"},
	    {"5:64:0:*:1,0:mss:df:0", "IP version"},
	    {":64:0:*:1,0:mss:df:0", "IP version"},
	    {"46:64:0:*:1,0:mss:df:0", "IP version"},
	    {"*:0:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:256:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*::0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:-:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:64--:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:54+?:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:250+10:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:54+:0:*:1,0:mss:df:0", "initial TTL"},
	    {"*:64:256:*:1,0:mss:df:0", "length of IP options"},
	    {"*:64:*:*:1,0:mss:df:0", "length of IP options"},
	    {"*:64:0:65536:1,0:mss:df:0", "MSS"},
	    {"*:64:0:**:1,0:mss:df:0", "MSS"},
	    {"*:64:0: 1460:1,0:mss:df:0", "MSS"},
	    {"*:64:0:*:1:mss:df:0", "window"},
	    {"*:64:0:*:,0:mss:df:0", "window"},
	    {"*:64:0:*:65536,0:mss:df:0", "window"},
	    {"*:64:0:*:mss*0,0:mss:df:0", "window"},
	    {"*:64:0:*:mss*1001,0:mss:df:0", "window"},
	    {"*:64:0:*:mss*,0:mss:df:0", "window"},
	    {"*:64:0:*:mtu*x,0:mss:df:0", "window"},
	    {"*:64:0:*:%1,0:mss:df:0", "window"},
	    {"*:64:0:*:%,0:mss:df:0", "window"},
	    {"*:64:0:*:1,:mss:df:0", "window"},
	    {"*:64:0:*:1,255:mss:df:0", "window"},
	    {"*:64:0:*:1,0,0:mss:df:0", "window"},
	    {"*:64:0:*:1,0:mss,:df:0", "option"},
	    {"*:64:0:*:1,0:,mss:df:0", "option"},
	    {"*:64:0:*:1,0:MSS:df:0", "option"},
	    {"*:64:0:*:1,0:eol+0,mss:df:0", "option"},
	    {"*:64:0:*:1,0:eol:df:0", "option"},
	    {"*:64:0:*:1,0:eol+40:df:0", "option"},
	    {"*:64:0:*:1,0:?:df:0", "option"},
	    {"*:64:0:*:1,0:?2:df:0", "option"}, /* it has a name */
	    {"*:64:0:*:1,0:?256:df:0", "option"},
	    {"*:64:0:*:1,0:mss:df,df:0", "quirk"},
	    {"*:64:0:*:1,0:mss:df,:0", "quirk"},
	    {"*:64:0:*:1,0:mss:DF:0", "quirk"},
	    {"*:64:0:*:1,0:mss:df::0", "signature wants"},
	    {"*:64:0:*:1,0:mss:df:", "payload"},
	    {"*:64:0:*:1,0:mss:df:1", "payload"},
	    {"*:64:0:*:1,0:mss:df:0 ", "payload"},
	};
	char many[256] = "*:64:0:*:1,0:";
	struct img_srcos r;
	const char *why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		memset(&r, 0, sizeof(r));
		if (srcos_sig_parse(no[i][0], 0, &r, &why) != -1)
			fail_msg("%s was taken", no[i][0]);
		if (strncmp(why, no[i][1], strlen(no[i][1])) != 0)
			fail_msg("%s: %s", no[i][0], why);
	}
	for (i = 0; i < 41; i++) /* more options than have room */
		strcat(many, "nop,");
	strcat(many, "nop::0");
	assert_int_equal(srcos_sig_parse(many, 0, &r, &why), -1);
}

static void
labels(void **state)
{
	static const char *const no[] = {"", "s", "s:unix", "s:unix:Linux",
	    "x:unix:Linux:3", "ss:unix:Linux:3", ":unix:Linux:3",
	    "s::Linux:3", "s:unix::3", "s:unix:Lin\x1bux:3",
	    "s:unix:Linux:\xc3\xa9"};
	char big[300] = "s:unix:";
	struct srcos_label l;
	struct conf c;
	const char *why;
	size_t i;

	(void)state;
	conf_init(&c, NULL);
	assert_int_equal(srcos_label_parse(&c, "g:unix:Linux:3.x: \"a\"", &l,
	    &why), 0);
	assert_string_equal(l.name, "Linux");
	assert_string_equal(l.flavor, "3.x: \"a\"");
	assert_string_equal(l.family, "unix");
	assert_int_equal(l.flags, SRCOS_F_GENERIC);
	assert_int_equal(srcos_label_parse(&c, "s:!:Nmap:", &l, &why), 0);
	assert_null(l.flavor);
	assert_null(l.family);
	assert_int_equal(l.flags, SRCOS_F_TOOL);
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		if (srcos_label_parse(&c, no[i], &l, &why) != -1)
			fail_msg("%s was taken", no[i]);
	memset(big + 7, 'n', SRCOS_NAME_MAX);
	strcpy(big + 7 + SRCOS_NAME_MAX, ":");
	memset(big + 8 + SRCOS_NAME_MAX, 'f', SRCOS_FLAVOR_MAX);
	assert_int_equal(srcos_label_parse(&c, big, &l, &why), 0);
	big[8 + SRCOS_NAME_MAX + SRCOS_FLAVOR_MAX] = 'f';
	assert_int_equal(srcos_label_parse(&c, big, &l, &why), -1);
	conf_free(&c);
}

/* --- files -------------------------------------------------------------- */

static char said[4096];

static int
file(struct conf *c, const char *text, size_t len)
{
	char *buf = malloc(len + 1);
	FILE *f;
	int r;

	assert_non_null(buf);
	memcpy(buf, text, len);
	buf[len] = '\0';
	memset(said, 0, sizeof(said));
	f = fmemopen(said, sizeof(said) - 1, "w");
	conf_init(c, f);
	r = srcos_file_parse(c, "fp", buf, len);
	fclose(f);
	c->out = NULL;
	free(buf);
	return r;
}

#define HEAD "classes = unix, win\n[tcp:request]\nlabel = s:unix:A:1\n"
#define SIG  "sig = *:64:0:*:1,0:mss:df:0\n"

static void
files(void **state)
{
	static const struct {
		const char *text, *says;
	} no[] = {
	    {"", "fp:1: no signature"},
	    {"; only\n", "fp:1: no signature"},
	    {"[http:request]\nsig = a\n", "fp:1: no signature"},
	    {"sig = 1\n" HEAD SIG, "fp:1: not known before"},
	    {"classes =\n" HEAD SIG, "fp:1: not known before"},
	    {HEAD SIG "nonsense\n", "fp:5: neither"},
	    {HEAD SIG "= 1\n", "fp:5: neither"},
	    {HEAD SIG "[tcp:request\n", "fp:5: not a section"},
	    {HEAD SIG "[]\n", "fp:5: not a section"},
	    {HEAD SIG "[a:b:c]\n", "fp:5: not a section"},
	    {HEAD SIG "[a:]\n", "fp:5: not a section"},
	    {HEAD SIG "[a b]\n", "fp:5: not a section"},
	    {HEAD SIG "[http:x]\nnothing\n", "fp:6: neither"},
	    {HEAD SIG "foo = 1\n", "fp:5: not known here: 'foo'"},
	    {HEAD SIG "sys = Linux\n", "fp:5: sys belongs"},
	    {HEAD "label = s:!:T:\n" SIG, "fp:5: signature of a program"},
	    {HEAD "label = s:!:T:\nsys =\n" SIG, "fp:5: sys belongs"},
	    {"[tcp:request]\n" SIG, "fp:2: signature without"},
	    {HEAD SIG "[tcp:request]\n" SIG, "fp:6: signature without"},
	    {HEAD "label = s:mac:B:2\n" SIG, "fp:4: class not among"},
	    {HEAD "label = s:uni:B:2\n" SIG, "fp:4: class not among"},
	    {"[tcp:request]\nlabel = s:unix:B:2\n" SIG,
		"fp:2: class not among"},
	    {HEAD "sig = *:64:0:*:1,0:mss,sik:df:0\n", "fp:4: option not"},
	};
	static const char all[] = "\r\n \t; x\nclasses=a,unix , b\n[mtu]\n"
	    "label = x\nsig = 1500\n[tcp:response]\nsig = any = thing\n"
	    "[tcp:request]\r\n\tlabel = s:unix:A:1\r\n"
	    "sig=*:64:0:*:1,0:mss::0\nsig = 6:64:0:*:1,0:mss::0\n"
	    "label=s:!:T:\nsys=@unix\nsig   = *:64:0:*:2,0:mss::0\n"
	    "[x-y_z]\na=b";
	struct conf c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no) / sizeof(no[0]); i++) {
		if (file(&c, no[i].text, strlen(no[i].text)) != -1)
			fail_msg("%s was taken", no[i].text);
		assert_true(c.nerrors > 0);
		if (strncmp(said, no[i].says, strlen(no[i].says)) != 0)
			fail_msg("%s: %s", no[i].text, said);
		conf_free(&c);
	}
	assert_int_equal(file(&c, HEAD "sig\0 = x\n" SIG,
	    sizeof(HEAD "sig\0 = x\n" SIG) - 1), -1);
	assert_non_null(strstr(said, "fp:4: a NUL byte"));
	conf_free(&c);
	/* the rest of a file is read after an error, messages are few */
	assert_int_equal(file(&c, HEAD "x\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\nx\n",
	    sizeof(HEAD) - 1 + 24), -1);
	assert_int_equal(c.nerrors, 11);
	assert_non_null(strstr(said, "2 more such lines"));
	conf_free(&c);
	/* all that is allowed */
	assert_int_equal(file(&c, all, sizeof(all) - 1), 0);
	assert_int_equal(c.nsrcos, 2); /* not the one of IPv6 */
	assert_int_equal(c.srcos[0].r.line, 11);
	assert_int_equal(c.srcos[1].r.win, 2);
	assert_int_equal(c.srcos[1].r.flags, SRCOS_F_TOOL | SRCOS_F_MSS_ANY);
	conf_free(&c);
}

static void
bound(void **state)
{
	static char big[64 + (SRCOS_MAX + 1) * (sizeof(SIG) - 1) + 1];
	struct conf c;
	size_t i, n;

	(void)state;
	n = sizeof(HEAD) - 1;
	memcpy(big, HEAD, n);
	for (i = 0; i < SRCOS_MAX; i++, n += sizeof(SIG) - 1)
		memcpy(big + n, SIG, sizeof(SIG) - 1);
	assert_int_equal(file(&c, big, n), 0);
	assert_int_equal(c.nsrcos, SRCOS_MAX);
	conf_free(&c);
	memcpy(big + n, SIG, sizeof(SIG) - 1);
	assert_int_equal(file(&c, big, n + sizeof(SIG) - 1), -1);
	assert_non_null(strstr(said, "more signatures than fit"));
	conf_free(&c);
}

/* --- the image ---------------------------------------------------------- */

static void *
compile(struct conf *c, int dir, size_t *size)
{
	static const char text[] = "create d\nbind 10.0.0.1 d\n";

	conf_init(c, NULL);
	c->fp_dir = dir;
	c->fp_name = "p0f.fp";
	if (conf_load_mem(c, "t", text, sizeof(text) - 1) == -1)
		return NULL;
	return conf_image(c, 1, size); /* asks image_check() */
}

static void
order(const struct image *img)
{
	const struct img_srcos *r = img->srcos;
	uint32_t i, whats = 0;

	for (i = 0; i < img->nsrcos; i++) {
		whats |= 1u << r[i].what;
		assert_true(image_str(img, r[i].name)[0] != '\0');
		if (i == 0 || r[i - 1].layout != r[i].layout)
			continue;
		if (r[i - 1].flags & SRCOS_F_GENERIC)
			assert_true(r[i].flags & SRCOS_F_GENERIC);
	}
	assert_int_equal(whats, (1u << SRCOS_WHATS) - 1);
}

static void
image(void **state)
{
	struct image img;
	struct conf c;
	size_t size, again;
	void *mem, *mem2;
	uint32_t ours;
	int dir;

	(void)state;
	mem = compile(&c, -1, &size);
	assert_non_null(mem);
	assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
	ours = img.nsrcos;
	assert_true(ours > 30);
	order(&img);
	free(mem);
	conf_free(&c);
	dir = open("/etc/p0f", O_RDONLY | O_DIRECTORY);
	if (dir == -1 || access(P0F, R_OK) == -1) {
		print_message("# no " P0F "\n");
		skip();
	}
	mem = compile(&c, dir, &size);
	assert_non_null(mem);
	conf_free(&c);
	assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
	assert_true(img.nsrcos >= ours + 80);
	order(&img);
	mem2 = compile(&c, dir, &again);
	assert_non_null(mem2);
	conf_free(&c);
	assert_int_equal(size, again);
	assert_memory_equal(mem, mem2, size);
	free(mem);
	free(mem2);
	close(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good),
	    cmocka_unit_test(bad),
	    cmocka_unit_test(labels),
	    cmocka_unit_test(files),
	    cmocka_unit_test(bound),
	    cmocka_unit_test(image),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("srcos", tests, NULL, NULL);
}
