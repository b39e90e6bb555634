# SPDX-License-Identifier: ISC
# A MaxMind database with a few networks: mkmmdb.py OUT NET=CC...
# (format 2.0, IPv4 tree, records of 24 bits).
import ipaddress
import struct
import sys
import time


def enc(v):
    if isinstance(v, str):
        b = v.encode()
        return bytes([2 << 5 | len(b)]) + b
    if isinstance(v, dict):
        return bytes([7 << 5 | len(v)]) + b''.join(
            enc(k) + enc(x) for k, x in v.items())
    if isinstance(v, list):
        return bytes([len(v), 4]) + b''.join(enc(x) for x in v)
    kind, size, n = v                   # (type, bytes, number)
    b = n.to_bytes(size, 'big')
    return (bytes([kind << 5 | size]) if kind < 8 else
            bytes([size, kind - 7])) + b


def main():
    out, nets = sys.argv[1], sys.argv[2:]
    nodes = [[None, None]]
    data = b''
    for spec in nets:
        net, cc = spec.split('=')
        net = ipaddress.ip_network(net)
        at = len(data)
        data += enc({'country': {'iso_code': cc}})
        n, bits = 0, int(net.network_address)
        for i in range(net.prefixlen):
            b = bits >> (31 - i) & 1
            if i == net.prefixlen - 1:
                nodes[n][b] = ('data', at)
            else:
                if nodes[n][b] is None:
                    nodes.append([None, None])
                    nodes[n][b] = ('node', len(nodes) - 1)
                n = nodes[n][b][1]
    count = len(nodes)
    tree = b''
    for node in nodes:
        for r in node:
            v = count if r is None else r[1] if r[0] == 'node' else \
                count + 16 + r[1]
            tree += struct.pack('>I', v)[1:]
    meta = enc({
        'node_count': (6, 4, count), 'record_size': (5, 2, 24),
        'ip_version': (5, 2, 4), 'database_type': 'Test-Country',
        'languages': ['en'], 'binary_format_major_version': (5, 2, 2),
        'binary_format_minor_version': (5, 2, 0),
        'build_epoch': (9, 8, int(time.time())),
        'description': {'en': 'made by a test'}})
    with open(out, 'wb') as f:
        f.write(tree + bytes(16) + data + b'\xab\xcd\xefMaxMind.com' + meta)


main()
