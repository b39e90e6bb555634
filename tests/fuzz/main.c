/* SPDX-License-Identifier: ISC */
/*
 * A plain main for every fuzz target: runs each file named on the command line
 * (or every file of a named folder) through LLVMFuzzerTestOneInput once, so
 * that corpora are replayed without a fuzzer, under ASan+UBSan.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned long nrun;

static void
run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *buf;
	size_t n;

	if (f == NULL)
		err(1, "%s", path);
	buf = malloc(1 << 20);
	if (buf == NULL)
		err(1, "malloc");
	n = fread(buf, 1, 1 << 20, f);
	fclose(f);
	buf = realloc(buf, n ? n : 1); /* ASan sees every byte beyond */
	LLVMFuzzerTestOneInput(buf, n);
	free(buf);
	nrun++;
}

static void
run_dir(const char *path)
{
	char name[4096];
	struct dirent *e;
	DIR *d = opendir(path);

	if (d == NULL)
		err(1, "%s", path);
	while ((e = readdir(d)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, e->d_name);
		run_file(name);
	}
	closedir(d);
}

int
main(int argc, char **argv)
{
	struct stat st;
	int i;

	for (i = 1; i < argc; i++) {
		if (stat(argv[i], &st) == -1)
			err(1, "%s", argv[i]);
		if (S_ISDIR(st.st_mode))
			run_dir(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%lu inputs\n", nrun);
	return nrun == 0;
}
