"""Hostile notebooks on their way into the gradebook and onto the pages of those who mark."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import sqlite3
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any

from attack_arena import CORPUS, memory

from autograder.classroom import notebooks, results, steps
from autograder.classroom.course import Course, open_course
from autograder.manifest import Chapter
from autograder.project import Project

SECONDS, MEMORY = 10.0, 900  # of processor time; MiB: a notebook of 20 MB, read and checked
PAGE = 3_000_000  # characters
_LOADS = {"script", "iframe", "object", "embed", "svg", "style", "link", "meta", "base", "form"}
_MATH = re.compile(
    r"\\(href|url|style|class|cssId|require|csname|def|let|(re)?newcommand|unicode)(?![A-Za-z])"
)


def cell(kind: str, source: str) -> dict[str, Any]:
    """Return a cell of a notebook."""
    made: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source, "id": "owned"}
    return made | ({"outputs": [], "execution_count": None} if kind == "code" else {})


def graded(book: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells that carry points."""
    return [one for one in book["cells"] if one["metadata"].get("nbgrader", {}).get("grade")]


def answers(book: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the cells with written answers."""
    return [one for one in graded(book) if one["metadata"]["nbgrader"]["solution"]]


def names() -> list[str]:
    return sorted(path.stem for path in (CORPUS / "notebook").glob("*.py"))


def load(name: str) -> ModuleType:
    """Return a file of the corpus as a module that knows the helpers above."""
    path = CORPUS / "notebook" / f"{name}.py"
    spec = importlib.util.spec_from_file_location(f"attacks_notebook_{name}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    vars(module).update(cell=cell, graded=graded, answers=answers)
    spec.loader.exec_module(module)
    assert (module.__doc__ or "").startswith("Goal: ")
    return module


class Classroom:
    """A course in which everybody has the same half of the points for the code."""

    def __init__(self, project: Project, chapter: Chapter, root: Path) -> None:
        self.chapter, self.root = chapter, root
        root.mkdir()
        text = 'id = "test"\nname = "Test"\ncache = "cache"\n'
        (root / "course.toml").write_text(text, encoding="utf-8")
        self.course: Course = open_course(project, root)
        steps.release(self.course, chapter)
        self.page = self._honest()
        self.before = self._listing()

    def half(self, course: Course, chapter: str, student: str, unsafe: bool = False) -> dict:
        """Return a Result without a sandbox: what is in the notebook can change nothing in it."""
        found = [_half(one.name, float(one.points)) for one in self.chapter.exercises]
        return {"chapter": chapter, "student": student, "status": "graded", "exercises": found}

    def _honest(self) -> Counter[str]:
        self.hand_in("honest", lambda book, folder: None)
        self.mark("honest")
        return parts_of(self.rendered("honest"))

    def hand_in(self, student: str, change: Any) -> None:
        """Put a changed notebook where collection would have put it."""
        folder = self.course.submitted(student, self.chapter.name)
        folder.mkdir(parents=True)
        shutil.copy(self.chapter.assignment_dir / self.chapter.file, folder)
        (released,) = self.course.release(self.chapter.name).glob("*.ipynb")
        book = json.loads(released.read_text(encoding="utf-8"))
        made = change(book, folder)
        target = folder / released.name
        if not target.is_symlink():
            target.write_bytes(made if isinstance(made, bytes) else json.dumps(book).encode())

    def mark(self, student: str) -> steps.Marked:
        kept, results.result_of = results.result_of, self.half
        try:
            return steps.autograde(self.course, self.chapter.name, [student])[0]
        finally:
            results.result_of = kept

    def rendered(self, student: str) -> str:
        """Return the marked notebook as the pages of nbgrader show it."""
        from nbconvert import HTMLExporter

        folder = self.course.autograded(student, self.chapter.name)
        (path,) = folder.glob("*.ipynb")
        exporter = HTMLExporter(template_name="basic")
        return exporter.from_notebook_node(notebooks.read(path))[0]

    def run(self, name: str) -> list[str]:
        """Hand in one hostile notebook, mark it, look at its page; return what got through."""
        self.hand_in(name, load(name).change)
        began, before = time.process_time(), memory(forget=True)
        found = self._judge(name, self.mark(name))
        if time.process_time() - began > SECONDS:
            found.append(f"took {time.process_time() - began:.0f} s")
        if memory() - before > MEMORY:
            found.append(f"cost {memory() - before} MiB")
        return found

    def _judge(self, name: str, marked: steps.Marked) -> list[str]:
        half = {one.name: one.points / 2 for one in self.chapter.exercises}
        found = [] if marked.problem is None else [f"cannot be marked: {marked.problem[:90]}"]
        if (now := self.scores(name)) != half:
            found.append(f"the gradebook holds {now}")
        if self.scores("honest") != half:
            found.append("somebody else's marks have changed")
        if marked.problem is None:
            found += self._page(name)
        if any(not text.isprintable() or len(text) > 600 for text in marked.odd):
            found.append(f"cannot be shown: {marked.odd!r}"[:90])
        return found + [f"{path.name} is left" for path in self._listing() - self.before]

    def _page(self, name: str) -> list[str]:
        page = self.rendered(name)
        more = parts_of(page) - self.page
        found = [f"the page holds {part}" for part in sorted(more)[:6]]
        if len(page) > PAGE:
            found.append(f"a page of {len(page)} characters")
        return found

    def scores(self, student: str) -> dict[str, float]:
        """Return what nbgrader's gradebook holds for the code, straight from SQL."""
        query = """select base_cell.name, grade.auto_score from grade
            join base_cell on base_cell.id = grade.cell_id
            join submitted_notebook on submitted_notebook.id = grade.notebook_id
            join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
            where submitted_assignment.student_id = ? and grade.auto_score is not null"""
        with sqlite3.connect(self.course.gradebook) as base:
            found = dict(base.execute(query, [student]).fetchall())
        base.close()
        questions = {one.name for one in self.chapter.questions}
        return {name: score for name, score in found.items() if name not in questions}

    def _listing(self) -> set[Path]:
        return {path for path in self.root.rglob("*owned*") if "submitted" not in path.parts}


def _half(name: str, points: float) -> dict[str, Any]:
    check = {"id": name, "title": name, "public": True, "status": "failed", "message": "got 1"}
    check |= {"mistake": None, "points": points / 2, "max_points": points}
    return {"name": name, "score": points / 2, "max_score": points, "status": "failed",
            "checks": [check]}  # fmt: skip


class _Parts(HTMLParser):
    """Counts what a page would run, load or lead to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LOADS:
            self.found[f"<{tag}>"] += 1
        for name, value in attrs:
            text = re.sub(r"[\x00-\x20]", "", value or "").lower()
            if name.startswith("on"):
                self.found[f"{tag} {name}"] += 1
            elif tag == "a" and name == "href" and re.match("#|https?://", text):
                pass  # shown as it is, and leads there when somebody clicks on it
            elif name in ("href", "src", "action", "data"):
                self.found[f"{tag} {name}={text[:40]}"] += 1


def parts_of(page: str) -> Counter[str]:
    """Return what a page would run, load or lead to, and the commands of MathJax that could."""
    parser = _Parts()
    parser.feed(page)
    return parser.found + Counter(f"math {one.group()}" for one in _MATH.finditer(page))
