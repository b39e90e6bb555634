/* SPDX-License-Identifier: ISC */
/*
 * hpd-parent -P: a policy of the operator's in place of the shipped one. The
 * word for it is the process's own argument; nothing in an image or from
 * hpd-conf alone has this effect.
 */
#ifndef HPD_WIDE_H
#define HPD_WIDE_H

#include "image.h"
#include "sandbox.h"

/*
 * For a process started with -P, before its sandbox: the image is on FD_IMAGE
 * already. Returns the shipped policy with the filter of the image's policy of
 * that name (limits, capabilities, namespaces, files stay the shipped ones),
 * or the shipped one itself when there is none; says which. Fatal when the
 * image is no good. No filter is loaded by narrow_image() afterwards.
 */
const struct sandbox_policy *wide_policy(const struct sandbox_policy *shipped,
    enum img_policy_of of);

#endif
