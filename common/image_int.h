/* SPDX-License-Identifier: ISC */
/* Shared by image.c and image_check.c, nobody else. */
#ifndef HPD_IMAGE_INT_H
#define HPD_IMAGE_INT_H

#include "image.h"

/* Everything inside the records, once the tables are known to be in bounds.
 * Enum image_err. */
int image_check_records(const struct image *);

/* Everything in a persona but its strings (image_persona.c). */
int image_check_persona(const struct img_persona *);

/* Space, retention, syslog, frames (image_log.c). */
int image_check_log(const struct image *);

/* Operator policies (image_policy.c). */
int image_check_policies(const struct image *);

#endif
