/* SPDX-License-Identifier: ISC */
/*
 * The family of an entry: by which of several classes, by name and kernel
 * where the class says little; and what a version changes in its habits.
 * Every entry of the installed nmap-os-db has one.
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
#include "hpd-parent/conf/persona_habit.h"
#include "hpd-parent/conf/table.h"

#define TABLE "/usr/share/nmap"
#define DROP  5

static struct nmap_entry
entry(const char *name, const char *body)
{
	struct nmap_entry e;

	memset(&e, 0, sizeof(e));
	e.name = name;
	e.body = body;
	e.body_len = (uint32_t)strlen(body);
	return e;
}

#define BOX "Class Acme | embedded || WAP\n"

static void
families(void **state)
{
	static const struct {
		const char *name, *body;
		enum img_family f;
	} t[] = {
		{ "a", "Class Linux | Linux | 2.4.X | general purpose\n",
		    FAM_LINUX24 },
		{ "a", "Class Linux | Linux | 2.6.X | general purpose\n"
		       "Class Linux | Linux | 3.X | general purpose\n",
		    FAM_LINUX },
		{ "a", "Class Linux | Linux || WAP", FAM_LINUX26 },
		{ "a", "Class Linux | Linux | 5.X | WAP\r\nSEQ(SP=1)\n",
		    FAM_LINUX },
		{ "a", "Class Microsoft | Windows | XP | general purpose\n"
		       "Class Microsoft | Windows | 2003 | general purpose\n",
		    FAM_WIN_XP },
		{ "a", "Class Microsoft | Windows | 7 | general purpose\n"
		       "Class Microsoft | Windows | 10 | general purpose\n",
		    FAM_WIN_10 },
		/* the newer of two stands for both only within a line */
		{ "a", "Class OpenBSD | OpenBSD | 4.X | general purpose\n"
		       "Class Microsoft | Windows | 7 | general purpose\n",
		    FAM_OPENBSD },
		/* most lines, wherever they stand */
		{ "a", "Class Apple | Mac OS X | 10.5.X | general purpose\n"
		       "Class FreeBSD | FreeBSD | 7.X | general purpose\n"
		       "Class FreeBSD | FreeBSD | 8.X | general purpose\n",
		    FAM_FREEBSD },
		/* a system goes before a box */
		{ "a", BOX "Class Cisco | IOS | 12.X | router\n", FAM_IOS },
		{ "a", BOX "Class HP | embedded || printer\n", FAM_PRINTER },
		{ "Acme box", BOX, FAM_EMBEDDED },
		{ "Acme box (Linux 2.4.17)", BOX, FAM_LINUX24 },
		{ "Acme box (Linux 2.4.20 - 2.6.18)", BOX, FAM_LINUX26 },
		{ "Acme box (MontaVista embedded Linux)", BOX, FAM_LINUX26 },
		{ "Acme printer (VxWorks)",
		    "Class Acme | embedded || printer\n", FAM_VXWORKS },
		{ "Acme box", BOX "CPE cpe:/h:acme:box auto\n"
				  "CPE cpe:/o:linux:linux_kernel:3.2 auto\n",
		    FAM_LINUX },
		{ "a", "Class Nobody | XyzOS || general purpose\n",
		    FAM_GENERIC },
		{ "a", "", FAM_GENERIC }, { "a", "Class ", FAM_GENERIC },
		{ "a", "Class A|Linux", FAM_LINUX26 },
	};
	struct nmap_entry e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		e = entry(t[i].name, t[i].body);
		if (persona_family_of(&e) != t[i].f)
			fail_msg("row %zu: %s, not %s", i,
			    persona_family_name(persona_family_of(&e)),
			    persona_family_name(t[i].f));
	}
}

