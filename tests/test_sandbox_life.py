"""Workers and the fork server: how they come, how long they may, and that nothing stays behind."""

from __future__ import annotations

import argparse
import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.errors import UserError
from autograder.project import Project
from autograder.sandbox import LocalSession, Program, Sandbox, StudentTimeout, lockdown
from autograder.sandbox.filter import syscall_filter
from autograder.sandbox.remote import Process
from autograder.verbs import doctor

PROGRAM = Program("m", {"m.py": "import time\ndef nap(s): time.sleep(s)\ndef one(): return 1"})
REACH = "import warnings\nos = warnings.sys.modules['os']\n"
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def box():
    with Sandbox() as box:
        yield box


def children_of(pid):
    """The processes whose parent it is, zombies included."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def test_nothing_is_left_behind(box):
    with box.session() as session:
        session.start(PROGRAM)
    zygote = box._process.pid
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(50):
        with box.session() as session:
            assert session.start(PROGRAM).one() == 1

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert children_of(zygote) == []
    assert len(list(Path(f"/proc/{zygote}/fd").iterdir())) < 10
    box.close()
    assert not Path(f"/proc/{zygote}").exists()


def test_a_dead_worker_is_replaced_at_the_next_start(box):
    with box.session() as session:
        session.start(PROGRAM)
        first = session._process.pid
        os.kill(first, 9)
        assert session._process.ended(5)

        assert session.start(PROGRAM).one() == 1
        assert session._process.pid != first


def test_a_dead_fork_server_is_replaced(box):
    with box.session() as session:
        assert session.start(PROGRAM).one() == 1
    first = box._process.pid
    os.kill(first, 9)
    box._process.wait()

    with box.session() as session:
        assert session.start(PROGRAM).one() == 1

    assert box._process.pid != first


def test_a_session_outlives_the_end_of_the_fork_server(box):
    with box.session() as session:
        session.start(PROGRAM)
        os.kill(box._process.pid, 9)
        box._process.wait()
        assert session._process.ended(5)  # the kernel ends the workers of a dead fork server

        assert session.start(PROGRAM).one() == 1


def test_two_sessions_at_a_time(box):
    with box.session() as a, box.session() as b:
        first, second = a.start(PROGRAM), b.start(PROGRAM)

        assert (first.one(), second.one()) == (1, 1)
        with pytest.raises(RuntimeError, match="earlier load"):
            b.put(first)


def test_a_session_before_its_start_says_so(box):
    with box.session() as session, pytest.raises(RuntimeError, match="start"):
        session.rng(0)


def test_time_without_a_processor_is_given_back(box, monkeypatch):
    waits = iter([0.0, 0.0, 10.0])
    monkeypatch.setattr(Process, "waited", lambda self: next(waits, 10.0))

    with box.session() as session:
        assert session.start(PROGRAM, budget=0.05).nap(0.2) is None


def test_time_with_a_processor_is_not(box, monkeypatch):
    monkeypatch.setattr(Process, "waited", lambda self: 0.0)

    with box.session() as session:
        student = session.start(PROGRAM, budget=0.05)
        with pytest.raises(StudentTimeout):
            student.nap(0.2)


def test_the_time_given_back_has_an_end(box, monkeypatch):
    ticks = iter(range(10_000))
    monkeypatch.setattr(Process, "waited", lambda self: float(next(ticks)))

    with box.session() as session:
        student = session.start(PROGRAM, budget=0.01)
        with pytest.raises(StudentTimeout):
            student.nap(5)


def test_every_start_has_a_new_budget(box):
    with box.session() as session:
        for _ in range(4):
            assert session.start(PROGRAM, budget=0.5).nap(0.15) is None


@pytest.mark.parametrize(
    ("layers", "lacking"),
    [
        ([], "seccomp"),
        (["uid", "rlimits", "landlock"], "seccomp"),
        (["uid", "seccomp", "no-open"], "rlimits"),
        (["uid", "seccomp", "rlimits"], "no-open or landlock"),
    ],
)
def test_too_few_layers_are_refused(layers, lacking, monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 1000)

    with Sandbox() as box, pytest.raises(UserError, match=lacking):
        box.accept(layers)
    with Sandbox(unsafe=True) as box:
        assert box.accept(layers) == ["not isolated", *layers]


@pytest.mark.parametrize("layer", ["no-open", "landlock"])
def test_the_minimum_is_enough(layer):
    with Sandbox(["uid", "rlimits", "seccomp", layer]) as box, box.session() as session:
        assert session.start(PROGRAM).one() == 1
        assert set(box.isolation) - {"uid"} == {"rlimits", "seccomp", layer}


def test_a_machine_without_the_minimum_starts_no_student_code():
    with Sandbox(["uid", "rlimits"]) as box:
        with pytest.raises(UserError, match="--unsafe"):
            box.isolation  # noqa: B018
        with box.session() as session, pytest.raises(UserError, match="seccomp"):
            session.start(PROGRAM)


def test_without_isolation_it_says_so():
    with Sandbox(["uid"], unsafe=True) as box, box.session() as session:
        assert session.start(PROGRAM).one() == 1
        assert session.isolation == ["not isolated", "uid"] or os.getuid()


def test_root_without_another_id_is_refused(monkeypatch):
    monkeypatch.setattr(os, "getuid", lambda: 0)

    with Sandbox(["rlimits", "seccomp", "no-open"]) as box, pytest.raises(UserError, match="root"):
        box.isolation  # noqa: B018


@pytest.mark.parametrize("layer", ["no-open", "landlock"])
def test_each_layer_holds_the_files_alone(layer):
    with Sandbox(["uid", "rlimits", "seccomp", layer]) as box, box.session() as session:
        evil = session.start(Program("m", {"m.py": REACH + "def f(): return os.open('/etc', 0)"}))

        with pytest.raises(PermissionError):
            evil.f()


def test_capabilities_are_dropped_also_without_another_id():
    source = REACH + "def f(): return os.read(os.open('/proc/self/status', 0), 4096).decode()"
    with Sandbox(["caps"], unsafe=True) as box, box.session() as session:
        status = session.start(Program("m", {"m.py": source})).f()

    lines = dict(line.split(":\t") for line in status.splitlines() if line.startswith("Cap"))
    assert {int(lines[name], 16) for name in ("CapInh", "CapPrm", "CapEff")} == {0}


def test_the_fork_server_cannot_be_read_and_knows_nothing(box, monkeypatch):
    monkeypatch.setenv("DLFS_SECRET", "planted")
    box.isolation  # noqa: B018

    environment = Path(f"/proc/{box._process.pid}/environ").read_bytes()
    assert b"planted" not in environment
    assert b"PYTHONPATH" not in environment


def verdict(program, audit, number, *args):
    """What the kernel makes of a system call: the value that the filter returns."""
    words = struct.pack("<IIQ", number, audit, 0)
    words += struct.pack("<6Q", *(arg % (1 << 64) for arg in [*args, *[0] * 6][:6]))
    at, loaded = 0, 0
    while True:
        code, true, false, value = program[at]
        if code == 0x06:
            return value
        if code == 0x20:
            loaded = struct.unpack_from("<I", words, value)[0]
            at += 1
            continue
        met = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[code]
        at += 1 + (true if met else false)


ALLOWED, REFUSED, KILLED = 0x7FFF0000, 0x00050001, 0x80000000
X86, ARM = 0xC000003E, 0xC00000B7
# On x86_64 and aarch64, with arguments and what becomes of the call.
CALLS = [
    (0, 63, (0, 0, 0), ALLOWED),  # read
    (231, 94, (0,), ALLOWED),  # exit_group
    (234, 131, (7, 7, 6), ALLOWED),  # tgkill: abort() of the process itself, whose id is 7
    (234, 131, (8, 8, 6), REFUSED),
    (62, 129, (7, 9), REFUSED),  # kill
    (72, 25, (3, 1, 0), ALLOWED),  # fcntl: F_GETFD
    (72, 25, (3, 3, 0), ALLOWED),  # F_GETFL
    (72, 25, (3, 4, 0x2000), REFUSED),  # F_SETFL with O_ASYNC
    (72, 25, (3, 8, 8), REFUSED),  # F_SETOWN
    (72, 25, (3, 10, 9), REFUSED),  # F_SETSIG
    (16, 29, (3, 0x8901, 0), 0x00050019),  # ioctl: ENOTTY
    (302, 261, (0, 0, 0, 1), ALLOWED),  # prlimit64, reading
    (302, 261, (0, 0, 1, 0), REFUSED),
    (302, 261, (0, 0, 1 << 32, 0), REFUSED),
    (257, 56, (0, 0, 0), REFUSED),  # openat
    (257, 56, (0, 0, 1), REFUSED),
    (435, 435, (0, 0), 0x00050026),  # clone3: ENOSYS
    (56, 220, (0x10F00,), REFUSED),  # clone
    (41, 198, (1, 1, 0), REFUSED),  # socket
    (59, 221, (0, 0, 0), REFUSED),  # execve
    (101, 117, (16, 1), REFUSED),  # ptrace
]


@pytest.mark.parametrize(("x86", "arm", "args", "want"), CALLS)
def test_the_filter_judges_as_it_should(x86, arm, args, want):
    for machine, audit, number in (("x86_64", X86, x86), ("aarch64", ARM, arm)):
        program = list(struct.iter_unpack("HBBI", syscall_filter(machine, 7, no_open=True)))

        assert verdict(program, audit, number, *args) == want
        assert verdict(program, 0x40000003, number, *args) == KILLED  # the 32-bit interface
        if machine == "x86_64":
            assert verdict(program, audit, number + 0x40000000, *args) == KILLED


def test_the_filter_lets_files_be_read_only_when_told_to():
    program = list(struct.iter_unpack("HBBI", syscall_filter("x86_64", 7, no_open=False)))

    assert verdict(program, X86, 257, 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOWED
    for flags in (os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_TRUNC):
        assert verdict(program, X86, 257, 0, 0, flags) == REFUSED


def test_an_unknown_machine_has_no_filter():
    with pytest.raises(KeyError):
        syscall_filter("mips", 7, no_open=True)


def run_python(code, **env):
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=os.environ | env
    )


def test_harden_process_hides_the_memory():
    code = """
