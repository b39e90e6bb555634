/* SPDX-License-Identifier: ISC */
/*
 * Time stamps, in hpview: as hpd-log writes them, as honeyd wrote them (local
 * time without saying which), and as people type them.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hpd-log/hpview/vtime.h"

#define SEC 1000000000LL

static int zone_fixed;
static int64_t zone_east; /* seconds, when fixed */

/* n digits as a number, or -1. */
static int
num(const char *p, int n)
{
	int v = 0;

	for (; n > 0; n--, p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = v * 10 + (*p - '0');
	}
	return v;
}

int64_t
vtime_civil(int year, unsigned int month, unsigned int day, unsigned int hour,
    unsigned int min, unsigned int sec)
{
	/* Years begin in March, so that the leap day ends them. */
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) /
		5 + day - 1;
	int64_t days = era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy -
	    719468;

	return days * 86400 + hour * 3600 + min * 60 + sec;
}

/* "2026-11-23T06:31" into seconds; any character between date and time. */
static int
date_minute(const char *p, int64_t *sec)
{
	int y = num(p, 4), mo = num(p + 5, 2), d = num(p + 8, 2),
	    h = num(p + 11, 2), mi = num(p + 14, 2);

	if (y < VTIME_YEAR_MIN || y > VTIME_YEAR_MAX || mo < 1 || mo > 12 ||
	    d < 1 || d > 31 || h < 0 || h > 23 || mi < 0 || mi > 59 ||
	    p[4] != '-' || p[7] != '-' || p[13] != ':')
		return -1;
	*sec = vtime_civil(y, (unsigned int)mo, (unsigned int)d,
	    (unsigned int)h, (unsigned int)mi, 0);
	return 0;
}

/* Behind the seconds: fraction into *ns, zone. Must end at end. */
static int
tail(const char *p, const char *end, int64_t *ns, int64_t *east)
{
	int64_t unit = SEC / 10;
	int h, m;

	*ns = *east = 0;
	if (p < end && *p == '.') {
		if (++p == end || *p < '0' || *p > '9')
			return -1;
		for (; p < end && *p >= '0' && *p <= '9'; p++, unit /= 10)
			*ns += (*p - '0') * unit;
	}
	if (end - p == 1 && (*p == 'Z' || *p == 'z'))
		return 0;
	if (end - p != 6 || (*p != '+' && *p != '-') || p[3] != ':')
		return -1;
	h = num(p + 1, 2);
	m = num(p + 4, 2);
	if (h < 0 || h > 23 || m < 0 || m > 59)
		return -1;
	*east = (*p == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return 0;
}

int
vtime_rfc3339(const char *p, size_t len, int64_t *wall_ns)
{
	/* The minute seen last: nearly always this one. */
	static _Thread_local char minute[16];
	static _Thread_local int64_t minute_sec;
	int64_t ns, east, sec;
	int s;

	if (len < 20 || len > 35)
		return -1;
	if (memcmp(p, minute, sizeof(minute)) != 0) {
		if ((p[10] != 'T' && p[10] != 't' && p[10] != ' ') ||
		    date_minute(p, &minute_sec) == -1) {
			memset(minute, 0, sizeof(minute));
			return -1;
		}
		memcpy(minute, p, sizeof(minute));
	}
	sec = minute_sec;
	s = num(p + 17, 2);
	if (p[16] != ':' || s < 0 || s > 60 ||
	    tail(p + 19, p + len, &ns, &east) == -1)
		return -1;
	*wall_ns = (sec + s - east) * SEC + ns;
	return 0;
}

static int
relative(const char *p, int64_t now_ns, int64_t *out)
{
	static const char unit[] = "smhdw";
	static const int64_t of[] = { 1, 60, 3600, 86400, 604800 };
	const char *u;
	char *end;
	long v;

	if (p[1] < '0' || p[1] > '9')
		return -1;
	v = strtol(p + 1, &end, 10);
	if (v < 0 || v > 1000000 || end[0] == '\0' || end[1] != '\0' ||
	    (u = strchr(unit, end[0])) == NULL)
		return -1;
	*out = v * of[u - unit] > now_ns / SEC ? 0 :
	    now_ns - v * of[u - unit] * SEC;
	return 0;
}

int
vtime_parse(const char *p, int64_t now_ns, int64_t *out)
{
	size_t len = strlen(p);
	int64_t day = now_ns / SEC / 86400 * 86400;
	char full[32];

	if (strcmp(p, "now") == 0)
		*out = now_ns;
	else if (strcmp(p, "today") == 0)
		*out = day * SEC;
	else if (strcmp(p, "yesterday") == 0)
		*out = (day - 86400) * SEC;
	else if (p[0] == '-')
		return relative(p, now_ns, out);
	else if (len == 10 || len == 16 || len == 19) {
		/* The rest of it, in UTC. */
		memcpy(full, "0000-00-00T00:00:00Z", 21);
		memcpy(full, p, len);
		return vtime_rfc3339(full, 20, out);
	} else
		return vtime_rfc3339(p, len, out);
	return 0;
}

int64_t
vtime_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * SEC + t.tv_nsec;
}

char *
vtime_text(int64_t wall_ns, char out[20])
{
	time_t t = (time_t)(wall_ns / SEC - (wall_ns % SEC < 0));
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, 20, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		memcpy(out, "?", 2);
	return out;
}

int
vtime_zone(const char *z)
{
	int h, m;

	zone_fixed = 1;
	zone_east = 0;
	if (z[0] == '\0') {
		zone_fixed = 0;
		return 0;
	}
	if (strcmp(z, "UTC") == 0 || strcmp(z, "Z") == 0)
		return 0;
	if (strlen(z) != 6 || (z[0] != '+' && z[0] != '-') || z[3] != ':')
		return -1;
	h = num(z + 1, 2);
	m = num(z + 4, 2);
	if (h < 0 || h > 14 || m < 0 || m > 59)
		return -1;
	zone_east = (z[0] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return 0;
}

int64_t
vtime_local(int year, unsigned int month, unsigned int day, unsigned int hour,
    unsigned int min, unsigned int sec)
{
	struct tm tm;

	if (zone_fixed)
		return vtime_civil(year, month, day, hour, min, sec) -
		    zone_east;
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = year - 1900;
	tm.tm_mon = (int)month - 1;
	tm.tm_mday = (int)day;
	tm.tm_hour = (int)hour;
	tm.tm_min = (int)min;
	tm.tm_sec = (int)sec;
	tm.tm_isdst = -1; /* the hour a clock repeats: the C library's guess */
	return (int64_t)mktime(&tm);
}
