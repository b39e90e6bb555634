/* SPDX-License-Identifier: ISC */
/*
 * Single faults of the sample image and what image_check() must say to each;
 * used by t_image.c and the fuzz corpus.
 */
#ifndef TESTS_IMAGE_FAULTS_H
#define TESTS_IMAGE_FAULTS_H

#include "image_sample.h"

/* width bytes at off (from the start of table, or of the image when table is
 * IMG_TABLES) set to value, checksum made right again. */
struct fault {
	unsigned int table;
	size_t off;
	uint8_t width;
	uint64_t value;
	int err;
};
#define F(t, rec, s, field, v, err)                                          \
	{t, (rec) * sizeof(struct s) + offsetof(struct s, field),            \
	    sizeof(((struct s *)0)->field), v, err}
#define F1(t, rec, s, field, v, err)                                         \
	{t, (rec) * sizeof(struct s) + offsetof(struct s, field), 1, v, err}
#define H(field, v, err) F(IMG_TABLES, 0, img_header, field, v, err)
#define R(t, field, v)                                                       \
	{IMG_TABLES,                                                         \
	    offsetof(struct img_header, table) + (t) * sizeof(struct img_ref) + \
		offsetof(struct img_ref, field),                             \
	    sizeof(((struct img_ref *)0)->field), v, IMAGE_E_TABLE}
#define T(rec, field, v, err) F(IMG_TEMPLATES, rec, img_template, field, v, err)
#define P(rec, field, v, err) F(IMG_PORTS, rec, img_port, field, v, err)
#define S(rec, field, v, err) F(IMG_SERVICES, rec, img_service, field, v, err)
#define O(field, v)							     \
	F(IMG_PERSONAS, 0, img_persona, field, v, IMAGE_E_VALUE)
#define B(rec, field, v, err) F(IMG_BINDINGS, rec, img_binding, field, v, err)
#define Q(rec, field, v, err) F(IMG_POLICIES, rec, img_policy, field, v, err)
#define I(rec, field, v)						     \
	F(IMG_INSNS, rec, sandbox_insn, field, v, IMAGE_E_VALUE)
#define N(rec, field, v)						     \
	F(IMG_FRAMES, rec, img_bpf, field, v, IMAGE_E_VALUE)
#define VAL IMAGE_E_VALUE
#define IDX IMAGE_E_INDEX

