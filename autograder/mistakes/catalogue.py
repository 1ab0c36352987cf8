"""The catalogue of known mistakes, `mistakes.toml`: one-place changes of the reference, in words.

    [[mistakes]]
    id = "dense-db-mean"
    exercise = "Dense"
    function = "Dense.backward"      # optional: only there, else in all code of the exercise
    find = "drows.sum(axis=0)"       # occurs exactly once there
    replace = "drows.mean(axis=0)"   # or, instead of both, `body`: the function's whole new body
    symptom = "db is averaged over the batch"
    question = "The bias is used once per example: what happens to its N contributions?"
    convention = true                # optional: another convention, no mistake
    hidden = "why no public check can see it"   # optional: else a public check must notice
    same_as = "another-id"           # optional: the same mistake in other code; needs no words
    training = true                  # optional: only a check that trains can notice

`symptom` ends the sentence "gives the same numbers as code in which ...".
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any, NoReturn

from autograder.build.source import Source, shown
from autograder.engine.reference import reference_source
from autograder.errors import UserError
from autograder.manifest import Chapter
from autograder.mistakes.places import Reference

FILE = "mistakes.toml"
MAX_WORDS = 110  # characters of a symptom or question: a line and a bit in a terminal

_TEXTS = {"id", "exercise", "function", "find", "replace", "body"}
_WORDS = {"symptom", "question", "hidden", "same_as"}
_FLAGS = {"convention", "training"}
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True)
class Mistake:
    """One entry of the catalogue; `line` is where it stands in mistakes.toml."""

    id: str
    exercise: str
    line: int
    function: str = ""
    find: str = ""
    replace: str = ""
    body: str = ""
    symptom: str = ""
    question: str = ""
    hidden: str = ""
    same_as: str = ""
    convention: bool = False
    training: bool = False

    @property
    def named(self) -> str:
        """The id under which a diagnosis reports it."""
        return self.same_as or self.id


def load_catalogue(chapter: Chapter) -> list[Mistake]:
    """Read a chapter's catalogue; UserError, with file and line, for a faulty entry.

    A chapter without a catalogue has no known mistakes.
    """
    path = chapter.suite_dir / FILE
    if not path.is_file():
        return []
    return _Reader(Source.read(chapter, path)).mistakes()


def changed(chapter: Chapter, mistake: Mistake, reference: Reference | None = None) -> str:
    """Return the reference with the change of one entry; UserError when it does not apply."""
    reference = reference or Reference(reference_source(chapter))
    path = chapter.suite_dir / FILE
    try:
        text = (
            _body_changed(mistake, reference) if mistake.body else _find_changed(mistake, reference)
        )
        compile(text, chapter.file, "exec")
    except (LookupError, SyntaxError) as error:
        where = f"{shown(chapter, path)}:{mistake.line}"
        raise UserError(f"{where}: {mistake.id} does not apply: {error}") from None
    return text


def all_changed(chapter: Chapter, mistakes: list[Mistake]) -> dict[str, str]:
    """Return the changed reference of every entry, by id."""
    reference = Reference(reference_source(chapter))
    return {each.id: changed(chapter, each, reference) for each in mistakes}


def _find_changed(mistake: Mistake, reference: Reference) -> str:
    name = mistake.function or mistake.exercise
    find = reference.of_function if mistake.function else reference.of_exercise
    places = find(name)
    hits = [
        place.start + match.start()
        for place in places
        for match in re.finditer(re.escape(mistake.find), reference.text[place.start : place.stop])
    ]
    if len(hits) != 1:
        raise LookupError(f"{mistake.find!r} occurs {len(hits)} times in {name}, must be once")
    end = hits[0] + len(mistake.find)
    return reference.text[: hits[0]] + mistake.replace + reference.text[end:]


def _body_changed(mistake: Mistake, reference: Reference) -> str:
    if not reference.of_function(mistake.function):
        raise LookupError(f"the reference has no {mistake.function}")
    place, indent = reference.body(mistake.function)
    lines = [f"{indent}{line}" if line else "" for line in mistake.body.strip("\n").splitlines()]
    return reference.text[: place.start] + "\n".join(lines) + "\n" + reference.text[place.stop :]


class _Reader:
    """Turns the parsed TOML into entries; every complaint names file and line."""

    def __init__(self, source: Source) -> None:
        self.source = source
        lines = enumerate(source.text.splitlines(), 1)
        self._lines = [n for n, line in lines if re.match(r"\s*\[\[\s*mistakes\s*\]\]", line)]

    def mistakes(self) -> list[Mistake]:
        try:
            data = tomllib.loads(self.source.text)
        except tomllib.TOMLDecodeError as error:
            at = re.search(r"at line (\d+)", str(error))
            self.source.refuse(int(at[1]) if at else 1, f"not valid TOML: {error}")
        if set(data) - {"mistakes"}:
            self.source.refuse(1, "only [[mistakes]] may stand here")
        tables = zip(self._lines, data.get("mistakes", []), strict=False)
        found = [self._one(*pair) for pair in tables]
        self._check_names(found)
        return found

    def _one(self, line: int, item: dict[str, Any]) -> Mistake:
        for key, value in item.items():
            if key not in _TEXTS | _WORDS | _FLAGS:
                self._refuse(line, f"unknown entry {key!r}")
            if type(value) is not (bool if key in _FLAGS else str):
                self._refuse(line, f"{key!r} has the wrong type")
        mistake = Mistake(line=line, **{"id": "", "exercise": "", **item})
        self._check_change(mistake)
        self._check_words(mistake)
        return mistake

    def _check_change(self, mistake: Mistake) -> None:
        if not _ID.fullmatch(mistake.id):
            self._refuse(mistake.line, f"id {mistake.id!r}: small letters, digits and hyphens")
        self._check_exercise(mistake)
        if bool(mistake.body) == bool(mistake.find):
            self._refuse(mistake.line, f"{mistake.id} needs either find and replace or body")
        if mistake.body and not mistake.function:
            self._refuse(mistake.line, f"{mistake.id}: body needs function")
        if mistake.find and mistake.find == mistake.replace:
            self._refuse(mistake.line, f"{mistake.id} changes nothing")

    def _check_exercise(self, mistake: Mistake) -> None:
        known = [exercise.name for exercise in self.source.chapter.exercises]
        if mistake.exercise not in known:
            self._refuse(mistake.line, f"{mistake.exercise!r} is none of {', '.join(known)}")

    def _check_words(self, mistake: Mistake) -> None:
        for key in ("symptom", "question"):
            words = getattr(mistake, key)
            if bool(words) == bool(mistake.same_as):
                self._refuse(mistake.line, f"{mistake.id} needs a {key}, or same_as without one")
            if len(words) > MAX_WORDS or "\n" in words:
                self._refuse(
                    mistake.line, f"{mistake.id}: {key} must be one line of {MAX_WORDS} characters"
                )

    def _check_names(self, found: list[Mistake]) -> None:
        seen: dict[str, Mistake] = {}
        for mistake in found:
            if mistake.id in seen:
                self._refuse(mistake.line, f"{mistake.id!r} is listed twice")
            seen[mistake.id] = mistake
        for mistake in found:
            other = seen.get(mistake.same_as)
            if mistake.same_as and (other is None or other.same_as):
                self._refuse(mistake.line, f"same_as {mistake.same_as!r} is no entry with words")
            if other and other.exercise != mistake.exercise:
                self._refuse(mistake.line, f"same_as {other.id!r} is of another exercise")

    def _refuse(self, line: int, why: str) -> NoReturn:
        self.source.refuse(line, why)
