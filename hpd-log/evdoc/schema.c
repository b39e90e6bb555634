/* SPDX-License-Identifier: ISC */
/*
 * evdoc: the JSON Schema (draft 2020-12). One definition a kind, whole in
 * itself and closed: a member that no row of fields.c names is an error, but
 * below hpd.script. All strings here are our own.
 */
#include <string.h>

#include "common/proc.h"
#include "common/proto.h"
#include "evdoc.h"
#include "hpd-log/json.h"

#define STAMP "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}" \
	"\\\\.[0-9]{6}Z$"

static void
quoted(FILE *f, const char *s, size_t n)
{
	size_t i;

	fputc('"', f);
	for (i = 0; i < n; i++) {
		if (s[i] == '"' || s[i] == '\\')
			fputc('\\', f);
		fputc(s[i], f);
	}
	fputc('"', f);
}

/* "a|b" or "a, b" as "a","b". */
static void
list(FILE *f, const char *words, const char *sep)
{
	size_t n;

	for (;;) {
		n = strcspn(words, sep);
		quoted(f, words, n);
		words += n;
		words += strspn(words, sep);
		if (*words == '\0')
			break;
		fputc(',', f);
	}
}

static void
words(FILE *f, const char *w)
{
	fprintf(f, "\"enum\":[");
	list(f, w, "|");
	fputc(']', f);
}

static void
processes(FILE *f, uint32_t mask)
{
	const char *sep = "";
	uint8_t p;

	fprintf(f, "\"enum\":[");
	for (p = PROC_PARENT; p < PROC_MAX; p++) {
		if (!(mask >> p & 1))
			continue;
		fprintf(f, "%s\"%s\"", sep, proc_name(p));
		sep = ",";
	}
	if (mask == UINT32_MAX)
		fprintf(f, "%s\"?\"", sep);
	fputc(']', f);
}

static void
verdicts(FILE *f, uint16_t kind)
{
	struct event e = { .kind = kind };
	const char *sep = "";
	unsigned int v;

	fprintf(f, "\"enum\":[");
	for (v = 1; v < 32; v++) {
		e.verdict = (uint8_t)v;
		if (strcmp(verdict_name(&e), "unknown") == 0)
			continue;
		fprintf(f, "%s\"%s\"", sep, verdict_name(&e));
		sep = ",";
	}
	fprintf(f, "%s\"unknown\"]", sep);
}

static void
streams(FILE *f)
{
	uint32_t s;

	fprintf(f, "\"enum\":[");
	for (s = 0; s < STREAM_MAX; s++)
		fprintf(f, "\"%s\",", log_stream_name(s));
	fprintf(f, "\"unknown\"]");
}

static void
kinds(FILE *f)
{
	size_t i;

	fprintf(f, "\"enum\":[");
	for (i = 0; i < event_nrows; i++)
		fprintf(f, "\"%s\",", event_rows[i].name);
	fprintf(f, "\"unknown\"]");
}

static void
number(FILE *f, const char *min, const char *max)
{
	fprintf(f, "\"type\":\"integer\",\"minimum\":%s,\"maximum\":%s", min,
	    max);
}

static void
pattern(FILE *f, const char *re)
{
	fprintf(f, "\"type\":\"string\",\"pattern\":\"%s\"", re);
}

/* What depends on the kind. 1 when it did. */
static int
type_of_kind(FILE *f, const struct field *d, const struct event_row *r)
{
	switch (d->type) {
	case T_ACTION:
		fprintf(f, "\"const\":\"hpd.%s\"", r->name);
		return 1;
	case T_CATEGORY:
	case T_TYPE:
		fprintf(f, "\"const\":[");
		list(f, d->type == T_TYPE ? r->type : r->category, ", ");
		fputc(']', f);
		return 1;
	case T_PRODUCER:
		processes(f, r->producers);
		return 1;
	case T_VERDICT:
		verdicts(f, r->kind);
		return 1;
	default:
		return 0;
	}
}

