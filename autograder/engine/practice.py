"""Run a learner's checks in a child process and survive whatever the learner's code does there."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from autograder.engine.needs import settle_needs
from autograder.engine.outcome import CheckOutcome
from autograder.errors import UserError
from autograder.manifest import Chapter

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
) -> PracticeRun:
    """Run the public (and, if asked, hidden) checks on a learner's own file.

    A check that ends the process or hangs beyond help gets its report, and the others still run.
    """
    if not _file(chapter, folder).is_file():
        raise UserError(
            f"{_file(chapter, folder)} is missing: put it back (dlfs build {chapter.name}) or "
            "fetch the assignment again"
        )
    state = _Run()
    while not state.ended:
        _one_child(chapter, exercises, hidden, folder, state)
    found = [state.done.get(name, check) for name, check in state.checks.items()]
    return PracticeRun(settle_needs(chapter, found), state.more)


def _file(chapter: Chapter, folder: Path | None) -> Path:
    return (folder or chapter.assignment_dir) / chapter.file


def _one_child(
    chapter: Chapter, exercises: list[str] | None, hidden: bool, folder: Path | None, state: _Run
) -> None:
    order = {
        "root": str(chapter.project.root),
        "chapter": chapter.name,
        "folder": str(folder) if folder else None,
        "hidden": hidden,
        "exercises": exercises,
        "skip": sorted(state.done),
    }
    with _child(order) as child:
        lines = _lines(child)
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
        raise UserError("the checks could not be started: run `dlfs doctor` and look at its report")
    state.close_current(status, message)
    state.ended = len(state.done) == len(state.checks)


def _child(order: dict[str, Any]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.engine.child", json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        # Threads make small matrix products no faster, and far slower on a busy machine.
        env={
            "OPENBLAS_NUM_THREADS": "1",
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "Agg",
        },
    )


def _lines(child: subprocess.Popen[str]) -> queue.Queue[str]:
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
