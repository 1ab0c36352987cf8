"""The manifest of a chapter, `chapter.toml`: the only list of exercises, points, needs, hints."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.errors import UsageError, UserError
from autograder.project import Project

TOTAL = 100  # the points of a chapter's exercises; free-text questions come on top
HINTS = 3

_EXERCISE = {"name": str, "title": str, "points": int, "needs": list, "hints": list, "why": str}
_QUESTION = {"name": str, "points": int}
_CHAPTER = {
    "title": str,
    "module": str,
    "imports": list,
    "dataset": str,
    "time_limit": int,
    "exercises": list,
    "questions": list,
}
_OPTIONAL = {"imports", "dataset", "time_limit", "questions", "needs", "why"}
_LISTS = {  # what a list holds, and how a complaint calls it
    "exercises": (dict, "tables"),
    "questions": (dict, "tables"),
    "imports": (str, "text"),
    "needs": (str, "text"),
    "hints": (str, "text"),
}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Exercise:
    """One exercise: what a stub names, what `check("...")` runs, what points are given for."""

    name: str
    title: str
    points: int
    needs: tuple[str, ...]
    hints: tuple[str, ...]
    why: str = ""  # one sentence that is shown once it passes


@dataclass(frozen=True)
class Question:
    """A free-text answer in the lab, marked by hand; its points come on top of the exercises'."""

    name: str
    points: int


@dataclass(frozen=True)
class Chapter:
    """One chapter as its manifest describes it, with the folders it lives in."""

    project: Project
    name: str
    title: str
    module: str
    imports: tuple[str, ...]
    dataset: str | None
    time_limit: int
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]

    @property
    def suite_dir(self) -> Path:
        return self.project.suites / self.name

    @property
    def solution_dir(self) -> Path:
        return self.project.solutions / self.name

    @property
    def assignment_dir(self) -> Path:
        return self.project.assignments / self.name

    @property
    def file(self) -> str:
        """The file a student hands in, for example `activations.py`."""
        return f"{self.module}.py"

    @property
    def source_file(self) -> Path:
        """The reference module with its solution regions."""
        return self.solution_dir / self.file

    @property
    def stub_file(self) -> Path:
        """The learner's own file."""
        return self.assignment_dir / self.file

    def exercise(self, name: str) -> Exercise:
        """Return the exercise of that name, or say which ones there are."""
        for exercise in self.exercises:
            if exercise.name == name:
                return exercise
        names = ", ".join(exercise.name for exercise in self.exercises)
        raise UsageError(f"{self.name} has no exercise {name!r}: choose one of {names}")


def chapter_names(project: Project) -> list[str]:
    """Return the names of all chapters in the order of the course."""
    return sorted(path.parent.name for path in project.suites.glob("*/chapter.toml"))


def all_chapters(project: Project) -> list[Chapter]:
    """Return every chapter of the course, in order."""
    return [load_chapter(project, name) for name in chapter_names(project)]


def load_chapter(project: Project, name: str) -> Chapter:
    """Read one chapter's manifest; `name` may be shortened (`ch03`) where that is unambiguous.

    Raises UsageError for an unknown chapter; UserError, with file and line, for a faulty manifest.
    """
    return _read(project, _full_name(project, name))


def earlier_chapters(chapter: Chapter) -> list[Chapter]:
    """Return the chapters that this one imports, and those that they import, in course order."""
    found: dict[str, Chapter] = {}
    waiting = list(chapter.imports)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = load_chapter(chapter.project, name)
            waiting.extend(found[name].imports)
    return [found[name] for name in sorted(found)]


def _full_name(project: Project, name: str) -> str:
    names = chapter_names(project)
    if name in names:
        return name
    matches = [full for full in names if full.startswith(name)] if name else []
    if len(matches) == 1:
        return matches[0]
    raise UsageError(f"there is no chapter {name!r}: choose one of {', '.join(names)}")


def _read(project: Project, name: str) -> Chapter:
    path = project.suites / name / "chapter.toml"
    text = path.read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = at[1] if at else text.count("\n") + 1
        raise UserError(f"{path}:{line}: not valid TOML: {error}") from None
    return _Reader(path, text).chapter(project, name, data)


