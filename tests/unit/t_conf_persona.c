/* SPDX-License-Identifier: ISC */
/*
 * Personas: values out of an entry, every entry of the installed nmap-os-db
 * understood and accepted by image_check(), and what names of the
 * first-generation table are taken for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <fcntl.h>

#include <cmocka.h>

#include "hpd-parent/conf/conf.h"
#include "hpd-parent/conf/osseq.h"

#define TABLE "/usr/share/nmap"

static const char sample[] =
    "MatchPoints\nSEQ(SP=25)\n\n# one\n"
    "Fingerprint Test System 1.0 \n"
    "Class Linux | Linux | 2.6.X | general purpose\n"
    "SEQ(SP=C0-D0%GCD=1-6%ISR=C8-D2%TI=Z%CI=I|RI%II=RI%TS=8)\n"
    "OPS(O1=|M5B4ST11NW7%O2=M578ST11NW7%O3=M280NNT11NW7%O4=M5B4ST11NW7"
    "%O5=M218ST11NW7%O6=M109ST11)\n"
    "WIN(W1=16A0|FFFF%W2=16A0%W3=16A0%W4=16A0%W5=16A0%W6=16A0)\n"
    "ECN(R=Y%DF=Y%T=3B-45%TG=40%W=16D0%O=M5B4NNSNW7%CC=Y%Q=)\n"
    "T1(R=Y%DF=Y%T=3B-45%TG=40%S=O%A=S+%F=AS%RD=0%Q=)\n"
    "T2(R=N)\n"
    "T3(R=Y%DF=Y%T=3B-45%TG=40%W=16A0%S=O%A=O%F=AS%O=%RD=0%Q=)\n"
    "T4(R=Y%DF=Y%T=FA-104%TG=FF%W=0%S=A%A=Z%F=R%O=%RD=E44A4E43%Q=RU)\n"
    "T5(R=Y%DF=N%T=1B-25%TG=20%W=0-10%S=Z%A=S+%F=AR%O=%RD=0%Q=)\n"
    "T6(R=Y%DF=Y%T=3B-45%TG=40%W=>400%S=A+%A=S%F=EUAPRSF%O=%RD=0%Q=)\n"
    "T7(R=N)\n"
    "U1(DF=N%T=7B-85%TG=80%IPL=164%UN=0%RIPL=G%RID=G%RIPCK=G%RUCK=G%RUD=G)\n"
    "IE(DFI=Y%T=FB-105%TG=FF%CD=S)\n"
    "\nFingerprint Test System 1.0\nClass Cisco | IOS | 12.X | router\n"
    "SEQ(SP=0-11%GCD=FA00%ISR=9C%TI=BI%II=I%SS=O%TS=U)\n"
    "OPS(O1=M218)\nT1(R=Y%DF=N%T=100)\n"
    "U1(DF=N%T=100%IPL=240%UN=5%RIPL=15C%RID=4210%RIPCK=Z%RUCK=0%RUD=I)\n"
    "IE(R=N)\n"
    "\nFingerprint Third\nClass X | X || router\n"
    "SEQ(SP=0-5%GCD=1-6%ISR=0-5%TI=I%II=I%SS=S)\n"
    "U1(R=N)\n";

/* Option text of an answer that has these bytes. */
static void
assert_opts(const struct img_answer *a, const char *bytes, uint8_t len)
{
	assert_int_equal(a->optlen, len);
	assert_memory_equal(a->opts, bytes, len);
}

