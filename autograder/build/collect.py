"""What pytest collects in a suite: `python -m autograder.build.collect FILE...` prints it as JSON.

    {"tests": [{"file", "line", "test", "exercises": [...]}], "errors": [text]}

A check names its exercise by a mark, which may come from a parameter as well as from a decorator,
so only pytest knows. It runs in a process of its own, that nothing of a suite stays imported.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest


class _Collector:
    """A pytest plugin that notes each test with the exercises it names, and each failure."""

    def __init__(self) -> None:
        self.tests: list[dict[str, Any]] = []
        self.errors: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(report.longreprtext)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            marks = item.iter_markers("exercise")
            self.tests.append(
                {
                    "file": item.path.name,
                    "line": (item.location[1] or 0) + 1,
                    "test": item.name,
                    "exercises": [mark.args[0] if mark.args else None for mark in marks],
                }
            )


def main(files: list[str]) -> None:
    """Collect the files, without any project's settings, and print what was found."""
    collector = _Collector()
    options = ["--collect-only", "--import-mode=importlib", "-p", "no:terminal"]
    options += ["-p", "no:cacheprovider", "-c", os.devnull, f"--rootdir={Path(files[0]).parent}"]
    pytest.main([*options, *files], plugins=[collector])
    print(json.dumps({"tests": collector.tests, "errors": collector.errors}))


if __name__ == "__main__":
    main(sys.argv[1:])
