/* SPDX-License-Identifier: ISC */
/* Words of `log` statements, for the parser and the printer. */
#ifndef HPD_CONF_LOGWORDS_H
#define HPD_CONF_LOGWORDS_H

#include "common/proto.h"

extern const char *const conf_streams[STREAM_MAX]; /* by enum log_stream */
#define CONF_FACILITIES 24
extern const char *const conf_facilities[CONF_FACILITIES]; /* RFC 5424 6.2.1 */

#endif
