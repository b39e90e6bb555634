#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""nmap's scan types against decoys of many families. "conf NET" prints the
configuration; "scan IFACE NET", in the tester's namespace, runs the scans and
prints TAP. What is expected of a port is derived from the entry's lines."""
import os
import re
import socket
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "os"))
import score  # noqa: E402

WHAT, IF, NET = sys.argv[1:4]
NAMES = [
    "Linux 4.15 - 5.6",
    "Linux 2.6.32#2",            # behind a filter: silent to T4, T6, T7
    "Microsoft Windows 10 1607",
    "Microsoft Windows XP SP3",
    "FreeBSD 11.0-RELEASE",
    "OpenBSD 6.0 - 6.4",
    "Sun Solaris 10",
    "Cisco 2600 router (IOS 12.1)",
    "HP LaserJet 4250 printer",
    "VxWorks 5.5",               # what -sW looks for: T4 W=2000, T6 W=0
    "Apple Mac OS X 10.5.8 (Leopard) (Darwin 9.8.0)",
    "lwIP 1.1.0 lightweight TCP/IP stack",
]
OPEN, CLOSED, FILTERED, SMTP, WEB = 80, 81, 9, 25, 8080
n = bad = 0


def ok(name, cond, note=""):
    global n, bad
    n += 1
    bad += not cond
    print("%sok %d - %s" % ("" if cond else "not ", n, name), flush=True)
    if not cond:
        for line in str(note).splitlines()[:20]:
            print("# " + line, flush=True)


def find(all_entries, name):
    m = re.fullmatch("(.*)#([0-9]+)", name)
    name, k = (m[1], int(m[2])) if m else (name, 1)
    return [e for e in all_entries if e[1] == name][k - 1]


ENTRIES = score.entries()
HOSTS = {"%s.%d" % (NET, 10 + i): find(ENTRIES, name)
         for i, name in enumerate(NAMES)}
A = list(HOSTS)


def conf():
    for i, (a, e) in enumerate(HOSTS.items()):
        t = "t%d" % i
        print("create %s\nset %s personality \"line:%d\"" % (t, t, e[0]))
        print("set %s default tcp action closed" % t)
        print("set %s default udp action closed" % t)
        print("add %s tcp port %d open" % (t, OPEN))
        print("add %s tcp port %d filtered" % (t, FILTERED))
        print("add %s udp port 53 open\nadd %s udp port 9 filtered" % (t, t))
        print("add %s tcp port %d \"perl scripts/smtp/postfix.pl\"" % (t, SMTP))
        print("add %s tcp port %d \"perl scripts/iis5.net/main.pl\"" % (t, WEB))
        print("bind %s %s" % (a, t))


def nmap(args, targets):
    """{address: (host element, {port: (state, ttl)})}, whole text"""
    out = subprocess.run(["nmap", "-n", "-Pn", "-oX", "-", "--reason"] + args +
                         targets, stdout=subprocess.PIPE, check=False,
                         stderr=subprocess.STDOUT, timeout=120)
    text = out.stdout.decode("utf-8", "replace")
    hosts = {}
    for h in ET.fromstring(text[text.index("<?xml"):]).iter("host"):
        addr = next(x.get("addr") for x in h.iter("address")
                    if x.get("addrtype") == "ipv4")
        ports = {}
        for p in h.iter("port"):
            s = p.find("state")
            ports[int(p.get("portid"))] = (s.get("state"),
                                           int(s.get("reason_ttl")))
        for x in h.iter("extraports"): # nmap leaves what is all alike out
            ports["extra"] = (x.get("state"), 0)
        hosts[addr] = (h, ports)
    return hosts, text


def answers(addr, line):
    return HOSTS[addr][2].get(line, {}).get("R", "Y") == "Y"


def window(addr, line):
    return HOSTS[addr][2][line]["W"]


def ttl_fits(addr, line, ttl):
    """A received TTL against a line's T or, as nmap guesses it, TG. T counts
    from what an unreachable quotes and may be one above what is received."""
    t = HOSTS[addr][2].get(line, {})
    guess = next("%X" % g for g in (0x20, 0x40, 0x80, 0xff) if ttl <= g)
    return ("T" not in t or score.agrees(t["T"], "%X" % ttl) or
            score.agrees(t["T"], "%X" % (ttl + 1)) or t.get("TG") == guess)


