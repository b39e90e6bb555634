/* SPDX-License-Identifier: ISC */
/*
 * Writing data into a page of HTML, inside <script type="application/json">:
 * whatever the bytes are, what comes out is ASCII without <, >, & and control
 * characters, so that nothing in it can end the element or begin another.
 */
#ifndef HPD_VIEW_HTML_H
#define HPD_VIEW_HTML_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HTML_CHAR_MAX 12 /* bytes out for one character: two of \uXXXX */

/*
 * The character at p (n >= 1 bytes there) as the inside of a JSON string.
 * Returns the bytes written to out, *used of the input. What is not UTF-8 is
 * U+FFFD, a byte each.
 */
size_t html_char(const uint8_t *p, size_t n, char out[HTML_CHAR_MAX],
    size_t *used);

/* A JSON string with its quotes; html_cstr: of a NUL-ended one. */
void html_str(FILE *, const void *, size_t);
void html_cstr(FILE *, const char *);

/* Bytes in base64 with quotes, and back: at most cap bytes into out; stops at
 * what is not base64. Returns their number. */
void html_b64(FILE *, const void *, size_t);
size_t html_unb64(const char *, size_t n, uint8_t *out, size_t cap);

/* Nanoseconds since 1970 as milliseconds with a fraction; 0 as 0. */
void html_ms(FILE *, int64_t ns);

#endif
