"""Run a chapter's suites against one program and return what every check found."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import HIDDEN, PUBLIC, SuitePlugin, Task
from autograder.engine.recipe import Recipe
from autograder.errors import UserError

# Parts of pytest that no suite uses: a sixth of what marking costs beside student code.
_NOT_FOR_MARKS = """doctest faulthandler junitxml logging pastebin setuponly setupplan stepwise
    threadexception unittest unraisableexception""".split()

_loaded: dict[str, tuple[str, int, int]] = {}


def run_suite(task: Task) -> list[CheckOutcome]:
    """Run the checks of a task; return their outcomes in the order of the manifest.

    Raises UserError when the suites themselves are broken: that is nobody's mark.
    """
    plugin, status, talk = _pytest(task)
    if plugin.broken or status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        if status == pytest.ExitCode.NO_TESTS_COLLECTED and not plugin.broken:
            return plugin.outcomes
        why = "\n".join(plugin.broken) or talk
        raise UserError(f"the suite of {task.chapter.name} does not run:\n{why}")
    if task.explain is None:
        return plugin.outcomes
    return task.explain(task, plugin.recipes, plugin.failures, plugin.outcomes)


def collect(task: Task) -> list[CheckOutcome]:
    """Return the checks of a task without running them, each with a blank outcome."""
    return _collected(task).collected


def recipes(task: Task) -> list[Recipe]:
    """Return the checks of a task in a form that can be run outside pytest."""
    return _collected(task).recipes


def _collected(task: Task) -> SuitePlugin:
    plugin, status, talk = _pytest(task, "--collect-only")
    if plugin.broken or status != pytest.ExitCode.OK:
        why = "\n".join(plugin.broken) or talk
        raise UserError(f"the suite of {task.chapter.name} does not run:\n{why}")
    return plugin


def _pytest(task: Task, *more: str) -> tuple[SuitePlugin, int, str]:
    """Run pytest in this process; return our plugin, its exit status and what pytest said."""
    _forget_other_suites(task)
    plugin, talk = SuitePlugin(task), StringIO()
    with _only_our_plugins(), redirect_stdout(talk), redirect_stderr(talk):
        status = pytest.main([*_arguments(task), *more], plugins=[plugin])
    if plugin.interrupted:
        raise KeyboardInterrupt
    if plugin.refused is not None:
        raise plugin.refused
    return plugin, int(status), talk.getvalue().strip()


def suite_files(task: Task) -> list[Path]:
    """Return the suite files of a task that are part of this copy of the course."""
    names = (PUBLIC, HIDDEN) if task.hidden else (PUBLIC,)
    return [path for name in names if (path := task.chapter.suite_dir / name).is_file()]


def _arguments(task: Task) -> list[str]:
    chapter = task.chapter
    words = [str(path) for path in suite_files(task)]
    words += [f"--rootdir={chapter.project.root}", f"--confcutdir={chapter.suite_dir}"]
    words += [
        "-c",
        os.devnull,
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "--strict-markers",
    ]
    words += ["-q", "--no-header", "--no-summary", "--tb=no", "--capture=no"]
    if task.in_process:
        return words if task.debug else [*words, "-p", "pytest_timeout"]
    return words + [f"-pno:{name}" for name in _NOT_FOR_MARKS]


def _forget_other_suites(task: Task) -> None:
    """Drop imported suites of another checkout, or of an earlier state of this one.

    pytest names a suite's module by its path below the project and keeps it in sys.modules.
    """
    for path in suite_files(task):
        name = ".".join(path.relative_to(task.chapter.project.root).with_suffix("").parts)
        stamp = (str(path), path.stat().st_mtime_ns, path.stat().st_size)
        if _loaded.get(name) != stamp:
            sys.modules.pop(name, None)
        _loaded[name] = stamp


@contextmanager
def _only_our_plugins() -> Iterator[None]:
    """Keep plugins that happen to be installed out of the marks (and out of the start-up time)."""
    name = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
