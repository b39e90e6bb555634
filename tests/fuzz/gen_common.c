/* SPDX-License-Identifier: ISC */
/*
 * Writes the corpora of fuzz_proto, fuzz_image and fuzz_event below the folder
 * named on the command line: "make fuzz-corpus". A message's good and bad
 * vectors in a file each, every fifth fault of an image, a record of each
 * event kind.
 */
#include <sys/stat.h>

#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "tests/unit/image_faults.h"
#include "tests/unit/proto_vectors.h"

static const char *dir;

static FILE *
open_out(const char *part, const char *name)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, part);
	(void)mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/%s/%s", dir, part, name);
	if ((f = fopen(path, "wb")) == NULL)
		err(1, "%s", path);
	return f;
}

/* Number of from > to in fuzz_proto.c's table. */
static uint8_t
pair_of(const struct vec_good *v)
{
	static const uint8_t t[][2] = {{PROC_PARENT, PROC_NET},
	    {PROC_NET, PROC_PARENT}, {PROC_PARENT, PROC_SVC},
	    {PROC_SVC, PROC_PARENT}, {PROC_PARENT, PROC_LOG},
	    {PROC_LOG, PROC_PARENT}, {PROC_NET, PROC_SVC},
	    {PROC_SVC, PROC_NET}, {PROC_SVC_SHELL, PROC_NET},
	    [13] = {PROC_PARENT, PROC_SHIP}, {PROC_SHIP, PROC_PARENT}};
	uint8_t i;

	if (v->type == MSG_EVENTS)
		return 10;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
		if (t[i][0] == v->from && t[i][1] == v->to)
			return i;
	return 2; /* parent > svc -S has the rows of parent > svc */
}

static void
one_message(FILE *f, const struct vec_good *v, const uint8_t *payload,
    size_t len)
{
	static const uint8_t kinds[] = {[FDK_IMAGE] = 6, [FDK_CHANNEL] = 2,
	    [FDK_SESSION] = 3, [FDK_SEGMENT] = 7, [FDK_PAGE] = 4,
	    [FDK_STATE] = 5, [FDK_READ] = 6, [FDK_SYSLOG] = 3};
	const struct proto_row *r = proto_row(v->type, v->from, v->to);
	struct proto_hdr h = {.type = v->type};
	uint8_t head[5], state = 0, kind = 0;
	size_t n = sizeof(h) + len;

	while (!(r->states >> state & 1))
		state++;
	if (r->fd != FDK_NONE)
		kind = kinds[r->fd];
	h.id = r->flags & ROW_ID ? 1 : 0;
	head[0] = (uint8_t)(1 | 2 | (r->fd != FDK_NONE ? 4 : 0) | kind << 5);
	head[1] = pair_of(v);
	head[2] = state;
	head[3] = (uint8_t)n;
	head[4] = (uint8_t)(n >> 8);
	fwrite(head, 1, sizeof(head), f);
	fwrite(&h, 1, sizeof(h), f);
	fwrite(payload, 1, len, f);
}

static void
proto(void)
{
	static uint64_t buf[PROTO_MAX_PAYLOAD / 8 + 1024];
	uint8_t *b = (uint8_t *)buf;
	const struct vec_good *v;
	char name[64];
	size_t i, j, len;
	FILE *f;

	for (i = 0; i < NGOOD; i++) {
		v = &vec_good[i];
		snprintf(name, sizeof(name), "%s_%u_%u",
		    proto_type_name(v->type), v->from, v->to);
		f = open_out("proto", name);
		one_message(f, v, b, vec_fill(v, b));
		for (j = 0; j < NBAD; j++) {
			if (vec_bad[j].type != v->type ||
			    vec_bad[j].dlen > 512)
				continue;
			len = vec_spoil(&vec_bad[j], b, vec_fill(v, b));
			one_message(f, v, b, len);
		}
		fclose(f);
	}
}

static void
image(void)
{
	static uint64_t good[SAMPLE_MAX / 8];
	const struct img_header *h = (const void *)good;
	const struct fault *t;
	uint8_t rec[14];
	uint32_t off;
	char name[64];
	size_t i;
	FILE *f;

	(void)sample_image((uint8_t *)good);
	f = open_out("image", "good");
	fwrite("\3", 1, 1, f);
	fclose(f);
	f = open_out("image", "header_alone");
	fwrite("\2", 1, 1, f);
	fwrite(good, 1, sizeof(*h), f);
	fclose(f);
	for (i = 0; i < NFAULTS; i += 5) {
		t = &faults[i];
		off = (uint32_t)t->off + (t->table < IMG_TABLES
		    ? (uint32_t)h->table[t->table].off : 0);
		rec[0] = 3;
		memcpy(rec + 1, &off, 4);
		rec[5] = (uint8_t)(t->width - 1);
		memcpy(rec + 6, &t->value, 8);
		snprintf(name, sizeof(name), "fault_%03zu", i);
		f = open_out("image", name);
		fwrite(rec, 1, sizeof(rec), f);
		fclose(f);
	}
}

static void
event(void)
{
	static const uint16_t dlen[] = {[EVD_NONE] = 0,
	    [EVD_PROBE] = sizeof(struct ev_probe),
	    [EVD_FLOW] = sizeof(struct ev_flow),
	    [EVD_MAC] = sizeof(struct ev_mac),
	    [EVD_EXIT] = sizeof(struct ev_exit),
	    [EVD_LOST] = sizeof(struct ev_lost),
	    [EVD_TEXT] = 16,
	    [EVD_RAW] = 24,
	    [EVD_CHUNK] = sizeof(struct ev_chunk) + 24,
	    [EVD_FRAME] = sizeof(struct ev_frame) + 64,
	    [EVD_SEGMENT] = sizeof(struct ev_segment),
	    [EVD_RETIRED] = sizeof(struct ev_retired),
	    [EVD_FOLD] = sizeof(struct ev_fold),
	    [EVD_DIGEST] = sizeof(struct ev_digest),
	    [EVD_LOGSTATS] = sizeof(struct ev_logstats),
	    [EVD_FLOOD] = sizeof(struct ev_flood)};
	struct {
		struct event e;
		uint8_t data[256];
	} m;
	uint8_t kind;
	size_t i;
	FILE *f;

	for (i = 0; i < event_nrows; i++) {
		memset(&m, 0, sizeof(m));
		m.e.kind = event_rows[i].kind;
		m.e.len = (uint16_t)(64 + dlen[event_rows[i].data]);
		m.e.wall_ns = m.e.count = 1;
		m.e.verdict = 1;
		m.e.ver = i & 1 ? 4 : 6;
		m.e.src[3] = m.e.dst[0] = 7;
		kind = event_rows[i].data;
		if (kind >= EVD_TEXT && kind <= EVD_FRAME) {
			m.e.pad = 3;
			memset(m.data, 'x', dlen[kind] - 3u);
		}
		f = open_out("event", event_rows[i].name);
		fwrite(&m, 1, m.e.len, f);
		fclose(f);
	}
}

int
main(int argc, char **argv)
{
	if (argc != 2)
		errx(64, "usage: gen_common folder");
	dir = argv[1];
	proto();
	image();
	event();
	return 0;
}
