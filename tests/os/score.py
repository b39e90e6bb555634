#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""How nmap -O names decoys that each carry one entry of nmap-os-db.

  score.py conf TARGETS CONF FIRST [--n N] [--seed S] [--lines L,L...]
      picks entries (all, N by a seed, or by line of the table), gives each an
      address from FIRST (x.x.x.1 for more than 250) on and writes the configuration and the list of
      targets (address, line, name).
  score.py scan TARGETS RESULTS [--strict] [--rescan K] [--group G] [--jobs J]
      scans them with nmap, groups of at most G hosts, J nmaps side by side
      (up to 20 hosts nmap asks the kernel for these hosts' packets only; wider
      or beside others it gets more than its buffer holds and loses answers),
      sorts every answer, scans those that were not perfect again up to K
      times, prints a table and writes RESULTS.
  score.py table RESULTS
      prints the table of an earlier run.

How an answer is sorted (the right name is the entry's; nmap collapses entries
of one name):
  exact    perfect match, no other name      listed  perfect, beside others
  near     not perfect, right name among the best guesses
  far      not perfect, right name among the lesser guesses or nowhere
  false    perfect match for other names only
  none     no match at all                   skipped nmap gave no answer
"""
import argparse
import hashlib
import ipaddress
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET

DB = os.environ.get("NMAP_OS_DB", "/usr/share/nmap/nmap-os-db")
OPEN, CLOSED, FILTERED, SERVICE = 80, 81, 9, 8080
HELLO = ("sh -c 'while read x; do case $x in ?) break;; esac; done; "
         "echo HTTP/1.0 200 OK; echo; echo hello'")
KINDS = ["exact", "listed", "near", "far", "false", "none", "skipped"]
PERFECT = ("exact", "listed")
FIELDS = ["address", "line", "name", "kind", "first", "accuracy", "said",
          "said_line", "others", "attributes", "fingerprint", "first_missed"]


def entries():
    """[(line, name, {test: {attribute: expression}})] of nmap-os-db."""
    out = []
    with open(DB, encoding="utf-8", errors="replace") as f:
        for no, text in enumerate(f, 1):
            text = text.rstrip("\r\n ")
            if text.startswith("Fingerprint "):
                out.append((no, text[12:].strip(), {}))
            elif out and text.endswith(")") and "(" in text:
                test, rest = text[:-1].split("(", 1)
                if re.fullmatch("[A-Z][A-Z0-9]{1,2}", test):
                    out[-1][2][test] = dict(
                        a.split("=", 1) for a in rest.split("%") if "=" in a)
    return out


def sample(all_entries, n, seed):
    """n of them, the same ones for a seed wherever Python runs."""
    def rank(e):
        return hashlib.sha256(b"%s:%d" % (seed.encode(), e[0])).digest()
    return sorted(sorted(all_entries, key=rank)[:n])


def is_hex(s):
    return all(c in "0123456789ABCDEFabcdef" for c in s)


def agrees(expr, value):
    """Does a value satisfy an entry's expression, as nmap 7.93 decides?"""
    alts = expr.split("|")
    number = int(value or "0", 16) if is_hex(value) else None
    for i, a in enumerate(alts):
        last = i == len(alts) - 1
        if a[:1] in "<>" and a and number is not None and is_hex(a[1:]):
            limit = int(a[1:] or "0", 16)
            if (number < limit) if a[0] == "<" else (number > limit):
                return True
        m = re.fullmatch("([0-9A-F]+)-([0-9A-F]+)", a)
        if m and number is not None and \
                int(m[1], 16) <= number <= int(m[2], 16):
            return True
        if value == a or (not last and value.startswith(a)):
            return True
    return False


def lines_of(fingerprint):
    """[(test, {attribute: value})] of a fingerprint as nmap prints it."""
    text = "".join(l[3:] if l.startswith("OS:") else l
                   for l in fingerprint.splitlines())
    out = []
    for test, rest in re.findall(r"([A-Z][A-Z0-9]{1,3})\(([^)]*)\)", text):
        out.append((test, dict(a.split("=", 1) for a in rest.split("%")
                               if "=" in a)))
    return out


def disagreements(tests, fingerprint):
    """Attributes in which a printed fingerprint contradicts an entry: those
    of a test line that contradict it each time the line was seen."""
    bad = {}
    for test, attrs in lines_of(fingerprint):
        if test not in tests:
            continue
        here = {"%s.%s=%s" % (test, a, v) for a, v in attrs.items()
                if a in tests[test] and not agrees(tests[test][a], v)}
        if test in bad and len(bad[test]) <= len(here):
            continue
        bad[test] = here
    return sorted(x for s in bad.values() for x in s)


