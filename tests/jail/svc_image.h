/* SPDX-License-Identifier: ISC */
#ifndef SVC_IMAGE_H
#define SVC_IMAGE_H

#include "svc_harness.h"

/* Descriptor of a sealed read-only image, or -1. */
int svc_image(const struct tsvc *, int n, uint32_t generation, int shell,
    size_t *size);

#endif
