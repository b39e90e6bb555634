/* SPDX-License-Identifier: ISC */
/*
 * The seal of the log: a forward-secure MAC chain over the lines of the sealed
 * streams (libsodium). hpd-parent makes keys and state, hpd-log seals, hpview
 * verifies; nobody else links this.
 *
 * Keys. One root key R per sensor, shown once as the verification key. Start
 * number n of the suite (the ordinal, 0, 1, ...) has carry(0) = R,
 * carry(n+1) = BLAKE2b-256(key carry(n), "hpd seal next start") and for each
 * sealed stream s (enum seal_chain_id, one byte) the chain key
 * BLAKE2b-256(key carry(n), "hpd seal stream" || s || boot, 8 bytes little
 * end first): a start repeated after the seal's files were set back (a
 * snapshot) has another boot id, hence other keys. The sensor keeps carry(n+1)
 * only. Within a chain, epoch e has a key K(e); K(0) is the chain key.
 * ChaCha20 with key K(e), nonce zero, counter from 0 (8-byte and IETF nonce
 * give the same) makes 32 + SEAL_EPOCH * 32 bytes: K(e+1), then one key for
 * each of the epoch's SEAL_EPOCH records. K(e) is erased at once, a record's
 * key when it was used: who takes hpd-log over can't make or change any record
 * before that moment.
 *
 * Tags. Record number i of a chain (its index) is tagged with Poly1305 under
 * its own key, used for nothing else, over the line up to the seal member.
 * The line then ends in  ,"seal":"<i>.<tag>"}\n  with i in decimal and the tag
 * in unpadded base64url (22 characters, canonical).
 *
 * Death. hpd-log advances the chain in the shared page (keys gone), writes,
 * then moves `written' up. It may be killed between any two instructions of
 * that: the page is always that of `index', seal_resume() erases what was
 * about to be. Its successor begins its segment with a record that says which
 * indices are in doubt (ev_segment doubt_from = written, doubt_to = its own
 * index, prev_tag that of record doubt_from - 1): those may stand in the old
 * segment, whole, torn or not at all, and nothing else may be missing. At most SEAL_DOUBT_MAX records are ever sealed
 * and not yet written: more in doubt is an intruder's lie, and verify says so.
 * The events themselves are still in the producers' channels and come again.
 *
 * A new start. The first begin record of each chain (index 0) tells of the last
 * start that used the chain, from the state on disk (->prev): prev_ordinal,
 * prev_number, prev_tag, doubt_from = index saved there (all below must be
 * there), doubt_to = doubt_from when that ended in order, else SEAL_OPEN: what
 * follows may be there, torn or not. The very first start: its own ordinal,
 * zeros. seal_told() fills a begin record so.
 *
 * On disk the state has no keys: nobody goes on with a chain after its start.
 * Each chain's proof stands in their place: BLAKE2b-256 of the page, under the
 * key of the next record. Who comes later has no such key and can't make an
 * older state. Save only when index == written in both chains, after the
 * fdatasync of their segments.
 */
#ifndef HPD_SEAL_H
#define HPD_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define SEAL_KEY_LEN 32
#define SEAL_TAG_LEN 16
#define SEAL_EPOCH   32 /* records an epoch */
#define SEAL_MEMBER  ",\"seal\":\""
#define SEAL_TAIL_MAX 56 /* bytes the seal adds to a line at most */

enum seal_chain_id { SEAL_EVENTS = 0, SEAL_PROBES = 1, SEAL_CHAINS };

#define SEAL_DOUBT_MAX 4096 /* records sealed, not yet known as written */

struct seal_epoch { /* keys; the bytes as ChaCha20 makes them */
	uint8_t next[SEAL_KEY_LEN]; /* of the epoch after it */
	uint8_t once[SEAL_EPOCH][SEAL_KEY_LEN]; /* of its records; used: 0 */
};

struct seal_chain {
	uint64_t index;	  /* of the next record */
	uint64_t written; /* all below are in a segment, whole */
	uint8_t proof[SEAL_KEY_LEN];  /* on disk only, instead of keys */
	struct seal_epoch epoch[2]; /* [epoch & 1]; the other: all 0 */
};

