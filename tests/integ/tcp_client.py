# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-client.t: interface, first three bytes
of the network, work directory. The kernel's own TCP and curl as clients; what
passes is captured and judged afterwards; TAP."""
import os, subprocess, sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET, W = sys.argv[1:4]
LIN, WIN, TICK = NET + ".10", NET + ".11", NET + ".12"
ME = NET + ".1"


def sh(cmd):
    return subprocess.run(cmd, shell=True, stdout=subprocess.PIPE).stdout


def capture(name, work):
    """Segments seen while work() runs."""
    f = "%s/%s.pcap" % (W, name)
    t = subprocess.Popen(["tcpdump", "-i", IF, "-U", "--immediate-mode", "-s",
                          "2000", "-B", "16384", "-w", f, "tcp"], stderr=subprocess.PIPE)
    while b"listening" not in t.stderr.readline():
        pass
    r = work()
    time.sleep(0.5)
    t.terminate()
    t.wait()
    return list(savefile(f)), r


def fetch(h):
    return sh("curl -s --max-time 20 http://%s/ | wc -c" % h).strip()


def judge(h, name, opts, scale, step):
    """A download of 300 kB as the persona would send it."""
    p, size = capture(name, lambda: fetch(h))
    ours = [s for s in p if s.src == h]
    ok(name + ": curl has all of it", size == b"300000", size)
    sa = [s for s in ours if s.flags & SYN]
    o, v = parse_opts(sa[0].opts)
    ok("%s: SYN/ACK options %s" % (name, opts), o == opts, o)
    ok(name + ": MSS 1460, scale %d" % scale, v["M"] == 1460 and
       v["W"] == scale, v)
    ok(name + ": a window that lets one work", sa[0].win >= 8192, sa[0].win)
    data = [s for s in ours if s.data]
    ts = 12 if "T" in o else 0
    full = [s for s in data if len(s.data) == 1460 - ts]
    ok("%s: full segments of %d bytes" % (name, 1460 - ts),
       len(full) > 0.9 * len(data) and
       max(len(s.data) for s in data) == 1460 - ts,
       sorted({len(s.data) for s in data}))
    ok(name + ": no window is 0", all(s.win for s in ours))
    ok(name + ": don't fragment on all of them", all(s.df for s in ours))
    ids = [(b.id - a.id) & 0xffff for a, b in zip(ours[1:], ours[2:])]
    ok("%s: IP IDs go up by one" % name, set(ids) <= step, set(ids))
    psh = [s for s in data if s.flags & PSH]
    ok(name + ": PSH at the end of a write only", psh and
       data[-1].flags & PSH and len(psh) < len(data) / 2,
       (len(psh), len(data)))
    ok(name + ": one TTL", len({s.ttl for s in ours}) == 1)
    if ts:
        echo(name, p, h)
    return ours


def echo(name, p, h):
    """TSecr is a value the peer has sent before."""
    seen, bad = set(), 0
    for s in p:
        v = parse_opts(s.opts)[1].get("T")
        if s.flags & RST or v is None:
            continue
        if s.src == h:
            bad += v[1] not in seen
        else:
            seen.add(v[0])
    ok(name + ": TSecr is the peer's TSval", seen and not bad, (bad, len(seen)))


LO = "MSTNW"
ours = judge(LIN, "Linux", LO, 7, {1})
ok("Linux: IP ID 0 in the SYN/ACK, not later", ours[0].id == 0 and
   any(s.id for s in ours[1:]))
judge(WIN, "Windows 10 of 2015", "MNWST", 8, {1})
judge(NET + ".13", "Windows 10 of 2019", "MNWNNS", 8, {1})

# Peers with little room for a segment.
sh("ip route add %s dev %s advmss 400" % (LIN, IF))
p, size = capture("small", lambda: fetch(LIN))
data = [len(s.data) for s in p if s.src == LIN and s.data]
ok("advmss 400: curl has all of it", size == b"300000", size)
ok("advmss 400: the SYN said so", parse_opts(p[0].opts)[1]["M"] == 400)
ok("advmss 400: segments of 388 bytes", data and max(data) == 388, max(data))
sh("ip route del %s dev %s" % (LIN, IF))
# ... without timestamps, then without anything but an MSS
for f, name, size in (("tcp_timestamps", "no timestamps", 1460),
                      ("tcp_window_scaling", "no scaling", 1460),
                      ("tcp_sack", "no SACK", 1460)):
    sh("sysctl -qw net.ipv4.%s=0" % f)
    p, n = capture(f, lambda: fetch(LIN))
    r = [s for s in p if s.src == LIN]
    o = parse_opts(r[0].opts)[0]
    ok(name + ": not in the SYN/ACK either",
       set(o) - {"N"} == set(parse_opts(p[0].opts)[0]) - {"N"}, o)
    ok(name + ": curl has all of it", n == b"300000", n)
    ok("%s: segments of %d bytes" % (name, size),
       max(len(s.data) for s in r) == size, max(len(s.data) for s in r))
for f in ("tcp_timestamps", "tcp_window_scaling", "tcp_sack"):
    sh("sysctl -qw net.ipv4.%s=1" % f)


# The clock of a decoy: a line back and forth for some seconds, twice.
def talk():
    for _ in range(2):
        s = socket.create_connection((TICK, 7), 10)
        for i in range(15):
            s.send(b"tick\n")
            s.recv(100)
            time.sleep(0.2)
        s.close()


p, _ = capture("clock", talk)
v = [(s.t, parse_opts(s.opts)[1]["T"][0]) for s in p if s.src == TICK]
ok("TSval never goes back", all(b[1] >= a[1] for a, b in zip(v, v[1:])))
slope = (v[-1][1] - v[0][1]) / (v[-1][0] - v[0][0])
ok("and goes at 1000 a second", 990 < slope < 1010, slope)
off = [y - (v[0][1] + slope * (x - v[0][0])) for x, y in v]
ok("steadily, over both connections", max(map(abs, off)) < 30, max(off))
ok("it began 1,000,000 s ago", abs(v[0][1] / 1000 - 1000000) < 120, v[0])
echo("a dialogue", p, TICK)
finish()