static const struct fault faults[] = {
    H(magic, IMAGE_MAGIC + 1, IMAGE_E_MAGIC),
    H(version, IMAGE_VERSION + 1, IMAGE_E_MAGIC),
    H(size, 8, IMAGE_E_SIZE),
    H(size, UINT64_MAX, IMAGE_E_SIZE),
    H(flags, 0x80, VAL),
    H(default_tmpl, 2, IDX),
    H(max_sessions, 0, VAL),
    H(max_sessions_source, 0, VAL),
    H(max_connections, 0, VAL),
    H(max_connections_source, 0, VAL),
    H(log_segment_bytes, 0, VAL),
    H(log_segment_bytes, UINT64_MAX, VAL),
    H(log_segment_seconds, 0, VAL),
    H(arp_pace_ms, 0, VAL),
    H(scripts_processes, SCRIPTS_PROCESSES_MIN - 1, VAL),
    H(scripts_processes, SCRIPTS_PROCESSES_MAX + 1, VAL),
    H(scripts_memory, SCRIPTS_MEMORY_MIN - 1, VAL),
    H(scripts_memory, SCRIPTS_MEMORY_MAX + 1, VAL),
    H(scripts_cpu, SCRIPTS_CPU_MAX + 1, VAL),
    /* the log */
    H(log_budget, 1ULL << 63, VAL),
    H(log_reserve, UINT64_MAX - 1, VAL),
    H(log_full, FULL_OLDEST + 1, VAL),
    H(log_stream_budget[4], UINT64_MAX, VAL),
    H(log_stream_budget[5], 1, VAL), /* no such stream */
    H(log_keep_s[7], 1, VAL),
    H(frames_snap, 0, VAL), /* with a filter */
    H(frames_snap, IMG_SNAP_MIN - 1, VAL),
    H(frames_snap, IMG_SNAP_MAX + 1, VAL),
    H(syslog.transport, 4, VAL),
    H(syslog.transport, 0, VAL), /* yet with a facility */
    H(syslog.transport, 2, VAL), /* UDP to nowhere */
    H(syslog.facility, 24, VAL),
    H(syslog.probes, 2, VAL),
    H(syslog.ver, 4, VAL), /* of a path */
    H(syslog.port, 514, VAL),
    H(syslog.path, 1u << 20, IDX),
    H(syslog.path, S_X, VAL), /* not absolute */
    H(syslog.path, 0, VAL),
    H(syslog.addr[15], 1, VAL),
    H(syslog.reserved, 1, VAL),
    H(syslog.reserved2, 1, VAL),
    H(table[IMG_FRAMES].count, 8, VAL), /* does not return */
    H(table[IMG_FRAMES].count, 0, VAL), /* yet with a snap length */
    N(0, code, 0x38), /* no such size */
    N(0, code, 0xa0), /* msh of a word */
    N(0, code, 0xb0), /* and into a */
    N(0, code, 0x21), /* x has no load from the frame */
    N(0, code, 0x128),
    N(0, jt, 1), /* no jump */
    N(0, jf, 1),
    N(1, jt, 8), /* behind the end */
    N(1, jf, 8),
    N(1, code, 0x55), /* no such comparison */
    N(3, k, 16), /* of 16 words of memory */
    N(3, code, 0x0a),
    N(4, k, 16),
    N(4, k, UINT32_MAX),
    N(5, k, 0), /* division by zero */
    N(5, code, 0xb4), /* no such sum */
    N(6, k, 3), /* behind the end */
    N(6, k, UINT32_MAX), /* back: a loop */
    N(7, code, 0x17),
    N(8, code, 0x0e), /* returns x */
    N(9, code, 0x00), /* does not return */
    /* tables */
    R(IMG_STRINGS, count, 0),
    R(IMG_STRINGS, count, UINT32_MAX),
    R(IMG_STRINGS, off, 0),
    R(IMG_STRINGS, off, sizeof(struct img_header) - 8),
    R(IMG_STRINGS, size, 2),
    R(IMG_ARGS, off, 1),
    R(IMG_ARGS, off, UINT64_MAX - 7),
    R(IMG_ARGS, off, UINT64_MAX),
    R(IMG_ARGS, off, 1u << 31),
    R(IMG_TEMPLATES, size, 40),
    R(IMG_TEMPLATES, count, UINT32_MAX),
    R(IMG_TEMPLATES, count, 3), /* runs into the ports */
    R(IMG_PERSONAS, count, 0x80000000),
    R(IMG_TRIE_ROOT, count, 65535),
    R(IMG_TRIE_ROOT, count, 65537),
    R(IMG_TRIE_ROOT, count, 0),
    R(IMG_TRIE_BLOCKS, count, 4), /* one beyond the end */
    R(IMG_ROUTES, count, 1),
    R(IMG_CONDITIONS, count, 1),
    R(IMG_SRCOS, count, 1),
    R(IMG_SRCOS, off, 4),
    R(IMG_SRCOS, off, 1u << 30),
    R(IMG_NETS, count, IMG_NETS_MAX + 1),
    /* strings and arguments */
    {IMG_STRINGS, 0, 1, 'x', IDX},
    {IMG_STRINGS, sizeof(sample_pool) - 1, 1, 'x', IDX},
    {IMG_ARGS, 0, 4, sizeof(sample_pool), IDX},
    {IMG_ARGS, 8, 4, UINT32_MAX, IDX},
    /* templates */
    T(0, name, sizeof(sample_pool), IDX),
    T(0, persona, 1, IDX),
    T(0, persona, UINT32_MAX, IDX),
    T(0, port_first, 2, IDX),
    T(0, port_first, UINT32_MAX, IDX),
    T(0, port_count, 4, IDX),
    T(0, port_count, UINT32_MAX, IDX),
    T(1, port_first, UINT32_MAX - 1, IDX),
    T(1, port_count, UINT32_MAX - 1, IDX), /* the sum wraps */
    T(0, port_count, 3, VAL), /* shares the other one's row */
    T(0, banner, 1u << 20, IDX),
    T(0, transcript, IMG_TRANSCRIPT_MAX + 1, VAL),
    T(0, reserved, 1, VAL),
    T(0, drop_ppm, 1000001, VAL),
    T(0, mac_mode, MAC_VENDOR + 1, VAL),
    F1(IMG_TEMPLATES, 1, img_template, mac[0], 1, VAL), /* multicast */
    T(0, act_tcp, ACT_SERVICE, VAL),
    T(0, act_tcp, ACT_TARPIT_SERVICE, VAL),
    T(0, act_udp, ACT_SERVICE, VAL),
    T(0, act_icmp, 200, VAL),
    T(0, denied, 3, VAL),
    T(0, denied_text, 1u << 20, IDX),
    F1(IMG_TEMPLATES, 0, img_template, skew_set, 2, VAL),
    F1(IMG_TEMPLATES, 0, img_template, skew_ppb, 1, VAL),
    /* ports */
    P(0, proto, 1, VAL),
    P(0, action, ACT_TARPIT_SERVICE + 1, VAL),
    P(0, service, 2, IDX),
    P(0, service, IMG_NONE, IDX),
    P(0, service, 1, VAL), /* a UDP service on a TCP port */
    P(0, action, ACT_OPEN, IDX), /* open, yet with a service */
    P(2, service, 0, IDX),
    P(1, proto, 6, VAL), /* order: 80 before 53 */
    /* services */
    S(0, name, UINT32_MAX, IDX),
    S(0, interp, sizeof(sample_pool), IDX),
    S(0, interp, S_PERL, VAL), /* not absolute */
    S(0, interp, 0, VAL),
    S(0, arg_first, 2, IDX),
    S(0, arg_first, UINT32_MAX, IDX),
    S(0, arg_count, 0, VAL),
    S(0, arg_count, UINT32_MAX, IDX),
    S(1, arg_count, UINT32_MAX - 1, IDX), /* the sum wraps */
    S(0, wall_s, 0, VAL),
    S(0, idle_s, 0, VAL),
    S(0, cpu_s, 0, VAL),
    S(0, max_sessions, 0, VAL),
    S(0, max_sessions_source, 0, VAL),
    S(0, nofile, 3, VAL),
    S(0, nofile, 33, VAL),
    S(0, max_bytes_out, 0, VAL),
    S(0, memory, 0, VAL),
    S(0, profile, PROFILE_SHELL + 1, VAL),
    H(flags, 0, VAL), /* shell profile without IMG_F_SHELL */
    S(0, proto, 58, VAL),
    F1(IMG_SERVICES, 0, img_service, reserved[0], 1, VAL),
    F1(IMG_SERVICES, 0, img_service, pool, 65, VAL),
    /* personas */
    F(IMG_PERSONAS, 0, img_persona, name, 1000, IDX),
    O(family, FAM_MAX),
    O(ttl, 0),
    O(df_tcp, 2),
    O(df_rst, 2),
    O(df_udp, 2),
    O(ecn, 2),
    O(rto_init_ms, 0),
    O(frag_policy, 6),
    O(echo_ok, 2),
    O(timestamp_ok, 2),
    O(mask_ok, 2),
    O(info_ok, 2),
    O(psh_each, 2),
    O(give_up, 4),
    O(backoff_max, 17),
    O(persist_byte, 2),
    O(tw_refuse, 4),
    O(tw_else, 3),
    O(lax, 4),
    O(fin_alone, 2),
    O(rst_unread, 2),
    O(nagle, 3),
    O(reserved1[0], 1),
    O(reserved1[1], 1),
    O(reserved1[2], 1),
    O(loss_probe, 2),
    O(mss, 47),
    O(mss_min, 2),
    O(ts_const, 2),
    O(ts_log2, 35),
    O(reserved0[1], 1),
    O(answer[ANS_SYN1].respond, 3),
    O(answer[ANS_ECN].respond, RESPOND_REPEAT),
    O(answer[ANS_T2].optlen, 44), /* although it is not answered */
    O(answer[ANS_T5].seq, 4),
    O(answer[ANS_T5].ack, 4),
    O(answer[ANS_T5].df, 2),
    O(answer[ANS_T5].ttl, 0),
    O(answer[ANS_T5].quirks, 16),
    O(answer[ANS_T5].agree, 16),
    O(answer[ANS_T5].wscale, 15),
    O(answer[ANS_T5].ts_form, 4),
    O(answer[ANS_T5].ipid, 4),
    O(answer[ANS_T5].reserved, 1),
    O(answer[ANS_T5].datalen, 3),
    O(answer[ANS_SYN1].datalen, 4), /* no RST */
    O(answer[ANS_SYN6].optlen, 44),
    O(answer[ANS_SYN6].optlen, 19),
    O(answer[ANS_SYN6].mss_off, 19), /* of 20, cut */
    O(answer[ANS_SYN6].ts_off, 13),
    O(answer[ANS_SYN6].ts2_off, 254),
    O(answer[ANS_T5].ts2_off, 0), /* without a first one */
    O(answer[ANS_GEN].respond, RESPOND_NO),
    O(answer[ANS_GEN + 15].flags, 0x14),
    O(answer[ANS_GEN + 15].ack, NUM_OTHER),
    O(answer[ANS_GEN + 2].agree, OFFER_TS),
    O(answer[ANS_GEN + 15].mss_off, 255),
    O(ipid[0].how, IPID_MAX),
    O(ipid[1].counter, 3),
    O(ipid[2].lo, 1), /* above hi */
    O(isn_gen.how, ISN_MAX),
    O(isn_gen.how, ISN_PATTERN), /* without gcd and steps */
    O(isn_gen.hashed, 2),
    O(isn_gen.reserved[1], 1),
    O(u1.respond, 2),
    O(u1.df, 2),
    O(u1.ttl, 0),
    O(u1.ripl, QUOTE_BAD + 1),
    O(u1.rid, QUOTE_BAD + 1),
    O(u1.ripck, QUOTE_BAD + 1),
    O(u1.ruck, QUOTE_BAD + 1),
    O(u1.rud, 2),
    O(u1.pad, 2),
    O(u1.len_swap, 2),
    O(u1.reserved[1], 1),
    O(ie.respond, 2),
    O(ie.dfi, DFI_O + 1),
    O(ie.cd, CD_O + 1),
    O(ie.ttl, 0),
    O(ie.reserved[2], 1),
    /* bindings and prefixes */
    B(0, tmpl, 2, IDX),
    B(0, tmpl, IMG_NONE, IDX),
    B(0, ver, 0, VAL),
    B(0, bits, 33, VAL),
    B(2, bits, 31, VAL), /* a bit below the prefix */
    B(0, reserved, 1, VAL),
    F1(IMG_BINDINGS, 0, img_binding, addr[4], 1, VAL),
    B(1, bits, 8, VAL), /* the same twice */
    F1(IMG_BINDINGS, 1, img_binding, addr[0], 11, VAL), /* order */
    B(0, ver, 6, VAL), /* order of versions */
    F1(IMG_NETS, 0, prefix, addr[1], 1, VAL),
    F(IMG_NETS, 0, prefix, ver, 0, VAL),
    F1(IMG_NETS, 0, prefix, reserved[0], 1, VAL),
    F(IMG_EXCLUDES, 0, prefix, bits, 33, VAL),
    F(IMG_EXCLUDES, 1, prefix, bits, 129, VAL),
    /* trie */
    {IMG_TRIE_ROOT, 0, 4, 3, IDX},
    {IMG_TRIE_ROOT, 65535 * 4, 4, 0x7fffffff, IDX},
    {IMG_TRIE_ROOT, 0, 4, IMG_TRIE_BLOCK | 3, IDX},
    {IMG_TRIE_ROOT, 0, 4, UINT32_MAX, IDX},
    {IMG_TRIE_BLOCKS, 3 * 1024 - 4, 4, 3, IDX},
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 3, IDX},
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 1, IDX}, /* three deep */
    {IMG_TRIE_BLOCKS, 0, 4, IMG_TRIE_BLOCK | 0, IDX}, /* itself */
    /* policies of the operator's */
    R(IMG_POLICIES, size, 392),
    R(IMG_INSNS, count, UINT32_MAX),
    Q(0, of, NARROW_SVC_NOFORK, VAL), /* twice */
    Q(0, of, NARROW_SVC_SHELL, VAL), /* order */
    Q(1, of, NARROW_MAX, VAL),
    Q(1, of, NARROW_SVC, VAL), /* a daemon's limits */
    Q(0, insn_first, 1, IDX),
    Q(1, insn_first, 0, IDX),
    Q(0, insn_count, 0, VAL),
    Q(0, insn_count, 2, VAL),
    Q(1, insn_count, 7, VAL), /* jumps behind its end */
    Q(1, insn_count, 9, IDX),
    Q(1, insn_count, UINT32_MAX, IDX),
    F1(IMG_POLICIES, 0, img_policy, nrlimits, 1, VAL),
    F1(IMG_POLICIES, 1, img_policy, nrlimits, 1, VAL), /* one is left */
    F1(IMG_POLICIES, 1, img_policy, nrlimits, 17, VAL),
    F1(IMG_POLICIES, 1, img_policy, reserved[3], 1, VAL),
    Q(1, rlimits[0].resource, 16, VAL),
    Q(1, rlimits[0].resource, 15, VAL), /* twice */
    Q(1, rlimits[0].reserved, 1, VAL),
    Q(1, rlimits[0].hard, 7, VAL),
    /* their programs */
    I(0, code, 0x16), /* returns A */
    I(0, k, 0x7ff00001), /* would ask a tracer */
    I(0, k, 0x7fc00000), /* would ask another process */
    I(0, k, 0x00050000),
    I(0, k, 0x00051000),
    I(0, jt, 1),
    I(1, k, 1),
    I(1, k, 8),
    I(1, k, 64),
    I(1, k, UINT32_MAX),
    I(1, jf, 1),
    I(1, code, 0x60), /* M[k] */
    I(1, code, 0x02),
    I(1, code, 0x80), /* length */
    I(1, code, 0x28), /* half a word */
    I(2, jt, 6),
    I(2, jf, 6),
    I(2, jf, 255),
    I(2, code, 0x25), /* JGT */
    I(2, code, 0x1d), /* compares with X */
    I(6, code, 0x34), /* divides */
    I(8, code, 0x20),
    I(8, code, 0x05),
};
#define NFAULTS (sizeof(faults) / sizeof(faults[0]))

#undef F
#undef F1
#undef H
#undef N
#undef R
#undef T
#undef P
#undef S
#undef O
#undef B
#undef VAL
#undef IDX

#endif
