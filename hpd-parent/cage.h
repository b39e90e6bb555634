/* SPDX-License-Identifier: ISC */
/* What hpd-parent takes away from itself. */
#ifndef HPD_CAGE_H
#define HPD_CAGE_H

/* Give up what is not needed for restarting and reloading, load the parent's
 * filter. Fatal when a step fails. */
void cage_enter(void);

#endif
