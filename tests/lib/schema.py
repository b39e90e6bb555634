#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Holds lines of the log against the schema of $B/gen.

schema.py SCHEMA SEEN FILE...   each line of the files; SEEN/KIND gets a sample
                                of every kind that passed ("-": nowhere)

All lines must be JSON objects of a known kind. Lines of the same kind with the
same members and types are alike: the first SAMPLES of a shape are judged, then
every EVERYth. Of a kind with more than MANY lines, each 16th is looked at. Only
the last line of a file may be torn. Says what is wrong on standard output, at
most REPORTS times; exit code 1 then.
"""
import json
import os
import re
import sys

SAMPLES, EVERY, MANY, REPORTS = 3, 500, 5000, 10
ACTION = re.compile(rb'"action":"hpd\.([a-z.]+)"')


def shape(v, out, path=""):
    """Members and the types of their values, as a list of strings."""
    if isinstance(v, dict):
        for k in v:
            shape(v[k], out, path + "/" + k)
    else:
        out.append(path + type(v).__name__[0])


def no_twice(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("a member stands there twice")
    return d


class Judge:
    def __init__(self, schema):
        from jsonschema import Draft202012Validator as V
        with open(schema, encoding="utf-8") as f:
            self.schema = json.load(f)
        V.check_schema(self.schema)
        self.whole = V(self.schema)
        self.kinds = {}
        for name, s in self.schema["$defs"].items():
            self.kinds[name] = V(s)
        self.shapes, self.seen, self.bad, self.lines, self.asked = {}, {}, 0, 0, 0
        self.count = {}

    def say(self, where, why, line):
        self.bad += 1
        if self.bad <= REPORTS:
            text = line.decode("utf-8", "backslashreplace")[:300]
            print("%s: %s\n  %s" % (where, why, ascii(text)))

    def why(self, v, o):
        e = sorted(v.iter_errors(o), key=lambda e: -len(e.absolute_path))
        return "; ".join("%s: %s" % (".".join(map(str, x.absolute_path)), x.message[:200])
                         for x in e[:3])

    def line(self, where, line):
        self.lines += 1
        m = ACTION.search(line)
        if m:
            n = self.count[m[1]] = self.count.get(m[1], 0) + 1
            if n > MANY and n % 16:
                return
        try:
            o = json.loads(line, object_pairs_hook=no_twice)
            kind = o["event"]["action"][4:]
            v = self.kinds[kind]
        except (ValueError, KeyError, TypeError) as e:
            self.say(where, "no line of a known kind: %r" % e, line)
            return
        if kind == "svc.field" and isinstance(o["hpd"].get("script"), dict):
            o["hpd"]["script"] = dict(list(o["hpd"]["script"].items())[:64])
        s = []
        shape({k: x for k, x in o.items() if k != "hpd"}, s)
        shape({k: x for k, x in o.get("hpd", {}).items()
               if k not in ("script", "segment")}, s, "hpd")
        s = (kind, tuple(s))
        n = self.shapes[s] = self.shapes.get(s, 0) + 1
        if n > SAMPLES and n % EVERY and kind != "log.segment":
            return
        self.asked += 1
        # The whole schema once a shape: it leads to the kind's own.
        v = self.whole if n == 1 else v
        if not v.is_valid(o):
            self.say(where, self.why(self.kinds[kind], o) or "the whole schema refuses it", line)
        else:
            self.seen.setdefault(kind, line)

    def file(self, name):
        try:
            f = open(name, "rb")
        except FileNotFoundError:
            return  # removed by the budget since it was listed
        with f:
            for i, line in enumerate(f):
                if line.endswith(b"\n"):
                    self.line("%s:%d" % (os.path.basename(name), i + 1), line[:-1])
                elif ACTION.search(line) and line.endswith(b"}"):
                    self.line("%s:%d (end)" % (os.path.basename(name), i + 1), line)


def main():
    j = Judge(sys.argv[1])
    for name in sys.argv[3:]:
        j.file(name)
    if sys.argv[2] != "-":
        os.makedirs(sys.argv[2], exist_ok=True)
        for kind, line in j.seen.items():
            p = os.path.join(sys.argv[2], kind)
            with open("%s.%d" % (p, os.getpid()), "wb") as f:
                f.write(line + b"\n")
            os.rename("%s.%d" % (p, os.getpid()), p)
    print("%d lines, %d kinds, %d shapes, %d judged, %d wrong" %
          (j.lines, len(j.seen), len(j.shapes), j.asked, j.bad))
    return 1 if j.bad else 0


if __name__ == "__main__":
    sys.exit(main())
