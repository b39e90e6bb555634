/* SPDX-License-Identifier: ISC */
/*
 * The policy language: what is refused, with which line, and what the accepted
 * conditions become.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <seccomp.h>

#include "../../common/proc.h"
#include "../../policies/policy.h"

#define HEAD "policy t v1\ndefault kill\nbadarch kill\n"
#define TAIL "landlock none\nns none\ncaps none\nbounding none\nmdwe off\n"

struct told {
	unsigned n;
	uint32_t line; /* of the first */
	char text[256];
};

static void
tell(void *arg, const char *file, uint32_t line, const char *text)
{
	struct told *t = arg;

	assert_string_equal(file, "t.policy");
	if (t->n++ == 0) {
		t->line = line;
		(void)snprintf(t->text, sizeof(t->text), "%s", text);
	}
}

static int
parse(struct policy *p, const char *text, struct told *t)
{
	memset(t, 0, sizeof(*t));
	return policy_parse(p, "t.policy", text, strlen(text), tell, t);
}

static void
refused(const char *middle, uint32_t line, const char *text)
{
	struct policy p;
	struct told t;
	char buf[2048];

	(void)snprintf(buf, sizeof(buf), HEAD "%s" TAIL, middle);
	if (parse(&p, buf, &t) != -1)
		fail_msg("accepted: %s", middle);
	policy_free(&p);
	if (t.line != line || strstr(t.text, text) == NULL)
		fail_msg("%s: line %u: %s", middle, t.line, t.text);
	assert_int_equal(t.n, 1);
}

static void
test_refused(void **state)
{
	(void)state;
	refused("allow read\nallow read\n", 5, "already has a rule");
	refused("allow read\ntrip read\n", 5, "already has a rule");
	refused("allow read if fd == 1\nallow read\n", 5, "already");
	refused("allow read if fd == 1\ntrip read if fd == 2\n", 5, "already");
	refused("allow nosuchcall\n", 4, "unknown system call");
	refused("allow\n", 4, "must be");
	refused("allow read if\n", 4, "must be");
	refused("allow read if fd\n", 4, "condition must be");
	refused("allow read if fd == 1 and\n", 4, "condition must be");
	refused("allow read if fd == 1 or fd == 2\n", 4, "condition must be");
	refused("allow read if nofd == 1\n", 4, "no argument named");
	refused("allow brk if addr == 1\n", 4, "no argument named");
	refused("allow read if fd = 1\n", 4, "bad test");
	refused("allow read if fd == NOSUCH\n", 4, "bad test");
	refused("allow read if fd in 5..3\n", 4, "bad test");
	refused("allow read if fd == $packet\n", 4, "bad test");
	refused("allow read if fd in $nosuch\n", 4, "bad test");
	refused("allow read if fd == 0x100000000\n", 4, "bad test");
	refused("allow read if fd has 0\n", 4, "bad test");
	refused("allow read if fd == 1 and fd == 2\n", 4, "never be true");
	refused("allow sendto if addr == 1 # why: x\n", 4, "bad test");
	refused("allow ioctl if cmd == TCGETS\n", 4, "needs a '# why:'");
	refused("allow ioctl if cmd == TCGETS # because\n", 4, "needs a");
	refused("allow ioctl if cmd == TCGETS # why:\n", 4, "needs a");
	refused("# why: x\n\nallow ioctl if cmd == TCGETS\n", 6, "needs a");
	refused("# why: x\nallow read\nallow ioctl if cmd == TCGETS\n", 6,
	    "needs a");
	refused("trip read#x\n", 4, "no space before");
	refused("default kill\n", 4, "given twice");
	refused("badarch kill\n", 4, "given twice");
	refused("errno ENOSUCH read\n", 4, "unknown errno");
	refused("errno PROT_READ read\n", 4, "unknown errno");
	refused("rlimit nofile\n", 4, "must be");
	refused("rlimit nosuch 1\n", 4, "must be");
	refused("rlimit nofile 5 4\n", 4, "must be");
	refused("rlimit nofile 5x\n", 4, "must be");
	refused("rlimit nofile 99999999999999999999\n", 4, "must be");
	refused("rlimit nofile 5\nrlimit nofile 6\n", 5, "given twice");
	refused("openbsd pledge stdio\n", 4, "must be");
	refused("openbsd pledge \"stdio\n", 4, "unfinished quotes");
	refused("openbsd pledge \"STDIO\"\n", 4, "lower-case");
	refused("nonsense\n", 4, "unknown statement");
	refused("trip read ;\n", 4, "unknown system call ;");
	refused("trip \x01\n", 4, "plain text");
}