class _Reader:
    """Turns the parsed TOML of one manifest into a Chapter; every complaint names file and line."""

    def __init__(self, path: Path, text: str) -> None:
        self.path = path
        self.lines = text.splitlines()

    def chapter(self, project: Project, name: str, data: dict[str, Any]) -> Chapter:
        self._fields(data, _CHAPTER, 1)
        exercises = tuple(self._exercise(i, item) for i, item in enumerate(data["exercises"]))
        questions = tuple(
            self._question(i, item) for i, item in enumerate(data.get("questions", []))
        )
        chapter = Chapter(
            project=project,
            name=name,
            title=data["title"],
            module=data["module"],
            imports=tuple(data.get("imports", [])),
            dataset=data.get("dataset"),
            time_limit=data.get("time_limit", 300),
            exercises=exercises,
            questions=questions,
        )
        if not _NAME.fullmatch(chapter.module):
            self._refuse(
                self._key_line("module", 1), f"{chapter.module!r} is not the name of a module"
            )
        self._check_names(chapter)
        self._check_points(chapter)
        self._check_imports(chapter)
        return chapter

    def _exercise(self, index: int, item: dict[str, Any]) -> Exercise:
        line = self._table_line("exercises", index)
        self._fields(item, _EXERCISE, line)
        hints = tuple(hint.strip() for hint in item["hints"])
        if len(hints) != HINTS or not all(hints):
            self._refuse(line, f"exercise {item['name']!r} needs {HINTS} hints, none of them empty")
        if item["points"] <= 0:
            self._refuse(line, f"exercise {item['name']!r} must be worth at least one point")
        needs = tuple(item.get("needs", []))
        why = item.get("why", "").strip()
        return Exercise(item["name"], item["title"], item["points"], needs, hints, why)

    def _question(self, index: int, item: dict[str, Any]) -> Question:
        line = self._table_line("questions", index)
        self._fields(item, _QUESTION, line)
        if item["points"] <= 0:
            self._refuse(line, f"question {item['name']!r} must be worth at least one point")
        return Question(item["name"], item["points"])

    def _fields(self, item: dict[str, Any], known: dict[str, type], line: int) -> None:
        for key in item:
            if key not in known:
                at = self._key_line(key, line)
                self._refuse(at, f"unknown entry {key!r}: known are {', '.join(known)}")
        for key, kind in known.items():
            if key not in item and key not in _OPTIONAL:
                self._refuse(line, f"the entry {key!r} is missing")
            if key in item and type(item[key]) is not kind:
                at = self._key_line(key, line)
                self._refuse(at, f"{key!r} must be of type {kind.__name__}")
            held, called = _LISTS.get(key, (object, ""))
            if key in item and key in _LISTS and not all(type(one) is held for one in item[key]):
                self._refuse(self._key_line(key, line), f"{key!r} must hold {called} only")

    def _check_names(self, chapter: Chapter) -> None:
        seen: list[str] = []
        for index, exercise in enumerate(chapter.exercises):
            line = self._table_line("exercises", index)
            if not _NAME.fullmatch(exercise.name):
                self._refuse(line, f"{exercise.name!r} is not a name that a stub can carry")
            if exercise.name in seen:
                self._refuse(line, f"exercise {exercise.name!r} is listed twice")
            for need in exercise.needs:
                if need not in seen:
                    self._refuse(
                        line, f"{exercise.name!r} needs {need!r}, which is not listed before it"
                    )
            seen.append(exercise.name)
        for index, question in enumerate(chapter.questions):
            line = self._table_line("questions", index)
            if not _NAME.fullmatch(question.name):
                self._refuse(
                    line, f"{question.name!r} is not a name that a notebook's cell can carry"
                )
            if question.name in seen:
                self._refuse(line, f"the name {question.name!r} is used twice")
            seen.append(question.name)

    def _check_points(self, chapter: Chapter) -> None:
        total = sum(exercise.points for exercise in chapter.exercises)
        if total != TOTAL:
            line = self._table_line("exercises", 0)
            self._refuse(line, f"the points of the exercises add up to {total}, not to {TOTAL}")

    def _check_imports(self, chapter: Chapter) -> None:
        for name in chapter.imports:
            if (
                name >= chapter.name
                or not (chapter.project.suites / name / "chapter.toml").is_file()
            ):
                line = self._key_line("imports", 1)
                self._refuse(line, f"{name!r} is not an earlier chapter")

    def _table_line(self, table: str, index: int) -> int:
        header = re.compile(rf"\s*\[\[\s*{table}\s*\]\]")
        lines = [n for n, text in enumerate(self.lines, 1) if header.match(text)]
        return lines[index] if index < len(lines) else 1

    def _key_line(self, key: str, start: int) -> int:
        pattern = re.compile(rf"\s*\"?{re.escape(key)}\"?\s*=")
        for number, text in enumerate(self.lines, 1):
            if number >= start and pattern.match(text):
                return number
        return start

    def _refuse(self, line: int, why: str) -> None:
        raise UserError(f"{self.path}:{line}: {why}")
