/* SPDX-License-Identifier: ISC */
/*
 * What mkjail has to ask of other programs: the dynamic loader a program names,
 * and the lines a command prints. hpaudit only, on trusted files.
 */
#include <sys/wait.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit.h"

int
audit_run(char *const argv[], int (*line)(void *, char *), void *arg)
{
	static char path[] = "PATH=/usr/bin:/bin", locale[] = "LC_ALL=C";
	static char *const env[] = {path, locale, NULL};
	char buf[AUDIT_PATH_MAX + 256];
	int p[2], status, rc = 0;
	pid_t pid;
	FILE *f;

	if (pipe2(p, O_CLOEXEC) == -1 || (pid = fork()) == -1)
		return -1;
	if (pid == 0) {
		if (dup2(p[1], 1) != -1)
			execve(argv[0], argv, env);
		_exit(127);
	}
	(void)close(p[1]);
	if ((f = fdopen(p[0], "r")) == NULL) {
		(void)close(p[0]);
		rc = -1;
	}
	while (f != NULL && fgets(buf, sizeof(buf), f) != NULL) {
		buf[strcspn(buf, "\n")] = '\0';
		if (rc == 0 && line(arg, buf) == -1)
			rc = -1;
	}
	if (f != NULL)
		(void)fclose(f);
	while (waitpid(pid, &status, 0) == -1)
		if (errno != EINTR)
			return -1;
	return rc == 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 0 :
	    -1;
}

int
audit_loader(const char *path, char out[AUDIT_PATH_MAX])
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	int i, rc = -1;
	FILE *f;

	out[0] = '\0';
	if ((f = fopen(path, "re")) == NULL)
		return -1;
	if (fread(&eh, sizeof(eh), 1, f) != 1 ||
	    memcmp(eh.e_ident, ELFMAG, SELFMAG) != 0 ||
	    eh.e_ident[EI_CLASS] != ELFCLASS64 ||
	    eh.e_phentsize != sizeof(ph))
		goto out;
	rc = 0;
	for (i = 0; i < eh.e_phnum && rc == 0; i++) {
		if (fseek(f, (long)(eh.e_phoff + (size_t)i * sizeof(ph)),
		    SEEK_SET) == -1 || fread(&ph, sizeof(ph), 1, f) != 1)
			rc = -1;
		else if (ph.p_type == PT_INTERP) {
			if (ph.p_filesz < 2 || ph.p_filesz > AUDIT_PATH_MAX ||
			    fseek(f, (long)ph.p_offset, SEEK_SET) == -1 ||
			    fread(out, ph.p_filesz, 1, f) != 1 ||
			    out[ph.p_filesz - 1] != '\0')
				rc = -1;
			break;
		}
	}
out:
	(void)fclose(f);
	return rc;
}
