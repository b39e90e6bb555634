# SPDX-License-Identifier: ISC
"""Run in the tester's namespace by tcp-close.t: interface, first three bytes
of the network. How connections end, segment by segment; TAP."""
import sys
sys.path.insert(0, "tests/integ")
from tcp_raw import *

IF, NET = sys.argv[1], sys.argv[2]
H = NET + ".10"
w = Wire(IF, NET + ".200")
w.find(H)


def close(c):
    """Take what comes up to the FIN, acknowledge it."""
    b, end = b"", time.time() + 5
    while time.time() < end:
        for p in c.get(end - time.time(), least=1):
            if p.seq != c.ack:
                continue
            b += p.data
            c.ack += len(p.data) + (p.flags & FIN)
            if p.flags & FIN:
                c.put(ACK)
                return b, p
            if p.data:
                c.put(ACK)
    return b, None


# The service ends: all its bytes, then FIN; our FIN, repeated.
c = Conn(w, H, 13, 3301)
b, fin = close(c)
ok("a script's last bytes come before its FIN",
   fin and b == b"xxxxxxx\n" * 500, (len(b), fin))
c.put(FIN | ACK)
c.seq += 1
r = c.get(0.4)
ok("our FIN is acknowledged", len(r) == 1 and r[0].flags == ACK and
   r[0].ack == c.seq, r)
for i in range(2):
    c.put(FIN | ACK, seq=-1)
    r = c.get(0.4)
    ok("FIN again: an ACK, no RST", len(r) == 1 and r[0].flags == ACK and
       r[0].ack == c.seq and r[0].seq == c.ack, r)
c.put(RST)
c.get(0.2)
c.put(FIN | ACK, seq=-1)
r = c.get(0.4)
ok("RST does not end TIME_WAIT", len(r) == 1 and r[0].flags == ACK, r)
w.send(H, 3301, 13, c.seq + 100000, 0, SYN)
r = c.get(0.4)
ok("a later SYN of the same port does", r and r[0].flags == SYN | ACK and
   r[0].seq != c.synack.seq, r)
w.send(H, 3301, 13, c.seq + 100001, 0, RST)

# We end first: half close, the service still answers, then its FIN.
c = Conn(w, H, 7, 3302)
c.say(b"half")
c.take(4)
c.put(FIN | ACK)
c.seq += 1
b, fin = close(c)
ok("our FIN first: the service's follows", fin is not None)
ok("and then there is silence", not c.get(0.3))
c.put(ACK | PSH, b"late")
r = c.get(0.4)
ok("afterwards the port knows nothing of it", r and r[0].flags & RST, r)

# Both at once.
c = Conn(w, H, 25, 3303)
c.put(ACK | PSH, b"bye\n")
c.seq += 4
r = c.get(2, lambda p: p.flags & FIN)
f = [p for p in r if p.flags & FIN]
ok("a service that ends sends FIN", len(f) == 1, r)
end = f[0].seq + len(f[0].data) if f else c.ack
c.ack = end
c.put(FIN | ACK)            # crossing: does not acknowledge theirs
c.seq += 1
r = c.get(0.3)
ok("simultaneous FIN: acknowledged", r and r[-1].ack == c.seq and
   not r[-1].flags & RST, r)
c.ack = end + 1
c.put(ACK)
c.get(0.2)
c.put(FIN | ACK, seq=-1)
r = c.get(0.4)
ok("and in TIME_WAIT", len(r) == 1 and r[0].flags == ACK, r)

# Bytes for somebody who has gone.
c = Conn(w, H, 13, 3304)
b, fin = close(c)
time.sleep(1)
c.put(ACK | PSH, b"anybody?")
r = c.get(0.5)
ok("bytes after the program has gone: RST", r and r[-1].flags & RST, r)

# An idle service, and one that says too much.
c = Conn(w, H, 9, 3305)
start = time.time()
b, fin = close(c)
ok("a service idle for its 3 s ends by FIN", fin and
   2.5 < time.time() - start < 4.9, time.time() - start)
c.put(FIN | ACK)
c.get(0.2)
c = Conn(w, H, 19, 3306)
b, fin = close(c)
ok("one with 5000 bytes gives 5000 bytes and FIN", fin and len(b) == 5000,
   (len(b), fin))
c.put(FIN | ACK)
c.get(0.2)
finish()
