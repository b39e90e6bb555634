/* SPDX-License-Identifier: ISC */
/*
 * The shell profile, asked of a real hpd-svc -S: pipelines work, and nothing
 * outlives its session. svc_shell_driver HPD-SVC JAILDIR. TAP.
 */
#include "svc_harness.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SH(code) .interp = "/bin/sh", .argv = { "sh", "-c", code }

static const struct tsvc list[] = {
	{ .name = "pipe", SH("read x; echo $x | tr a-z A-Z | sed s/E/3/") },
	{ .name = "env", SH("env | sort") },
	{ .name = "ids", SH("id -u; id -g; id -G; echo $$") },
	{ .name = "status", SH("exit 7") },
	{ .name = "term", SH("kill -TERM $$; sleep 5") },
	{ .name = "daemon", SH("(setsid sleep 100 >/dev/null 2>&1 </dev/null &)"
	    " ; setsid sh -c 'trap \"\" TERM HUP; sleep 100' & echo done") },
	{ .name = "wall", SH("echo up; sleep 100 | cat"), .wall_s = 1 },
	{ .name = "bomb", SH("echo up; f() { f | f & }; f; sleep 100"),
	    .wall_s = 2 },
	{ .name = "killall", SH("kill -9 -1; echo $?; kill -9 1; echo $?") },
	{ .name = "trip", SH("exec perl -e 'syscall(321,0,0,0)'") },
	{ .name = "refused", SH("cat /etc/shadow; echo x > /x; echo x > /bin/x;"
	    " mkdir /d; nc 127.0.0.1 22; ls /proc; chmod 777 /bin/sh;"
	    " mount; unshare -r true") },
	{ .name = "close", SH("echo up; exec <&- >&-; sleep 100") },
	{ .name = "pipefail", SH("yes") },
	{ .name = "udp", .udp = 1, SH("read x; echo \"got $x\"") },
	{ .name = "cpu", SH("while :; do :; done"), .cpu_s = 1 },
	{ .name = "fds", SH("i=0; while [ $i -lt 40 ]; do "
	    "( : <&$i ) 2>/dev/null && echo $i; i=$((i+1)); done") },
};
#define NLIST ((int)(sizeof(list) / sizeof(list[0])))

static struct tsession t;

static void
works(void)
{
	char env[512];
	const char *out, *seed;

	is(h_run("pipe", "hello\n", &t), "H3LLO\n", "a pipeline");
	is_int(t.exit.status, 0, "status 0");
	out = h_run("env", NULL, &t);
	seed = strstr(out, "HPD_SEED=");
	snprintf(env, sizeof(env),
	    "HOME=/\nHONEYD_DST_PORT=25\nHONEYD_IP_DST=192.0.2.5\n"
	    "HONEYD_IP_SRC=198.51.100.1\nHONEYD_PERSONALITY=Linux 2.6.32\n"
	    "HONEYD_SRC_PORT=40000\nHONEYD_TEMPLATE_NAME=mailhost\n"
	    "HPD_BANNER=ready\nHPD_HOSTNAME=mailhost\nHPD_SEED=%.16s\n"
	    "HPD_SESSION=%llu\nLC_ALL=C\nPATH=/bin:/usr/bin\nPWD=/\nSHLVL=1\n",
	    seed != NULL ? seed + 9 : "", (unsigned long long)t.id);
	is(out, env, "environment: the contract's and the shell's own two");
	snprintf(env, sizeof(env), "%u\n%u\n%u\n2\n", SLOT_BASE_SHELL + 2,
	    SLOT_BASE_SHELL + 2, SLOT_BASE_SHELL + 2);
	is(h_run("ids", NULL, &t), env,
	    "slot uid of this runner, second in its pid namespace");
	is(h_run("fds", NULL, &t), "0\n1\n2\n3\n", "descriptors 0 to 3");
	h_run("status", NULL, &t);
	is_int(t.exit.status, 7, "exit code comes through hpd-init");
	h_run("term", NULL, &t);
	is_int(t.exit.status, 128 + SIGTERM, "signal as 128 + it");
	t = h_open("udp", 1);
	is_int(t.transport, 1, "udp: a stream");
	h_write(&t, "line\n");
	is(h_read(&t, 3000), "got line\n", "for shells");
	h_wait(&t, 2000);
	t = h_open("close", 1);
	is(h_read(&t, 60000), "up\n",
	    "closing stdin and stdout is end of file at once: nobody else holds it");
	is_int(h_wait(&t, 1), 0, "while it runs on");
	h_close(&t, 2);
	is_int(h_wait(&t, 5000), 1, "to its end, the peer's");
	t = h_open("pipefail", 1);
	h_pump(50);
	close(t.sock);
	t.sock = -1;
	is_int(h_wait(&t, 2000), 1, "peer gone: ends");
	is_int(t.exit.status, 128 + SIGPIPE, "of SIGPIPE, though below init");
}

static void
contained(void)
{
	const struct tevent *e;

	is(h_run("daemon", NULL, &t), "done\n", "daemons are left behind");
	is_int(t.exit.status, 0, "the script ends well");
	is_int(h_slot_procs(), 0, "and they with it");
	t = h_open("wall", 1);
	is(h_read(&t, 3000), "up\n", "a pipeline that sleeps");
	h_wait(&t, 3000);
	is_int(t.exit.why, SVC_END_WALL, "wall deadline");
	is_int(h_slot_procs(), 0, "ends all of it");
	t = h_open("bomb", 1);
	h_pump(1000);
	ok(h_slot_procs() <= 16, "fork bomb: %d processes", h_slot_procs());
	is_int(h_wait(&t, 4000), 1, "and its end");
	ok(t.exit.wall_us < 3500000, "at its deadline (%llu us)",
	    (unsigned long long)t.exit.wall_us);
	is_int(h_slot_procs(), 0, "nothing left of it");
	is(h_run("killall", NULL, &t), "1\n0\n",
	    "kill -9 -1 refused, kill -9 of init without effect");
	h_run("trip", NULL, &t);
	is_int(t.exit.why, SVC_END_TRIP, "a trip below hpd-init is seen");
	e = h_event(EV_SVC_TRIP, t.id, 0);
	ok(e != NULL, "event svc.trip");
	is(h_run("refused", NULL, &t), "", "reads, writes, nets, processes: no");
	ok(h_count(EV_SVC_LINE, t.id) >= 6, "each complained (%d)",
	    h_count(EV_SVC_LINE, t.id));
	h_run("cpu", NULL, &t);
	is_int(t.exit.why, SVC_END_CPU, "cpu deadline");
}

int
main(int argc, char *argv[])
{
	int i;

	if (argc != 3)
		return 64;
	h_start(argv[1], argv[2], list, NLIST, 1);
	works();
	contained();
	for (i = 0; i < 3; i++)
		t = h_open("wall", 1);
	h_parent(MSG_STOP, NULL, 0);
	is_int(h_gone(3000), 0, "stop: exit 0");
	return done();
}
