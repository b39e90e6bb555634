#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Seeds for fuzz_net_frame: one file a shape of traffic. Needs scapy.
usage: mkcorpus_net_frame.py FOLDER"""
import os, struct, sys
from scapy.all import (ARP, Ether, ICMP, IP, IPOption, Raw, TCP, UDP, fragment,
                       raw)

H, A = "10.1.0.1", "10.1.0.100"
MEND, OK, LATER = 0x2000, 0x4000, 0x8000
E = Ether(src="02:aa:00:00:00:01", dst="02:bb:00:00:00:02")
B = Ether(src="02:aa:00:00:00:01", dst="ff:ff:ff:ff:ff:ff")


def ip(**k):
    return E / IP(src=A, dst=H, **k)


def out(name, frames):
    with open(os.path.join(sys.argv[1], name), "wb") as f:
        for fr in frames:
            flags = MEND
            if isinstance(fr, tuple):
                flags, fr = fr
            b = raw(fr)
            f.write(struct.pack(">H", flags | len(b)) + b)


syn = TCP(sport=4000, dport=80, flags="S", seq=100, window=1024,
          options=[("MSS", 1460), ("SAckOK", b""), ("Timestamp", (1, 0)),
                   ("NOP", None), ("WScale", 7)])
out("arp", [B / ARP(psrc=A, pdst=H), (LATER, B / ARP(psrc=A, pdst=H)),
            B / ARP(op=2, psrc=H, pdst=H), (LATER, B / ARP(psrc=H, pdst=A))])
out("echo", [ip() / ICMP(id=1, seq=1) / (b"x" * 56)])
out("icmp-queries", [ip() / ICMP(type=t, id=1) / (b"\0" * 12)
                     for t in (13, 15, 17, 5, 10)])
out("icmp-quote", [ip() / ICMP(type=3, code=c) / IP(src=H, dst=A) /
                   TCP(sport=80, dport=4000) for c in (1, 3, 4)])
out("options", [ip(options=IPOption(b"\x07\x27\x04" + b"\0" * 36)) / ICMP()])
out("protocol", [ip(proto=132) / (b"y" * 40), ip(proto=2) / (b"y" * 8)])
out("fragments", [E / f for f in
                  fragment(IP(src=A, dst=H, id=7) / ICMP() / (b"z" * 600),
                           fragsize=200)])
out("overlap", [ip(id=9, flags="MF", frag=0, proto=1) / (b"a" * 24),
                ip(id=9, flags="MF", frag=2, proto=1) / (b"b" * 24),
                ip(id=9, flags="MF", frag=1, proto=1) / (b"c" * 24),
                ip(id=9, frag=5, proto=1) / (b"d" * 8)])
out("fragment-timeout", [ip(id=9, flags="MF", proto=17) / (b"a" * 64)] +
    [(LATER | MEND, ip() / ICMP())] * 40)
out("syn", [ip() / syn])
out("handshake", [ip() / syn, ip() / TCP(sport=4000, dport=80, flags="A",
                                         seq=101, ack=1),
                  ip() / TCP(sport=4000, dport=80, flags="PA", seq=101,
                             ack=1) / b"GET / HTTP/1.0\r\n\r\n",
                  ip() / TCP(sport=4000, dport=80, flags="FA", seq=119,
                             ack=1), ip() / TCP(sport=4000, dport=80,
                                                flags="R", seq=120)])
out("tcp-odd", [ip() / TCP(sport=4000, dport=80, flags=f, window=0)
                for f in ("", "F", "SF", "SFUP", "FPU", "A", "SR", "SEC")])
out("tcp-header", [ip() / TCP(dport=80, flags="S", dataofs=n)
                   for n in (0, 4, 15)])
out("udp", [ip() / UDP(sport=53, dport=161) / b"hello",
            ip() / UDP(sport=53, dport=161, len=4),
            (OK, ip() / UDP(sport=53, dport=161, chksum=0) / b"q")])
out("bad-ip", [(0, ip(version=6) / ICMP()), (0, ip(ihl=4) / ICMP()),
               (0, ip(ihl=15) / ICMP()), (0, ip(len=9) / ICMP()),
               (0, ip(chksum=1) / ICMP()),
               (0, E / IP(src="255.255.255.255", dst=H) / ICMP())])
out("short", [(0, Raw(b"\2" * n)) for n in (0, 1, 13, 14, 20, 33)])