static void
test_values(void **state)
{
	const struct img_answer *a;
	struct img_persona p;
	struct nmapdb *db;
	struct conf c;

	(void)state;
	conf_init(&c, NULL);
	db = nmapdb_index(&c, "sample", strdup(sample), sizeof(sample) - 1);
	assert_non_null(db);
	assert_int_equal(db->n, 3);
	assert_string_equal(db->e[0].name, "Test System 1.0");
	assert_int_equal(db->e[0].line, 5);
	assert_int_equal(db->e[1].k, 2);
	assert_int_equal(db->e[0].next, 1);
	assert_int_equal(persona_from_nmap(&c, db, 0, &p), 0);
	assert_int_equal(p.family, FAM_LINUX26);
	assert_int_equal(p.ttl, 64);
	assert_int_equal(p.ie.ttl, 255);
	assert_int_equal(p.u1.ttl, 128);
	assert_int_equal(p.mss, 0); /* 1460 is Ethernet's */
	assert_int_equal(p.mss_min, 1);
	assert_int_equal(p.ts_mhz, 250000);
	assert_int_equal(p.df_tcp, 1);
	assert_int_equal(p.df_rst, 0);
	assert_int_equal(p.u1.df, 0);
	assert_int_equal(p.ie.dfi, DFI_Y);
	assert_int_equal(p.ie.cd, CD_S);
	assert_int_equal(p.ipid[0].how, IPID_ZERO);
	assert_int_equal(p.ipid[1].how, IPID_PER_DST); /* Linux */
	assert_int_equal(p.ipid[2].how, IPID_RANDINC);
	assert_int_equal(p.ecn, 1);
	assert_int_equal(p.isn_gen.how, ISN_PATTERN);
	assert_in_range(p.isn_gen.step[4], 4000000, 6000000); /* 2^(CD/8)/10 */
	a = p.answer;
	assert_int_equal(a[ANS_SYN1].window, 0x16a0);
	assert_int_equal(a[ANS_SYN1].wscale, 7);
	assert_int_equal(a[ANS_SYN1].agree, 15);
	assert_opts(&a[ANS_SYN1], "\2\4\5\264\4\2\10\12\0\0\0\0\0\0\0\0"
	    "\1\3\3\7", 20);
	assert_int_equal(a[ANS_SYN1].ts_off, 8);
	assert_int_equal(a[ANS_SYN1].ts_form, TS_VALUE | TS_ECHO);
	assert_int_equal(a[ANS_ECN].flags, 0x52);
	/* ordinary peers: MSS alone; no time stamps; all */
	assert_opts(&a[ANS_GEN + OFFER_MSS], "\2\4\5\264", 4);
	assert_int_equal(a[ANS_GEN + OFFER_MSS].window, 0x16d0);
	assert_opts(&a[ANS_GEN + 7], "\2\4\5\264\1\1\4\2\1\3\3\7", 12);
	assert_opts(&a[ANS_GEN + 13], "\2\4\5\264\4\2\10\12\0\0\0\0\0\0\0\0",
	    16);
	assert_int_equal(a[ANS_GEN + 15].flags, 0x12);
	assert_int_equal(a[ANS_T2].respond, RESPOND_NO);
	assert_int_equal(a[ANS_T3].seq, NUM_OTHER);
	assert_int_equal(a[ANS_T3].flags, 0x12);
	assert_int_equal(a[ANS_T4].ttl, 255);
	assert_int_equal(a[ANS_T4].seq, NUM_SAME);
	assert_int_equal(a[ANS_T4].flags, 0x04);
	assert_int_equal(a[ANS_T4].quirks, ANQ_RESERVED | ANQ_URP);
	assert_int_equal(a[ANS_T4].datalen, 4);
	assert_int_equal(os_crc32(a[ANS_T4].data, 4), 0xe44a4e43);
	assert_int_equal(a[ANS_T5].ttl, 32);
	assert_int_equal(a[ANS_T5].ack, NUM_NEXT);
	assert_int_equal(a[ANS_T5].window, 8);
	assert_int_equal(a[ANS_T6].window, 0x401);
	assert_int_equal(a[ANS_T6].seq, NUM_NEXT);
	assert_int_equal(a[ANS_T6].ack, NUM_SAME);
	assert_int_equal(a[ANS_T6].flags, 0x7f);
	assert_int_equal(a[ANS_T7].respond, RESPOND_NO);
	assert_int_equal(persona_from_nmap(&c, db, 1, &p), 0);
	assert_int_equal(p.family, FAM_IOS);
	assert_int_equal(p.mss, 0x218);
	assert_int_equal(p.ts_mhz, 0);
	assert_int_equal(p.isn_gen.gcd, 64000);
	assert_int_equal(p.isn_gen.hashed, 0);
	assert_int_equal(p.ipid[0].how, IPID_BROKEN);
	assert_int_equal(p.ie.respond, 0);
	assert_int_equal(p.u1.ttl, 255); /* and one more by the quote */
	assert_int_equal(p.u1.ttl_add, 255);
	assert_int_equal(p.u1.ip_len, 576);
	assert_int_equal(p.u1.pad, 1);
	assert_int_equal(p.u1.unused, 5);
	assert_int_equal(p.u1.ripl, QUOTE_ADD);
	assert_int_equal(p.u1.ripl_value, 20);
	assert_int_equal(p.u1.rid, QUOTE_SWAP);
	assert_int_equal(p.u1.ripck, QUOTE_VALUE);
	assert_int_equal(p.u1.ruck, QUOTE_VALUE);
	assert_int_equal(p.u1.rud, 1);
	assert_int_equal(p.answer[ANS_T4].respond, RESPOND_YES); /* family's */
	/* An ISR that is not possible: three ISNs of 0 hide it. */
	assert_int_equal(persona_from_nmap(&c, db, 2, &p), 0);
	assert_int_equal(p.answer[2].seq, NUM_OTHER);
	assert_int_equal(p.answer[3].seq, NUM_ZERO);
	assert_int_equal(p.answer[5].seq, NUM_ZERO);
	assert_int_equal(p.u1.respond, 0);
	assert_int_equal(p.ipid[2].counter, p.ipid[0].counter);
	nmapdb_free(db);
	conf_free(&c);
}

