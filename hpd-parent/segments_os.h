/* SPDX-License-Identifier: ISC */
/* Marking a log segment append-only where the system and its disk can. */
#ifndef HPD_SEGMENTS_OS_H
#define HPD_SEGMENTS_OS_H

/* From now on even root may only append to fd's file, until an administrator
 * clears the attribute. Best effort: tmpfs and many others have no such. */
void segments_append_only(int fd);

/* Takes that attribute, and no other, off again: what is to be removed. */
void segments_appendable(int fd);

#endif
