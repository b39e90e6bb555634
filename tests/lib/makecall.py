#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""makecall.py PID NR: the process makes system call NR (x86-64), as an intruder
inside it would. It is stopped in one of its own calls, and goes on at the very
instruction with another number; nothing in its memory is changed."""
import ctypes
import os
import platform
import sys

ATTACH, DETACH, GETREGS, SETREGS = 16, 17, 12, 13
NAMES = ("r15 r14 r13 r12 rbp rbx r11 r10 r9 r8 rax rcx rdx rsi rdi orig_rax rip "
         "cs eflags rsp ss fs_base gs_base ds es fs gs").split()


class Regs(ctypes.Structure):
    _fields_ = [(n, ctypes.c_ulong) for n in NAMES]


libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(what, pid, data):
    if libc.ptrace(what, pid, None, data) == -1:
        sys.exit("ptrace %d: %s" % (what, os.strerror(ctypes.get_errno())))


def main():
    if platform.machine() != "x86_64":
        sys.exit("x86-64 only")
    pid, r = int(sys.argv[1]), Regs()
    ptrace(ATTACH, pid, None)
    os.waitpid(pid, 0x40000000)  # __WALL
    ptrace(GETREGS, pid, ctypes.byref(r))
    if r.orig_rax > 1000:
        sys.exit("it is in no system call")
    r.rip -= 2  # the instruction again
    r.rax = int(sys.argv[2])
    r.orig_rax = 2 ** 64 - 1  # it is no restart
    ptrace(SETREGS, pid, ctypes.byref(r))
    ptrace(DETACH, pid, None)


main()
