/* SPDX-License-Identifier: ISC */
/*
 * What a script of the nofork profile can and can't do, asked of a real
 * hpd-svc: svc_driver HPD-SVC JAILDIR. Each forbidden thing is tried by a
 * script that tells how it went. TAP.
 */
#include "svc_harness.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/socket.h>

#include "hpd-svc/session.h"

#define PERL(code) .interp = "/bin/perl", .argv = { "perl", "-e", code }
#define SH(code) .interp = "/bin/sh", .argv = { "sh", "-c", code }

static const struct tsvc list[] = {
	{ .name = "env", PERL("print map {\"$_=$ENV{$_}\\n\"} sort keys %ENV") },
	{ .name = "fds", PERL("print join ' ', grep { syscall(72,$_,1,0) != -1 }"
	    " 0..2100") },
	{ .name = "ids", PERL("$(=~/ (.*)/; print \"$< $> \", $(+0, ' ', $)+0,"
	    " ' ', syscall(115,0,0)") },
	{ .name = "root", PERL("print syscall(105,0)==-1 ? \"no \" : \"yes \","
	    " syscall(117,0,0,0)==-1 ? 'no' : 'yes'") },
	{ .name = "files", PERL("for ('/etc/shadow','/proc/self/environ',"
	    "'/root','/bin/perl') { print open(F,'<',$_) ? 1 : 0 }"
	    "for ('>/x','>>/bin/sh','+</bin/sh','>/dev/x') {"
	    "print open(F,$_) ? 1 : 0 } print mkdir('/d') ? 1 : 0,"
	    "unlink('/bin/sh') ? 1 : 0, chmod(0777,'/bin/sh') ? 1 : 0,"
	    "link('/bin/sh','/l') ? 1 : 0, symlink('a','/s') ? 1 : 0;"
	    "print open(F,'>','/dev/null') ? 'null' : 'x'") },
	{ .name = "cwd", PERL("opendir D,'.'; print join ' ', sort grep"
	    " {!/^\\./} readdir D; opendir(D,'..'); print '|', join ' ',"
	    " sort grep {!/^\\./} readdir D") },
	{ .name = "socket", PERL("for $d (1,2,10,16,17,40,44) { for $t (1,2,3) {"
	    "$r = syscall(41,$d,$t,0); $n++ if $r != -1 || $! != 1 } }"
	    "print $n+0, ' ', syscall(53,1,1,0,$b='x'x8)") },
	{ .name = "fork", PERL("print defined(fork) ? 'yes' : $!+0; "
	    "print ' ', syscall(58), ' ', $!+0, ' ', syscall(56,17,0,0,0,0),"
	    " ' ', $!+0") },
	{ .name = "exec", PERL("exec {'/bin/sh'} 'sh','-c',"
	    "'echo ran'; print 'no ', $!+0; $e = ''; $p = '/bin/sh';"
	    "print ' ', syscall(322,1000,$e,0,0,0x1000), ' ',$!+0, ' ',"
	    "syscall(322,-100,$p,0,0,0), ' ',$!+0") },
	{ .name = "kill", PERL("print join ' ', map { kill(0,$_) ? 'yes' :"
	    " $!+0 } 1, -1, 0") },
	{ .name = "status", PERL("print join ' ', syscall(157,21,0,0,0,0),"
	    "syscall(157,3,0,0,0,0), syscall(124,0) == $$ ? 'leader' :"
	    "'member'") },
	{ .name = "mdwe", PERL("print syscall(9,0,4096,7,0x22,-1,0), ' ',"
	    "$a=syscall(9,0,4096,3,0x22,-1,0) > 0 ? 'rw' : 'x'; ") },
	{ .name = "limits", PERL("for $r (0,1,4,6,7,8,9,11,12) {"
	    "$b = \"\\0\" x 16; syscall(302,0,$r,0,$b); ($s,$h)="
	    "unpack 'QQ',$b; print \"$r:$s/$h \" }"), .nofile = 20,
	    .cpu_s = 3 },
	{ .name = "raise", PERL("$b = pack 'QQ', 4096, 4096; print"
	    " syscall(302,0,7,$b,0), ' ', $!+0, ' ', syscall(72,0,0,40), ' ',"
	    "$!+0, ' ', syscall(33,0,1000)") },
	{ .name = "memory", PERL("$x = 'a' x (1<<30); print 'got it'"),
	    .memory = 32 << 20 },
	{ .name = "big", PERL("open F,'>','/dev/null'; print 'x' x 3000000;"
	    "print STDERR 'end'") },
	{ .name = "sleep", PERL("$|=1; print 'up'; sleep 100"), .wall_s = 1 },
	{ .name = "cpu", PERL("1 while 1"), .cpu_s = 1 },
	{ .name = "cpu-hard", PERL("$SIG{XCPU}='IGNORE'; 1 while 1"),
	    .cpu_s = 1 },
	{ .name = "bpf", PERL("print 'x'; syscall(321,0,0,0); print 'alive'") },
	{ .name = "ptrace", PERL("syscall(101,0,0,0,0); print 'alive'") },
	{ .name = "unshare", PERL("syscall(272,0x10000000); print 'alive'") },
	{ .name = "echo", SH("while read x; do echo \"got $x\"; done; echo eof") },
	{ .name = "stubborn", PERL("$|=1; $SIG{TERM}=$SIG{HUP}=$SIG{PIPE}="
	    "'IGNORE'; print 'up'; sleep 1 while 1") },
	{ .name = "wait", SH("echo up; while read x; do :; done; exit 3") },
	{ .name = "one", SH("echo up; read x"), .max = 2, .max_source = 1 },
	{ .name = "udp", .udp = 1, PERL("$|=1; for (1..2) { $n = sysread"
	    " STDIN,$b,4096; syswrite STDOUT,\"$n:$b\" }") },
	{ .name = "lines", PERL("open F,'>&=3'; select F; $|=1; select STDOUT;"
	    "syswrite STDERR,\"first\\nsec\"; syswrite F,\"{\\\"a\\\":1}\\n\";"
	    "syswrite STDERR,\"ond\\n\" . 'x' x 5000 . \"\\nno end\"") },
	{ .name = "flood", PERL("print STDERR \"line $_\\n\" for 1..3000") },
	{ .name = "status9", SH("exit 9") },
	{ .name = "sigterm", PERL("kill 'TERM',$$; syscall(234,$$,$$,15);"
	    "$SIG{ALRM}='DEFAULT'; alarm 1; sleep 5") },
	{ .name = "sigpipe", SH("while :; do echo xxxxxxxxxxxxxxxxxx; done") },
	{ .name = "crowd", SH("read x"), .max = 2000, .max_source = 2000 },
	{ .name = "nothere", .interp = "/bin/nothere", .argv = { "x" } },
	{ .name = "text", .interp = "/bin/text", .argv = { "x" } },
	{ .name = "setuid", .interp = "/bin/setuid", .argv = { "x" } },
	{ .name = "dir", .interp = "/bin", .argv = { "x" } },
};
#define NLIST ((int)(sizeof(list) / sizeof(list[0])))

