/* SPDX-License-Identifier: ISC */
/*
 * Between the files of the parser only. Every parse_X(c) has consumed its
 * first keyword (or not, where said) and returns 0, or -1 after a message;
 * then the caller skips to the next statement.
 */
#ifndef HPD_CONF_PARSE_H
#define HPD_CONF_PARSE_H

#include "conf.h"

/* lex.c */
int lex_push_mem(struct conf *, const char *name, const char *buf, size_t len);
int lex_push_file(struct conf *, const char *name, const struct tok *);
const struct tok *lex_peek(struct conf *);
struct tok lex_next(struct conf *);

/* parse.c: pieces */
int statement_known(const char *word);
/* The next token is this word and no new statement. */
int peek_is(struct conf *, const char *word);
/* The next token starts a statement of its own or is the end. */
int peek_end(struct conf *);
/* Take a token, or say that WHAT is missing. */
int want(struct conf *, const char *what, struct tok *);
/* Take one of the words: its index, or -1 (message with suggestion). */
int want_word(struct conf *, const char *what, const char *const *words,
    size_t n);
int want_u64(struct conf *, const char *what, uint64_t min, uint64_t max,
    uint64_t *);
int want_u32(struct conf *, const char *what, uint32_t min, uint32_t max,
    uint32_t *);
int want_size(struct conf *, const char *what, uint64_t min, uint64_t max,
    uint64_t *); /* N[K|M|G] */
/* SIZE or the word, which gives *v 0. */
int want_size_or(struct conf *, const char *what, const char *word,
    uint64_t min, uint64_t max, uint64_t *v);
int want_string(struct conf *, const char *what, struct tok *);
int want_percent_ppm(struct conf *, const char *what, uint32_t *ppm);
/* A template to be read or changed; an address gives its private clone when
 * change, else the bound template. Dynamic ones give -2, unreported. */
int want_template(struct conf *, const char *what, int change, uint32_t *);
int template_of(struct conf *, const struct tok *, int change, uint32_t *);
int want_name(struct conf *, const char *what, struct tok *);
int not_built(struct conf *, struct conf_pos, const char *what);

int parse_file(struct conf *); /* everything the lexer gives */
int parse_set(struct conf *);
int parse_add(struct conf *);
int parse_bind(struct conf *);
int parse_bind_condition(struct conf *, const char *first, struct conf_pos);
int parse_add_dynamic(struct conf *, uint32_t tmpl, struct conf_pos);

/* An action, into *port (action, service). icmp and default actions come
 * with proto; commands are refused when !commands. */
int parse_action(struct conf *, struct conf_port *, uint8_t proto,
    int commands);

int parse_log(struct conf *);
int parse_limit(struct conf *);
int parse_mac(struct conf *);
int parse_arp(struct conf *);
int parse_on_crash(struct conf *);
int parse_packet_io(struct conf *);
int parse_exclude(struct conf *);

int parse_route(struct conf *);
int parse_dynamic(struct conf *);
int parse_dhcp(struct conf *);
int parse_broadcast(struct conf *);
int parse_annotate(struct conf *);
int parse_list(struct conf *);
int parse_option(struct conf *);
int parse_debug(struct conf *);
int parse_proxy(struct conf *, struct conf_pos);

#endif