def scan(title, args, expect, lines=None, hosts=None):
    """expect(address) = {port: state}; lines: {port: test whose T it shows}"""
    got, text = nmap(args, hosts or A)
    wrong = []
    for a in hosts or A:
        ports = got.get(a, (None, {}))[1]
        for p, want in expect(a).items():
            state, ttl = ports.get(p, ports.get("extra", ("nothing", 0)))
            if state != want:
                wrong.append("%s %s: port %d %s, expected %s" % (
                    a, HOSTS[a][1], p, state, want))
            elif lines and p in lines and ttl and \
                    not ttl_fits(a, lines[p], ttl):
                wrong.append("%s %s: port %d TTL %d, %s says %s" % (
                    a, HOSTS[a][1], p, ttl, lines[p],
                    HOSTS[a][2][lines[p]].get("T")))
    ok(title, not wrong, "\n".join(wrong) or text)
    return got, text


TCP3 = ["-p", "%d,%d,%d" % (OPEN, CLOSED, FILTERED)]


def usual(_):
    return {OPEN: "open", CLOSED: "closed", FILTERED: "filtered"}


def flags_only(a): # FIN, NULL, Xmas
    return {OPEN: "closed" if answers(a, "T2") else "open|filtered",
            CLOSED: "closed" if answers(a, "T7") else "open|filtered",
            FILTERED: "open|filtered"}


def ack(a):
    return {OPEN: "unfiltered" if answers(a, "T4") else "filtered",
            CLOSED: "unfiltered" if answers(a, "T6") else "filtered",
            FILTERED: "filtered"}


def win(a):
    def of(line):
        if not answers(a, line):
            return "filtered"
        return "open" if window(a, line) != "0" else "closed"
    return {OPEN: of("T4"), CLOSED: of("T6"), FILTERED: "filtered"}


def maimon(a): # FIN and ACK: as ACK without a connection
    return {OPEN: "closed" if answers(a, "T4") else "open|filtered",
            CLOSED: "closed" if answers(a, "T6") else "open|filtered",
            FILTERED: "open|filtered"}


def protocols(a):
    return {1: "open", 6: "open" if answers(a, "T4") else "open|filtered",
            17: "open", 200: "closed", 253: "closed"}


def ordinary():
    scan("-sS", ["-sS"] + TCP3, usual, {OPEN: "T1", CLOSED: "T5"})
    scan("-sT", ["-sT"] + TCP3, usual)
    for o in "-sF", "-sN", "-sX":
        scan(o, [o] + TCP3, flags_only, {OPEN: "T2", CLOSED: "T7"})
    scan("-sA", ["-sA"] + TCP3, ack, {OPEN: "T4", CLOSED: "T6"})
    scan("-sW", ["-sW"] + TCP3, win, {OPEN: "T4", CLOSED: "T6"})
    scan("-sM", ["-sM"] + TCP3, maimon, {OPEN: "T4", CLOSED: "T6"})
    scan("-sU", ["-sU", "-p", "53,9,999", "--max-retries", "3"],
         lambda a: {53: "open|filtered", 9: "open|filtered", 999: "closed"},
         {999: "U1"})
    # One at a time: nmap takes an echo reply for any host's it scans beside.
    for a in A:
        scan("-sO on %s" % HOSTS[a][1], ["-sO", "-p", "1,6,17,200,253",
                                         "--max-retries", "3"],
             protocols, {200: "U1"}, [a])


def evasion():
    scan("-f: eight bytes of TCP a fragment", ["-sS", "-f"] + TCP3, usual)
    scan("--mtu 8", ["-sS", "--mtu", "8"] + TCP3, usual)
    scan("--mtu 24", ["-sS", "--mtu", "24"] + TCP3, usual)
    scan("-g 53", ["-sS", "-g", "53"] + TCP3, usual)
    scan("--ttl 3, --data-length 40", ["-sS", "--ttl", "3", "--data-length",
                                       "40"] + TCP3, usual)
    scan("--badsum: no answer at all", ["-sS", "--badsum", "--max-retries",
                                        "1"] + TCP3,
         lambda a: {p: "filtered" for p in (OPEN, CLOSED, FILTERED)})
    scan("-sU --badsum: no answer", ["-sU", "--badsum", "-p", "999",
                                     "--max-retries", "1"],
         lambda a: {999: "open|filtered"})


