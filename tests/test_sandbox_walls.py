"""Hostile submissions against the walls of a worker. Each test is one attack."""

from __future__ import annotations

import json
import os
import socket
import struct
import time

import numpy as np
import pytest

from autograder.sandbox import (
    LoadError,
    Program,
    Sandbox,
    Session,
    StudentCrash,
    StudentError,
    StudentFailure,
    StudentProtocol,
    StudentTimeout,
)

# What an attacker has: `warnings` is allowed and holds `sys`, and through it every module.
REACH = """
import warnings
sys = warnings.sys
modules = sys.modules
os, posix = modules["os"], modules["posix"]
"""


@pytest.fixture(scope="module")
def box():
    with Sandbox() as box:
        yield box


@pytest.fixture
def session(box):
    with box.session() as session:
        yield session


def load(session, source, budget=5.0):
    return session.start(Program("evil", {"evil.py": REACH + source}), budget=budget)


def test_the_walls_of_a_worker_are_those_that_marks_need(box):
    assert {"rlimits", "seccomp", "no-open"} <= set(box.isolation)
    assert "not isolated" not in box.isolation


ATTACKS = {
    "read a file": "os.open('/etc/passwd', os.O_RDONLY)",
    "read a file with the real open": "modules['io'].open('/etc/passwd')",
    "list a folder": "os.listdir('/')",
    "look whether a file exists": "os.stat('/etc/passwd')",
    "read the grader's memory": "os.open(f'/proc/{os.getppid()}/mem', os.O_RDONLY)",
    "read the grader's environment": "os.open('/proc/self/environ', os.O_RDONLY)",
    "write a file": "os.open('/tmp/owned', os.O_CREAT | os.O_WRONLY)",
    "make a folder": "os.mkdir('/tmp/owned')",
    "make a link": "os.symlink('/etc', '/tmp/owned')",
    "delete a file": "os.unlink('/tmp/owned')",
    "change the folder": "os.chdir('/tmp')",
    "make a memory file": "os.memfd_create('x')",
    "make a pipe": "os.pipe()",
    "copy a descriptor": "os.dup(3)",
    "fork": "os.fork()",
    "exec": "os.execv('/bin/true', ['true'])",
    "spawn": "os.posix_spawn('/bin/true', ['true'], {})",
    "signal the parent": "os.kill(os.getppid(), 9)",
    "signal a group": "os.killpg(0, 9)",
    "signal everybody": "os.kill(-1, 9)",
    "open a handle on the parent": "os.pidfd_open(os.getppid())",
    "change the limit of the parent": (
        "modules['resource'].prlimit(os.getppid(), modules['resource'].RLIMIT_CPU, (9, 9))"
    ),
    "become root": "os.setuid(0)",
    "leave the session": "os.setsid()",
    "raise the priority": "os.nice(-5)",
    "choose the processor": "os.sched_setaffinity(0, {0})",
    "grow the output": "os.ftruncate(1, 1 << 40)",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_forbidden_call_is_refused(session, attack):
    evil = load(session, f"def attack():\n    {attack}\n    return 'done'")

    with pytest.raises(PermissionError):
        evil.attack()


# Numbers on x86_64 and aarch64, and arguments.
SYSTEM_CALLS = {
    "socket": (41, 198, 2, 1, 0),
    "ptrace the parent": (101, 117, 16, "parent", 0, 0),
    "read the parent's memory": (310, 270, "parent", 0, 0, 0, 0, 0),
    "clone a thread": (56, 220, 0x10F00, 0, 0, 0, 0),
    "make itself readable": (157, 167, 4, 1, 0, 0),
    "new namespaces": (272, 97, 0x10000000),
    "F_SETOWN: the kernel signals the grader": (72, 25, 3, 8, "parent"),
    "F_SETSIG": (72, 25, 3, 10, 9),
    "F_SETFL with O_ASYNC": (72, 25, 3, 4, 0x2000),
    "set a limit": (302, 261, 0, 0, 1 << 20, 0),
    "mount": (165, 40, 0, 0, 0, 0, 0),
    "bpf": (321, 280, 0, 0, 0),
    "io_uring": (425, 425, 8, 0),
    "another filter": (317, 277, 1, 0, 0),
    "signal a thread of the parent": (234, 131, "parent", "parent", 9),
    "signal the parent": (62, 129, "parent", 0),
    "pass descriptors": (46, 211, 3, 0, 0),
    "execveat": (322, 281, 0, 0, 0, 0, 0),
    "shared memory": (29, 194, 0, 4096, 0o1600),
    "userfaultfd": (323, 282, 0),
    "keys": (250, 219, 0, 0, 0),
    "performance counters": (298, 241, 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("call", SYSTEM_CALLS.values(), ids=SYSTEM_CALLS.keys())
def test_a_raw_system_call_is_refused(session, call):
    """ctypes cannot be imported, but the walls' own module holds it: as strong as machine code."""
    evil = load(
        session,
        """
def attack(number, words):
    lockdown = modules["autograder.sandbox.lockdown"]
    words = [os.getppid() if word == "parent" else word for word in words]
    try:
        return lockdown._syscall(number, *words)
    except OSError as error:
        return error.errno
""",
    )

    number = call[0] if os.uname().machine == "x86_64" else call[1]
    assert evil.attack(number, list(call[2:])) == 1  # EPERM


def test_ioctl_says_that_nothing_is_a_terminal(session):
    evil = load(session, "def attack():\n    return os.isatty(3), os.get_terminal_size(3)")

    with pytest.raises(OSError, match="ioctl"):
        evil.attack()


def test_threads_cannot_be_started(session):
    evil = load(session, "def attack():\n    modules['_thread'].start_new_thread(print, ())")

    with pytest.raises(RuntimeError, match="thread"):
        evil.attack()


@pytest.mark.parametrize("name", ["os", "ctypes", "socket", "subprocess", "autograder", "pytest"])
def test_what_is_not_on_the_list_cannot_be_imported(session, name):
    with pytest.raises(LoadError, match="cannot be imported here"):
        load(session, f"import {name}")


@pytest.mark.parametrize("name", ["autograder.errors", "autograder.suite", "pytest", "nbgrader"])
def test_what_is_not_in_memory_cannot_be_imported_by_force(session, name):
    evil = load(session, "def attack(name):\n    return modules['importlib'].import_module(name)")

    with pytest.raises((ImportError, PermissionError)):
        evil.attack(name)


def test_the_environment_is_empty_and_no_path_is_known(session, monkeypatch):
    monkeypatch.setenv("DLFS_SECRET", "planted")
    evil = load(session, "def look():\n    return [dict(os.environ), sys.path, sys.orig_argv]")

    assert evil.look() == [{}, [], []]


def test_nothing_of_the_grader_is_in_the_workers_memory(session):
    evil = load(
        session, "def look():\n    return [m for m in modules if m.startswith('autograder')]"
    )

    here = {
        "channel",
        "filter",
        "loader",
        "lockdown",
        "server",
        "unwire",
        "wire",
        "worker",
        "zygote",
    }
    assert {name.removeprefix("autograder.sandbox.") for name in evil.look()} == {
        "autograder",
        "autograder.sandbox",
        *here,
    }


def test_the_user_is_not_privileged(session):
    evil = load(session, "def who():\n    return [os.getuid(), os.geteuid(), os.getgid()]")

    assert 0 not in evil.who()


def test_memory_is_limited(session):
    evil = load(
        session,
        """
import numpy as np
def array(): return np.ones(1 << 30).sum()
def objects():
    keep = []
    while True:
        keep.append([0] * 1_000_000)
""",
    )

    with pytest.raises(MemoryError):
        evil.array()
    with pytest.raises(MemoryError):
        evil.objects()


LOOPS = {
    "in Python": "while True: pass",
    "that catches everything": (
        "while True:\n        try:\n            while True: pass\n"
        "        except BaseException: pass"
    ),
    "in C": "sum(range(10 ** 12))",
    "in a big number": "pow(3, 10 ** 9)",
    "in a pattern": "modules['re'].match('(a+)+$', 'a' * 40 + 'b')",
    "asleep": "modules['time'].sleep(1000)",
    "with signals blocked": (
        "signal = modules['signal']\n"
        "    signal.pthread_sigmask(0, range(1, 32))\n"
        "    while True: pass"
    ),
    "that calls back": "while True: f()",
    "that prints": "while True: print('x' * 1000)",
}


@pytest.mark.parametrize("loop", LOOPS.values(), ids=LOOPS.keys())
def test_an_endless_loop_ends(session, loop):
    evil = load(session, f"def attack(f):\n    {loop}\n", budget=0.2)
    start = time.monotonic()

    with pytest.raises(StudentTimeout, match=r"did not finish within 0\.2 s"):
        evil.attack(lambda: None)

    assert time.monotonic() - start < 5


def test_a_timeout_names_function_and_line(session):
    source = "def outer():\n    return inner()\ndef inner():\n    while True:\n        1 + 1\n"
    evil = load(session, source, budget=0.1)

    with pytest.raises(StudentTimeout) as caught:
        evil.outer()

    first = REACH.count("\n") + 1
    assert str(caught.value) == "did not finish within 0.1 s (in outer of evil.py)"
    assert caught.value.at in (f"evil.py:{first + 3}", f"evil.py:{first + 4}")
    assert session.location() == f"evil.py:{first}"


def test_the_budget_is_for_all_requests_together(session):
    evil = load(session, "def spin():\n    modules['time'].sleep(0.1)", budget=0.35)

    with pytest.raises(StudentTimeout):
        [evil.spin() for _ in range(100)]


def test_the_budget_holds_for_a_whole_iteration(session):
    source = "def attack():\n    while True:\n        modules['time'].sleep(0.02)\n        yield 1"
    evil = load(session, source, budget=0.2)

    with pytest.raises(StudentTimeout):
        list(evil.attack())


def test_a_failure_cannot_be_swallowed_and_lasts_until_the_next_start(session):
    evil = load(session, "def leave(): os._exit(3)\ndef f(): return 1")

    with pytest.raises(StudentCrash, match=r"ended the Python process \(exit status 3\)") as first:
        evil.leave()
    with pytest.raises(StudentCrash) as second:
        evil.f()

    assert second.value is first.value
    assert not isinstance(first.value, Exception)
    assert load(session, "def f(): return 1").f() == 1


def test_a_crash_in_c_is_named(session):
    evil = load(session, "def crash():\n    modules['faulthandler']._sigsegv()")

    with pytest.raises(StudentCrash, match="killed by SIGSEGV") as caught:
        evil.crash()

    assert caught.value.at == f"evil.py:{REACH.count(chr(10)) + 2}"


@pytest.mark.parametrize("leave", ["os._exit(0)", "os.abort()", "os.close(3)"])
def test_leaving_at_import(session, leave):
    with pytest.raises(StudentCrash):
        load(session, leave)

    assert load(session, "x = 1").x == 1


def test_what_was_printed_before_a_crash_is_kept(session):
    evil = load(session, "def leave():\n    print('good', 'bye')\n    os._exit(3)")

    with pytest.raises(StudentCrash):
        evil.leave()

    assert session.printed() == "good bye\n"


def test_a_flood_of_output_ends_and_stays_bounded(session):
    evil = load(
        session,
        """
def flood():
    while True: os.write(1, b"x" * 100_000)
def sparse():
    os.lseek(1, 1 << 60, 0)
    os.write(1, b"x")
""",
    )

    for attack in (evil.flood, evil.sparse):
        with pytest.raises(OSError, match="File too large"):
            attack()
    assert len(session.printed()) < 21_000
    assert os.fstat(session._process.output).st_size <= 1 << 20


def frame(tree, *bufs, sizes=None):
    """A frame, well formed or with other sizes than it has."""
    text = tree if isinstance(tree, bytes) else json.dumps(tree).encode()
    lengths = sizes if sizes is not None else [len(buf) for buf in bufs]
    head = struct.pack(f"<II{len(lengths)}Q", len(text), len(lengths), *lengths)
    return head + text + b"".join(bufs)


def answer(value, changed=()):
    return {"op": "ret", "v": value, "m": list(changed)}


def error(**about):
    plain = {"kind": "X", "mro": [], "text": "", "frames": [], "load": False}
    return {"op": "err", "e": {**plain, "missing": None, "callback": None, **about}}


def handle(number=1, kind="object", name="x", cls=1, methods=None, where=None):
    return {"H": [number, kind, name, cls, methods, where]}


EIGHT = b"\x00" * 8
FORGED = {
    "no frame": b"\xff" * 64,
    "not JSON": frame(b"{"),
    "not UTF-8": frame(b"\xff\xff"),
    "deep JSON": frame(b"[" * 100_000),
    "a number too long": frame(b'{"op":"ret","m":[],"v":' + b"9" * 10_000 + b"}"),
    "not an object": frame([]),
    "no operation": frame({}),
    "another operation": frame({"op": "hello"}),
    "no value": frame({"op": "ret"}),
    "text too large": struct.pack("<II", 1 << 30, 0),
    "too many arrays": struct.pack("<II", 2, 1 << 30),
    "an array too large": frame(answer(None), sizes=[1 << 40]),
    "sizes that overflow": frame(answer(None), sizes=[(1 << 64) - 1, 2]),
    "unknown tag": frame(answer({"Q": 1})),
    "two tags": frame(answer({"T": [], "S": []})),
    "unknown type": frame(answer({"A": ["|O8", [1], 0, "C", True]}), EIGHT),
    "another type": frame(answer({"A": ["<M8", [1], 0, "C", True]}), EIGHT),
    "bad shape": frame(answer({"A": ["<f8", [-1], 0, "C", True]}), EIGHT),
    "shape of truth values": frame(answer({"A": ["<f8", [True], 0, "C", True]}), EIGHT),
    "shape of fractions": frame(answer({"A": ["<f8", [1.0], 0, "C", True]}), EIGHT),
    "another size": frame(answer({"A": ["<f8", [2], 0, "C", True]}), EIGHT),
    "a smaller size": frame(answer({"A": ["<f8", [1], 0, "C", True]}), EIGHT + EIGHT),
    "huge shape": frame(answer({"A": ["<f8", [1 << 62, 1 << 62], 0, "C", True]}), EIGHT),
    "huge shape of nothing": frame(answer({"A": ["<f8", [0, 1 << 62, 1 << 62], 0, "C", 1]}), b""),
    "too many dimensions": frame(answer({"A": ["<f8", [1] * 9, 0, "C", True]}), EIGHT),
    "no such buffer": frame(answer({"A": ["<f8", [1], 1, "C", True]}), EIGHT),
    "negative buffer": frame(answer({"A": ["<f8", [1], -1, "C", True]}), EIGHT),
    "a buffer twice": frame(answer([{"B": [False, 0]}, {"B": [False, 0]}]), EIGHT),
    "neither true nor false": frame(answer({"A": ["|b1", [1], 0, "C", True]}), b"\x02"),
    "back-reference": frame(answer({"R": 0})),
    "negative back-reference": frame(answer({"R": -1})),
    "scalar of another type": frame(answer({"N": ["<i8", 1.5]})),
    "scalar of text": frame(answer({"N": ["<f8", "nan"]})),
    "scalar out of range": frame(answer({"N": ["|i1", 300]})),
    "colliding keys": frame(answer({"D": [[k * ((1 << 61) - 1), 0] for k in range(20_000)]})),
    "colliding members": frame(answer({"S": [False, [k << 64 for k in range(5_000)]]})),
    "a key that is a list": frame(answer({"D": [[[], 0]]})),
    "too deep": frame(answer(json.loads("[" * 100 + "]" * 100))),
    "too many parts": frame(answer([0] * 1_000_001)),
    "too many objects": frame(answer([handle(n) for n in range(10_001)])),
    "too many methods": frame(answer(handle(methods=[["m", None]] * 10_000))),
    "object of no kind": frame(answer(handle(kind="secret"))),
    "object without a number": frame(answer(handle(number="1"))),
    "a method of the grader": frame(answer({"M": [1, "close"]})),
    "a function of the grader": frame(answer({"F": 0})),
    "a change of what it must not": frame(answer(None, [[0, [1]]])),
    "a change of nothing": frame(answer(None, [[-1, [1]]])),
    "a call of no function": frame({"op": "cb", "f": 7, "v": [[], {"D": []}]}),
    "a call of a negative function": frame({"op": "cb", "f": -1, "v": [[], {"D": []}]}),
    "a call without arguments": frame({"op": "cb", "f": 0, "v": None}),
    "an error without a name": frame({"op": "err", "e": {}}),
    "an error of no callback": frame(error(callback=-1)),
    "an error with odd frames": frame(error(frames=[[[], 1, "f"]])),
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED.keys())
def test_a_forged_answer_is_a_protocol_failure(session, forged):
    evil = load(
        session,
        """
def attack(f, frame):
    while frame:
        frame = frame[os.write(3, frame):]
    modules["time"].sleep(100)
""",
    )
    start = time.monotonic()

    with pytest.raises(StudentProtocol, match="sent something that is not an answer"):
        evil.attack(lambda: None, forged)

    assert time.monotonic() - start < 3
    assert load(session, "x = 1").x == 1


def test_forged_names_are_cleaned_and_forged_places_ignored(session):
    evil = load(session, "def attack(frame):\n    os.write(3, frame)\n    os._exit(0)")
    about = handle(number=999, name="\x1b]0;x\x07" + "y" * 1000, where="secret.py:1")

    got = evil.attack(frame(answer(about)))

    assert "\x1b" not in repr(got)
    assert len(repr(got)) < 300
    with pytest.raises(StudentFailure):
        got()
    assert session.location() is None


def test_a_forged_error_is_cleaned(session):
    evil = load(session, "def attack(frame):\n    os.write(3, frame)\n    os._exit(0)")
    forged = error(
        kind="\x1b[31m", text="\x00" * 100_000, mro=["eval", 3, "ValueError"],
        frames=[["/etc/passwd", 1, "f"], ["evil.py", 10**9, "f"], ["evil.py", 2, "\n\x1b"]],
    )  # fmt: skip

    with pytest.raises(ValueError, match=r"left out") as caught:
        evil.attack(frame(forged))

    assert isinstance(caught.value, StudentError)
    assert "\x1b" not in str(caught.value)
    assert [f[:2] for f in caught.value.frames] == [("evil.py", 2)]


def test_bytes_that_drip_in_win_no_time(session):
    evil = load(
        session,
        """
def attack(frame):
    for byte in frame * 1000:
        os.write(3, bytes([byte]))
        modules["time"].sleep(0.02)
""",
        budget=0.3,
    )
    start = time.monotonic()

    with pytest.raises(StudentTimeout):
        evil.attack(frame(answer(None))[:6] + b"\x00" * 100)

    assert time.monotonic() - start < 5


def test_a_worker_that_does_not_read_wins_no_time(session):
    evil = load(session, "def attack(f):\n    f()\n    modules['time'].sleep(100)", budget=0.3)

    with pytest.raises(StudentTimeout):
        evil.attack(lambda: np.zeros(1 << 20))


def test_reading_an_answer_costs_the_students_time(session, monkeypatch):
    evil = load(session, "def f(): return 1", budget=0.2)
    read = Session._read

    def read_slowly(*args):
        time.sleep(0.05)
        return read(*args)

    monkeypatch.setattr(Session, "_read", read_slowly)
    with pytest.raises(StudentTimeout):
        [evil.f() for _ in range(20)]


def test_shared_parts_do_not_grow_without_end(session):
    """Objects passed with inout may come back nested into each other: a billion laughs."""
    from autograder.sandbox import inout

    evil = load(
        session,
        """
def laugh(lists):
    for a, b in zip(lists, lists[1:]): a[:] = [b] * 10
def cycle(lists):
    lists[0].append(lists)
""",
    )

    for attack in ("laugh", "cycle"):
        with pytest.raises(StudentProtocol):
            getattr(evil, attack)(inout([[] for _ in range(20)]))
        evil = load(session, "def cycle(lists): lists[0].append(lists)")


def test_poisoning_one_worker_leaves_the_next_alone(box):
    with box.session() as first, pytest.raises(StudentFailure):
        load(first, "import numpy as np\nnp.maximum = None\nmodules['builtins'].len = None")
    with box.session() as second:
        evil = load(second, "import numpy as np\ndef f(x): return len(np.maximum(x, 0))")
        assert evil.f(np.ones(3)) == 3


def test_descriptors_of_the_grader_do_not_reach_the_worker(box):
    with socket.socket() as secret, box.session() as session:
        secret.set_inheritable(True)
        source = """
def look():
    closed = []
    for fd in range(256):
        try:
            os.lseek(fd, 0, 1)
        except OSError as error:
            if error.errno == 9: closed.append(fd)
    return closed
"""
        assert load(session, source).look() == list(range(5, 256))
