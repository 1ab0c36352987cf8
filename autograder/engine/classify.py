"""From what ended a check to its state and the words a student reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from autograder.engine.outcome import Status
from autograder.sandbox import LoadError, StudentError, StudentFailure, StudentTimeout
from autograder.suite import CheckFailed

_TIMEOUT = re.compile(r"Timeout \(?>? ?([0-9.]+)s")


@dataclass(frozen=True)
class Verdict:
    """The state of one check and its message; `place` is the student's line, `file.py:41`."""

    status: Status
    message: str = ""
    place: str = ""
    loaded: bool = True


class FailedInFixture(Exception):
    """Carries a failure of the student's process out of a fixture."""

    def __init__(self, failure: StudentFailure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@contextmanager
def told_to_pytest() -> Iterator[None]:
    """Raise StudentFailure as an Exception: a fixture that ends with anything else confuses pytest.

    It is no Exception by itself, so that `pytest.raises(Exception)` in a suite does not catch it.
    """
    try:
        yield
    except StudentFailure as failure:
        raise FailedInFixture(failure) from None


def classify(error: BaseException, exercise: str, exercises: set[str]) -> Verdict:
    """Return the verdict on a check of `exercise` that ended with `error`.

    `exercises` are the names of all exercises that a stub may name, earlier chapters' too.
    """
    if isinstance(error, StudentTimeout):
        return Verdict("timeout", str(error), getattr(error, "at", "") or "")
    if isinstance(error, StudentFailure):
        return Verdict("crashed", str(error), getattr(error, "at", "") or "")
    if isinstance(error, CheckFailed):
        return Verdict("failed", str(error))
    if isinstance(error, StudentError):
        return _student_error(error, exercise, exercises)
    if isinstance(error, pytest.fail.Exception):
        return _pytest_failure(error)
    # The suite could not work with what it got (None + 1, say, or a list's .shape): a wrong answer.
    return Verdict("failed", f"the check cannot use what your code returned: {_one_line(error)}")


def _student_error(error: StudentError, exercise: str, exercises: set[str]) -> Verdict:
    place = _place(error)
    if error.kind == "NotImplementedError":
        named = error.text.strip()
        if named in exercises and named != exercise:
            return Verdict("waiting", f"waits for {named}, which is not written yet", place)
        return Verdict("not_started", f"{exercise} is not written yet", place)
    missing = getattr(error, "missing", None)
    if missing:
        return Verdict("not_started", f"the file defines no {missing}", place)
    if isinstance(error, LoadError):
        why = f"the file cannot be loaded: {error.kind}: {error.text}"
        return Verdict("crashed", why, place, loaded=False)
    where = f" in {error.frames[-1][2]}" if error.frames else ""
    return Verdict("crashed", f"{error.kind}{where}: {error.text}".rstrip(": "), place)


def _pytest_failure(error: BaseException) -> Verdict:
    found = _TIMEOUT.search(str(error))
    if found:
        return Verdict(
            "timeout", f"did not finish within {float(found.group(1)):g} s", _stuck(error)
        )
    return Verdict("failed", str(error))


def _stuck(error: BaseException) -> str:
    """Return the student's line at which pytest-timeout stopped the check.

    In the learner's own process the student's code objects carry plain file names.
    """
    at, frame = "", error.__traceback__
    while frame is not None:
        name = frame.tb_frame.f_code.co_filename
        if re.fullmatch(r"\w+\.py", name):
            at = f"{name}:{frame.tb_lineno}"
        frame = frame.tb_next
    return at


def _place(error: StudentError) -> str:
    if not error.frames:
        return ""
    file, line, _ = error.frames[-1]
    return f"{file}:{line}"


def _one_line(error: BaseException) -> str:
    text = str(error).splitlines()
    return f"{type(error).__name__}: {text[0] if text else ''}".rstrip(": ")
