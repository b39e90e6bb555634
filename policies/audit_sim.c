/* SPDX-License-Identifier: ISC */
/*
 * hpaudit sim and test: what the kernel would answer a call under a policy or
 * a stack of policies, by the simulator of bpf_sim.c. sim answers questions,
 * test holds answers against a table and prints TAP. hpaudit only; makes none
 * of the calls.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit.h"
#include "audit_call.h"

#define MAX_STACK 8
#define PATH_LEN  512

struct stack {
	struct audit_filter *f[MAX_STACK];
	size_t n;
};

static void
stack_free(struct stack *s)
{
	while (s->n > 0) {
		audit_filter_free(s->f[--s->n]);
		free(s->f[s->n]);
	}
}

static int
stack_push(struct stack *s, const char *file)
{
	if (s->n == MAX_STACK) {
		(void)fprintf(stderr, "%s: more than %d policies\n", file,
		    MAX_STACK);
		return -1;
	}
	if ((s->f[s->n] = malloc(sizeof(*s->f[0]))) == NULL) {
		perror("hpaudit");
		return -1;
	}
	return audit_filter_load(s->f[s->n++], file);
}

static uint32_t
stack_ask(const struct stack *s, const struct sim_call *c)
{
	uint32_t a[MAX_STACK];
	size_t i;

	for (i = 0; i < s->n; i++)
		a[i] = audit_filter_ask(s->f[i], c);
	return sim_stack(a, s->n);
}

/* FILE or FILE+FILE..., the oldest first. */
static int
stack_load(struct stack *s, const char *text)
{
	char file[PATH_LEN];
	const char *end;
	size_t n;

	for (;; text = end + 1) {
		end = strchr(text, '+');
		n = end != NULL ? (size_t)(end - text) : strlen(text);
		if (n == 0 || n >= sizeof(file)) {
			(void)fprintf(stderr, "hpaudit: no policy: '%s'\n",
			    text);
			return -1;
		}
		memcpy(file, text, n);
		file[n] = '\0';
		if (stack_push(s, file) == -1)
			return -1;
		if (end == NULL)
			return 0;
	}
}

int
audit_sim(int argc, char **argv)
{
	struct stack s = {.n = 0};
	struct sim_call c;
	char msg[256], name[64];
	int i, rc = 0;

	if (argc < 3)
		return AUDIT_USAGE;
	if (stack_load(&s, argv[1]) == -1) {
		stack_free(&s);
		return 1;
	}
	for (i = 2; i < argc; i++) {
		if (audit_call_parse(argv[i], &c, msg, sizeof(msg)) == -1) {
			(void)fprintf(stderr, "hpaudit: %s\n", msg);
			rc = 1;
			continue;
		}
		(void)printf("%s: %s\n", argv[i],
		    sim_name(stack_ask(&s, &c), name, sizeof(name)));
	}
	stack_free(&s);
	return rc;
}

/* ---- test ---- */

struct cases {
	const char *file;
	char dir[PATH_LEN]; /* where the policies are: that of the file */
	struct stack s;
	unsigned line, n, failed;
};

static int
bad_line(const struct cases *t, const char *what)
{
	(void)fprintf(stderr, "%s:%u: %s\n", t->file, t->line, what);
	return -1;
}

/* "stack NAME NAME": policies beside the table, or in -d DIR. */
static int
new_stack(struct cases *t, char *rest)
{
	char path[PATH_LEN + 64], *name, *save;

	stack_free(&t->s);
	for (name = strtok_r(rest, " \t", &save); name != NULL;
	     name = strtok_r(NULL, " \t", &save)) {
		(void)snprintf(path, sizeof(path), "%s/%.40s.policy", t->dir,
		    name);
		if (stack_push(&t->s, path) == -1)
			return bad_line(t, "not a usable policy");
	}
	return t->s.n == 0 ? bad_line(t, "stack of what?") : 0;
}

static int
one_case(struct cases *t, char *line)
{
	char *arrow = strstr(line, "=>"), *want, *end, msg[256], name[64];
	struct sim_call c;
	int good;

	if (strncmp(line, "stack ", 6) == 0)
		return new_stack(t, line + 6);
	if (arrow == NULL)
		return bad_line(t, "no '=>' and no 'stack'");
	for (want = arrow + 2; *want == ' ' || *want == '\t'; want++)
		;
	for (end = arrow; end > line && (end[-1] == ' ' || end[-1] == '\t');)
		end--;
	*end = '\0';
	if (t->s.n == 0)
		return bad_line(t, "a case before the first 'stack'");
	if (audit_call_parse(line, &c, msg, sizeof(msg)) == -1)
		return bad_line(t, msg);
	(void)sim_name(stack_ask(&t->s, &c), name, sizeof(name));
	if (strcmp(want, "allow") != 0 && strcmp(want, "kill") != 0 &&
	    strncmp(want, "errno ", 6) != 0)
		return bad_line(t, "a verdict is allow, kill or errno NAME");
	good = strcmp(want, name) == 0;
	t->failed += !good;
	(void)printf("%sok %u - %s:", good ? "" : "not ", ++t->n,
	    t->s.f[t->s.n - 1]->p.name);
	(void)printf(" %s => %s\n", line, want);
	if (!good)
		(void)printf("# %s:%u: is %s\n", t->file, t->line, name);
	return 0;
}

static int
run_cases(struct cases *t)
{
	char line[POLICY_LINE_MAX], *s;
	FILE *f = fopen(t->file, "re");
	int rc = 0;
	size_t n;

	if (f == NULL) {
		perror(t->file);
		return -1;
	}
	for (t->line = 1; fgets(line, sizeof(line), f) != NULL; t->line++) {
		n = strcspn(line, "#\n");
		if (line[n] == '\0') {
			rc = bad_line(t, "line too long or cut off");
			break;
		}
		while (n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'))
			n--;
		line[n] = '\0';
		for (s = line; *s == ' ' || *s == '\t'; s++)
			;
		if (*s != '\0' && one_case(t, s) == -1)
			rc = -1;
	}
	(void)fclose(f);
	stack_free(&t->s);
	return rc;
}

int
audit_test(int argc, char **argv)
{
	struct cases t;
	const char *dir = NULL;
	char *slash;
	int i = 1, rc = 0;

	memset(&t, 0, sizeof(t));
	if (argc > 2 && strcmp(argv[1], "-d") == 0) {
		dir = argv[2];
		i = 3;
	}
	if (i >= argc)
		return AUDIT_USAGE;
	for (; i < argc; i++) {
		t.file = argv[i];
		(void)snprintf(t.dir, sizeof(t.dir), "%s",
		    dir != NULL ? dir : argv[i]);
		if (dir == NULL) {
			if ((slash = strrchr(t.dir, '/')) != NULL)
				*slash = '\0';
			else
				(void)snprintf(t.dir, sizeof(t.dir), ".");
		}
		if (run_cases(&t) == -1)
			rc = 1;
	}
	(void)printf("1..%u\n", t.n);
	return rc != 0 || t.failed != 0 || t.n == 0 ? 1 : 0;
}
