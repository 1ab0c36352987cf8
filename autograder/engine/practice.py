"""Run a learner's checks in a child process and survive whatever the learner's code does there."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.engine.needs import settle_needs
from autograder.engine.outcome import CheckOutcome
from autograder.errors import UserError
from autograder.manifest import Chapter

Order = dict[str, Any]
StartChild = Callable[[Order], "subprocess.Popen[str]"]

_GRACE = 10.0  # seconds beyond a check's budget after which the child is taken to hang
_START = 60.0  # seconds the child has for start-up and collection on a busy machine


@dataclass(frozen=True)
class PracticeRun:
    """The outcomes of a learner's checks; `more` counts those that run at grading only."""

    outcomes: list[CheckOutcome]
    more: int


@dataclass
class _Run:
    """What is known so far of one chapter's run."""

    more: int = 0
    checks: dict[str, CheckOutcome] = field(default_factory=dict)
    done: dict[str, CheckOutcome] = field(default_factory=dict)
    current: str = ""
    ended: bool = False

    def close_current(self, status: Any, message: str) -> None:
        check = self.checks[self.current]
        self.done[check.id] = replace(check, status=status, message=message)
        self.current = ""


def run(
    chapter: Chapter,
    *,
    exercises: list[str] | None = None,
    hidden: bool = False,
    folder: Path | None = None,
    start_child: StartChild | None = None,
) -> PracticeRun:
    """Run the public (and, if asked, hidden) checks on a learner's own file.

    A check that ends the process or hangs beyond help gets its report, and the others still run.
    start_child: starts a child with an order, for a caller that keeps one ready.
    """
    if not _file(chapter, folder).is_file():
        raise UserError(
            f"{_file(chapter, folder)} is missing: put it back (dlfs reset {chapter.name}) or "
            "fetch the assignment again"
        )
    state = _Run()
    while not state.ended:
        order = _order(chapter, exercises, hidden, folder, state)
        _one_child((start_child or _child)(order), state)
    found = [state.done.get(name, check) for name, check in state.checks.items()]
    return PracticeRun(settle_needs(chapter, found), state.more)


def _file(chapter: Chapter, folder: Path | None) -> Path:
    return (folder or chapter.assignment_dir) / chapter.file


def _order(
    chapter: Chapter, exercises: list[str] | None, hidden: bool, folder: Path | None, state: _Run
) -> Order:
    return {
        "root": str(chapter.project.root),
        "chapter": chapter.name,
        "folder": str(folder) if folder else None,
        "hidden": hidden,
        "exercises": exercises,
        "skip": sorted(state.done),
    }


def _one_child(started: subprocess.Popen[str], state: _Run) -> None:
    with started as child:
        lines = lines_of(child)
        wait = _START
        while True:
            try:
                line = lines.get(timeout=wait)
            except queue.Empty:
                child.kill()
                _lost(state, "timeout", "did not finish in time and could not be interrupted")
                return
            if not line:
                code = child.wait()
                _lost(state, "crashed", f"ended the Python process (exit status {code})")
                return
            wait = _take(json.loads(line), state)
            if state.ended:
                return


def _take(message: dict[str, Any], state: _Run) -> float:
    """Note one event; return the seconds within which the next one must come."""
    event = message["event"]
    if event == "collected":
        checks = [CheckOutcome.from_json(data) for data in message["checks"]]
        state.checks = {check.id: check for check in checks}
        state.more = message["more"]
    elif event == "start":
        state.current = message["check"]
        return float(message["budget"]) + _GRACE
    elif event == "outcome":
        outcome = CheckOutcome.from_json(message["outcome"])
        state.done[outcome.id] = outcome
        state.current = ""
    elif event == "broken":
        raise UserError(message["why"])
    elif event == "end":
        state.ended = True
    return _START


def _lost(state: _Run, status: Any, message: str) -> None:
    """The child is gone: blame the check that was running, or the start when none was."""
    if not state.current:
        raise UserError(
            "the checks could not be started: what Python says stands above; if it lacks a "
            "package, remove .venv and run make test"
        )
    state.close_current(status, message)
    state.ended = len(state.done) == len(state.checks)


def _child(order: Order) -> subprocess.Popen[str]:
    child = waiting_child()
    give(child, order)
    return child


def waiting_child(chapter: Chapter | None = None) -> subprocess.Popen[str]:
    """Start a child that imports what it will need and waits for its order.

    One that is made ready for a chapter does not get the terminal's Ctrl-C: the caller ends it.
    """
    ready_for = [str(chapter.project.root), chapter.name] if chapter else []
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.engine.child", *ready_for],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        start_new_session=chapter is not None,
        # Threads make small matrix products no faster, and far slower on a busy machine.
        env={
            "OPENBLAS_NUM_THREADS": "1",
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "Agg",
        },
    )


def give(child: subprocess.Popen[str], order: Order) -> None:
    """Send a waiting child its order; one that has died will be noticed by its silence."""
    stream = child.stdin
    assert stream is not None
    with contextlib.suppress(BrokenPipeError):
        stream.write(json.dumps(order) + "\n")
        stream.close()


def lines_of(child: subprocess.Popen[str]) -> queue.Queue[str]:
    """Read the child's lines in a thread: the only wait with a time limit that works everywhere."""
    lines: queue.Queue[str] = queue.Queue()
    stream = child.stdout
    assert stream is not None

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put("")

    threading.Thread(target=read, daemon=True).start()
    return lines
