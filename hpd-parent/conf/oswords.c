/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an answer's options, flags, TTL and data in the words nmap has
 * for them. Pure; options come from the wire and may be of any bytes.
 */
#include "osseq.h"

#include <string.h>

#include "common/buf.h"

#define OPT_EOL	 0
#define OPT_NOP	 1
#define OPT_MSS	 2
#define OPT_WS	 3
#define OPT_SACK 4
#define OPT_TS	 8

/* Length of the option at opt; 0: it is cut off. */
static uint32_t
opt_len(const uint8_t *opt, uint32_t left)
{
	if (opt[0] == OPT_EOL || opt[0] == OPT_NOP)
		return 1;
	return left < 2 || opt[1] < 2 || opt[1] > left ? 0 : opt[1];
}

void
os_opt_text(const uint8_t *opt, uint32_t len, char out[OS_OPT_TEXT])
{
	uint32_t n, k = 0, left = OS_OPT_TEXT;

	out[0] = '\0';
	for (; len > 0 && left - k > 8; opt += n, len -= n) {
		n = opt_len(opt, len);
		if (n == 0) {
			out[0] = '\0';
			return;
		}
		if (opt[0] == OPT_EOL)
			out[k++] = 'L'; /* and on: nmap does not stop there */
		else if (opt[0] == OPT_NOP)
			out[k++] = 'N';
		else if (opt[0] == OPT_MSS && n == 4)
			k += (uint32_t)snprintf(out + k, left - k, "M%X",
			    be16(opt + 2));
		else if (opt[0] == OPT_WS && n == 3)
			k += (uint32_t)snprintf(out + k, left - k, "W%X",
			    opt[2]);
		else if (opt[0] == OPT_SACK && n == 2)
			out[k++] = 'S';
		else if (opt[0] == OPT_TS && n == 10) {
			out[k++] = 'T';
			out[k++] = be32(opt + 2) != 0 ? '1' : '0';
			out[k++] = be32(opt + 6) != 0 ? '1' : '0';
		}
		out[k] = '\0';
	}
}

int
os_opt_ts(const uint8_t *opt, uint32_t len, uint32_t *tsval)
{
	uint32_t n;

	for (; len > 0 && opt[0] != OPT_EOL; opt += n, len -= n) {
		n = opt_len(opt, len);
		if (n == 0)
			return -1;
		if (opt[0] == OPT_TS && n == 10) {
			*tsval = be32(opt + 2);
			return 0;
		}
	}
	return -1;
}

void
os_flags_text(uint8_t flags, char out[8])
{
	static const struct {
		uint8_t bit;
		char c;
	} names[] = { { 0x40, 'E' }, { 0x20, 'U' }, { 0x10, 'A' },
		{ 0x08, 'P' }, { 0x04, 'R' }, { 0x02, 'S' }, { 0x01, 'F' } };
	unsigned i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags & names[i].bit)
			*out++ = names[i].c;
	*out = '\0';
}

unsigned
os_ttl_guess(unsigned ttl)
{
	return ttl <= 32 ? 32 : ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
}

uint32_t
os_crc32(const uint8_t *data, size_t len)
{
	uint32_t c = UINT32_MAX;
	int bit;

	for (; len > 0; len--) {
		c ^= *data++;
		for (bit = 0; bit < 8; bit++)
			c = c >> 1 ^ (c & 1 ? 0xedb88320u : 0);
	}
	return ~c;
}
