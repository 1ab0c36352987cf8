"""The Result of marking one submission: plain values, the same bytes for the same input."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UserError

SCHEMA = 1  # of the file that holds many Results
GRADED, GRADER_ERROR = "graded", "grader_error"


@dataclass(frozen=True)
class Check:
    """One check with its share of the exercise's points."""

    id: str
    title: str
    public: bool
    status: str
    points: float
    max_points: float
    message: str
    mistake: str | None = None


@dataclass(frozen=True)
class ExerciseResult:
    """One exercise: the sum of its checks."""

    name: str
    score: float
    max_score: float
    status: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Result:
    """The marks of one submission, with all that they depend on."""

    chapter: str
    submission: str
    student: str
    content_hash: str
    grader_version: str
    dataset: str | None
    status: str
    isolation: tuple[str, ...]
    score: float
    max_score: float
    exercises: tuple[ExerciseResult, ...]
    notes: tuple[str, ...] = ()

    def exercise(self, name: str) -> ExerciseResult:
        """Return the exercise of that name; KeyError when the Result does not have it."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        raise KeyError(name)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(data: dict[str, Any]) -> Result:
        exercises = tuple(
            ExerciseResult(**{**item, "checks": tuple(Check(**check) for check in item["checks"])})
            for item in data["exercises"]
        )
        lists = {"isolation": tuple(data["isolation"]), "notes": tuple(data.get("notes", ()))}
        return Result(**{**data, **lists, "exercises": exercises})


def dump(results: Iterable[Result]) -> str:
    """Return the text of a file with many Results."""
    return "".join(_lines(results))


def write(results: Iterable[Result], path: Path) -> None:
    """Write a file with many Results, in one step, holding one of them at a time in memory."""
    part = path.with_name(f".{path.name}.part")  # the next run writes over what a killed one left
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("w", encoding="utf-8") as stream:
            stream.writelines(_lines(results))
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise UserError(f"{path} cannot be written: {error.strerror or error}") from None


def _lines(results: Iterable[Result]) -> Iterator[str]:
    yield f'{{\n "schema": {SCHEMA},\n "results": ['
    before = "\n"
    for result in results:
        yield before + "  " + text_of(result.to_json()).rstrip("\n").replace("\n", "\n  ")
        before = ",\n"
    yield "]\n}\n" if before == "\n" else "\n ]\n}\n"


def text_of(data: Any) -> str:
    """Return JSON text that is the same for the same data everywhere."""
    return json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