static void
open_tables(struct conf *c)
{
	conf_init(c, NULL);
	c->db_dir = c->oui_dir = open(TABLE, O_RDONLY | O_DIRECTORY);
	c->db_name = "nmap-os-db";
	c->oui_name = "nmap-mac-prefixes";
	if (c->db_dir == -1)
		fail_msg("nmap's tables are not installed in %s", TABLE);
}

/* One template for each entry, all in one image. */
static void
test_all_entries(void **state)
{
	struct image img;
	struct nmapdb *db;
	struct conf c;
	char name[32];
	size_t size;
	uint32_t i, t;
	void *mem;

	(void)state;
	open_tables(&c);
	db = nmapdb_get(&c, (struct conf_pos){ 0 });
	assert_non_null(db);
	assert_true(db->n > 5000);
	for (i = 0; i < db->n; i++) {
		snprintf(name, sizeof(name), "line:%u", db->e[i].line);
		t = conf_tmpl_new(&c, name, (struct conf_pos){ 0 });
		c.tmpls[t].persona = conf_persona(&c, name, name,
		    (struct conf_pos){ 0 });
		if (c.tmpls[t].persona == IMG_NONE)
			fail_msg("%s: %s", name, db->e[i].name);
	}
	assert_int_equal(c.npersonas, db->n);
	conf_bind_add(&c, 0x0a000001, 32, 0, (struct conf_pos){ 0 });
	assert_int_equal(conf_finish(&c), 0);
	mem = conf_image(&c, 1, &size);
	assert_non_null(mem);
	assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
	assert_int_equal(img.npersonas, db->n);
	free(mem);
	close(c.db_dir);
	conf_free(&c);
}

/* Names of the first-generation table, and a part of what they must find. */
static const struct {
	const char *old, *found;
} table[] = {
	{ "Microsoft Windows XP Pro", "Microsoft Windows XP Professional" },
	{ "Microsoft Windows 2000 SP3", "Windows 2000" },
	{ "Windows NT 4.0 Server SP5 + 2047 Hotfixes",
	    "Microsoft Windows NT 4.0 SP5" },
	{ "Microsoft Windows 98 Second Edition (SE)", "Windows 98" },
	{ "Windows 2003 Server", "Microsoft Windows Server 2003" },
	{ "Cisco 1601R router running IOS 12.1(5)", "Cisco 1600 router" },
	{ "Cisco 2620 router running IOS 12.2(1)", "2620" },
	{ "Cisco IOS 11.3 - 12.0(11)", "(IOS 11.3)" },
	{ "Cisco Catalyst 2950", "Cisco Catalyst 2950" },
	{ "Cisco PIX Firewall (PixOS 5.2 - 6.1)", "Cisco PIX" },
	{ "Linux 2.4.20", "Linux 2.4.20" },
	{ "Linux Kernel 2.4.0 - 2.5.20", "Linux 2.4" },
	{ "Linux kernel 2.2.13", "Linux 2.2" },
	{ "Linux 2.6.0-test5 x86", "Linux 2.6" },
	{ "FreeBSD 4.6.2-RELEASE - 4.8-RELEASE", "FreeBSD 4.6" },
	{ "OpenBSD 3.0-STABLE (X86)", "OpenBSD 3" },
	{ "NetBSD 1.6", "NetBSD 1.6" },
	{ "Sun Solaris 8 early access beta through actual release",
	    "Sun Solaris 8" },
	{ "Solaris 2.6 - 7 (SPARC)", "Sun Solaris 2.6" },
	{ "HP-UX B.11.00", "HP-UX B.11.00" },
	{ "IBM AIX 4.3.2.0-4.3.3.0 on an IBM RS/*", "IBM AIX 4.3" },
	{ "IRIX 6.5.15 to 6.5.17 on SGI O2", "SGI IRIX 6.5" },
	{ "Mac OS X 10.1.4 (Darwin Kernel 5.4) on iMac",
	    "Apple Mac OS X Server 10.1" },
	{ "Apple Mac OS 9.2.2", "Apple Mac OS 9" },
	{ "Novell NetWare 5.1 SP5", "Novell NetWare 5" },
	{ "HP LaserJet 4000", "HP LaserJet 4000" },
	{ "Xerox DocuPrint C55", "Xerox DocuPrint" },
	{ "Lexmark Optra S Printer", "Lexmark Optra S" },
	{ "3Com SuperStack II switch 3300", "3Com SuperStack II Switch 3300" },
	{ "OpenVMS 7.2", "OpenVMS 7.2" },
	{ "AXIS 2120 Network Camera", "AXIS 2120" },
	{ "Nokia IPSO 3.6-FCS6", "Nokia" },
	{ "QNX RTP 6.1", "QNX" },
	{ "Zyxel Prestige 642R", "ZyXEL Prestige" },
	{ "D-Link DI-704P", "DI-704P" },
};

