/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: which family of systems an entry of nmap-os-db belongs to: its
 * Class lines, weighed; where they only say "embedded", the entry's name and
 * CPE. Also the kernel versions its name speaks of. Reads the entry only.
 */
#include "persona_habit.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

#define CLASS_FIELDS 4 /* vendor, family, generation, type */
#define CLASS_TEXT   40

enum { WEIGH_NOTHING, WEIGH_EMBEDDED, WEIGH_PRINTER, WEIGH_NAMED };

/* Families by nmap's word. Where none of ours is meant, the one whose TCP the
 * system took over: ESXi, Data ONTAP, JUNOS, IPSO and OneFS from FreeBSD; QNX,
 * Tru64, OpenVMS, AIX, IRIX and the System V ones by way of 4.4BSD, as NetBSD
 * did; HP-UX 11 and Mac OS 7 to 9 from Mentat, as Solaris did; VRP, Comware,
 * SonicOS and SR OS from VxWorks. */
static const struct {
	const char *family;
	enum img_family f;
} words[] = {
	{ "A/UX", FAM_NETBSD }, { "ACNS", FAM_LINUX24 },
	{ "AIX", FAM_NETBSD }, { "ASA", FAM_LINUX26 },
	{ "AirOS", FAM_LINUX26 }, { "AlliedWare", FAM_VXWORKS },
	{ "Android", FAM_LINUX }, { "Apple TV", FAM_MACOS },
	{ "ArubaOS", FAM_LINUX26 }, { "AsyncOS", FAM_FREEBSD },
	{ "Bada", FAM_LINUX26 }, { "BSD", FAM_NETBSD },
	{ "BSD/OS", FAM_NETBSD }, { "Chrome OS", FAM_LINUX },
	{ "Comware", FAM_VXWORKS }, { "CyanogenMod", FAM_LINUX },
	{ "DG/UX", FAM_NETBSD }, { "Data ONTAP", FAM_FREEBSD },
	{ "Digital UNIX", FAM_NETBSD }, { "DiskStation Manager", FAM_LINUX26 },
	{ "DragonFly BSD", FAM_FREEBSD }, { "DYNIX", FAM_NETBSD },
	{ "ESX Server", FAM_LINUX24 }, { "ESXi", FAM_FREEBSD },
	{ "EOS", FAM_LINUX26 }, { "ExtremeXOS", FAM_LINUX26 },
	{ "Fabric OS", FAM_LINUX24 }, { "Fireware", FAM_LINUX26 },
	{ "FortiOS", FAM_LINUX26 }, { "FreeBSD", FAM_FREEBSD },
	{ "FreeNAS", FAM_FREEBSD }, { "FritzOS", FAM_LINUX26 },
	{ "GAiA OS", FAM_LINUX26 }, { "Gargoyle", FAM_LINUX26 },
	{ "HP-UX", FAM_SOLARIS }, { "Hurd", FAM_LINUX24 },
	{ "HiveOS", FAM_LINUX26 }, { "IOS", FAM_IOS },
	{ "IOS XE", FAM_IOS }, { "IOS XR", FAM_IOS }, { "IOS-XE", FAM_IOS },
	{ "IPCop", FAM_LINUX24 }, { "IPFire", FAM_LINUX26 },
	{ "IPSO", FAM_FREEBSD }, { "IRIX", FAM_NETBSD },
	{ "JUNOS", FAM_FREEBSD }, { "Mac OS", FAM_SOLARIS },
	{ "Mac OS X", FAM_MACOS }, { "NEXTSTEP", FAM_NETBSD },
	{ "NetBSD", FAM_NETBSD }, { "NX-OS", FAM_LINUX26 },
	{ "Nexenta", FAM_SOLARIS }, { "OPENSTEP", FAM_NETBSD },
	{ "OS X", FAM_MACOS }, { "OSF/1", FAM_NETBSD },
	{ "OneFS", FAM_FREEBSD }, { "Open Unix", FAM_NETBSD },
	{ "OpenBSD", FAM_OPENBSD }, { "OpenIndiana", FAM_SOLARIS },
	{ "OpenServer", FAM_NETBSD }, { "OpenSolaris", FAM_SOLARIS },
	{ "OpenVMS", FAM_NETBSD }, { "PC-BSD", FAM_FREEBSD },
	{ "QTS", FAM_LINUX26 }, { "RAIDiator", FAM_LINUX26 },
	{ "ReliantUNIX", FAM_NETBSD }, { "RiOS", FAM_LINUX26 },
	{ "RouterOS", FAM_LINUX26 }, { "SAN-OS", FAM_LINUX24 },
	{ "SCO UNIX", FAM_NETBSD }, { "SINIX", FAM_NETBSD },
	{ "SR OS", FAM_VXWORKS }, { "SecureOS", FAM_NETBSD },
	{ "SecurePlatform", FAM_LINUX24 }, { "SecureSphere", FAM_LINUX26 },
	{ "SmartOS", FAM_SOLARIS }, { "Solaris", FAM_SOLARIS },
	{ "SonicOS", FAM_VXWORKS }, { "SunOS", FAM_SOLARIS },
	{ "Tizen", FAM_LINUX }, { "Tru64 UNIX", FAM_NETBSD },
	{ "Ultrix", FAM_NETBSD }, { "UnixWare", FAM_NETBSD },
	{ "VRP", FAM_VXWORKS }, { "VxWorks", FAM_VXWORKS },
	{ "Windows Mobile", FAM_WIN_XP }, { "XenServer", FAM_LINUX26 },
	{ "iOS", FAM_MACOS }, { "iPhone OS", FAM_MACOS },
	{ "macOS", FAM_MACOS }, { "m0n0wall", FAM_FREEBSD },
	{ "pfSense", FAM_FREEBSD }, { "pSOSystem", FAM_EMBEDDED },
};