static void
type_text(FILE *f, const struct field *d)
{
	switch (d->type) {
	case T_CONST:
		fprintf(f, "\"const\":\"%s\"", d->words);
		break;
	case T_WORDS:
		words(f, d->words);
		break;
	case T_ALERT:
		words(f, "event|alert");
		break;
	case T_PROC:
		processes(f, UINT32_MAX);
		break;
	case T_STREAM:
		streams(f);
		break;
	case T_KIND:
		kinds(f);
		break;
	case T_TIME:
		pattern(f, STAMP);
		break;
	case T_HEX64:
		pattern(f, "^[0-9a-f]{16}$");
		break;
	case T_HEX256:
		pattern(f, "^[0-9a-f]{64}$");
		break;
	case T_TAG:
		pattern(f, "^[A-Za-z0-9_-]{22}$");
		break;
	case T_SEAL:
		pattern(f, "^(0|[1-9][0-9]{0,19})\\\\.[A-Za-z0-9_-]{22}$");
		break;
	case T_IP:
		pattern(f, "^([0-9]{1,3}(\\\\.[0-9]{1,3}){3}|"
			   "[0-9a-f:]{2,39}|::(ffff:)?[0-9.]{7,15})$");
		break;
	case T_MAC:
		pattern(f, "^[0-9A-F]{2}(-[0-9A-F]{2}){5}$");
		break;
	case T_B64:
		pattern(f, "^[A-Za-z0-9+/]*={0,2}$");
		break;
	case T_DIGITS:
		pattern(f, "^[0-9]{1,3}$");
		break;
	case T_FLAGS:
		pattern(f, "^F?S?R?P?A?U?E?C?$");
		break;
	default:
		fprintf(f, "\"type\":\"string\"");
		break;
	}
}

/* 1 when it was one of these. */
static int
type_other(FILE *f, const struct field *d)
{
	switch (d->type) {
	case T_ONE:
		fprintf(f, "\"const\":1");
		return 1;
	case T_U64:
		number(f, "0", "18446744073709551615");
		return 1;
	case T_U32:
		number(f, "0", "4294967295");
		return 1;
	case T_U16:
		number(f, "0", "65535");
		return 1;
	case T_U8:
		number(f, "0", "255");
		return 1;
	case T_COUNT:
		number(f, "1", "4294967295");
		return 1;
	case T_BOOL:
		fprintf(f, "\"type\":\"boolean\"");
		return 1;
	case T_TRUE:
		fprintf(f, "\"const\":true");
		return 1;
	case T_COUNTS:
		fprintf(f, "\"type\":\"object\",\"propertyNames\":{");
		kinds(f);
		fprintf(f, "},\"additionalProperties\":{");
		number(f, "1", "18446744073709551615");
		fputc('}', f);
		return 1;
	case T_SCRIPT:
		fprintf(f, "\"type\":\"object\",\"maxProperties\":64,"
		    "\"propertyNames\":{\"pattern\":\"^[a-z0-9_.]{1,64}$\"},"
		    "\"additionalProperties\":{\"type\":[\"string\","
		    "\"number\",\"boolean\",\"null\"]}");
		return 1;
	default:
		return 0;
	}
}

/* The last part of a path directly below prefix ("" or "hpd."), or NULL. */
static const char *
below(const struct field *d, const char *prefix)
{
	size_t n = strlen(prefix);

	if (strncmp(d->path, prefix, n) != 0 ||
	    strchr(d->path + n, '.') != NULL)
		return NULL;
	return d->path + n;
}

static void
required(FILE *f, const struct event_row *r, const char *prefix)
{
	const char *sep = "", *name;
	size_t i;

	fprintf(f, ",\"required\":[");
	for (i = 0; i < nfields; i++) {
		name = below(&fields[i], prefix);
		if (name == NULL || !fields[i].must ||
		    !field_of(&fields[i], r))
			continue;
		fprintf(f, "%s\"%s\"", sep, name);
		sep = ",";
	}
	fputc(']', f);
}

