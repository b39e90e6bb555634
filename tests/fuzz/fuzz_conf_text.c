/* SPDX-License-Identifier: ISC */
/* The configuration language on any bytes: no files, no tables, no jail. What
 * compiles must pass image_check() (conf_image() asks it), and what is printed
 * of it must compile again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-parent/conf/conf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t n, n2, len;
	struct conf c, d;
	void *mem, *mem2;
	char *text = NULL;
	FILE *f;

	conf_init(&c, NULL);
	conf_macro_add(&c, "m=10.0.0");
	conf_net_add(&c, "192.0.2.0/24");
	if (conf_load_mem(&c, "fuzz", (const char *)data, size) == 0) {
		mem = conf_image(&c, 1, &n);
		f = open_memstream(&text, &len);
		if (f == NULL || conf_print(&c, f) == -1)
			abort();
		fclose(f);
		conf_init(&d, NULL);
		if (conf_load_mem(&d, "printed", text, len) == -1) {
			fprintf(stderr, "%s", text);
			abort();
		}
		mem2 = conf_image(&d, 1, &n2);
		if (n != n2 || memcmp(mem, mem2, n) != 0) {
			fprintf(stderr, "%s", text);
			abort();
		}
		conf_free(&d);
		free(mem);
		free(mem2);
		free(text);
	}
	conf_free(&c);
	return 0;
}
