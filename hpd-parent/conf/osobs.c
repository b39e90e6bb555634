/* SPDX-License-Identifier: ISC */
/*
 * hpd-conf: an observation of a host by nmap's tests, and the names of lines
 * and attributes.
 */
#include "osmatch.h"

#include <stdarg.h>
#include <string.h>

#include "common/diag.h"

#define NAME_OF(L, A) { #L, #A },
static const struct {
	const char *line, *name;
} attrs[OSA_MAX] = { OSA_ALL(NAME_OF) };

const char *
os_attr_line(enum os_attr a)
{
	return (unsigned)a < OSA_MAX ? attrs[a].line : "?";
}

const char *
os_attr_name(enum os_attr a)
{
	return (unsigned)a < OSA_MAX ? attrs[a].name : "?";
}

void
os_obs_clear(struct os_obs *o)
{
	memset(o->v, 0, sizeof(o->v));
	o->used = 0;
}

static int
inside(const struct os_obs *o, const char *s)
{
	return s >= o->text && s < o->text + sizeof(o->text);
}

/* Drop texts nothing points to any more. */
static void
compact(struct os_obs *o)
{
	char text[OS_OBS_TEXT];
	size_t used = 0, n;
	unsigned i;

	for (i = 0; i < OSA_MAX; i++) {
		if (o->v[i] == NULL || !inside(o, o->v[i]))
			continue;
		n = strlen(o->v[i]) + 1;
		if (used + n > sizeof(text))
			fatalx("observation longer than %d bytes", OS_OBS_TEXT);
		memcpy(text + used, o->v[i], n);
		o->v[i] = o->text + used;
		used += n;
	}
	memcpy(o->text, text, used);
	o->used = used;
}

void
os_obs_set(struct os_obs *o, enum os_attr a, const char *fmt, ...)
{
	char s[256];
	va_list ap;
	size_t n;
	int r;

	o->v[a] = NULL;
	if (fmt == NULL)
		return;
	va_start(ap, fmt);
	r = vsnprintf(s, sizeof(s), fmt, ap);
	va_end(ap);
	if (r < 0 || (size_t)r >= sizeof(s))
		fatalx("%s.%s longer than %zu bytes", os_attr_line(a),
		    os_attr_name(a), sizeof(s) - 1);
	n = (size_t)r + 1;
	if (o->used + n > sizeof(o->text))
		compact(o);
	if (o->used + n > sizeof(o->text))
		fatalx("observation longer than %d bytes", OS_OBS_TEXT);
	o->v[a] = memcpy(o->text + o->used, s, n);
	o->used += n;
}

void
os_obs_print(const struct os_obs *o, FILE *f)
{
	const char *line = NULL;
	unsigned i;

	for (i = 0; i < OSA_MAX; i++) {
		if (o->v[i] == NULL)
			continue;
		if (line != NULL && strcmp(line, attrs[i].line) == 0)
			fputc('%', f);
		else {
			if (line != NULL)
				fputs(")\n", f);
			line = attrs[i].line;
			fprintf(f, "%s(", line);
		}
		fprintf(f, "%s=%s", attrs[i].name, o->v[i]);
	}
	if (line != NULL)
		fputs(")\n", f);
}