/* What an entry's name says about a box that is "embedded" by its class. */
static const struct {
	const char *in_name;
	enum img_family f;
} hints[] = {
	{ "FreeBSD", FAM_FREEBSD }, { "NetBSD", FAM_NETBSD },
	{ "OpenBSD", FAM_OPENBSD }, { "VxWorks", FAM_VXWORKS },
	{ "Windows CE", FAM_WIN_XP }, { "Windows Embedded", FAM_WIN_7 },
	{ "Windows XP", FAM_WIN_XP }, { "Solaris", FAM_SOLARIS },
	{ "(IOS ", FAM_IOS },
};

/* "Class VENDOR | FAMILY | GEN | TYPE" at s into f. */
static void
class_fields(const char *s, const char *end,
    char f[CLASS_FIELDS][CLASS_TEXT])
{
	size_t n, i, k;

	memset(f, 0, CLASS_FIELDS * CLASS_TEXT);
	for (i = 0; i < CLASS_FIELDS && s < end; i++) {
		while (s < end && *s == ' ')
			s++;
		for (n = 0; s + n < end && s[n] != '|' && s[n] != '\r'; n++)
			;
		k = n < CLASS_TEXT - 1 ? n : CLASS_TEXT - 1;
		memcpy(f[i], s, k);
		while (k > 0 && f[i][k - 1] == ' ')
			f[i][--k] = '\0';
		s += n;
		if (s == end || *s != '|')
			return;
		s++;
	}
}

static enum img_family
windows_of(const char *gen)
{
	static const struct {
		const char *gen;
		enum img_family f;
	} rows[] = { { "95", FAM_WIN_OLD }, { "98", FAM_WIN_OLD },
		{ "Me", FAM_WIN_OLD }, { "NT", FAM_WIN_OLD },
		{ "2000", FAM_WIN_OLD }, { "3.X", FAM_WIN_OLD },
		{ "XP", FAM_WIN_XP }, { "2003", FAM_WIN_XP },
		{ "PocketPC/CE", FAM_WIN_XP }, { "10", FAM_WIN_10 },
		{ "11", FAM_WIN_10 }, { "2016", FAM_WIN_10 },
		{ "2019", FAM_WIN_10 }, { "2022", FAM_WIN_10 } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(gen, rows[i].gen) == 0)
			return rows[i].f;
	return FAM_WIN_7; /* Vista, 2008, 7, 8, 8.1, 2012, Phone, Longhorn */
}

static enum img_family
linux_of(uint32_t version)
{
	if (version < VERSION(2, 5, 0))
		return FAM_LINUX24;
	return version < VERSION(3, 0, 0) ? FAM_LINUX26 : FAM_LINUX;
}

