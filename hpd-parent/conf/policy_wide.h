/* SPDX-License-Identifier: ISC */
/* What an operator's policy asks for and can't have. */
#ifndef HPD_CONF_POLICY_WIDE_H
#define HPD_CONF_POLICY_WIDE_H

#include "conf.h"
#include "policies/policy_diff.h"

/*
 * Warn of everything in own (at pos.file) that has no effect beside the
 * shipped policy base. script: the two become one program, and own's limits
 * count; else they are two filters, and only own's calls count.
 */
void policy_wide(struct conf *, const struct policy_side *base,
    const struct policy_side *own, int script, struct conf_pos);

#endif
