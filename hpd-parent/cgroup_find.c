/* SPDX-License-Identifier: ISC */
/*
 * Where a process's control groups are seen in the file system: the text of
 * /proc/PID/cgroup and /proc/PID/mountinfo put together. Runs in hpd-parent at
 * its start; opens nothing itself.
 */
#include "cgroup.h"

#include <stdlib.h>
#include <string.h>

static const char *const controllers[CTL_MAX] = {"pids", "memory", "cpu"};

/* Is word one of a comma-separated list? */
static int
listed(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (; *list != '\0'; list++) {
		size_t n = strcspn(list, ",");

		if (n == len && memcmp(list, word, n) == 0)
			return 1;
		list += n;
		if (*list == '\0')
			break;
	}
	return 0;
}

/* \040 and the like, in place. */
static void
unescape(char *s)
{
	char *to = s;

	while (*s != '\0') {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' &&
		    s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 |
			    (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* The n-th (from 0) blank-separated word of a line, cut out; NULL: none. */
static char *
word(char **rest)
{
	char *s = strsep(rest, " \n");

	return s == NULL || *s == '\0' ? NULL : s;
}

/* group as the mount with this root shows it, into out. Untouched when it does
 * not. */
static void
shown(const char *point, const char *root, const char *group, char *out)
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);
	const char *rel = group + len;
	char path[PATH_MAX];
	int n;

	if (strncmp(group, root, len) != 0 || (*rel != '/' && *rel != '\0') ||
	    strstr(group, "..") != NULL || *out != '\0')
		return;
	if (strcmp(rel, "/") == 0)
		rel = "";
	n = snprintf(path, sizeof(path), "%s%s", point, rel);
	if (n > 0 && (size_t)n < sizeof(path))
		memcpy(out, path, (size_t)n + 1);
}

struct groups { /* as /proc/PID/cgroup names them */
	char v2[PATH_MAX], v1[CTL_MAX][PATH_MAX];
};

static void
copy(char *to, const char *from)
{
	size_t len = strlen(from);

	if (len < PATH_MAX)
		memcpy(to, from, len + 1);
}

/* ID:CONTROLLERS:PATH lines; version 2 has ID 0 and no controllers. */
static void
read_self(FILE *self, struct groups *g)
{
	char *line = NULL, *rest, *id, *list;
	size_t size = 0;

	while (getline(&line, &size, self) != -1) {
		rest = line;
		rest[strcspn(rest, "\n")] = '\0';
		id = strsep(&rest, ":");
		list = strsep(&rest, ":");
		if (list == NULL || rest == NULL || rest[0] != '/')
			continue;
		if (strcmp(id, "0") == 0 && *list == '\0')
			copy(g->v2, rest);
		for (int i = 0; i < CTL_MAX; i++)
			if (listed(list, controllers[i]))
				copy(g->v1[i], rest);
	}
	free(line);
}

/* ID PARENT MAJ:MIN ROOT POINT OPTIONS [TAG]... - TYPE SOURCE SUPEROPTIONS */
static void
mount_line(char *line, const struct groups *g, struct cgroup_where *w)
{
	char *rest = line, *root, *point, *s;

	for (int i = 0; i < 3; i++)
		(void)word(&rest);
	root = word(&rest);
	point = word(&rest);
	do
		s = word(&rest);
	while (s != NULL && strcmp(s, "-") != 0);
	s = word(&rest);
	if (root == NULL || point == NULL || s == NULL)
		return;
	unescape(root);
	unescape(point);
	if (strcmp(s, "cgroup2") == 0) {
		if (g->v2[0] != '\0')
			shown(point, root, g->v2, w->v2);
		return;
	}
	if (strcmp(s, "cgroup") != 0)
		return;
	(void)word(&rest);
	s = word(&rest);
	for (int i = 0; s != NULL && i < CTL_MAX; i++)
		if (listed(s, controllers[i]) && g->v1[i][0] != '\0')
			shown(point, root, g->v1[i], w->v1[i]);
}

void
cgroup_find(FILE *self, FILE *mounts, struct cgroup_where *w)
{
	static struct groups g;
	char *line = NULL;
	size_t size = 0;

	memset(&g, 0, sizeof(g));
	memset(w, 0, sizeof(*w));
	read_self(self, &g);
	while (getline(&line, &size, mounts) != -1)
		mount_line(line, &g, w);
	free(line);
}
