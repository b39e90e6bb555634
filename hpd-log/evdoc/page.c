/* SPDX-License-Identifier: ISC */
/*
 * evdoc: hpd-events(7) in mdoc. Whatever the tables say is set as text: no
 * word of theirs can become a macro.
 */
#include <ctype.h>
#include <string.h>

#include "common/proc.h"
#include "common/proto.h"
#include "evdoc.h"
#include "hpd-log/json.h"

static const char head[] =
    ".\\\" SPDX-License-Identifier: ISC\n"
    ".\\\" Made by evdoc from common/event.c and hpd-log/evdoc/fields.c.\n"
    ".Dd November 23, 2026\n"
    ".Dt HPD-EVENTS 7\n"
    ".Os\n"
    ".Sh NAME\n"
    ".Nm hpd-events\n"
    ".Nd what the lines of the log of hpd say\n"
    ".Sh DESCRIPTION\n"
    "What decoys see and what the suite does is one event each, and an event\n"
    "is one line of JSON\n"
    ".Pq RFC 8259\n"
    "in a segment of the stream\n"
    ".Cm events\n"
    "or\n"
    ".Cm probes .\n"
    "Names are those of the Elastic Common Schema where it has one, the rest\n"
    "lies below\n"
    ".Li hpd .\n"
    "A member that has nothing to say is left out.\n"
    "Bytes of a peer or a script are always escaped: a line is valid UTF-8\n"
    "and has no control characters.\n"
    ".Pp\n"
    "The same as this page for machines is the JSON Schema\n"
    ".Pa hpd-events.schema.json ;\n"
    "it allows no member that is not described here.\n"
    "Members are added without notice; one that changes its meaning or goes\n"
    "away is a new\n"
    ".Li hpd.schema .\n"
    ".Ss Losses and sums\n"
    "A record is there, or the log says that it is not: a jump of\n"
    ".Li hpd.seq\n"
    "within one\n"
    ".Li hpd.boot , hpd.producer , hpd.instance\n"
    "and\n"
    ".Li hpd.run\n"
    "is named by a\n"
    ".Li log.lost\n"
    "or a\n"
    ".Li log.gap .\n"
    "What decoys saw of a kind is the sum of\n"
    ".Li hpd.count\n"
    "of its records and of the\n"
    ".Li flood\n"
    "records of it, with\n"
    ".Li hpd.folded.packets\n"
    "of\n"
    ".Li log.folded\n"
    "and\n"
    ".Li hpd.lost.packets\n"
    "of\n"
    ".Li log.lost .\n"
    "Connections are the\n"
    ".Li tcp.open\n"
    "records and the counts of\n"
    ".Li tcp.connects .\n";

/* Text, wrapped. *col: where the line stands. */
static void
text(FILE *f, const char *s, unsigned int *col)
{
	size_t n;

	while (*s != '\0') {
		n = strcspn(s, " ");
		if (*col > 0 && *col + n > 72) {
			fputc('\n', f);
			*col = 0;
		} else if (*col > 0) {
			fputc(' ', f);
			(*col)++;
		}
		if (*col == 0 && (*s == '.' || *s == '\''))
			fputs("\\&", f);
		*col += (unsigned int)n;
		for (; n > 0; n--, s++) {
			if (*s == '\\')
				fputs("\\e", f);
			else
				fputc(*s, f);
		}
		s += strspn(s, " ");
	}
}

/* A kind's meaning as a sentence: "A ...", "The ..." */
static void
sentence(FILE *f, const char *s)
{
	unsigned int col = 0;

	fputc(toupper((unsigned char)*s), f);
	if (s[1] == ' ') {
		fputc(' ', f);
		s++;
	}
	text(f, s + 1, &col);
	fputs(".\n", f);
}

static const char *
type_word(const struct field *d)
{
	switch (d->type) {
	case T_U64:
	case T_U32:
	case T_U16:
	case T_U8:
	case T_COUNT:
	case T_ONE:
		return "number";
	case T_BOOL:
	case T_TRUE:
		return "true or false";
	case T_TIME:
		return "RFC 3339";
	case T_HEX64:
		return "16 hexadecimal digits";
	case T_HEX256:
		return "64 hexadecimal digits";
	case T_B64:
		return "base64";
	case T_OBJ:
	case T_COUNTS:
	case T_SCRIPT:
		return "object";
	case T_CATEGORY:
	case T_TYPE:
		return "list of strings";
	default:
		return "string";
	}
}

/* The verdicts of the first kind that has the field, as a|b. */
static const char *
verdicts(const struct field *d, char *buf, size_t len)
{
	struct event e = { .kind = 0 };
	size_t i, n = 0;

	for (i = 0; i < event_nrows && !field_of(d, &event_rows[i]); i++)
		;
	if (i == event_nrows)
		return "";
	e.kind = event_rows[i].kind;
	for (buf[0] = '\0', e.verdict = 1; e.verdict < 32; e.verdict++) {
		if (strcmp(verdict_name(&e), "unknown") == 0)
			continue;
		n += (size_t)snprintf(buf + n, len - n, "%s%s",
		    n > 0 ? "|" : "", verdict_name(&e));
		if (n >= len)
			return "";
	}
	return buf;
}