/* "2.6.32" or "2.6.X" at s. 0: there is none. */
static uint32_t
version_at(const char *s, const char *end, const char **behind)
{
	uint32_t v[3] = { 0, 0, 0 };
	int i;

	for (i = 0; i < 3 && s < end && *s >= '0' && *s <= '9'; i++) {
		while (s < end && *s >= '0' && *s <= '9') {
			if (v[i] < 1000)
				v[i] = v[i] * 10 + (uint32_t)(*s - '0');
			s++;
		}
		if (s == end || *s != '.')
			break;
		s++;
	}
	if (behind != NULL)
		*behind = s;
	return VERSION(v[0] > 255 ? 255 : v[0], v[1] > 255 ? 255 : v[1],
	    v[2] > 255 ? 255 : v[2]);
}

void
persona_versions(const struct nmap_entry *e, const char *system,
    uint32_t *low, uint32_t *high)
{
	const char *s = e->name, *end = s + strlen(s), *b;
	size_t n = strlen(system);
	uint32_t v;

	*low = *high = 0;
	while ((s = strstr(s, system)) != NULL) {
		s += n;
		if (*s != ' ')
			continue;
		for (b = s + 1; (v = version_at(b, end, &s)) != 0; b = s + 3) {
			if (*low == 0 || v < *low)
				*low = v;
			if (v > *high)
				*high = v;
			if (strncmp(s, " - ", 3) != 0)
				break;
		}
	}
}

static enum img_family
family_of_class(char f[CLASS_FIELDS][CLASS_TEXT], int *weight)
{
	size_t i;

	*weight = WEIGH_NAMED;
	if (strcmp(f[1], "Linux") == 0)
		return f[2][0] == '\0'
		    ? FAM_LINUX26
		    : linux_of(version_at(f[2], f[2] + strlen(f[2]), NULL));
	if (strcmp(f[1], "Windows") == 0)
		return windows_of(f[2]);
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(f[1], words[i].family) == 0)
			return words[i].f;
	if (strcmp(f[3], "printer") == 0 || strcmp(f[3], "print server") == 0) {
		*weight = WEIGH_PRINTER;
		return FAM_PRINTER;
	}
	if (f[3][0] == '\0' || strcmp(f[3], "general purpose") == 0) {
		*weight = WEIGH_NOTHING;
		return FAM_GENERIC;
	}
	*weight = WEIGH_EMBEDDED;
	return FAM_EMBEDDED;
}

/* Class says no system we know: the name may, or a CPE of the kernel. */
static enum img_family
family_of_name(const struct nmap_entry *e, enum img_family f)
{
	static const char cpe[] = "cpe:/o:linux:linux_kernel";
	const char *s;
	uint32_t low, high;
	size_t i;

	persona_versions(e, "Linux", &low, &high);
	if (high != 0)
		return linux_of(high);
	for (i = 0; i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strstr(e->name, hints[i].in_name) != NULL)
			return hints[i].f;
	for (s = e->body; s + sizeof(cpe) < e->body + e->body_len; s++)
		if (*s == 'c' && memcmp(s, cpe, sizeof(cpe) - 1) == 0) {
			s += sizeof(cpe) - 1;
			return *s == ':' ? linux_of(version_at(s + 1,
					       e->body + e->body_len, NULL))
					 : FAM_LINUX26;
		}
	if (strstr(e->name, "Linux") != NULL)
		return FAM_LINUX26;
	return f;
}

/* The class that says most; of several systems the one most lines are of, of
 * as many the newer (of Linux, Windows) or else the first. */
enum img_family
persona_family_of(const struct nmap_entry *e)
{
	char f[CLASS_FIELDS][CLASS_TEXT];
	const char *s = e->body, *end = s + e->body_len, *nl;
	unsigned votes[FAM_MAX] = { 0 };
	enum img_family fam, best = FAM_GENERIC;
	int weight, most = -1;

	for (; s < end; s = nl + 1) {
		nl = memchr(s, '\n', (size_t)(end - s));
		if (nl == NULL)
			nl = end;
		if (nl - s < 6 || memcmp(s, "Class ", 6) != 0)
			continue;
		class_fields(s + 6, nl, f);
		fam = family_of_class(f, &weight);
		if (weight < most)
			continue;
		votes[fam]++;
		if (weight > most || votes[fam] > votes[best] ||
		    (votes[fam] == votes[best] && fam > best &&
			fam <= FAM_WIN_10 &&
			(fam >= FAM_WIN_OLD) == (best >= FAM_WIN_OLD)))
			best = fam;
		most = weight;
	}
	return most < WEIGH_NAMED ? family_of_name(e, best) : best;
}
