/* SPDX-License-Identifier: ISC */
/*
 * The image: the configuration compiled once by hpd-conf, mapped read-only by
 * everybody. Fixed-size records in tables, offsets instead of pointers, one
 * string pool. image_check() proves every offset and index before use, so that
 * accessors need no checks of their own. Host byte order unless said; IPv4 in
 * the first four bytes of 16-byte addresses, network order.
 */
#ifndef HPD_IMAGE_H
#define HPD_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "addr.h"
#include "persona.h"
#include "sandbox.h"
#include "srcos.h"

#define IMAGE_MAGIC   0x31474d49445048ULL /* "HPDIMG1" */
#define IMAGE_VERSION 2
#define IMAGE_MAX     (512u << 20) /* bytes */
#define IMG_NONE      UINT32_MAX   /* "no index" */

enum img_table {
	IMG_STRINGS = 0, /* bytes; offset 0 is the empty string */
	IMG_ARGS,	 /* u32 string offsets: argv vectors of services */
	IMG_TEMPLATES,	 /* struct img_template */
	IMG_PORTS,	 /* struct img_port, per template sorted (proto, port) */
	IMG_SERVICES,	 /* struct img_service */
	IMG_PERSONAS,	 /* struct img_persona */
	IMG_BINDINGS,	 /* struct img_binding, sorted by address */
	IMG_NETS,	 /* struct prefix: cover of all we answer for, for the
			    kernel filter; at most IMG_NETS_MAX rows */
	IMG_EXCLUDES,	 /* struct prefix: never claimed, never answered */
	IMG_TRIE_ROOT,	 /* u32 x 65536: high 16 bits of an IPv4 address */
	IMG_TRIE_BLOCKS, /* struct img_trie_block */
	IMG_ROUTES,	 /* kept for virtual routers; empty */
	IMG_CONDITIONS,	 /* kept for dynamic templates; empty */
	IMG_SRCOS,	 /* struct img_srcos, sorted by layout; within one in
			    order of preference */
	IMG_POLICIES,	 /* struct img_policy, sorted by `of' */
	IMG_INSNS,	 /* struct sandbox_insn: programs of the policies, in
			    their order and nothing between */
	IMG_FRAMES,	 /* struct img_bpf: which frames the pcap stream keeps;
			    none: no such stream */
	IMG_TABLES	 /* number of tables */
};

struct img_ref {
	uint64_t off;	/* bytes from the start of the image, multiple of 8 */
	uint32_t count; /* records */
	uint32_t size;	/* bytes a record, as compiled */
};

#define IMG_F_SHELL	0x01 /* some service has the shell profile */
#define IMG_F_HONEYD	0x02 /* honeyd packet log wanted */
#define IMG_F_SERVICE	0x04 /* honeyd service log wanted */
#define IMG_F_MAC_HOST	0x08 /* answer with the interface's MAC */
#define IMG_F_ARP_FULL	0x10 /* RFC 5227 probe and announce in full */
#define IMG_F_CRASH_STOP 0x20 /* on-crash stop */
#define IMG_F_COMPAT	0x40 /* packet-io compat: plain sends only */

#define IMG_STREAMS 8 /* room for enum log_stream */
#define IMG_RESERVE_AUTO UINT64_MAX
enum img_full {
	FULL_STOP = 0,	/* nothing more is written; producers count */
	FULL_OLDEST = 1 /* the oldest events segments go after all */
};

struct img_syslog {
	uint8_t transport; /* enum ship_transport; 0: none */
	uint8_t facility;  /* 0..23 */
	uint8_t probes;	   /* 1: probes too */
	uint8_t ver;	   /* of addr: 4, 6; 0 for SHIP_UNIX */
	uint16_t port;
	uint16_t reserved;
	uint32_t path; /* string: socket in the file system */
	uint32_t reserved2;
	uint8_t addr[16];
};
_Static_assert(sizeof(struct img_syslog) == 32, "img_syslog");

struct img_bpf { /* as struct bpf_insn */
	uint16_t code;
	uint8_t jt, jf;
	uint32_t k;
};
#define IMG_FRAMES_MAX 512 /* instructions */
#define IMG_SNAP_MIN   64
#define IMG_SNAP_MAX   4088u /* EV_FRAME_MAX */
#define IMG_TRANSCRIPT_MAX (1u << 30)