static void
one_of(FILE *f, const struct field *d)
{
	unsigned int col = 0;
	const char *w = d->words;
	char word[40], buf[256];
	size_t n;

	if (d->type == T_VERDICT)
		w = verdicts(d, buf, sizeof(buf));
	else if (d->type != T_WORDS)
		return;
	if (strchr(w, '|') == NULL)
		return;
	text(f, "One of", &col);
	while (*w != '\0') {
		n = strcspn(w, "|");
		snprintf(word, sizeof(word), "%.*s%s", (int)n, w,
		    w[n] == '\0' ? "." : ",");
		text(f, word, &col);
		w += n;
		w += *w == '|';
	}
	fputc('\n', f);
}

static void
field(FILE *f, const struct field *d)
{
	unsigned int col = 0;

	if (d->type == T_OBJ && d->meaning == NULL)
		return;
	fprintf(f, ".It Li %s\n", d->path);
	fprintf(f, ".Pq %s%s\n", type_word(d), d->must ? "" : ", optional");
	if (d->type == T_CONST)
		fprintf(f, "always\n.Dq %s :\n", d->words);
	if (d->meaning != NULL) {
		text(f, d->meaning, &col);
		fputs(".\n", f);
	}
	one_of(f, d);
}

static void
group(FILE *f, enum fwhere where, uint8_t of)
{
	const struct field *d;
	size_t i;

	fprintf(f, ".Bl -tag -width Ds\n");
	for (i = 0; i < nfields; i++) {
		d = &fields[i];
		/* known from above: every kind may have one */
		if (d->where == W_DATA && d->type == T_VERDICT &&
		    d->meaning == NULL)
			continue;
		if (d->where == where && d->of == of)
			field(f, d);
	}
	fprintf(f, ".El\n");
}

static int
has_group(enum fwhere where, uint8_t of)
{
	size_t i;

	for (i = 0; i < nfields; i++)
		if (fields[i].where == where && fields[i].of == of &&
		    fields[i].meaning != NULL)
			return 1;
	return 0;
}

static void
producers(FILE *f, const struct event_row *r)
{
	unsigned int col = 0;
	const char *by = "by";
	char word[40];
	uint16_t left = r->producers;
	uint8_t p;

	for (p = PROC_PARENT; p < PROC_MAX; p++) {
		if (!(left >> p & 1))
			continue;
		left &= (uint16_t)~(1u << p);
		snprintf(word, sizeof(word), "%s %s%s", by, proc_name(p),
		    left ? "," : ".");
		text(f, word, &col);
		by = "";
	}
	fputc('\n', f);
}

static void
kind(FILE *f, const struct event_row *r)
{
	fprintf(f, ".It Li %s\n", r->name);
	sentence(f, r->meaning);
	fprintf(f, "In\n.Cm %s ,\n", log_stream_name(r->stream));
	producers(f, r);
	if (has_group(W_KIND, (uint8_t)r->kind))
		group(f, W_KIND, (uint8_t)r->kind);
}

/* The kinds that have this data, as a heading. */
static void
data_group(FILE *f, uint8_t data)
{
	const char *sep = "";
	size_t i;

	if (!has_group(W_DATA, data))
		return;
	fprintf(f, ".Ss Of");
	for (i = 0; i < event_nrows; i++)
		if (event_rows[i].data == data) {
			fprintf(f, "%s %s", sep, event_rows[i].name);
			sep = ",";
		}
	fputc('\n', f);
	group(f, W_DATA, data);
}

void
write_page(FILE *f)
{
	uint8_t d;
	size_t i;

	fputs(head, f);
	fprintf(f, ".Sh FIELDS\n.Ss Of every line\n");
	group(f, W_ALL, 0);
	fprintf(f, ".Ss Of lines about packets, flows and sessions\n");
	group(f, W_ENDS, 0);
	fprintf(f, ".Ss Of the other lines\n");
	group(f, W_SELF, 0);
	for (d = EVD_NONE; d <= EVD_FLOOD; d++)
		data_group(f, d);
	fprintf(f, ".Sh KINDS\nWith the fields that only this kind has.\n"
	    ".Bl -tag -width Ds\n");
	for (i = 0; i < event_nrows; i++)
		if (kind_has_lines(&event_rows[i]))
			kind(f, &event_rows[i]);
	fprintf(f, ".El\n.Sh FILES\n"
	    ".Bl -tag -width Ds -compact\n"
	    ".It Pa /usr/local/share/hpd/hpd-events.schema.json\n"
	    "the schema\n"
	    ".El\n"
	    ".Sh SEE ALSO\n"
	    ".Xr hpview 1 ,\n.Xr hpd-log 8\n");
}
