#!/bin/sh
# SPDX-License-Identifier: ISC
# The schema of the log's lines: what the JSON writer's own test writes is valid
# and has every kind; what is not as described is refused; the page made from
# the same tables is clean and names every kind.
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/lib.sh
: "${B:=build}"
S=$B/gen/hpd-events.schema.json
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT INT TERM
judge() { /usr/bin/python3 tests/lib/schema.py "$S" "$1" "$2" > "$tmp/out" 2>&1 || cat "$tmp/out"; }
kinds() { grep -oE '^\{EV_[A-Z_]+, "[a-z.]+"' common/event.c | sed 's/.*"\(.*\)"/\1/' | grep -vx frame; }

draft() { # of 2020-12, by the draft's own schema
	/usr/bin/python3 -c 'import json, sys, jsonschema as j
s = json.load(open(sys.argv[1])); j.Draft202012Validator.check_schema(s)
assert s["$schema"] == "https://json-schema.org/draft/2020-12/schema"' "$S" 2>&1
}
check "the schema is one" draft
closed() { # no object but hpd.script takes what it does not name
	/usr/bin/python3 -c 'import json, sys
def walk(s, path):
    if isinstance(s, dict):
        if s.get("type") == "object" and "properties" in s and len(path) > 1 and path[0] == "$defs":
            if s.get("additionalProperties") is not False: print("/".join(path))
        if s.get("type") == "object" and "properties" not in s and path[-1] not in ("script", "records", "packets"):
            print("/".join(path), "open")
        for k, v in s.items(): walk(v, path + [k])
s = json.load(open(sys.argv[1])); s["$defs"] and walk({"$defs": s["$defs"]}, [])' "$S" 2>&1
}
check "it is closed" closed
samples() {
	HPD_SAMPLES=$tmp/samples.jsonl "$B/tests/unit/t_log_json" > "$tmp/unit" 2>&1 || tail -5 "$tmp/unit"
	judge "$tmp/seen" "$tmp/samples.jsonl"
	kinds | while read -r k; do [ -s "$tmp/seen/$k" ] || echo "$k: no sample passed"; done
}
check "the writer's samples of every kind pass" samples
refused() { # one change each of a valid line: all must be found
	for k in $(kinds); do cat "$tmp/seen/$k"; done > "$tmp/good.jsonl"
	/usr/bin/python3 - "$S" "$tmp/good.jsonl" <<'E' 2>&1
import copy, json, sys
from jsonschema import Draft202012Validator as V
s = json.load(open(sys.argv[1]))
v = V(s)
def objects(o, path=()):
    yield path, o
    for k, x in o.items():
        if isinstance(x, dict) and k not in ("script", "records", "packets"):
            yield from objects(x, path + (k,))
def at(o, path):
    for k in path: o = o[k]
    return o
n = 0
for line in open(sys.argv[2]):
    o = json.loads(line)
    kind = o["event"]["action"]
    k = V(s["$defs"][kind[4:]])
    if not (v.is_valid(o) and k.is_valid(o)): print(kind, "is refused itself")
    for path, obj in list(objects(o)):
        if path == ("destination",) or path == ("source",): pass
        c = copy.deepcopy(o); at(c, path)["more"] = 1
        if k.is_valid(c): print(kind, path, "takes a member that is not described")
        for m in obj:
            for wrong in (None, [], {"x": 1}, -1, 2.5):
                c = copy.deepcopy(o); at(c, path)[m] = wrong
                n += 1
                if m == "script": continue
                if k.is_valid(c): print(kind, path, m, "may be", wrong)
    for gone in ("@timestamp", "ecs", "event", "observer", "hpd"):
        c = copy.deepcopy(o); del c[gone]
        if k.is_valid(c): print(kind, "may lack", gone)
    for gone in ("boot", "seq", "producer", "count"):
        c = copy.deepcopy(o); del c["hpd"][gone]
        if k.is_valid(c): print(kind, "may lack hpd." + gone)
    c = copy.deepcopy(o); c["event"]["action"] = "hpd.other"
    if v.is_valid(c): print(kind, "may be called hpd.other")
    c = copy.deepcopy(o); c.pop("process", None); c.pop("network", None)
    if k.is_valid(c): print(kind, "may have neither process nor network")
if n < 1000: print("only", n, "changes")
E
}
check "one wrong thing in a line is found" refused
found() { # the reader itself: torn, twice, unknown
	head -c 300 "$tmp/good.jsonl" > "$tmp/torn.jsonl"
	judge - "$tmp/torn.jsonl"
	for l in '{"event":' '{"event":{"action":"hpd.stop"},"event":{}}' '[]' '{}' 'x'; do
		echo "$l" > "$tmp/bad.jsonl"
		/usr/bin/python3 tests/lib/schema.py "$S" - "$tmp/bad.jsonl" > "$tmp/out" 2>&1 && echo "took $l"
	done
	:
}
check "a torn end is let pass, nothing else" found
page() {
	mandoc -T lint -W warning "$B/gen/hpd-events.7"
	kinds | while read -r k; do grep -qxF ".It Li $k" "$B/gen/hpd-events.7" || echo "$k: not in it"; done
}
check "hpd-events(7)" page
finish