def decoy_sources():
    """-D: other sources of the same probes get the same answers."""
    others = [NET + ".251", NET + ".252"]
    for o in others:
        subprocess.run(["ip", "addr", "add", o + "/24", "dev", IF], check=True)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x800))
    s.bind((IF, 0))
    s.settimeout(1)
    seen, stop = set(), threading.Event()

    def read():
        while not stop.is_set():
            try:
                f, where = s.recvfrom(2048)
            except socket.timeout:
                continue
            if where[2] == 4 or len(f) < 54 or f[23] != 6:
                continue
            seen.add((socket.inet_ntoa(f[26:30]), socket.inet_ntoa(f[30:34]),
                      f[34] << 8 | f[35], f[47] & 0x3f))

    t = threading.Thread(target=read)
    t.start()
    scan("-D: the real source's results are right",
         ["-sS", "-D", ",".join(others) + ",ME"] + TCP3, usual)
    stop.set()
    t.join()
    s.close()
    wrong = []
    for a in A:
        for o in others + [NET + ".1"]:
            if (a, o, OPEN, 0x12) not in seen:
                wrong.append("%s: no SYN/ACK to %s" % (a, o))
            if not any(x[:3] == (a, o, CLOSED) and x[3] & 4 for x in seen):
                wrong.append("%s: no RST to %s" % (a, o))
    ok("-D: every source gets the same answers", not wrong, "\n".join(wrong))
    for o in others:
        subprocess.run(["ip", "addr", "del", o + "/24", "dev", IF], check=True)


def services():
    got, text = nmap(["-sV", "-p", "%d,%d" % (SMTP, WEB)], A[:1] + A[2:3])
    for a in A[:1] + A[2:3]:
        s = [p.find("service") for p in got[a][0].iter("port")]
        s = [x.attrib if x is not None else {} for x in s]
        ok("-sV on %s: the mail server's product" % HOSTS[a][1],
           any(x.get("product") == "Postfix smtpd" for x in s), text)
        ok("-sV on %s: the web server's product" % HOSTS[a][1],
           any(x.get("product") == "Microsoft IIS httpd" for x in s), text)
    ok("-sV: no word gives it away",
       not re.search("honey|hpd", re.sub("args=\"[^\"]*\"", "", text)), text)


def route():
    got, text = nmap(["-sS", "-p", "%d" % OPEN, "--traceroute"], A)
    wrong = [a for a in A if [(h.get("ttl"), h.get("ipaddr")) for h in
                              got[a][0].iter("hop")] != [("1", a)]]
    ok("--traceroute: one hop, the decoy itself", not wrong,
       "\n".join(wrong) + "\n" + text)


def idle():
    """-sI: a decoy whose IP IDs count up by one is a zombie; one whose IDs are
    zero or random is refused. Target and zombie both live in the sensor."""
    win10, printer, target = A[2], A[8], A[4]
    for zombie, port in ((win10, OPEN), (printer, CLOSED)):
        got, text = nmap(["-sI", "%s:%d" % (zombie, port)] + TCP3, [target])
        ports = got.get(target, (None, {}))[1]
        ok("-sI with %s as the zombie" % HOSTS[zombie][1],
           [ports.get(p, ports.get("extra", ("",)))[0]
            for p in (OPEN, CLOSED, FILTERED)] ==
           ["open", "closed|filtered", "closed|filtered"], text)
    for zombie in A[0], A[5]:
        out = subprocess.run(["nmap", "-n", "-Pn", "-sI", zombie + ":80", "-p",
                              "80", target], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, check=False, timeout=60)
        ok("-sI: %s is no zombie" % HOSTS[zombie][1],
           b"cannot be used" in out.stdout, out.stdout.decode())


if __name__ == "__main__":
    if WHAT == "conf":
        conf()
        sys.exit(0)
    subprocess.run(["nmap", "-n", "-sn", "-PR"] + A, check=False,
                   stdout=subprocess.DEVNULL)
    for part in ordinary, evasion, decoy_sources, services, route, idle:
        part()
    print("1..%d" % n)
    sys.exit(bad != 0)
