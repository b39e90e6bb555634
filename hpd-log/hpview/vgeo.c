/* SPDX-License-Identifier: ISC */
/*
 * Countries of addresses, in hpview: from a MaxMind database when there is
 * one. Looks nothing up anywhere else.
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <glob.h>
#include <maxminddb.h>
#include <stdio.h>
#include <string.h>

#include "hpd-log/hpview/vsum.h"

static const char *const usual[] = { "/usr/share/GeoIP/*Country*.mmdb",
	"/var/lib/GeoIP/*Country*.mmdb", "/usr/share/GeoIP/*City*.mmdb",
	"/var/lib/GeoIP/*City*.mmdb", "/usr/share/GeoIP/*.mmdb",
	"/var/lib/GeoIP/*.mmdb" };

static void
country(MMDB_s *db, struct vsum_source *s)
{
	static const char *const where[] = { "country",
		"registered_country" };
	struct sockaddr_in6 a6;
	struct sockaddr_in a4;
	const struct sockaddr *a;
	MMDB_lookup_result_s r;
	MMDB_entry_data_s d;
	int err;
	size_t i;

	memset(&a4, 0, sizeof(a4));
	memset(&a6, 0, sizeof(a6));
	a4.sin_family = AF_INET;
	a6.sin6_family = AF_INET6;
	memcpy(&a4.sin_addr, s->addr, 4);
	memcpy(&a6.sin6_addr, s->addr, 16);
	a = s->ver == 4 ? (const struct sockaddr *)&a4 :
			  (const struct sockaddr *)&a6;
	r = MMDB_lookup_sockaddr(db, a, &err);
	if (err != MMDB_SUCCESS || !r.found_entry)
		return;
	for (i = 0; i < 2 && s->country[0] == '\0'; i++)
		if (MMDB_get_value(&r.entry, &d, where[i], "iso_code",
			(char *)NULL) == MMDB_SUCCESS &&
		    d.has_data && d.type == MMDB_DATA_TYPE_UTF8_STRING &&
		    d.data_size == 2 && d.utf8_string[0] >= 'A' &&
		    d.utf8_string[0] <= 'Z' && d.utf8_string[1] >= 'A' &&
		    d.utf8_string[1] <= 'Z')
			memcpy(s->country, d.utf8_string, 2);
}

static int
from(struct vsum *s, const char *file)
{
	MMDB_s db;
	size_t i;
	int r = MMDB_open(file, MMDB_MODE_MMAP, &db);

	if (r != MMDB_SUCCESS) {
		fprintf(stderr, "hpview: %s: %s\n", file, MMDB_strerror(r));
		return -1;
	}
	for (i = 0; i < s->n_sources; i++)
		country(&db, &s->sources[i]);
	MMDB_close(&db);
	return 1;
}

int
vsum_geo(struct vsum *s, const char *file)
{
	glob_t g;
	size_t i;
	int r = 0;

	if (file != NULL)
		return from(s, file);
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]) && r == 0; i++) {
		if (glob(usual[i], 0, NULL, &g) != 0)
			continue;
		r = from(s, g.gl_pathv[0]);
		globfree(&g);
	}
	return r;
}
