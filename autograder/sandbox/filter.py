"""The list of system calls that a worker may make, as a seccomp program.

Everything else fails with EPERM, so that a student sees a PermissionError and not a dead process.
Nothing on the list names a file, makes a process, thread or socket, or signals another process.
"""

from __future__ import annotations

import errno
import os
import signal
import struct

_X86 = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "mmap": 9,
    "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "pread64": 17, "readv": 19, "writev": 20, "select": 23,
    "sched_yield": 24, "mremap": 25, "madvise": 28, "nanosleep": 35, "getpid": 39, "sendto": 44,
    "recvfrom": 45, "exit": 60, "uname": 63, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99,
    "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110,
    "sigaltstack": 131, "gettid": 186, "time": 201, "futex": 202, "sched_getaffinity": 204,
    "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
    "exit_group": 231, "pselect6": 270, "ppoll": 271, "getcpu": 309, "getrandom": 318,
    "membarrier": 324, "rseq": 334,
    "ioctl": 16, "fcntl": 72, "tgkill": 234, "openat": 257, "prlimit64": 302, "clone3": 435,
}  # fmt: skip
_ARM = {
    "read": 63, "write": 64, "close": 57, "fstat": 80, "lseek": 62, "mmap": 222,
    "mprotect": 226, "munmap": 215, "brk": 214, "rt_sigaction": 134, "rt_sigprocmask": 135,
    "rt_sigreturn": 139, "pread64": 67, "readv": 65, "writev": 66, "sched_yield": 124,
    "mremap": 216, "madvise": 233, "nanosleep": 101, "getpid": 172, "sendto": 206,
    "recvfrom": 207, "exit": 93, "uname": 160, "gettimeofday": 169, "getrusage": 165,
    "sysinfo": 179, "times": 153, "getuid": 174, "getgid": 176, "geteuid": 175, "getegid": 177,
    "getppid": 173, "sigaltstack": 132, "gettid": 178, "futex": 98, "sched_getaffinity": 123,
    "restart_syscall": 128, "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115,
    "exit_group": 94, "pselect6": 72, "ppoll": 73, "getcpu": 168, "getrandom": 278,
    "membarrier": 283, "rseq": 293,
    "ioctl": 29, "fcntl": 25, "tgkill": 131, "openat": 56, "prlimit64": 261, "clone3": 435,
}  # fmt: skip
_MACHINES = {"x86_64": (0xC000003E, _X86), "aarch64": (0xC00000B7, _ARM)}

# Instructions of the kernel's packet filter: load a word, jump if equal / at least / any bit set.
_LOAD, _EQUAL, _LEAST, _BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = (_RETURN, 0, 0, 0x7FFF0000), (_RETURN, 0, 0, 0x80000000), 0x00050000
_DENY = (_RETURN, 0, 0, _ERRNO | errno.EPERM)
# Landlock does not look at O_PATH, whose descriptors tell size and times.
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | getattr(os, "O_PATH", 0)

Instruction = tuple[int, int, int, int]


def _argument(index: int, high: bool = False) -> Instruction:
    return (_LOAD, 0, 0, 16 + 8 * index + 4 * high)


def _special(pid: int, no_open: bool) -> dict[str, list[Instruction]]:
    """What becomes of calls that are allowed in part."""
    reading = [_argument(2), (_BITS, 0, 1, _WRITING), _DENY, _ALLOW]
    return {
        # The C library asks what a descriptor is; FIOSETOWN, TIOCSTI and the like are the danger.
        "ioctl": [(_RETURN, 0, 0, _ERRNO | errno.ENOTTY)],
        # Reading flags only: F_SETOWN with O_ASYNC makes the kernel signal another process.
        "fcntl": [_argument(1), (_EQUAL, 1, 0, 1), (_EQUAL, 0, 1, 3), _ALLOW, _DENY],
        "tgkill": [  # raise() and abort(); SIGKILL only ever comes from outside
            _argument(0),
            (_EQUAL, 0, 3, pid),
            _argument(2),
            (_EQUAL, 1, 0, signal.SIGKILL),
            _ALLOW,
            _DENY,
        ],
        # Plain sending only: MSG_OOB is code of the kernel's that nobody else uses.
        "sendto": [_argument(3), (_EQUAL, 0, 1, 0), _ALLOW, _DENY],
        "recvfrom": [_argument(3), (_EQUAL, 0, 1, 0), _ALLOW, _DENY],
        "openat": [_DENY] if no_open else reading,
        "prlimit64": [  # reading a limit: the pointer to a new one is null
            _argument(2),
            (_EQUAL, 0, 3, 0),
            _argument(2, high=True),
            (_EQUAL, 0, 1, 0),
            _ALLOW,
            _DENY,
        ],
        "clone3": [(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)],  # the C library falls back to clone
    }


def syscall_filter(machine: str, pid: int, no_open: bool) -> bytes:
    """The program for one process. Raises KeyError for a machine that it does not know."""
    audit, numbers = _MACHINES[machine]
    program = [(_LOAD, 0, 0, 4), (_EQUAL, 1, 0, audit), _KILL, (_LOAD, 0, 0, 0)]
    if machine == "x86_64":  # the numbers of the x32 interface
        program += [(_LEAST, 0, 1, 0x40000000), _KILL]
    special = _special(pid, no_open)
    for name, body in special.items():
        program += [(_EQUAL, 0, len(body), numbers[name]), *body]
    for name, number in numbers.items():
        if name not in special:
            program += [(_EQUAL, 0, 1, number), _ALLOW]
    return b"".join(struct.pack("HBBI", *step) for step in [*program, _DENY])