static void
versions(void **state)
{
	static const struct {
		const char *name, *system;
		uint32_t low, high;
	} t[] = {
		{ "Linux 2.6.32 - 3.10", "Linux", VERSION(2, 6, 32),
		    VERSION(3, 10, 0) },
		{ "X (Linux 2.4) or Y (Linux 2.6.5)", "Linux",
		    VERSION(2, 4, 0), VERSION(2, 6, 5) },
		{ "Linux 4.999.1", "Linux", VERSION(4, 255, 1),
		    VERSION(4, 255, 1) },
		{ "FreeBSD 12.0-RELEASE", "FreeBSD", VERSION(12, 0, 0),
		    VERSION(12, 0, 0) },
		{ "Linux", "Linux", 0, 0 }, { "Linux ", "Linux", 0, 0 },
		{ "Linux 3. - ", "Linux", VERSION(3, 0, 0),
		    VERSION(3, 0, 0) },
		{ "Linuxes 3", "Linux", 0, 0 },
	};
	struct nmap_entry e;
	uint32_t low, high;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		e = entry(t[i].name, "");
		persona_versions(&e, t[i].system, &low, &high);
		if (low != t[i].low || high != t[i].high)
			fail_msg("row %zu: %x to %x", i, low, high);
	}
}

static struct img_persona
habits(const char *name, enum img_family f)
{
	struct nmap_entry e = entry(name, "");
	struct img_persona p;

	persona_family_defaults(&p, f);
	persona_habits_of(&p, &e);
	return p;
}

static void
what_versions_change(void **state)
{
	(void)state;
	assert_int_equal(habits("Linux 5.0 - 5.4", FAM_LINUX).frag_policy,
	    DROP);
	assert_int_not_equal(habits("Linux 4.15 - 5.6", FAM_LINUX).frag_policy,
	    DROP);
	assert_int_not_equal(habits("Linux", FAM_LINUX).frag_policy, DROP);
	assert_int_equal(habits("Linux 3.2 - 4.9", FAM_LINUX).lax, 0);
	assert_int_equal(habits("Linux 3.0 - 3.5", FAM_LINUX).lax,
	    LAX_SYN | LAX_RST);
	assert_int_equal(habits("Linux 3.0", FAM_LINUX).rto_init_ms, 3000);
	assert_int_equal(habits("Linux 3.1", FAM_LINUX).rto_init_ms, 1000);
	assert_int_equal(habits("FreeBSD 8.2", FAM_FREEBSD).lax, LAX_SYN);
	assert_int_equal(habits("FreeBSD 12.1", FAM_FREEBSD).rto_init_ms,
	    1000);
	assert_int_equal(habits("Microsoft Windows Server 2003 SP2",
	    FAM_WIN_XP).time_wait_s, 120);
	assert_int_equal(habits("Microsoft Windows XP SP3",
	    FAM_WIN_XP).time_wait_s, 240);
	assert_int_equal(habits("Sun Solaris 8", FAM_SOLARIS).time_wait_s,
	    240);
	assert_int_equal(habits("Sun Solaris 10", FAM_SOLARIS).time_wait_s,
	    60);
	assert_int_equal(habits("IBM AIX 5.3", FAM_NETBSD).lax,
	    LAX_SYN | LAX_RST);
}

/* The real table: no entry without a family, few without a known one. */
static void
whole_table(void **state)
{
	unsigned count[FAM_MAX] = { 0 };
	struct nmapdb *db;
	struct conf c;
	uint32_t i;

	(void)state;
	conf_init(&c, NULL);
	c.db_dir = open(TABLE, O_RDONLY | O_DIRECTORY);
	c.db_name = "nmap-os-db";
	if (c.db_dir == -1)
		fail_msg("nmap's tables are not installed in %s", TABLE);
	db = nmapdb_get(&c, (struct conf_pos){ 0 });
	assert_non_null(db);
	for (i = 0; i < db->n; i++)
		count[persona_family_of(&db->e[i])]++;
	for (i = 0; i < FAM_MAX; i++)
		assert_true(count[i] > 0);
	for (i = 0; i < FAM_MAX; i++)
		print_message("# %s: %u\n",
		    persona_family_name((enum img_family)i), count[i]);
	/* known systems are not generic */
	assert_true(count[FAM_GENERIC] < db->n / 20);
	close(c.db_dir);
	conf_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families),
		cmocka_unit_test(versions),
		cmocka_unit_test(what_versions_change),
		cmocka_unit_test(whole_table),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