struct img_header {
	uint64_t magic;
	uint32_t version;
	uint32_t generation;
	uint64_t size;	   /* whole image, bytes */
	uint64_t checksum; /* siphash13, zero key, of all but this field (read
			      as zero) */
	uint32_t flags;	   /* IMG_F_* */
	uint32_t default_tmpl; /* of nets without binding, or IMG_NONE */
	/* limits of the suite; 0 never: hpd-conf fills defaults */
	uint32_t max_sessions, max_sessions_source;
	uint32_t max_connections; /* TCP, all states */
	uint32_t max_connections_source;
	uint64_t log_segment_bytes;
	uint32_t log_segment_seconds;
	uint32_t arp_pace_ms; /* between background probes */
	/* of all scripts and their runners together; 0: no such limit */
	uint64_t scripts_memory; /* bytes */
	uint32_t scripts_processes; /* never 0 */
	uint32_t scripts_cpu; /* percent of one processor */
	/* space of the log; index: enum log_stream */
	uint64_t log_budget;  /* bytes of all segments; 0 no limit */
	uint64_t log_reserve; /* bytes the file system keeps free; IMG_RESERVE_
				 AUTO: a twentieth of it, 1 GiB at most */
	uint64_t log_stream_budget[IMG_STREAMS]; /* 0 no own limit */
	uint32_t log_keep_s[IMG_STREAMS]; /* retention by age; 0 for ever */
	uint32_t frames_snap; /* bytes of a frame kept, IMG_SNAP_MIN.._MAX;
				 0 without IMG_FRAMES */
	uint32_t log_full;    /* budget gone to sessions alone: enum img_full */
	struct img_syslog syslog;
	struct img_ref table[IMG_TABLES];
};

enum img_action { /* of a port */
	ACT_FILTERED = 0,
	ACT_CLOSED = 1,
	ACT_OPEN = 2,
	ACT_SERVICE = 3,
	ACT_TARPIT_OPEN = 4,	/* open, throttled to a crawl */
	ACT_TARPIT_SERVICE = 5
};

enum img_mac { MAC_DERIVED = 0, MAC_EXACT = 1, MAC_VENDOR = 2 };

struct img_template {
	uint32_t name;	  /* string */
	uint32_t persona; /* index */
	uint32_t port_first, port_count;
	uint32_t uptime;  /* seconds at start; IMG_NONE: derived from the key */
	uint32_t banner;  /* string, 0 none */
	uint32_t drop_ppm; /* inbound frames dropped at random, per million */
	uint8_t mac_mode;  /* enum img_mac */
	uint8_t mac[6];	   /* exact, or the vendor's OUI in the first three */
	uint8_t act_tcp, act_udp, act_icmp; /* default actions */
	uint8_t denied;	   /* session over a cap: 0 reset, 1 silence, 2 a line */
	uint8_t skew_set;  /* 1: skew_ppb counts, else derived from the key */
	int32_t skew_ppb;  /* of its clocks, parts per billion, +-10^6 */
	uint32_t denied_text; /* string: the line, CRLF is added */
	uint32_t transcript; /* bytes of each direction of a session that are
				kept; 0 none */
	uint32_t reserved;
};
_Static_assert(sizeof(struct img_template) == 56, "img_template");

struct img_port {
	uint16_t port;
	uint8_t proto;	/* IPPROTO_TCP, IPPROTO_UDP */
	uint8_t action; /* enum img_action */
	uint32_t service; /* index, or IMG_NONE */
};

enum img_profile { PROFILE_NOFORK = 0, PROFILE_SHELL = 1 };

struct img_service {
	uint32_t name;	 /* string: the command as configured */
	uint32_t arg_first, arg_count; /* in IMG_ARGS; argv[0] first */
	uint32_t interp; /* string: absolute path inside the jail */
	uint32_t wall_s, idle_s, cpu_s; /* deadlines; never 0 */
	uint32_t max_sessions, max_sessions_source;
	uint32_t nofile; /* RLIMIT_NOFILE, 4..32 */
	uint64_t max_bytes_out;
	uint64_t memory; /* RLIMIT_AS */
	uint8_t profile; /* enum img_profile */
	uint8_t proto;	 /* IPPROTO_TCP or UDP; a row serves one */
	uint8_t pool;	 /* scripts started ahead that wait, 0..64 */
	uint8_t reserved[5];
};
_Static_assert(sizeof(struct img_service) == 64, "img_service");

struct img_binding {
	uint8_t addr[16];
	uint32_t tmpl;
	uint8_t ver;
	uint8_t bits; /* 32: bound by `bind`; a net of the default otherwise */
	uint16_t reserved;
};

/* Leaf or root cell: 0 nothing; high bit set: index of a block below; else
 * template index + 1. */
#define IMG_TRIE_BLOCK 0x80000000u
struct img_trie_block {
	uint32_t cell[256];
};

/* A policy of the operator's: loaded in addition to the shipped one of that
 * name, so it only narrows. */
enum img_policy_of {
	NARROW_NET = 0,
	NARROW_LOG,
	NARROW_SVC,
	NARROW_SVC_S,
	NARROW_SVC_NOFORK,
	NARROW_SVC_SHELL,
	NARROW_SHIP,
	NARROW_MAX
};
#define IMG_POLICY_RLIMITS 16 /* resources 0..15, each once */
#define IMG_POLICY_INSNS   4096