struct seal_prev { /* a chain in the last start that sealed with it */
	uint64_t ordinal, index; /* index: as last saved */
	uint8_t tag[SEAL_TAG_LEN]; /* of record index - 1; 0 if unknown */
	uint32_t number; /* of its newest segment then */
	uint8_t known;	 /* else there was no such start */
	uint8_t clean;	 /* it ended in order */
	uint8_t reserved[2];
};

/*
 * What follows up to seal_half is hpd-log's own account, kept in the page so
 * that it survives a kill at any instruction: hpd-log prepares the half that
 * is not active, then moves ->active by one store.
 */
#define SEAL_FOLDS 12 /* kinds of events that may become counts */
#define SEAL_SLOTS 16 /* producers' channels */

struct seal_fold {
	uint64_t records, sum, bytes; /* as in ev_fold */
	int64_t first_ns, last_ns;
	uint32_t kind, why;
};

struct seal_slot { /* what was taken off a channel */
	uint64_t boot, next; /* all records below next; boot 0: none yet */
	uint32_t run, reserved;
};

struct seal_sum {
	uint64_t records, packets;
};

struct seal_half {
	struct seal_fold fold[SEAL_FOLDS]; /* counts that are in no record */
	struct seal_fold told[SEAL_FOLDS]; /* in records being written, with
			    the sequence numbers told_seq, told_seq + 1 ... */
	uint64_t told_seq, fold_seq; /* fold_seq: the next one to use */
	struct seal_slot slot[SEAL_SLOTS];
	struct seal_sum probes[SEAL_FOLDS]; /* in the probes segment, by kind */
	uint64_t lines, bytes, number; /* of it */
};

struct seal_way { /* the datagram that may be half written */
	uint64_t boot, first, end;
	uint32_t run, slot;
};

struct seal_last { /* two, so that the one for written - 1 is always whole */
	uint64_t index;
	uint8_t tag[SEAL_TAG_LEN];
};

/* The page shared by hpd-parent (keeps it) and hpd-log (works on it); but for
 * the keys the same is kept on disk. */
struct seal_state {
	uint32_t magic, version;
	uint64_t ordinal, boot;
	uint64_t saved;	 /* how often it was written to disk */
	uint8_t clean;	 /* hpd-log ended in order: nothing follows */
	uint8_t reserved[7];
	struct seal_prev prev[SEAL_CHAINS];
	struct seal_chain chain[SEAL_CHAINS];
	struct seal_last last[SEAL_CHAINS][2]; /* tags of records written */
	uint32_t segment[8]; /* newest of each stream; 0 none yet */
	struct seal_way way;
	uint64_t active;     /* 0 or 1: half[] that holds */
	struct seal_half half[2];
	uint8_t check[16]; /* on disk: BLAKE2b-128 of all before */
};
#define SEAL_MAGIC	0x4c534850u /* "PHSL" */
#define SEAL_VERSION	1u
#define SEAL_STATE_SIZE 12288
_Static_assert(sizeof(struct seal_state) <= SEAL_STATE_SIZE, "seal_state");

/* sodium_init and what it can fail of; once a process, before the sandbox.
 * 0 or -1. */
int seal_init(void);

/* From carry(n) to what start n needs: the state of all chains at index 0, and
 * carry(n+1) in next. carry is erased. */
void seal_begin(struct seal_state *, uint8_t carry[SEAL_KEY_LEN],
    uint64_t ordinal, uint64_t boot, uint8_t next[SEAL_KEY_LEN]);

/* After seal_begin: what the start before left on disk (seal_unpack), so that
 * this one's first records tell how far that one reached. old NULL: none. */
void seal_follow(struct seal_state *, const struct seal_state *old);

/* Fill what the chain's next record, if it begins a segment, has to tell:
 * ordinal, prev_ordinal, doubt_from, doubt_to, prev_tag, and at index 0
 * prev_number. */
#define SEAL_OPEN ((uint64_t)INT64_MAX)
void seal_told(const struct seal_state *, unsigned int chain,
    struct ev_segment *);