/* What no row can say. */
static void
together(FILE *f, const struct event_row *r, const char *prefix)
{
	if (*prefix == '\0')
		fprintf(f, ",\"dependentRequired\":{\"source\":[\"network\"],"
		    "\"destination\":[\"network\"]},\"oneOf\":["
		    "{\"required\":[\"network\"]},"
		    "{\"required\":[\"process\"]}]");
	if (strcmp(prefix, "hpd.") == 0 && r->kind == EV_SVC_FIELD)
		fprintf(f, ",\"oneOf\":[{\"required\":[\"script\"]},"
		    "{\"required\":[\"script_text\"]}]");
	if (strcmp(prefix, "hpd.") == 0 && r->data == EVD_EXIT)
		fprintf(f, ",\"oneOf\":[{\"required\":[\"exit_code\"]},"
		    "{\"required\":[\"exit_signal\"]}]");
}

/* An object without its braces. */
static void
object(FILE *f, const struct event_row *r, const char *prefix)
{
	const char *sep = "", *name;
	const struct field *d;
	char deeper[64];
	size_t i;

	fprintf(f, "\"type\":\"object\",\"additionalProperties\":false,"
	    "\"properties\":{");
	for (i = 0; i < nfields; i++) {
		d = &fields[i];
		if ((name = below(d, prefix)) == NULL || !field_of(d, r))
			continue;
		fprintf(f, "%s\n\"%s\":{", sep, name);
		sep = ",";
		if (d->meaning != NULL) {
			fprintf(f, "\"description\":");
			quoted(f, d->meaning, strlen(d->meaning));
			fputc(',', f);
		}
		if (d->type == T_OBJ) {
			snprintf(deeper, sizeof(deeper), "%s.", d->path);
			object(f, r, deeper);
		} else if (!type_of_kind(f, d, r) && !type_other(f, d))
			type_text(f, d);
		fputc('}', f);
	}
	fputc('}', f);
	required(f, r, prefix);
	together(f, r, prefix);
}

void
write_schema(FILE *f)
{
	const struct event_row *r;
	const char *sep = "";
	size_t i;

	fprintf(f, "{\"$schema\":\"https://json-schema.org/draft/2020-12/"
	    "schema\",\n\"title\":\"hpd events\",\n\"description\":"
	    "\"One line of hpd's streams events and probes, version 1; "
	    "see hpd-events(7).\",\n\"type\":\"object\",\n"
	    "\"required\":[\"event\"],\n\"properties\":{\"event\":{"
	    "\"type\":\"object\",\"required\":[\"action\"],"
	    "\"properties\":{\"action\":{\"enum\":[");
	for (i = 0; i < event_nrows; i++)
		if (kind_has_lines(r = &event_rows[i])) {
			fprintf(f, "%s\n\"hpd.%s\"", sep, r->name);
			sep = ",";
		}
	fprintf(f, "]}}}},\n\"allOf\":[");
	sep = "";
	for (i = 0; i < event_nrows; i++)
		if (kind_has_lines(r = &event_rows[i])) {
			fprintf(f, "%s\n{\"if\":{\"properties\":{\"event\":{"
			    "\"properties\":{\"action\":{\"const\":"
			    "\"hpd.%s\"}}}}},\"then\":{\"$ref\":"
			    "\"#/$defs/%s\"}}", sep, r->name, r->name);
			sep = ",";
		}
	fprintf(f, "],\n\"$defs\":{");
	sep = "";
	for (i = 0; i < event_nrows; i++)
		if (kind_has_lines(r = &event_rows[i])) {
			fprintf(f, "%s\n\"%s\":{\"description\":\"%s\",", sep,
			    r->name, r->meaning);
			object(f, r, "");
			fputc('}', f);
			sep = ",";
		}
	fprintf(f, "}}\n");
}
