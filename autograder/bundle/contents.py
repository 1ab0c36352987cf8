"""What a student's bundle holds: the one place that decides it.

Whatever is not named here stays at home. A chapter, a data set or a verb that is new comes along
by itself: nothing below lists one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from autograder.build.assemble import LAB, lab, stub
from autograder.bundle import texts
from autograder.bundle.package import Bundle, sealed
from autograder.bundle.parts import student_modules, student_verbs, without_staff
from autograder.classroom.course import Course
from autograder.engine.hidden import COUNTS, hidden_counts
from autograder.grading.result import text_of
from autograder.learner.sources import STUBS
from autograder.manifest import Chapter, all_chapters
from autograder.mistakes.library import RECORDED
from autograder.mistakes.recorded import recorded_text
from autograder.project import Project

AS_THEY_ARE = ("LICENSE", "constraints.txt", ".gitattributes")
GUIDE = "docs/student.md"  # with the pictures that it shows
WITHOUT_STAFF = ("Makefile", "pyproject.toml")
SUITE = ("chapter.toml", "test_public.py", "support.py", "plots.py")
DATA = (".py", ".npz", ".md", ".txt", ".toml", ".json")

Files = dict[str, bytes]


def student_bundle(course: Course, released: list[Chapter]) -> Bundle:
    """Return the bundle of a course, with the solutions of the chapters that are `released`."""
    # Small matrices gain nothing from threads, and the recorded sums are the same on every machine.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    project = course.project
    from autograder import __version__

    files: Files = {path: _read(project, path) for path in AS_THEY_ARE}
    files |= {path: without_staff(_text(project, path)).encode() for path in WITHOUT_STAFF}
    for path in [*student_modules(project), *_data(project), *_guide(project)]:
        files[path.relative_to(project.root).as_posix()] = _bytes(path)
    for chapter in all_chapters(project):
        files |= _chapter(chapter)
    for chapter in released:
        files[f"solutions/{chapter.name}/{chapter.file}"] = _bytes(chapter.source_file)
    return sealed(files | _made(course, released, __version__), course.id, __version__)


def _made(course: Course, released: list[Chapter], version: str) -> Files:
    """Return the files that are written for students."""
    project = course.project
    readme = texts.readme(course.name, all_chapters(project), [each.name for each in released])
    made = {
        "README.md": readme,
        "CHANGELOG.md": texts.changes(_text(project, "CHANGELOG.md"), student_verbs(project)),
        "VERSION": f"{version}\n",
        ".gitignore": (texts.TEMPLATE / "gitignore").read_text(encoding="utf-8"),
        "grading/course.toml": texts.settings(course.root / "course.toml"),
    }
    return {path: text.encode() for path, text in made.items()}


def _chapter(chapter: Chapter) -> Files:
    """Return what students get of one chapter: handed out, kept for `reset`, and its checks."""
    files: Files = {}
    for name, text in ((chapter.file, stub(chapter)), (LAB, lab(chapter))):
        files[f"assignments/{chapter.name}/{name}"] = text.encode()
        files[f"assignments/{STUBS}/{chapter.name}/{name}"] = text.encode()
    suite = f"autograder/suites/{chapter.name}"
    for name in SUITE:
        if (chapter.suite_dir / name).is_file():
            files[f"{suite}/{name}"] = _bytes(chapter.suite_dir / name)
    files[f"{suite}/{COUNTS}"] = text_of(hidden_counts(chapter)).encode()
    recorded = recorded_text(chapter)
    if recorded:
        files[f"{suite}/{RECORDED}"] = recorded.encode()
    return files


def _data(project: Project) -> Iterator[Path]:
    """Yield the data and what loads it; the scripts that made it are for authors."""
    for path in sorted((project.root / "datasets").iterdir()):
        if path.is_file() and path.suffix in DATA and not path.name.startswith((".", "make_")):
            yield path


def _guide(project: Project) -> list[Path]:
    guide = project.root / GUIDE
    shown = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", guide.read_text(encoding="utf-8"))
    return [guide, *(guide.parent / name for name in shown)]


def _bytes(path: Path) -> bytes:
    """Return a file; text with the line ends that it is committed with."""
    data = path.read_bytes()
    return data if b"\0" in data else data.replace(b"\r\n", b"\n")


def _read(project: Project, path: str) -> bytes:
    return _bytes(project.root / path)


def _text(project: Project, path: str) -> str:
    return _read(project, path).decode()