/* In a successor of hpd-log, before anything else: erase the keys of records
 * below index that its predecessor was killed over. */
void seal_resume(struct seal_state *);

/* Chain of a start at index 0 from its carry, and from the root key: what a
 * verifier has. seal_derive takes about a microsecond for each ordinal. */
void seal_chain_key(struct seal_chain *, const uint8_t carry[SEAL_KEY_LEN],
    uint64_t boot, unsigned int chain);
void seal_derive(struct seal_chain *, const uint8_t root[SEAL_KEY_LEN],
    uint64_t ordinal, uint64_t boot, unsigned int chain);

/* carry(n+1) from carry(n), in place. */
void seal_carry(uint8_t carry[SEAL_KEY_LEN]);

/* Move on to index i >= ->index; keys passed are erased. A verifier skips
 * missing records with it. */
void seal_skip(struct seal_chain *, uint64_t i);

/* Tag of the chain's next record over len bytes; its key is erased and index
 * moves on. */
void seal_tag(struct seal_chain *, const void *line, size_t len,
    uint8_t tag[SEAL_TAG_LEN]);

/*
 * Append the seal to the line in buf (len bytes, ends in "}\n", cap >= len +
 * SEAL_TAIL_MAX). Returns the new length. tag (may be NULL) gets the tag.
 */
size_t seal_line(struct seal_chain *, char *buf, size_t len,
    uint8_t tag[SEAL_TAG_LEN]);

/*
 * Take a line apart (len bytes with its newline). 0: *body bytes are what the
 * tag covers, *index and tag set. -1: it has no well-formed seal.
 */
int seal_parse(const char *line, size_t len, size_t *body, uint64_t *index,
    uint8_t tag[SEAL_TAG_LEN]);

/* Is tag right for the chain's next record? Constant time; the chain moves on
 * as in seal_tag. 1 or 0. */
int seal_check(struct seal_chain *, const void *line, size_t len,
    const uint8_t tag[SEAL_TAG_LEN]);

/* On disk: two slots of SEAL_STATE_SIZE, written in turn (slot = saved & 1), so
 * that one is whole after a power failure. seal_pack: ->saved up, then the page
 * of SEAL_STATE_SIZE bytes to write at slot * SEAL_STATE_SIZE: proofs instead
 * of keys, check filled. seal_unpack: the newer whole slot of two (len bytes
 * read, 0..2 pages; newer: ordinal, then saved). 0, or -1 none is. */
void seal_pack(struct seal_state *, uint8_t page[SEAL_STATE_SIZE]);
int seal_unpack(struct seal_state *, const uint8_t *slots, size_t len);

/* Is an unpacked state's proof of a chain true? at: that chain by the
 * verifier's key, at the state's index. 1 or 0. */
int seal_proof(const struct seal_state *, unsigned int chain,
    const struct seal_chain *at);

/* The file `carry': ordinal of the next start, its carry, a check (BLAKE2b-128
 * of both). seal_carry_unpack: 0, or -1 not whole. */
#define SEAL_CARRY_SIZE 56
void seal_carry_pack(uint8_t file[SEAL_CARRY_SIZE], uint64_t ordinal,
    const uint8_t carry[SEAL_KEY_LEN]);
int seal_carry_unpack(const uint8_t file[SEAL_CARRY_SIZE], uint64_t *ordinal,
    uint8_t carry[SEAL_KEY_LEN]);

/* The verification key as people copy it: "hpd1-" and groups of 4 letters of
 * base32 (RFC 4648, lower case: a-z2-7): 13 groups are the key, two more a
 * check (40 bits of BLAKE2b-128("hpd seal key check" || R)). seal_key_parse
 * takes it with or without dashes, spaces, any case, 0 and 1 for o and l.
 * 0, or -1 not a key or mistyped. */
#define SEAL_KEY_TEXT 96
void seal_key_text(const uint8_t root[SEAL_KEY_LEN], char out[SEAL_KEY_TEXT]);
int seal_key_parse(const char *text, uint8_t root[SEAL_KEY_LEN]);

#endif
