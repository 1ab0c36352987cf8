"""The process in which a learner's checks run: started by `practice`, speaks JSON lines.

It waits for one order on its standard input, so that it can be started before there is one.

The learner's code runs in here. If it ends the process or hangs in C, the parent notices and
reports it; marks never come from here.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.engine.hidden import left_out
from autograder.engine.plugin import Task
from autograder.engine.program import practice_program
from autograder.engine.run import collect, run_suite
from autograder.errors import UserError
from autograder.manifest import load_chapter
from autograder.mistakes.diagnosis import explain
from autograder.project import Project
from autograder.sandbox import LocalSession, Program


def main(words: list[str]) -> None:
    """Run the order that comes as a JSON line; write one JSON object per event.

    words: a project's root and a chapter whose suites are imported while there is no order yet.
    """
    say = private_stdout()
    if words:
        _warm_up(Path(words[0]), words[1])
    line = _only_line()
    if not line:  # nobody has anything to check any more
        return
    order = json.loads(line)
    task = _task(order)
    try:
        if not order["skip"]:
            _announce(task, say)
        task.on_start = lambda check, budget: say(event="start", check=check, budget=budget)
        task.on_outcome = lambda outcome: say(event="outcome", outcome=outcome.to_json())
        task.explain = explain
        for outcome in run_suite(task):
            if outcome.diagnosis:  # once more, with what is known about it
                task.on_outcome(outcome)
    except UserError as error:
        say(event="broken", why=str(error))
    else:
        say(event="end")


def _announce(task: Task, say: Any) -> None:
    """Say which checks will run, and how many more there are for grading."""
    checks = collect(replace(task, hidden=True))
    chosen = [check for check in checks if task.hidden or check.public]
    say(
        event="collected",
        checks=[check.to_json() for check in chosen],
        more=len(checks) - len(chosen) + left_out(task),
    )


def _task(order: dict[str, Any]) -> Task:
    chapter = load_chapter(Project(Path(order["root"])), order["chapter"])
    folder = Path(order["folder"]) if order["folder"] else None
    return Task(
        chapter=chapter,
        program=practice_program(chapter, folder),
        open_session=LocalSession,
        hidden=order["hidden"],
        exercises=tuple(order["exercises"]) if order["exercises"] else None,
        skip=frozenset(order["skip"]),
        in_process=True,
    )


def _warm_up(root: Path, name: str) -> None:
    """Collect a chapter's suites once; a second time costs a fraction."""
    chapter = load_chapter(Project(root), name)
    with contextlib.suppress(UserError):  # broken suites are reported when they are run
        collect(Task(chapter, Program(chapter.module, {}), LocalSession))


def _only_line() -> str:
    """Read the order; the learner's code finds an empty standard input."""
    line = sys.stdin.readline()
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    return line


def private_stdout() -> Any:
    """Keep the real standard output for ourselves; what anybody prints goes nowhere."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)

    def say(**message: Any) -> None:
        channel.write(json.dumps(message) + "\n")
        channel.flush()

    return say


if __name__ == "__main__":
    main(sys.argv[1:])
