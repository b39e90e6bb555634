/* SPDX-License-Identifier: ISC */
/*
 * polc FILE.policy > policy_NAME.c: the policy compiler of the build. Writes
 * C text that defines `const struct sandbox_policy policy_NAME`; with -t, the
 * policy's own text as `const char policy_text_NAME[]`. Runs on the build
 * machine only and is not installed.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policy.h"

static struct sandbox_insn insns[POLICY_MAX_INSNS];

static void
complain(void *arg, const char *file, uint32_t line, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "%s:%" PRIu32 ": %s\n", file, line, text);
}

static void
emit_tables(const struct policy *p, int n)
{
	size_t i;
	int k;

	(void)printf("static const struct sandbox_insn filter[%d] = {\n", n);
	for (k = 0; k < n; k++)
		(void)printf("\t{0x%04x, %u, %u, 0x%08" PRIx32 "},\n",
		    insns[k].code, insns[k].jt, insns[k].jf, insns[k].k);
	(void)printf("};\n\n");
	if (p->nrlimits > 0) {
		(void)printf("static const struct sandbox_rlimit rlimits[] = "
		    "{\n");
		for (i = 0; i < p->nrlimits; i++)
			(void)printf("\t{%s, 0x%" PRIx64 "ULL, 0x%" PRIx64
			    "ULL},\n", p->rlimit_names[i], p->rlimits[i].soft,
			    p->rlimits[i].hard);
		(void)printf("};\n\n");
	}
	if (p->npaths > 0) {
		(void)printf("static const struct sandbox_path paths[] = {\n");
		for (i = 0; i < p->npaths; i++)
			(void)printf("\t{\"%s\", 0x%" PRIx64 "ULL},\n",
			    p->paths[i].path, p->paths[i].rights);
		(void)printf("};\n\n");
	}
}

static const char *
identifier(const struct policy *p)
{
	static char ident[POLICY_NAME_MAX];
	char *c;

	(void)snprintf(ident, sizeof(ident), "%s", p->name);
	for (c = ident; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	return ident;
}

/* It has been parsed: printable ASCII, tabs and newlines. */
static int
emit_text(const struct policy *p, const char *file)
{
	FILE *f = fopen(file, "re");
	int c;

	if (f == NULL)
		return -1;
	(void)printf("/* Made from %s by polc; do not edit. */\n\n"
	    "#include \"policies/policy_text.h\"\n\n"
	    "const char policy_text_%s[] = \"", file, identifier(p));
	while ((c = getc(f)) != EOF) {
		if (c == '"' || c == '\\')
			(void)printf("\\%c", c);
		else if (c == '\n')
			(void)printf("\\n\"\n\t\"");
		else
			(void)putchar(c == '\t' ? ' ' : c);
	}
	(void)printf("\";\n");
	return fclose(f);
}

static void
emit(const struct policy *p, const char *file, int n)
{
	const char *ident = identifier(p);

	(void)printf("/* Made from %s by polc; do not edit. */\n\n"
	    "#include <sys/resource.h>\n\n"
	    "#include \"common/sandbox.h\"\n\n", file);
	emit_tables(p, n);
	(void)printf("const struct sandbox_policy policy_%s = {\n"
	    "\t.name = \"%s\",\n\t.filter = filter,\n\t.filter_len = %d,\n"
	    "\t.rlimits = %s,\n\t.nrlimits = %zu,\n\t.ns = 0x%02x,\n"
	    "\t.mdwe = %u,\n\t.landlock = %u,\n\t.paths = %s,\n"
	    "\t.npaths = %zu,\n\t.caps = 0x%" PRIx64 "ULL,\n"
	    "\t.bounding = 0x%" PRIx64 "ULL,\n",
	    ident, p->name, n, p->nrlimits > 0 ? "rlimits" : "0", p->nrlimits,
	    p->ns, p->mdwe, p->landlock, p->npaths > 0 ? "paths" : "0",
	    p->npaths, p->caps, p->bounding);
	if (p->pledge[0] != '\0')
		(void)printf("\t.pledge = \"%s\",\n", p->pledge);
	(void)printf("};\n");
}

int
main(int argc, char **argv)
{
	struct policy p;
	char msg[256];
	int n, text = argc > 2 && strcmp(argv[1], "-t") == 0;
	const char *file = argv[argc - 1];

	if (argc != 2 + text) {
		(void)fprintf(stderr, "usage: polc [-t] FILE.policy\n");
		return 64;
	}
	if (policy_load(&p, file, complain, NULL) == -1)
		return 1;
	n = policy_compile(&p, insns, POLICY_MAX_INSNS, msg, sizeof(msg));
	if (n == -1)
		errx(1, "%s: %s", file, msg);
	if (!text)
		emit(&p, file, n);
	else if (emit_text(&p, file) == -1)
		err(1, "%s", file);
	policy_free(&p);
	if (fflush(stdout) != 0 || ferror(stdout))
		err(1, "stdout");
	return 0;
}
