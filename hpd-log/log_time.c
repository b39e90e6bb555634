/* SPDX-License-Identifier: ISC */
/*
 * Time stamps, in hpd-log. gmtime(3) may read time zone files, which this
 * process can't; so the calendar is computed here. Must never fail: an event
 * with an absurd time still gets a well formed stamp.
 */
#include <string.h>

#include "common/clock.h"
#include "hpd-log/log_time.h"

static void
two(char *p, unsigned int v)
{
	p[0] = (char)('0' + v / 10 % 10);
	p[1] = (char)('0' + v % 10);
}

/*
 * Days since 1970 to a date of the proleptic Gregorian calendar: years are
 * taken to start in March, so that the leap day is a year's last one.
 */
static void
civil(int64_t days, unsigned int *y, unsigned int *m, unsigned int *d)
{
	int64_t z = days + 719468; /* since 0000-03-01 */
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097; /* 0..146096 */
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153; /* 0 is March */

	*d = (unsigned int)(doy - (153 * mp + 2) / 5 + 1);
	*m = (unsigned int)(mp < 10 ? mp + 3 : mp - 9);
	*y = (unsigned int)(yoe + era * 400 + (*m <= 2));
}

/* Split into seconds (floor) and the rest; fill the cache for that second. */
static uint32_t
split(struct log_time *t, int64_t wall_ns)
{
	int64_t sec = wall_ns / NS_SEC, ns = wall_ns % NS_SEC, days, rest;
	unsigned int y, m, d;

	if (ns < 0) {
		ns += NS_SEC;
		sec--;
	}
	if (!t->valid || t->sec != sec) {
		days = sec / 86400;
		rest = sec % 86400;
		if (rest < 0) {
			rest += 86400;
			days--;
		}
		civil(days, &y, &m, &d);
		memcpy(t->text, "0000-00-00T00:00:00", 20);
		two(t->text, y / 100);
		two(t->text + 2, y % 100);
		two(t->text + 5, m);
		two(t->text + 8, d);
		two(t->text + 11, (unsigned int)(rest / 3600));
		two(t->text + 14, (unsigned int)(rest / 60 % 60));
		two(t->text + 17, (unsigned int)(rest % 60));
		t->sec = sec;
		t->valid = 1;
	}
	return (uint32_t)ns;
}

void
log_time_rfc3339(struct log_time *t, int64_t wall_ns, char *out)
{
	uint32_t us = split(t, wall_ns) / 1000;

	memcpy(out, t->text, 19);
	out[19] = '.';
	two(out + 20, us / 10000);
	two(out + 22, us / 100 % 100);
	two(out + 24, us % 100);
	out[26] = 'Z';
}

void
log_time_honeyd(struct log_time *t, int64_t wall_ns, char *out)
{
	uint32_t part = split(t, wall_ns) / 100000;

	memcpy(out, t->text, 19);
	out[10] = '-';
	out[19] = '.';
	two(out + 20, part / 100);
	two(out + 22, part % 100);
}
