"""How many hidden checks there are; a copy without them is told by hidden.json in the suite."""

from __future__ import annotations

import json
from collections import Counter

from autograder.engine.plugin import HIDDEN, Task
from autograder.engine.run import collect
from autograder.manifest import Chapter
from autograder.sandbox import LocalSession, Program

COUNTS = "hidden.json"  # {"relu": 10}


def hidden_counts(chapter: Chapter) -> dict[str, int]:
    """Return the number of hidden checks by exercise, in the order of the manifest."""
    checks = collect(Task(chapter, Program(chapter.module, {}), LocalSession))
    counts = Counter(check.exercise for check in checks if not check.public)
    return {exercise.name: counts[exercise.name] for exercise in chapter.exercises}


def left_out(task: Task) -> int:
    """Return how many hidden checks of a task this copy of the course does not have."""
    folder = task.chapter.suite_dir
    if (folder / HIDDEN).is_file():
        return 0
    try:
        counts = json.loads((folder / COUNTS).read_text(encoding="utf-8"))
        return sum(
            int(count)
            for name, count in counts.items()
            if task.exercises is None or name in task.exercises
        )
    except (OSError, ValueError, TypeError, AttributeError):  # only a number for information
        return 0
