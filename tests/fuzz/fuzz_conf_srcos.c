/* SPDX-License-Identifier: ISC */
/* p0f.fp of any bytes: what is taken makes an image that passes its check. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hpd-parent/conf/srcos.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf c;
	size_t n;
	char *copy;
	int r;

	copy = malloc(size + 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	copy[size] = '\0';
	conf_init(&c, NULL);
	r = srcos_file_parse(&c, "p0f.fp", copy, size);
	if ((r == -1) != (c.nerrors != 0))
		abort();
	free(copy);
	if (r == 0) {
		srcos_sort(&c);
		free(conf_image(&c, 1, &n)); /* asks image_check() */
	}
	conf_free(&c);
	return 0;
}
