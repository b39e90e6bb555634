/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a line of the log: what hpship takes has no control byte, is
 * framed by braces, and its message parses as RFC 5424 and is the line, whole
 * or cut with the mark. The first two bytes choose size and facility.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpship/rfc5424.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

#define CHECK(x)                                                              \
	do {                                                                  \
		if (!(x))                                                     \
			abort();                                              \
	} while (0)

static const char *
word(const char *p, const char *end, size_t max)
{
	const char *start = p;

	while (p < end && *p != ' ') {
		CHECK(*p > 0x20 && *p < 0x7f);
		p++;
	}
	CHECK(p < end && p > start && (size_t)(p - start) <= max);
	return p + 1;
}

static void
parse(const char *m, size_t n, const char *line, size_t len, int cut)
{
	const char *p = m, *end = m + n;

	CHECK(*p == '<');
	CHECK(strtoul(p + 1, NULL, 10) <= 191);
	p = memchr(p, '>', 6);
	CHECK(p != NULL && memcmp(p, ">1 ", 3) == 0);
	p = word(p + 3, end, 32);
	p = word(p, end, 255);
	p = word(p, end, 48);
	p = word(p, end, 128);
	p = word(p, end, 32);
	CHECK(end - p >= 2 && memcmp(p, "- ", 2) == 0);
	p += 2;
	if (end - p >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	if (cut) {
		end -= strlen(SYSLOG_CUT);
		CHECK(memcmp(end, SYSLOG_CUT, strlen(SYSLOG_CUT)) == 0);
		CHECK((size_t)(end - p) < len);
	} else
		CHECK((size_t)(end - p) == len);
	CHECK(memcmp(p, line, (size_t)(end - p)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct syslog_ident id;
	struct ship_line l;
	char *buf, *line;
	size_t room, n, i;
	int cut;

	if (size < 2 || size > LINE_MAX_BYTES)
		return 0;
	room = SYSLOG_LEAST + data[0] * 32u;
	syslog_ident(&id, data[1] & 0x80 ? "" : "sensor", data[0]);
	id.facility = data[1] % 24;
	size -= 2;
	line = malloc(size + 1); /* exact: a read beyond is seen */
	CHECK(line != NULL);
	memcpy(line, data + 2, size);
	if (line_scan(line, size, &l) == 0) {
		CHECK(size >= 2 && line[0] == '{' && line[size - 1] == '}');
		for (i = 0; i < size; i++)
			CHECK((uint8_t)line[i] >= 0x20 && line[i] != 0x7f);
		buf = malloc(room);
		CHECK(buf != NULL);
		n = syslog_format(&id, &l, line, size, buf, room, &cut);
		CHECK(n <= room);
		parse(buf, n, line, size, cut);
		free(buf);
	}
	free(line);
	return 0;
}