struct img_rlimit {
	uint32_t resource, reserved;
	uint64_t soft, hard;
};

struct img_policy {
	uint32_t insn_first, insn_count; /* 1..IMG_POLICY_INSNS */
	uint8_t of;	  /* enum img_policy_of */
	uint8_t nrlimits; /* of the scripts' policies; else 0 */
	uint8_t reserved[6];
	struct img_rlimit rlimits[IMG_POLICY_RLIMITS];
};
_Static_assert(sizeof(struct img_policy) == 400, "img_policy");

enum image_err {
	IMAGE_OK = 0,
	IMAGE_E_SIZE = 1,
	IMAGE_E_MAGIC = 2,
	IMAGE_E_CHECKSUM = 3,
	IMAGE_E_TABLE = 4, /* bounds, alignment or record size */
	IMAGE_E_INDEX = 5, /* an index or string offset inside a record */
	IMAGE_E_VALUE = 6, /* an enum or limit out of range */
	IMAGE_E_SEAL = 7,
	IMAGE_E_MAP = 8
};

struct image {
	const struct img_header *hdr;
	const char *strings;
	const uint32_t *args;
	const struct img_template *templates;
	const struct img_port *ports;
	const struct img_service *services;
	const struct img_persona *personas;
	const struct img_binding *bindings;
	const struct prefix *nets;
	const struct prefix *excludes;
	const uint32_t *trie_root;
	const struct img_trie_block *trie_blocks;
	const struct img_srcos *srcos;
	const struct img_policy *policies;
	const struct sandbox_insn *insns;
	const struct img_bpf *frames;
	uint32_t ntemplates, nports, nservices, npersonas, nbindings, nnets,
	    nexcludes, nsrcos, npolicies, nframes;
	size_t size;
};

#define IMG_NETS_MAX 120

#define SCRIPTS_PROCESSES	2048 /* where nothing is said */
#define SCRIPTS_PROCESSES_MIN	8
#define SCRIPTS_PROCESSES_MAX	(4u << 20)
#define SCRIPTS_MEMORY_MIN	(16u << 20)
#define SCRIPTS_MEMORY_MAX	(1ULL << 50)
#define SCRIPTS_CPU_MAX		(100u * 8192)

/* Bytes a record of this table, 0 for tables that must be empty. */
uint32_t image_record_size(unsigned int table);

/* The checksum of an image of size bytes (at least a header), whatever its
 * checksum field holds. */
uint64_t image_checksum(const void *mem, size_t size);

/*
 * What image_check() demands beyond the comments above: every table lies 8-
 * aligned behind the header, inside size, none overlaps another (an empty one
 * may have any aligned offset inside the image, also 0); strings begin and end
 * with a NUL; TRIE_ROOT has exactly 65,536 cells, and blocks nest at most two
 * deep; prefixes have no bits below their length; bindings ascend strictly by
 * (ver, addr, bits), ports by (proto, port); default actions are not SERVICE
 * ones; a port's service has its protocol; IMG_F_SHELL is set when a service
 * has the shell profile; limits are not 0; source-OS rows as srcos.c says;
 * programs of policies pass filter_check(); what is said of the log as
 * image_log.c says.
 */

/* Check size bytes at mem (8-aligned) and fill *img. Returns enum image_err;
 * *img is untouched on failure. */
int image_check(const void *mem, size_t size, struct image *img);

/* Map fd (seals and size checked, O_RDONLY) and check it. enum image_err. The
 * mapping is the caller's: image_unmap(). fd stays open. */
int image_map(int fd, size_t size, struct image *img);
void image_unmap(struct image *);
const char *image_strerror(int err);

static inline const char *
image_str(const struct image *img, uint32_t off)
{
	return img->strings + off;
}

/* Template index for a host-order IPv4 address, or IMG_NONE. */
static inline uint32_t
image_lookup4(const struct image *img, uint32_t a)
{
	uint32_t c = img->trie_root[a >> 16];

	if (c & IMG_TRIE_BLOCK)
		c = img->trie_blocks[c & ~IMG_TRIE_BLOCK].cell[a >> 8 & 0xff];
	if (c & IMG_TRIE_BLOCK)
		c = img->trie_blocks[c & ~IMG_TRIE_BLOCK].cell[a & 0xff];
	return c - 1; /* 0 becomes IMG_NONE */
}

/* The operator's policy of that kind, or NULL. */
const struct img_policy *image_policy(const struct image *,
    enum img_policy_of);
/* "net" ... "svc-shell": the names of their files. */
const char *image_policy_name(enum img_policy_of);

/* Port row of a template, or NULL: default action applies. */
const struct img_port *image_port(const struct image *,
    const struct img_template *, uint8_t proto, uint16_t port);

#endif
