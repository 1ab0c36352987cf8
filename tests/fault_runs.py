"""A grader in a process of its own, to be struck at the n-th event of its run."""

from __future__ import annotations

import contextlib
import os
import random
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mini_chapter import mini_source

from autograder.bench.work import children
from autograder.manifest import Chapter

END_SECONDS = 30.0  # for what has lost its parent to notice it, on a busy machine
KINDS = ("worker", "zygote", "marking", "grader")

BODIES = (
    ("return 2.0 * x", "return 4.0 * x"),
    ("return 3.0 * x", "return 4.0 * x"),
    ('raise NotImplementedError("double")', "return double(double(x))"),
    ("import random; random._os._exit(3)", "return 4.0 * x"),
    ("print('hm')\nreturn x[99]", "return 4 * x"),
)


def hand_in_class(folder: Path, size: int) -> Path:
    """Write that many different hand-ins of the mini chapter."""
    for number in range(size):
        home = folder / f"s{number:03}"
        home.mkdir(parents=True)
        source = mini_source(*BODIES[number % len(BODIES)]) if number % 7 else "def broken(:\n"
        (home / "mini.py").write_text(f"{source}\n# {number}\n")
    return folder


def results(course: Path) -> dict[str, bytes]:
    """Return every stored Result; timings lie beside them and are nobody's business here."""
    folder = course / "results"
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*.json"))}


def leftovers(course: Path) -> list[str]:
    """Return files that were being written when somebody pulled the plug."""
    return [str(p) for p in course.rglob(".*") if p.is_file() and p.stat().st_size]


class GraderRun:
    """One `dlfs grade` over a folder; a context manager that leaves no process behind."""

    def __init__(self, chapter: Chapter, folder: Path, course: Path, jobs: int) -> None:
        words = ["grade", folder, "--chapter", chapter.name, "--course", course, "--jobs", jobs]
        self.process = dlfs(*words, cwd=chapter.project.root, stderr=subprocess.PIPE)
        self.seen: dict[int, int] = {}  # descriptors of all its processes that were ever noticed

    def __enter__(self) -> GraderRun:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.communicate()
        for handle in self.seen.values():  # nobody is left, unless a test has just failed
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            os.close(handle)

    def read_lines(self, count: int) -> int:
        """Wait for that many lines, or for the end; return how many came."""
        assert self.process.stdout is not None
        return sum(1 for _ in zip(range(count), self.process.stdout, strict=False))

    def finish(self) -> tuple[int, str]:
        """Wait for the end; return the exit status and what went to stderr."""
        _, err = self.process.communicate(timeout=120)
        return self.process.returncode, err

    def strike(self, kind: str, nth: int) -> bool:
        """Kill, with no chance to clean up, when the n-th worker from now is seen at work.

        False if the run was over before that.
        """
        found = self._nth_worker(nth)
        if found is None:
            return False
        worker, zygote = found
        self._notice(self.process.pid)
        victim = {"worker": worker, "zygote": zygote, "grader": self.process.pid}.get(kind)
        os.kill(victim or _parent(zygote), signal.SIGKILL)
        return True

    def press_ctrl_c(self, nth: int) -> bool:
        """Interrupt, as a terminal does, when the n-th worker from now is seen at work."""
        found = self._nth_worker(nth)
        self._notice(self.process.pid)
        os.killpg(self.process.pid, signal.SIGINT)
        return found is not None

    def survivors(self) -> list[int]:
        """Return what is left of the run's processes, after a decent time to end."""
        return [
            pid for pid, fd in self.seen.items() if not select.select([fd], [], [], END_SECONDS)[0]
        ]

    def _nth_worker(self, nth: int) -> tuple[int, int] | None:
        known: set[int] = set()
        while self.process.poll() is None:
            for zygote in _zygotes(self.process.pid):
                for worker in children(zygote):
                    known.add(worker)
                    if len(known) > nth:
                        return worker, zygote
        return None

    def _notice(self, pid: int) -> None:
        for child in (pid, *children(pid)):
            if child not in self.seen:
                try:
                    self.seen[child] = os.pidfd_open(child)
                except ProcessLookupError:
                    continue
            if child != pid:
                self._notice(child)


def plan(seed: int, kills: int) -> Iterator[tuple[str, int, int]]:
    """Yield kind, lines to wait for and worker to strike at: each kind equally often."""
    rng = random.Random(seed)
    kinds = [KINDS[number % len(KINDS)] for number in range(kills)]
    for kind in kinds:
        yield kind, rng.randrange(3), rng.randrange(6)


def _zygotes(pid: int) -> list[int]:
    return [p for child in children(pid) for p in (child, *children(child)) if _is_zygote(p)]


def _is_zygote(pid: int) -> bool:
    try:
        return b"zygote.main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def dlfs(*words: object, cwd: Path, stderr: int = subprocess.STDOUT) -> subprocess.Popen:
    """Start a verb, in a terminal of its own, as it were."""
    start = "from autograder.cli import main; raise SystemExit(main())"
    return subprocess.Popen(
        [sys.executable, "-P", "-c", start, *map(str, words)],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,
    )


def kill_when(process: subprocess.Popen, event: Callable[[], object]) -> bool:
    """Kill a process at the moment of an event; False if it had ended before that."""
    while not event():
        if process.poll() is not None:
            return False
    process.kill()
    process.communicate()
    return True
