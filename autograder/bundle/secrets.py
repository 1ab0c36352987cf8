"""The text that students must not get, and how it is found again in another text.

Secret are, of every chapter: what stands in the solution regions of its module and its lab, other
correct implementations, the hidden checks, and the code of the catalogued mistakes. A line of them
is looked for without its white space, so that no indentation, wrapping or escaping hides it. A line
that the public files have as well (a loop over batches, an import) tells nothing and is passed
over; so are lines too short to be told from chance, but not two or three of them in a row.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from autograder.build.assemble import LAB_SOURCE, lab, stub
from autograder.build.notebook import ANSWER
from autograder.bundle.bytecode import Shape, shapes
from autograder.bundle.parts import student_modules
from autograder.engine.plugin import HIDDEN
from autograder.manifest import Chapter, all_chapters
from autograder.mistakes.catalogue import FILE as CATALOGUE
from autograder.project import Project

SHORTEST = 22  # characters of a needle, white space not counted
_BEGIN = re.compile(r"(?:#\s*)?### BEGIN SOLUTION")
_END = re.compile(r"(?:#\s*)?### END SOLUTION")


@dataclass(frozen=True)
class Secret:
    """Some lines that belong together, and what they are, in words."""

    what: str
    lines: tuple[str, ...]


@dataclass
class Secrets:
    """What is looked for: distinctive text, and the shapes of compiled functions."""

    needles: dict[str, str] = field(default_factory=dict)  # squeezed text -> what it is
    shapes: dict[Shape, str] = field(default_factory=dict)
    silent: list[str] = field(default_factory=list)  # secrets with no line that is only theirs

    @classmethod
    def of(cls, project: Project, released: Iterable[str] = ()) -> Secrets:
        """Collect the secrets of all chapters; solutions of the `released` ones are none."""
        free = set(released)
        chapters = all_chapters(project)
        public = list(_public_texts(project, chapters))
        public += [_text(each.source_file) for each in chapters if each.name in free]
        known = squeezed("\n".join(public))
        found = cls()
        for chapter in chapters:
            for secret in secret_texts(chapter, solved=chapter.name in free):
                found._take(secret, known)
            for what, text in _modules(chapter, solved=chapter.name in free):
                found.shapes |= dict.fromkeys(shapes(compile(text, "", "exec")), what)
        for text in public:
            if code := _compiled(text):
                for shape in shapes(code):
                    found.shapes.pop(shape, None)
        return found

    def _take(self, secret: Secret, known: str) -> None:
        lines = [squeezed(line) for line in secret.lines if line.strip()]
        own = {needle for needle in _needles(lines) if needle not in known}
        self.needles |= {needle: secret.what for needle in own if needle not in self.needles}
        if not own and len("".join(lines)) >= SHORTEST:
            self.silent.append(secret.what)

    @cached_property
    def _heads(self) -> dict[str, list[str]]:
        heads: dict[str, list[str]] = {}
        for needle in self.needles:
            heads.setdefault(needle[:SHORTEST], []).append(needle)
        return heads

    def in_text(self, text: str) -> list[tuple[str, str]]:
        """Return which secrets stand in a text, each with the words that give it away."""
        within = squeezed(text)
        found: dict[str, str] = {}
        for at in range(len(within) - SHORTEST + 1):
            for needle in self._heads.get(within[at : at + SHORTEST], ()):
                if within.startswith(needle, at):
                    found.setdefault(self.needles[needle], needle)
        return list(found.items())


def squeezed(text: str) -> str:
    """Return a text as it is compared: no white space, one kind of quotes, escapes undone."""
    if "\\" in text:
        text = re.sub(r"\\+[ntr]", "", text).replace("\\", "")
    return re.sub(r"\s+", "", text).replace("'", '"')


def secret_texts(chapter: Chapter, *, solved: bool = False) -> Iterator[Secret]:
    """Yield the secrets of one chapter; of one whose solution is released, only its checks."""
    hidden = _text(chapter.suite_dir / HIDDEN).splitlines()
    yield Secret(f"the hidden checks of {chapter.name}", tuple(hidden))
    yield from _regions(chapter, LAB_SOURCE, "the model answers")
    if solved:
        return
    yield from _regions(chapter, chapter.file, "the solution")
    for path in _others(chapter):
        lines = tuple(_text(path).splitlines())
        yield Secret(f"another solution of {chapter.name}", lines)
    yield from _mistakes(chapter)


def _regions(chapter: Chapter, name: str, what: str) -> Iterator[Secret]:
    lines: list[str] | None = None
    for line in _text(chapter.solution_dir / name).splitlines():
        if _BEGIN.match(line.strip()):
            lines = []
        elif _END.match(line.strip()):
            yield Secret(f"{what} of {chapter.name}", tuple(lines or ()))
            lines = None
        elif lines is not None:
            # A model answer is a comment in the lab's source, and would be none in the notebook.
            lines.append(line.removeprefix("# ") if name == LAB_SOURCE else line)


def _mistakes(chapter: Chapter) -> Iterator[Secret]:
    path = chapter.suite_dir / CATALOGUE
    entries = tomllib.loads(_text(path)).get("mistakes", []) if path.is_file() else []
    for entry in entries:
        for key in ("find", "replace", "body"):
            lines = tuple(str(entry.get(key, "")).splitlines())
            yield Secret(f"a catalogued mistake of {chapter.name}", lines)


def _modules(chapter: Chapter, *, solved: bool) -> Iterator[tuple[str, str]]:
    yield f"the hidden checks of {chapter.name}", _text(chapter.suite_dir / HIDDEN)
    if not solved:
        yield f"the solution of {chapter.name}", _text(chapter.source_file)
        for path in _others(chapter):
            yield f"another solution of {chapter.name}", _text(path)


def _others(chapter: Chapter) -> list[Path]:
    return sorted((chapter.project.root / "tests" / "correct" / chapter.name).glob("*.py"))


def _needles(lines: list[str]) -> Iterator[str]:
    """Yield what is looked for: each line that is long enough, and short ones with the next."""
    for number, line in enumerate(lines):
        together = line
        for following in ("", *lines[number + 1 : number + 3]):
            together += following
            if len(together) >= SHORTEST:
                yield together
                break


def _public_texts(project: Project, chapters: list[Chapter]) -> Iterator[str]:
    """Yield what is public on purpose, read from the sources and not from any bundle.

    Texts for readers (README, docs, changes) are not among it: nothing secret belongs there.
    """
    for path in [*student_modules(project), *sorted((project.root / "datasets").glob("*.py"))]:
        yield _text(path)
    for chapter in chapters:
        yield stub(chapter)
        yield lab(chapter).replace(ANSWER, "")
        for path in sorted(chapter.suite_dir.iterdir()):
            if path.name in ("chapter.toml", "test_public.py", "support.py", "plots.py"):
                yield _text(path)


def _compiled(text: str) -> object:
    try:
        return compile(text, "", "exec")
    except (SyntaxError, ValueError):
        return None


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""