static const char *const strangers[] = { "Frobnicator 3000", "BeOS 5.0",
	"completely unknown thing", "Ascend MAX 6000", "qwertz", "", "x86" };

static void
test_old_names(void **state)
{
	struct nmap_near near[3];
	struct nmapdb *db;
	struct conf c;
	unsigned n, wrong = 0;
	size_t i;

	(void)state;
	open_tables(&c);
	db = nmapdb_get(&c, (struct conf_pos){ 0 });
	assert_non_null(db);
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		n = nmapdb_near(db, table[i].old, near, 3);
		if (n > 0 && near[0].score >= NMAP_NEAR_ENOUGH &&
		    strstr(db->e[near[0].entry].name, table[i].found) != NULL)
			continue;
		wrong++;
		print_message("# %s: %s (%u)\n", table[i].old,
		    n ? db->e[near[0].entry].name : "-",
		    n ? near[0].score : 0);
	}
	assert_int_equal(wrong, 0);
	for (i = 0; i < sizeof(strangers) / sizeof(strangers[0]); i++) {
		n = nmapdb_near(db, strangers[i], near, 3);
		if (n > 0 && near[0].score >= NMAP_NEAR_ENOUGH)
			fail_msg("%s taken for %s", strangers[i],
			    db->e[near[0].entry].name);
	}
	close(c.db_dir);
	conf_free(&c);
}

/* An exact name is found as it is and costs no guess. */
static void
test_names(void **state)
{
	struct conf c;
	uint32_t a, b, d;
	struct conf_pos no = { 0 };

	(void)state;
	open_tables(&c);
	a = conf_persona(&c, "Microsoft Windows XP Professional SP1", "t", no);
	assert_int_not_equal(a, IMG_NONE);
	assert_int_equal(c.nwarnings, 0);
	assert_int_equal(c.personas[a].p.family, FAM_WIN_XP);
	b = conf_persona(&c, "Microsoft Windows XP Professional SP1#1", "t",
	    no);
	assert_int_equal(a, b);
	d = conf_persona(&c, "Microsoft Windows XP SP3#116", "t", no);
	assert_int_not_equal(d, IMG_NONE);
	assert_string_equal(c.personas[d].name,
	    "Microsoft Windows XP SP3#116");
	assert_string_equal(c.personas[d].title, "Microsoft Windows XP SP3");
	a = conf_persona(&c, "random", "t", no);
	assert_int_equal(a, conf_persona(&c, "random", "t", no));
	assert_int_equal(c.nwarnings + c.nerrors, 0);
	close(c.db_dir);
	conf_free(&c);
}

static void
test_vendors(void **state)
{
	static const struct {
		const char *name, *found;
		uint8_t oui[3];
	} rows[] = { { "Cisco Systems", "Cisco Systems", { 0, 0, 0x0c } },
		{ "cisco", "Cisco Systems", { 0, 0, 0x0c } },
		{ "XEROX", "Xerox", { 0, 0, 0 } },
		{ "Dell Computer Inc", "Dell", { 0, 6, 0x5b } } };
	struct conf_pos no = { 0 };
	const char *found;
	struct conf c;
	uint8_t oui[3];
	size_t i;

	(void)state;
	open_tables(&c);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(conf_vendor(&c, rows[i].name, no, oui,
		    &found), 0);
		assert_string_equal(found, rows[i].found);
		assert_memory_equal(oui, rows[i].oui, 3);
	}
	assert_int_equal(conf_vendor(&c, "Nosuchvendor Ltd", no, oui, &found),
	    -1);
	close(c.db_dir);
	conf_free(&c);
}

/* Every family's defaults pass image_check() by themselves. */
static void
test_families(void **state)
{
	static const char text[] = "create a\nbind 10.0.0.1 a\n";
	struct image img;
	struct conf c;
	size_t size;
	void *mem;
	int f;

	(void)state;
	for (f = 0; f < FAM_MAX; f++) {
		conf_init(&c, NULL);
		assert_int_equal(conf_load_mem(&c, "t", text,
		    sizeof(text) - 1), 0);
		persona_family_defaults(&c.personas[0].p, (enum img_family)f);
		mem = conf_image(&c, 1, &size);
		assert_int_equal(image_check(mem, size, &img), IMAGE_OK);
		assert_int_equal(img.personas[0].family, f);
		assert_true(img.personas[0].synack_retries > 0);
		assert_true(img.personas[0].rto_min_ms > 0);
		assert_non_null(persona_family_name((enum img_family)f));
		free(mem);
		conf_free(&c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_all_entries),
		cmocka_unit_test(test_old_names),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_vendors),
		cmocka_unit_test(test_families),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