static struct tsession t;

/* As the kernel tells it from outside. */
static void
process(void)
{
	static const struct {
		const char *field, *want;
	} row[] = {
		{ "NoNewPrivs:", "1" }, { "Seccomp:", "2" },
		{ "Seccomp_filters:", "2" }, { "CapEff:", "0000000000000000" },
		{ "CapPrm:", "0000000000000000" },
		{ "CapInh:", "0000000000000000" },
		{ "CapAmb:", "0000000000000000" },
		{ "SigBlk:", "0000000000000000" },
		/* perl itself ignores SIGFPE */
		{ "SigIgn:", "0000000000000080" }, { "Threads:", "1" }
	};
	size_t i;

	t = h_open("sleep", 1);
	h_expect(&t, "up");
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		is(h_status(row[i].field), row[i].want, row[i].field);
	h_close(&t, 1);
	h_wait(&t, 2000);
}

static void
identity(void)
{
	char want[64], env[512];
	const char *out = h_run("env", NULL, &t), *seed;

	seed = strstr(out, "HPD_SEED=");
	snprintf(env, sizeof(env),
	    "HOME=/\nHONEYD_DST_PORT=25\nHONEYD_IP_DST=192.0.2.5\n"
	    "HONEYD_IP_SRC=198.51.100.1\nHONEYD_PERSONALITY=Linux 2.6.32\n"
	    "HONEYD_SRC_PORT=40000\nHONEYD_TEMPLATE_NAME=mailhost\n"
	    "HPD_BANNER=ready\nHPD_HOSTNAME=mailhost\nHPD_SEED=%.16s\n"
	    "HPD_SESSION=%llu\nLC_ALL=C\nPATH=/bin:/usr/bin\n",
	    seed != NULL ? seed + 9 : "", (unsigned long long)t.id);
	is(out, env, "environment: exactly the contract's");
	is(h_run("fds", NULL, &t), "0 1 2 3", "descriptors: 0 to 3, no other");
	snprintf(want, sizeof(want), "%u %u %u %u 0", SLOT_BASE + 2,
	    SLOT_BASE + 2, SLOT_BASE + 2, SLOT_BASE + 2);
	is(h_run("ids", NULL, &t), want, "a slot's uid and gid, no groups");
	t = h_open("wait", 1);
	h_read(&t, 300);
	{
		struct tsession u = h_open("ids", 1);

		snprintf(want, sizeof(want), "%s", h_read(&u, 3000));
		h_wait(&u, 1000);
		ok(strncmp(want, "18790", 5) == 0 &&
		    strcmp(h_run("ids", NULL, &u), want) != 0,
		    "every session has another uid");
	}
	h_close(&t, 1);
	h_wait(&t, 3000);
	is(h_run("root", NULL, &t), "no no", "no way back to root");
	is(h_run("status", NULL, &t), "2 0 leader",
	    "filter, undumpable, session of its own");
	process();
	is(h_run("mdwe", NULL, &t), "-1 rw", "no writable and executable page");
	is(h_run("limits", NULL, &t), "0:3/4 1:0/0 4:0/0 6:1/1 7:20/20 8:0/0 "
	    "9:67108864/67108864 11:64/64 12:0/0 ", "resource limits");
	is(h_run("raise", NULL, &t), "-1 1 -1 22 -1",
	    "limits stay, descriptor numbers below them");
}

