/* SPDX-License-Identifier: ISC */
/* The command line of hpd-parent. */
#ifndef HPD_FLAGS_H
#define HPD_FLAGS_H

#define FLAGS_MAX_IFACES 4
#define FLAGS_MAX_DEFS	 64
#define FLAGS_MAX_NETS	 256
#define FLAGS_MAX_INJECT 8

#define EX_OK	   0
#define EX_FAIL	   1
#define EX_USAGE_  64
#define EX_NOTROOT 77
#define EX_CONF	   78

struct flags {
	int foreground; /* -d */
	int check;	/* -n */
	int print;	/* -n and -v */
	int verbose;	/* -v, counted */
	int plain;	/* -A: no append-only attribute on segments */
	const char *conf, *osdb, *logdir, *libexec, *jail, *netns, *keyfile;
	const char *sealdir;
	const char *sigs;	/* -0 or its default: p0f.fp */
	int sigs_given;
	const char *policies;	/* -o or its default: the operator's */
	int policies_given;
	int wide; /* -P: they replace the shipped ones */
	const char *ifaces[FLAGS_MAX_IFACES];
	int nifaces;
	const char *defs[FLAGS_MAX_DEFS];
	int ndefs;
	char *const *nets; /* what trails the flags */
	int nnets;
	const char *inject[FLAGS_MAX_INJECT]; /* test builds: PROC:STEP=WHAT */
	int ninject;
};

/*
 * Fill *f from argv; paths that name files are made absolute (they live as
 * long as the process). Exits with 0 for -h and -V and with 64 when the line
 * is wrong, after one sentence that says why.
 */
void flags_parse(struct flags *f, int argc, char *const *argv);

#endif