/* Wrong heads and missing statements. */
static void
test_whole(void **state)
{
	struct policy p;
	struct told t;

	(void)state;
	assert_int_equal(parse(&p, "", &t), -1);
	policy_free(&p);
	assert_int_equal(parse(&p, "default kill\n", &t), -1);
	assert_non_null(strstr(t.text, "first statement"));
	policy_free(&p);
	assert_int_equal(parse(&p, HEAD, &t), -1);
	assert_non_null(strstr(t.text, "no landlock"));
	policy_free(&p);
	assert_int_equal(parse(&p, HEAD TAIL "mdwe off\n", &t), -1);
	assert_int_equal(t.line, 9);
	policy_free(&p);
	assert_int_equal(parse(&p, HEAD "landlock none\nns none\n"
	    "caps setuid\nbounding none\nmdwe off\n", &t), -1);
	assert_non_null(strstr(t.text, "caps outside bounding"));
	policy_free(&p);
	assert_int_equal(parse(&p, "policy t v2\n", &t), -1);
	assert_int_equal(t.line, 1);
	policy_free(&p);
	assert_int_equal(parse(&p, "policy -t v1\n", &t), -1);
	policy_free(&p);
	/* no newline at the end is fine */
	assert_int_equal(parse(&p, HEAD TAIL "allow read", &t), 0);
	assert_int_equal(p.nrules, 1);
	policy_free(&p);
}

static uint8_t
verdict(const struct policy *p, const char *call, uint64_t a0, uint64_t a2)
{
	uint64_t args[6] = {a0, 0, a2, 0, 0, 0};
	uint16_t err;

	return policy_eval(p, seccomp_syscall_resolve_name(call), args, &err);
}

static const char conditions[] = HEAD TAIL
    "allow read if fd in 6..15\n"
    "allow write if fd >= 64\n"
    "allow close if fd in $packet,$interp\n"
    "allow mprotect if prot lacks PROT_EXEC # why: t\n"
    "# why: t\n"
    "# more of the reason\n"
    "allow mmap if prot only PROT_READ|PROT_WRITE\n"
    "allow openat if dirfd == AT_FDCWD # why: t\n"
    "allow kill if pid in 1..0x7fffffff # why: t\n"
    "allow lseek if whence <= 1\n"
    "allow setresuid if ruid in $slot # why: t\n";

#define HIGH 0xffffffff00000000ULL