static void
refused(void)
{
	is(h_run("files", NULL, &t), "0000000000000null",
	    "no reading of what is not there, no writing but /dev/null");
	is(h_run("cwd", NULL, &t), "bin dev lib lib64|bin dev lib lib64",
	    "starts in the jail's root, which is the end of the world");
	is(h_run("socket", NULL, &t), "0 -1", "no socket of any kind: EPERM");
	is(h_run("fork", NULL, &t), "1 -1 1 -1 1", "no process");
	is(h_run("exec", NULL, &t), "no 1 -1 9 -1 1", "no second program");
	is(h_run("kill", NULL, &t), "1 1 1", "no signals");
	is(h_run("memory", NULL, &t), "", "memory limit");
	ok(t.exit.status != 0, "memory limit ends the script");
}

static void
trips(void)
{
	static const char *const name[] = { "bpf", "ptrace", "unshare" };
	const struct tevent *e;
	size_t i;

	for (i = 0; i < 3; i++) {
		is(h_run(name[i], NULL, &t), "", name[i]);
		is_int(t.exit.status, -SIGSYS, "dies of SIGSYS");
		is_int(t.exit.why, SVC_END_TRIP, "end: trip");
		e = h_event(EV_SVC_TRIP, t.id, 0);
		is(e != NULL ? e->data : "no event", name[i],
		    "event svc.trip names the service");
	}
}

static void
deadlines(void)
{
	h_pump(2500); /* nothing happens; no deadline counts from before */
	h_run("sleep", NULL, &t);
	is_int(t.exit.why, SVC_END_WALL, "wall deadline");
	is_int(t.exit.status, -SIGKILL, "killed");
	ok(t.exit.wall_us > 900000 && t.exit.wall_us < 8000000,
	    "after its second (%llu us)", (unsigned long long)t.exit.wall_us);
	h_run("cpu", NULL, &t);
	is_int(t.exit.why, SVC_END_CPU, "cpu deadline");
	ok(t.exit.cpu_us > 500000 && t.exit.cpu_us < 2000000,
	    "cpu time is told (%llu us)", (unsigned long long)t.exit.cpu_us);
	h_run("cpu-hard", NULL, &t);
	is_int(t.exit.why, SVC_END_CPU, "cpu deadline, SIGXCPU ignored");
	is_int(t.exit.status, -SIGKILL, "killed by the hard limit");
}