import ctypes, os
from autograder.sandbox import harden_process
before = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)
harden_process()
print(before, ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""
    assert run_python(code).stdout == "1 0\n"


def test_the_local_form_needs_nothing_of_linux():
    code = """
import sys
sys.platform = "win32"
for name in ("resource", "fcntl", "pwd", "grp"):
    sys.modules[name] = None
from autograder.sandbox import LocalSession, Program, Sandbox, harden_process
harden_process()
with LocalSession() as session:
    print(session.start(Program("m", {"m.py": "def f(x): return x + 1"})).f(1), session.isolation)
try:
    Sandbox().isolation
except Exception as error:
    print(type(error).__name__, error)
"""
    done = run_python(code)

    assert done.stdout.splitlines() == [
        "2 []",
        "UserError the sandbox needs Linux: use WSL2, a container or a virtual machine",
    ], done.stderr


def test_numpys_own_late_imports_are_not_the_students():
    """The first str() of an array imports, from C, with the globals of the code that called it."""
    code = """
from autograder.sandbox import LocalSession, Program
with LocalSession() as session:
    source = "import numpy as np\\ndef f(): return str(np.ones(2)), repr(np.float64(1))"
    print(session.start(Program("m", {"m.py": source})).f())
"""
    done = run_python(code)

    assert done.stdout == "('[1. 1.]', 'np.float64(1.0)')\n", done.stderr


def test_importing_the_package_loads_no_numpy():
    code = "import sys, autograder.sandbox; print('numpy' in sys.modules)"

    assert run_python(code).stdout == "False\n"


def test_training_gives_the_same_numbers_in_both_forms(box):
    source = """
import numpy as np
def train(x, y, steps):
    w = np.random.randn(x.shape[1])
    for _ in range(steps):
        w -= 0.1 * (x * ((x * w).sum(1) - y)[:, None]).mean(0)
    return w
"""
    program = Program("m", {"m.py": source})
    x = np.random.default_rng(0).normal(size=(50, 3))
    with LocalSession() as local, box.session() as remote:
        got = [s.start(program, seed=5).train(x, x[:, 0], 20) for s in (local, remote)]

    assert got[0].tobytes() == got[1].tobytes()


def run_doctor():
    return doctor.run(argparse.Namespace(), Project(ROOT))


def test_doctor_shows_what_a_worker_reports(capsys):
    assert run_doctor() == 0

    out = capsys.readouterr().out
    assert f"NumPy {np.__version__}" in out
    assert "  seccomp   in force\n" in out
    assert out.endswith("marks can be given on this machine: yes\n")


def test_doctor_says_what_is_missing(capsys, monkeypatch):
    class Weak:
        isolation = ("not isolated", "rlimits", "uid")

        def __init__(self, **options): ...
        def __enter__(self):
            return self

        def __exit__(self, *args): ...

    monkeypatch.setattr("autograder.sandbox.Sandbox", Weak, raising=False)

    assert run_doctor() == 1
    out = capsys.readouterr().out
    assert "  seccomp   missing: " in out
    assert "lacks seccomp and no-open or landlock" in out
    assert out.endswith("marks can be given on this machine: no\n")


def test_doctor_elsewhere_than_on_linux(capsys, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")

    assert run_doctor() == 1
    assert "WSL2" in capsys.readouterr().out


def test_landlock_is_used_where_the_kernel_has_it(box):
    assert ("landlock" in box.isolation) == (lockdown.landlock_version() > 0)