static void
test_conditions(void **state)
{
	struct policy p;
	struct told t;

	(void)state;
	if (parse(&p, conditions, &t) == -1)
		fail_msg("line %u: %s", t.line, t.text);
	assert_int_equal(verdict(&p, "read", 5, 0), PV_KILL);
	assert_int_equal(verdict(&p, "read", 6, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "read", 15, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "read", 16, 0), PV_KILL);
	/* the kernel reads the low half of a descriptor only, and so do we */
	assert_int_equal(verdict(&p, "read", HIGH | 6, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "write", HIGH | 3, 0), PV_KILL);
	assert_int_equal(verdict(&p, "write", 63, 0), PV_KILL);
	assert_int_equal(verdict(&p, "write", 64, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "write", 1000, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "write", UINT32_MAX, 0), PV_KILL);
	assert_int_equal(verdict(&p, "close", FD_INTERP, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "close", FD_INTERP + 1, 0), PV_KILL);
	assert_int_equal(verdict(&p, "mprotect", 0, PROT_READ), PV_ALLOW);
	assert_int_equal(verdict(&p, "mprotect", 0, PROT_EXEC), PV_KILL);
	assert_int_equal(verdict(&p, "mprotect", 0, HIGH | PROT_EXEC),
	    PV_KILL);
	assert_int_equal(verdict(&p, "mmap", 0, PROT_READ | PROT_WRITE),
	    PV_ALLOW);
	assert_int_equal(verdict(&p, "mmap", 0, PROT_READ | PROT_EXEC),
	    PV_KILL);
	assert_int_equal(verdict(&p, "mmap", 0, HIGH | PROT_READ), PV_KILL);
	/* sign extended or not, it is the same int */
	assert_int_equal(verdict(&p, "openat", (uint32_t)-100, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "openat", (uint64_t)-100, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "kill", 0, 0), PV_KILL);
	assert_int_equal(verdict(&p, "kill", 1, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "kill", (uint64_t)-1, 0), PV_KILL);
	assert_int_equal(verdict(&p, "kill", (uint32_t)-1, 0), PV_KILL);
	assert_int_equal(verdict(&p, "kill", HIGH | 7, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "lseek", 0, 1), PV_ALLOW);
	assert_int_equal(verdict(&p, "lseek", 0, 2), PV_KILL);
	assert_int_equal(verdict(&p, "setresuid", 0, 0), PV_KILL);
	assert_int_equal(verdict(&p, "setresuid", SLOT_BASE, 0), PV_ALLOW);
	assert_int_equal(verdict(&p, "setresuid", SLOT_BASE + SLOT_COUNT, 0),
	    PV_KILL);
	assert_int_equal(verdict(&p, "ptrace", 0, 0), PV_KILL);
	policy_free(&p);
}

/* Everything but the calls. */
static void
test_fields(void **state)
{
	struct policy p;
	struct told t;
	uint64_t args[6] = {0};
	uint16_t err = 0;

	(void)state;
	if (parse(&p, "policy a-B v1\ndefault errno EPERM\nbadarch kill\n"
	    "errno ENOSYS clone3\ntrip ptrace\n"
	    "landlock fs / read exec\nlandlock fs /dev/null write\n"
	    "ns net pid\nrlimit as 64M\nrlimit nofile 16 32\n"
	    "caps kill\nbounding kill setuid\nmdwe on\n"
	    "openbsd pledge \"stdio rpath\"\n", &t) == -1)
		fail_msg("line %u: %s", t.line, t.text);
	assert_string_equal(p.name, "a-B");
	assert_int_equal(p.dflt, PV_ERRNO);
	assert_int_equal(p.dflt_err, EPERM);
	assert_int_equal(policy_eval(&p, seccomp_syscall_resolve_name("clone3"),
	    args, &err), PV_ERRNO);
	assert_int_equal(err, ENOSYS);
	assert_int_equal(policy_eval(&p, seccomp_syscall_resolve_name("ptrace"),
	    args, &err), PV_TRIP);
	assert_int_equal(p.landlock, 1);
	assert_int_equal(p.npaths, 2);
	assert_string_equal(p.paths[1].path, "/dev/null");
	assert_int_equal(p.ns, SBX_NS_NET | SBX_NS_PID);
	assert_int_equal(p.nrlimits, 2);
	assert_int_equal(p.rlimits[0].resource, RLIMIT_AS);
	assert_true(p.rlimits[0].soft == 64u << 20);
	assert_true(p.rlimits[1].soft == 16 && p.rlimits[1].hard == 32);
	assert_true(p.caps == 1u << 5); /* CAP_KILL */
	assert_true(p.bounding == (1u << 5 | 1u << 7));
	assert_int_equal(p.mdwe, 1);
	assert_string_equal(p.pledge, "stdio rpath");
	policy_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_refused),
	    cmocka_unit_test(test_whole),
	    cmocka_unit_test(test_conditions),
	    cmocka_unit_test(test_fields),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