static void
connection(void)
{
	int64_t closed;

	t = h_open("echo", 1);
	is_int(t.transport, 1, "tcp: stream");
	h_write(&t, "one\ntwo\n");
	h_pump(50);
	h_write(&t, "three\n");
	h_pump(50);
	shutdown(t.sock, SHUT_WR);
	is(h_read(&t, 3000), "got one\ngot two\ngot three\neof\n",
	    "bytes both ways, half close is end of file");
	is_int(h_wait(&t, 2000), 1, "SVC_EXIT");
	is_int(t.exit.status, 0, "status 0");
	ok(t.exit.rss_kb > 0 && t.exit.wall_us > 90000, "usage is told");
	t = h_open("udp", 1);
	is_int(t.transport, 2, "udp: seqpacket");
	h_write(&t, "abc");
	h_write(&t, "defgh");
	is(h_read(&t, 3000), "3:abc5:defgh", "udp: one read one datagram");
	h_wait(&t, 2000);
	h_run("status9", NULL, &t);
	is_int(t.exit.status, 9, "exit code");
	is_int(t.exit.why, SVC_END_EXIT, "end: exit");
	h_run("sigterm", NULL, &t);
	is_int(t.exit.status, -SIGALRM, "a signal the script gives itself");
	t = h_open("sigpipe", 1);
	h_pump(50);
	close(t.sock);
	t.sock = -1;
	is_int(h_wait(&t, 2000), 1, "peer gone: writing ends the script");
	is_int(t.exit.status, -SIGPIPE, "of SIGPIPE");
	t = h_open("wait", 1);
	h_expect(&t, "up");
	h_close(&t, 1);
	h_wait(&t, 1500);
	is_int(t.exit.status, 3, "SVC_CLOSE: end of file, script finishes");
	is_int(t.exit.why, SVC_END_EXIT, "on its own");
	t = h_open("stubborn", 1);
	ok(h_expect(&t, "up"), "a script that ignores all signals");
	h_close(&t, 2);
	closed = h_ms();
	is_int(h_wait(&t, 3000), 1, "ends");
	ok(h_ms() - closed >= 1900, "after a grace of two seconds");
	is_int(t.exit.why, SVC_END_PEER, "end: peer");
	t = h_open("wait", 1);
	h_close(&t, 5);
	h_wait(&t, 1500);
	is_int(t.exit.why, SVC_END_IDLE, "end: idle, as hpd-net judged");
	t = h_open("wait", 1);
	h_close(&t, 6);
	h_wait(&t, 1500);
	is_int(t.exit.why, SVC_END_BYTES, "end: wrote more than it may");
	t = h_open("stubborn", 1);
	h_expect(&t, "up");
	h_close(&t, 6);
	h_wait(&t, 3000);
	is_int(t.exit.why, SVC_END_BYTES, "the same where it had to be killed");
}

static void
output(void)
{
	const struct tevent *e;
	uint64_t sum = 0;
	int i, n;

	h_run("lines", NULL, &t);
	h_pump(300); /* part batches of events come later than the exit */
	is_int(h_count(EV_SVC_LINE, t.id), 4, "four lines of stderr");
	e = h_event(EV_SVC_LINE, t.id, 0);
	is(e != NULL ? e->data : "", "first", "first line");
	ok(e != NULL && e->ev.sport == 40000 && e->ev.dport == 25 &&
	    e->ev.ver == 4 && e->ev.src[3] == 1 && e->ev.dst[3] == 5 &&
	    e->ev.proto == 6, "with the connection's addresses");
	e = h_event(EV_SVC_LINE, t.id, 1);
	is(e != NULL ? e->data : "", "second", "written in two pieces");
	e = h_event(EV_SVC_LINE, t.id, 2);
	is_int(e != NULL ? (int)e->len : 0, 4096, "cut at 4096");
	e = h_event(EV_SVC_LINE, t.id, 3);
	is(e != NULL ? e->data : "", "no end", "a last line without newline");
	e = h_event(EV_SVC_FIELD, t.id, 0);
	is(e != NULL ? e->data : "", "{\"a\":1}", "descriptor 3: a field");
	h_run("flood", NULL, &t);
	h_pump(50);
	n = h_count(EV_SVC_LINE, t.id);
	ok(n >= LINES_BURST && n < LINES_BURST + 100, "bucket (%d lines)", n);
	for (i = 0; (e = h_event(EV_SVC_LOST, t.id, i)) != NULL; i++)
		sum += e->ev.count;
	is_int((long long)sum + n, 3000, "copied and lost lines: all of them");
	e = h_event(EV_SVC_START, t.id, 0);
	is(e != NULL ? e->data : "", "flood", "event svc.start");
	e = h_event(EV_SVC_EXIT, t.id, 0);
	ok(e != NULL && e->len == sizeof(struct ev_exit), "event svc.exit");
}

static void
failures(void)
{
	static const char *const name[] = { "nothere", "text", "setuid", "dir" };
	static const char *const diag[] = { "interpreter: No such file",
		"exec: ", "interpreter: Operation", "interpreter: Operation" };
	size_t i;

	for (i = 0; i < 4; i++) {
		t = h_open(name[i], 1);
		is_int(t.denied, DENIED_SPAWN, name[i]);
		h_pump(100);
		ok(h_diag(diag[i]) != NULL, "the step is named (%s)", diag[i]);
		is_int(h_count(EV_SVC_DENIED, t.id), 1, "event svc.denied");
	}
	is_int((long long)h_stat(SVC_STAT_RUNNING), 0, "nothing left running");
}

