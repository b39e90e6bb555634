/* SPDX-License-Identifier: ISC */
/*
 * The operator's policy of a running daemon: one filter more, for good.
 */
#ifndef HPD_NARROW_H
#define HPD_NARROW_H

#include "image.h"

/*
 * To be called for every image a daemon takes (checked), before it says
 * READY. The first time: load the image's filter for this daemon, if it has
 * one, on top of the shipped one; fatal when that fails. Later: a filter can't
 * be taken back, so if the image has another one (or none, or had none) that
 * is said, and takes effect when the process is started again. One `of' a
 * process.
 */
void narrow_image(const struct image *, enum img_policy_of);
/* The process has the operator's filter already (wide.h): nothing more. */
void narrow_off(void);

#endif
