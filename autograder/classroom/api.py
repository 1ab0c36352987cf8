"""nbgrader's API, opened for one course: quiet, working folder and PATH looked after."""

from __future__ import annotations

import contextlib
import importlib.util
import logging
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from autograder.classroom.config import fill
from autograder.classroom.course import Course
from autograder.errors import UserError

# The last line of a traceback, also one that was logged (then it is indented).
_RAISED = re.compile(r"\s*(?:\w+\.)*(?P<name>[A-Z]\w*(?:Error|Exception|Entry)): (?P<text>.+)")
_SEE = re.compile(r"Please see the .* for details")


def require_nbgrader() -> None:
    """Refuse, in one sentence, where nbgrader is not installed."""
    if importlib.util.find_spec("nbgrader") is None:
        raise UserError(
            "this verb needs nbgrader, which the small install leaves out: "
            "pip install -e '.[instructor]' (students: '.[lab]'), or run the verb through make"
        )


@contextlib.contextmanager
def opened(course: Course, verbose: bool = False, unsafe: bool = False) -> Iterator[Any]:
    """Yield an NbGraderAPI for `course`; afterwards the working folder is what it was."""
    require_nbgrader()
    _find_alembic()
    here = Path.cwd()
    with _quiet(verbose):
        from nbgrader.apps import NbGraderAPI
        from traitlets.config import Config

        config = Config()
        fill(config, course)
        config.OurGrades.unsafe = unsafe
        try:
            yield NbGraderAPI(config=config)
        finally:
            os.chdir(here)


def run(what: str, step: Callable[[], dict[str, Any]]) -> None:
    """Run one step of nbgrader's API; raise UserError with its reason when it did not succeed."""
    outcome = step()
    if "\nKeyboardInterrupt" in outcome.get("error", ""):  # nbgrader catches it like any failure
        raise KeyboardInterrupt
    if not outcome["success"]:
        raise UserError(f"{what}: {reason(outcome)}")


def run_exchange(what: str, api: Any, kind: str, coursedir: dict[str, str], **settings: Any) -> Any:
    """Run one of the exchange's classes, for example "Collect"; return it for what it found out.

    `coursedir` says which assignment (and student), `settings` are attributes of the class.
    """
    from nbgrader.utils import capture_log, temp_attrs

    with temp_attrs(api.coursedir, **coursedir):
        parts = {"coursedir": api.coursedir, "authenticator": api.authenticator, "parent": api}
        app = getattr(api.exchange, kind)(**parts)
        for name, value in settings.items():
            setattr(app, name, value)
        run(what, lambda: capture_log(app))
    return app


def reason(outcome: dict[str, Any]) -> str:
    """Return the line of a failed step that says why: ours if there is one, else nbgrader's."""
    lines = (outcome.get("log", "") + "\n" + outcome.get("error", "")).splitlines()
    raised = [match for line in lines if (match := _RAISED.match(line))]
    ours = [match["text"] for match in raised if match["name"] == "UserError"]
    theirs = [
        match["text"] for match in raised if match["name"].startswith(("NbGrader", "Exchange"))
    ]
    others = [
        f"{match['name']}: {match['text']}" for match in raised if not _SEE.match(match["text"])
    ]
    return (ours or others or theirs or ["nbgrader gave no reason"])[-1]


def _find_alembic() -> None:
    """Put this environment's programs on the PATH: a new gradebook calls `alembic` by name."""
    folder = str(Path(sys.executable).parent)
    paths = os.environ.get("PATH", "").split(os.pathsep)
    if folder not in paths:
        os.environ["PATH"] = os.pathsep.join([folder, *paths])


@contextlib.contextmanager
def _quiet(verbose: bool) -> Iterator[None]:
    """Show what nbgrader logs on stderr if `verbose`; else keep it and all warnings back."""
    import traitlets.log

    log: Any = traitlets.log.get_logger()
    handler = logging.StreamHandler(sys.stderr) if verbose else logging.NullHandler()
    before = log.propagate
    log.propagate = False
    log.addHandler(handler)
    try:
        with warnings.catch_warnings():
            if not verbose:
                warnings.simplefilter("ignore")
            yield
    finally:
        log.removeHandler(handler)
        log.propagate = before