static void
caps(void)
{
	struct tsession a, b, c, many[8];
	int i;

	a = h_open("one", 1);
	ok(a.sock != -1, "first of a source");
	b = h_open("one", 1);
	is_int(b.denied, DENIED_SOURCE, "second of it is over its cap");
	b = h_open("one", 2);
	ok(b.sock != -1, "another source");
	c = h_open("one", 3);
	is_int(c.denied, DENIED_SERVICE, "third: over the service's cap");
	h_close(&a, 1);
	h_wait(&a, 2000);
	c = h_open("one", 3);
	ok(c.sock != -1, "a place is free again");
	h_close(&b, 1);
	h_close(&c, 1);
	h_wait(&b, 2000);
	h_wait(&c, 2000);
	for (i = 0; i < 8; i++)
		many[i] = h_open("wait", 9);
	a = h_open("wait", 9);
	is_int(a.denied, DENIED_SOURCE, "a source's sessions in all");
	for (i = 0; i < 8; i++)
		h_close(&many[i], 1);
	for (i = 0; i < 8; i++)
		h_wait(&many[i], 2000);
	is_int((long long)h_stat(SVC_STAT_RUNNING), 0, "all ended");
}

static void
peers(void)
{
	struct msg_svc_open o = h_payload("wait", 1);

	o.generation = 9;
	t = h_open_raw(&o);
	is_int(t.denied, DENIED_UNKNOWN, "generation that is not there");
	is_int(h_image(list, NLIST, 2), 0, "a second generation");
	h_run("status9", NULL, &t);
	is_int(t.exit.status, 9, "its services run");
	t = h_open("wait", 1);
	h_read(&t, 300);
	h_peer_down();
	h_pump(300);
	is_int(h_slot_procs(), 0, "peer down: its scripts end");
	h_peer_up();
	is_int(h_wait(&t, 100), 0, "a new peer hears nothing of old sessions");
	h_run("status9", NULL, &t);
	is_int(t.exit.status, 9, "and is served");
	o = h_payload("wait", 1);
	o.service = 500;
	h_open_raw(&o);
	ok(h_peer_eof, "unknown service: channel closed");
	h_pump(100);
	is_int(h_troubles, 1, "and the parent told");
	is_int(h_trouble.proc, PROC_NET, "whose");
	is_int(h_trouble.type, MSG_SVC_OPEN, "on which message");
	h_peer_up();
	h_run("status9", NULL, &t);
	is_int(t.exit.status, 9, "the next peer is served");
}

/* More sessions than there are numbers below FD_INTERP. */
static void
crowd(void)
{
	enum { N = 600 };
	static struct tsession s[N];
	int i, denied = 0, gone = 0;

	h_max_sessions = 1000;
	h_max_source = 1000;
	is_int(h_image(list, NLIST, 3), 0, "a generation with higher caps");
	for (i = 0; i < N; i++) {
		s[i] = h_open("crowd", (uint8_t)i);
		denied += s[i].sock == -1;
	}
	is_int(denied, 0, "600 sessions at once");
	is_int(h_slot_procs(), N, "as many processes");
	is(h_run("fds", NULL, &t), "0 1 2 3", "descriptors as ever");
	is(h_run("exec", NULL, &t), "no 1 -1 9 -1 1", "no second program");
	for (i = 0; i < N; i++)
		h_close(&s[i], 1);
	for (i = 0; i < N; i++)
		gone += h_wait(&s[i], 3000);
	is_int(gone, N, "all ended");
	is_int(h_slot_procs(), 0, "no process left");
	is_int((long long)h_stat(SVC_STAT_RUNNING), 0, "no session left");
}

static void
the_end(void)
{
	struct msg_drain d = { 300, 0 };

	t = h_open("wait", 1);
	h_read(&t, 300);
	h_parent(MSG_DRAIN, &d, sizeof(d));
	h_pump(100);
	is_int(h_open("echo", 2).denied, DENIED_DRAIN, "draining: denied");
	is_int(h_wait(&t, 2000), 1, "what still runs is ended in time");
	is_int(t.exit.why, SVC_END_DRAIN, "end: drain");
	h_parent(MSG_STOP, NULL, 0);
	is_int(h_gone(3000), 0, "stop: exit 0");
}

int
main(int argc, char *argv[])
{
	if (argc != 3)
		return 64;
	h_start(argv[1], argv[2], list, NLIST, 0);
	identity();
	refused();
	trips();
	deadlines();
	connection();
	output();
	failures();
	caps();
	peers();
	crowd();
	the_end();
	return done();
}
