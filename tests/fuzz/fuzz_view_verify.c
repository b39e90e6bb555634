/* SPDX-License-Identifier: ISC */
/*
 * hpview verify on hostile files. First byte: bit 0 seals every line of what
 * follows with the true keys, as an intruder in hpd-log could, so that what is
 * read only behind a true tag is reached too; bit 1 puts the bytes into the
 * probes stream, bit 2 makes them the state on disk, bit 3 a text segment. Must
 * end, and never read beyond.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-log/hpview/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CAP (1u << 20)

static const char begin[] = "{\"@timestamp\":\"2026-01-01T00:00:00Z\",\"event\":{"
    "\"action\":\"hpd.log.segment\"},\"hpd\":{\"schema\":1,\"boot\":"
    "\"0000000000000007\",\"seq\":1,\"producer\":\"hpd-log\",\"instance\":0,"
    "\"segment\":{\"stream\":\"events\",\"number\":1,\"phase\":\"begin\","
    "\"ordinal\":0,\"prev_ordinal\":0,\"doubt_from\":0,\"doubt_to\":0}}}\n";

/* Lines of the input, sealed one by one behind a good begin record. */
static size_t
seal(char *out, const uint8_t *data, size_t size, struct seal_chain *c)
{
	const char *p = (const char *)data, *end = p + size, *nl;
	size_t n, len;

	memcpy(out, begin, sizeof(begin) - 1);
	n = seal_line(c, out, sizeof(begin) - 1, NULL);
	for (; p < end && n < CAP / 2; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end - 1;
		len = (size_t)(nl - p) + 1;
		if (len < 3 || len > CAP / 4)
			continue;
		memcpy(out + n, p, len);
		memcpy(out + n + len - 2, "}\n", 2);
		n += seal_line(c, out + n, len, NULL);
	}
	return n;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[CAP];
	struct vf_input in[2];
	struct vf_report rep;
	struct seal_chain c;
	struct vf_set set;
	uint8_t op;

	if (size < 1 || size > CAP / 8 || seal_init() == -1)
		return 0;
	op = *data++;
	size--;
	memset(&set, 0, sizeof(set));
	memset(in, 0, sizeof(in));
	seal_derive(&c, set.root, 0, 7, op >> 1 & 1);
	in[0].path = op & 2 ? "probes-20260101T000000Z-000001.jsonl" :
	    "events-20260101T000000Z-000001.jsonl";
	in[1].path = op & 8 ? "frames-20260101T000000Z-000001.pcap" :
	    "honeyd-20260101T000000Z-000001.log";
	in[0].data = op & 1 ? text : (const char *)data;
	in[0].len = op & 1 ? seal(text, data, size, &c) : size;
	in[1].data = (const char *)data;
	in[1].len = size;
	set.in = in;
	set.nin = op & 8 ? 2 : 1;
	set.state = op & 4 ? data : NULL;
	set.state_len = size;
	set.carry = op & 4 && size >= SEAL_CARRY_SIZE ? data : NULL;
	vf_run(&set, &rep);
	vf_free(&rep);
	return 0;
}
