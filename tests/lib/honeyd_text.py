# SPDX-License-Identifier: ISC
# Does every line read as a line of honeyd's packet log (-p) or service log
# (-s)? Written from honeyd's format, not from ours. Names those that don't;
# exit code 1 then. The count of good ones goes to stdout.
#   honeyd_text.py -p|-s FILE...
import re
import sys

TS = r'(\d{4})-(\d\d)-(\d\d)-(\d\d):(\d\d):(\d\d)\.(\d{4})'
PROTO = r'(tcp|udp|icmp|unkn)\((\d{1,3})\)'
IP = r'(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]+:[0-9a-f:.]*)'
PORTS = rf'{IP} \d{{1,5}} {IP} \d{{1,5}}'
OS = r'(?: \[[^\]]*\])?'
PACKET = [re.compile(p) for p in (
    rf'{TS} honeyd log (?:started|stopped) -+',
    rf'{TS} tcp\(6\) - {PORTS}: \d+ [FSRPAUEC]*{OS}(?: \{{Honeyd Scanner\?\}})?',
    rf'{TS} udp\(17\) - {PORTS}: \d+{OS}',
    rf'{TS} icmp\(1\) - {IP} {IP}: \d+\(\d+\): \d+{OS}',
    rf'{TS} unkn\(\d+\) - {IP} {IP}: \d+{OS}',
    rf'{TS} (?:tcp\(6\)|udp\(17\)) S {PORTS}{OS}',
    rf'{TS} (?:tcp\(6\)|udp\(17\)) E {PORTS}: \d+ \d+',
)]
SERVICE = [re.compile(rf'{TS} {PROTO} {PORTS}: \|.*\|')]


def good(line, forms):
    if line.endswith('\n'):
        line = line[:-1]
    else:
        return False
    for f in forms:
        m = f.fullmatch(line)
        if m:
            y, mo, d, h, mi, s, _ = (int(x) for x in m.groups()[:7])
            return 1970 <= y and 1 <= mo <= 12 and 1 <= d <= 31 and \
                h <= 23 and mi <= 59 and s <= 60
    return False


forms = PACKET if sys.argv[1] == '-p' else SERVICE
n = bad = 0
for name in sys.argv[2:]:
    with open(name, encoding='ascii', errors='surrogateescape',
              newline='\n') as f:
        for line in f:
            n += 1
            if not good(line, forms):
                bad += 1
                if bad < 20:
                    print('not honeyd\'s:', repr(line), file=sys.stderr)
print(n - bad)
sys.exit(1 if bad or n == 0 else 0)
