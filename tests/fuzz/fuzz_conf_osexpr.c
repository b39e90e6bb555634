/* SPDX-License-Identifier: ISC */
/*
 * nmap-os-db of any bytes through the parser of expressions and the matcher.
 * First line of the input: a value; the rest is the table. The verdict of each
 * entry asked alone must be the search's. A persona of any bytes is predicted
 * too.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-parent/conf/osseq.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
predict(const uint8_t *data, size_t size)
{
	static struct os_obs o;
	struct img_persona p;
	int i;

	memset(&p, 0, sizeof(p));
	memcpy(&p, data, size < sizeof(p) ? size : sizeof(p));
	for (i = 0; i < 3; i++) /* what image_check() sees to */
		if (p.ipid[i].hi < p.ipid[i].lo)
			p.ipid[i].hi = p.ipid[i].lo;
	os_predict(&p, &o);
}

static void
ask(const struct osdb *d, uint32_t n, const char *value)
{
	static struct os_obs o;
	uint32_t i, alone = 0, names = 0, first[64];
	unsigned a;

	os_obs_clear(&o);
	for (a = 0; a < OSA_MAX; a++)
		o.v[a] = value;
	for (i = 0; i < n; i++) {
		alone += (uint32_t)os_match_entry(d, i, &o, NULL);
		if (os_match_score(d, i, &o) > 1.0)
			abort();
	}
	names = os_match_names(d, &o, first, 64);
	if (names > alone || (names == 0) != (alone == 0))
		abort();
	for (i = 0; i < names && i < 64; i++)
		if (!os_match_entry(d, first[i], &o, NULL) ||
		    os_match_others(d, &o, first[i]) != names - 1)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nl = memchr(data, '\n', size);
	char value[33] = "", *copy, opts[OS_OPT_TEXT];
	uint32_t ts;
	struct nmapdb *db;
	struct osdb *d;
	struct conf c;
	size_t n;

	predict(data, size);
	os_opt_text(data, size > 40 ? 40 : (uint32_t)size, opts);
	(void)os_opt_ts(data, size > 40 ? 40 : (uint32_t)size, &ts);
	if (nl == NULL)
		return 0;
	n = (size_t)(nl - data);
	memcpy(value, data, n > 32 ? 32 : n);
	data = nl + 1;
	size -= n + 1;
	copy = malloc(size + 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	(void)os_expr_match(copy, size, value);
	conf_init(&c, NULL);
	db = nmapdb_index(&c, "db", copy, size);
	if (db != NULL) {
		d = osdb_get(&c, db);
		if (d != NULL)
			ask(d, db->n, value);
	}
	nmapdb_free(db);
	conf_free(&c);
	return 0;
}