class Target:
    def __init__(self, address, line, name):
        self.address, self.line, self.name = address, int(line), name
        self.kind = self.first = None
        self.accuracy = self.said_line = 0
        self.said = self.others = self.attributes = self.fingerprint = ""
        self.first_missed = "" # what was wrong the first time

    def take(self, kind, matches, fingerprint, tests):
        self.kind = kind
        if self.first is None:
            self.first = kind
            if kind not in PERFECT:
                self.first_missed = (" ".join(disagreements(
                    tests, fingerprint)) or kind)
        best = matches[0] if matches else (0, "", 0)
        self.accuracy, self.said, self.said_line = best
        self.others = "; ".join("%s %d" % (m[1], m[0]) for m in matches
                                if m[1] != self.name)[:400]
        self.fingerprint = "" if kind in PERFECT else \
            fingerprint.replace("\n", "").replace("OS:", "")
        self.attributes = "" if kind in PERFECT else \
            " ".join(disagreements(tests, fingerprint))

    def row(self):
        return "\t".join(str(getattr(self, f)) for f in FIELDS)


def sort_answer(name, matches):
    """matches: [(accuracy, name, line)], best first."""
    if not matches:
        return "none"
    best = [m[1] for m in matches if m[0] == matches[0][0]]
    if matches[0][0] == 100:
        if name not in best:
            return "false"
        return "exact" if set(best) == {name} else "listed"
    return "near" if name in best else "far"


def ask(targets, args, tests):
    """One nmap for a group; fills in the targets' answers."""
    by = {t.address: t for t in targets}
    cmd = ["nmap", "-n", "-Pn", "-sS", "-O", "-vv", "-p",
           "%d,%d" % (OPEN, CLOSED), "-oX", "-"] + args + list(by)
    try:
        out = subprocess.run(cmd, stdout=subprocess.PIPE, timeout=600,
                             stderr=subprocess.PIPE, check=False)
        root = ET.fromstring(out.stdout)
    except (subprocess.TimeoutExpired, ET.ParseError) as e:
        print("# nmap: %s" % e, file=sys.stderr)
        root = ET.Element("nmaprun")
    seen = set()
    for host in root.iter("host"):
        address = next((a.get("addr") for a in host.iter("address")
                        if a.get("addrtype") == "ipv4"), None)
        if address not in by:
            continue
        os_part = host.find("os")
        if os_part is None:
            continue
        seen.add(address)
        matches = sorted(((int(m.get("accuracy")), m.get("name"),
                           int(m.get("line"))) for m in
                          os_part.iter("osmatch")), key=lambda m: -m[0])
        fp = os_part.find("osfingerprint")
        fp = fp.get("fingerprint") if fp is not None else ""
        t = by[address]
        t.take(sort_answer(t.name, matches), matches, fp, tests[t.line])
    for address in set(by) - seen:
        by[address].take("skipped", [], "", {})


