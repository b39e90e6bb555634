/* SPDX-License-Identifier: ISC */
/*
 * Any record that event_check() lets through, as JSON and in honeyd's formats.
 * Input: producer, then a record. Whatever comes out must be one valid line.
 */
#include <stdlib.h>

#include "common/event.h"
#include "common/proc.h"
#include "hpd-log/honeyd_text.h"
#include "hpd-log/json.h"
#include "tests/unit/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_ctx ctx;
	static char mem[JSON_LINE_MAX];
	static union {
		struct event ev;
		uint8_t bytes[EVENT_MAX];
	} rec;
	struct json_who who = { 1, 2, 0, PROC_NET, 0 };
	struct wbuf w;
	size_t n, i;

	if (ctx.observer_len == 0)
		json_init(&ctx, "fuzz");
	if (size < 1 || size - 1 > sizeof(rec))
		return 0;
	who.proc = data[0] % PROC_MAX;
	memset(&rec, 0, sizeof(rec));
	memcpy(&rec, data + 1, size - 1);
	if (event_check(&rec, size - 1, who.proc) == 0)
		return 0;
	wbuf_init(&w, mem, sizeof(mem));
	n = json_event(&ctx, &w, &who, &rec.ev);
	if (n == 0 || n != w.len || mem[n - 1] != '\n' ||
	    json_check(mem, n - 1, NULL, NULL, 0) == -1)
		abort();
	wbuf_init(&w, mem, HONEYD_LINE_MAX);
	(void)honeyd_packet(&ctx.time, &w, ctx.img, &rec.ev);
	(void)honeyd_service(&ctx.time, &w, &rec.ev);
	for (i = 0; i < w.len; i++) {
		if (mem[i] != '\n' && (mem[i] < 0x20 || mem[i] > 0x7e))
			abort();
	}
	if (w.over || (w.len > 0 && mem[w.len - 1] != '\n'))
		abort();
	return 0;
}