def scan(targets, tests, opts):
    extra = ["--max-os-tries", "1"] if opts.strict else []
    extra += opts.nmap.split()
    groups = [targets[i:i + opts.group]
              for i in range(0, len(targets), opts.group)]
    lock = threading.Lock()
    state = {"next": 0, "hosts": 0, "bad": 0}

    def work():
        while True:
            with lock:
                if state["next"] >= len(groups):
                    return
                g = groups[state["next"]]
                state["next"] += 1
            ask(g, extra, tests)
            with lock:
                state["hosts"] += len(g)
                state["bad"] += sum(t.kind not in PERFECT for t in g)
                if sys.stderr.isatty() or state["next"] % 20 == 0:
                    print("# %d of %d asked, %d not perfect" % (
                        state["hosts"], len(targets), state["bad"]),
                        file=sys.stderr, flush=True)

    threads = [threading.Thread(target=work) for _ in range(opts.jobs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def table(targets, seconds=None, strict=False, out=sys.stdout):
    n = len(targets)
    print("%d entries%s%s" % (n, ", one try (--max-os-tries 1)" if strict
                              else ", nmap's default tries",
                              "" if seconds is None else ", %d s" % seconds),
          file=out)
    print("%-9s %14s %14s" % ("", "first scan", "in the end"), file=out)
    for k in KINDS:
        a = sum(t.first == k for t in targets)
        b = sum(t.kind == k for t in targets)
        print("%-9s %6d %6.2f%% %6d %6.2f%%" % (
            k, a, 100 * a / n, b, 100 * b / n), file=out)
    a = sum(t.first in PERFECT for t in targets)
    b = sum(t.kind in PERFECT for t in targets)
    print("%-9s %6d %6.2f%% %6d %6.2f%%" % (
        "perfect", a, 100 * a / n, b, 100 * b / n), file=out)
    count = {}
    for t in targets:
        for a in set(x.split("=")[0] for x in t.first_missed.split()):
            count[a] = count.get(a, 0) + 1
    if count:
        print("contradicted at first: " + ", ".join(
            "%s %d" % (a, c) for a, c in
            sorted(count.items(), key=lambda x: (-x[1], x[0]))), file=out)


def read_targets(path):
    with open(path, encoding="utf-8") as f:
        return [Target(*l.rstrip("\n").split("\t")[:3]) for l in f
                if not l.startswith("address\t")]


def read_results(path):
    out = []
    with open(path, encoding="utf-8") as f:
        for l in f:
            v = dict(zip(FIELDS, l.rstrip("\n").split("\t")))
            if v["address"] == "address":
                continue
            t = Target(v["address"], v["line"], v["name"])
            for k in FIELDS[3:]:
                setattr(t, k, v.get(k, ""))
            out.append(t)
    return out


def cmd_conf(o):
    all_entries = entries()
    if o.lines:
        want = {int(x) for x in o.lines.split(",")}
        chosen = [e for e in all_entries if e[0] in want]
    elif o.n:
        chosen = sample(all_entries, o.n, o.seed)
    else:
        chosen = all_entries
    first = ipaddress.IPv4Address(o.first)
    more = ""
    if o.service:
        more = ("add os%%d tcp port %d filtered\nadd os%%d tcp port %d \"%s\"\n"
                % (FILTERED, SERVICE, HELLO))
    with open(o.conf, "a", encoding="utf-8") as c, \
            open(o.targets, "w", encoding="utf-8") as t:
        for i, (line, name, _) in enumerate(chosen):
            # .0 and .255 may be the edges of a subnet, which no host has.
            a = first + i // 254 * 256 + i % 254
            c.write('create os%d\nset os%d personality "line:%d"\n'
                    "set os%d default tcp action closed\n"
                    "set os%d default udp action closed\n"
                    "add os%d tcp port %d open\nbind %s os%d\n"
                    % (i, i, line, i, i, i, OPEN, a, i))
            if more:
                c.write(more % (i, i))
            t.write("%s\t%d\t%s\n" % (a, line, name))
    print("%d entries, %s to %s" % (len(chosen), first, a))


def cmd_scan(o):
    tests = {e[0]: e[2] for e in entries()}
    targets = read_targets(o.targets)
    start = time.monotonic()
    scan(targets, tests, o)
    for _ in range(o.rescan):
        again = [t for t in targets if t.kind not in PERFECT]
        if again:
            scan(again, tests, o)
    with open(o.results, "w", encoding="utf-8") as f:
        f.write("\t".join(FIELDS) + "\n")
        f.writelines(t.row() + "\n" for t in targets)
    table(targets, time.monotonic() - start, o.strict)
    for t in [t for t in targets if t.kind not in PERFECT][:o.show]:
        print("%s: line %d %s: %s%s" % (
            t.kind, t.line, t.name, t.attributes or "-",
            ", said %s %d" % (t.said, t.accuracy) if t.said else ""))


def main():
    p = argparse.ArgumentParser(description="score of nmap -O")
    s = p.add_subparsers(dest="what", required=True)
    c = s.add_parser("conf")
    c.add_argument("targets")
    c.add_argument("conf")
    c.add_argument("first")
    c.add_argument("--n", type=int, default=0)
    c.add_argument("--seed", default="hpd")
    c.add_argument("--lines", default="")
    c.add_argument("--service", action="store_true",
                   help="port 9 filtered and a web server on port 8080, too")
    c = s.add_parser("scan")
    c.add_argument("targets")
    c.add_argument("results")
    c.add_argument("--strict", action="store_true")
    c.add_argument("--rescan", type=int, default=0)
    c.add_argument("--group", type=int, default=20)
    c.add_argument("--jobs", type=int, default=2)
    c.add_argument("--show", type=int, default=20)
    c.add_argument("--nmap", default="", help="more arguments for nmap")
    c = s.add_parser("table")
    c.add_argument("results")
    o = p.parse_args()
    if o.what == "conf":
        cmd_conf(o)
    elif o.what == "scan":
        cmd_scan(o)
    else:
        table(read_results(o.results))


if __name__ == "__main__":
    main()
