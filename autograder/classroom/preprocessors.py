"""Our steps in nbgrader's autograde: rebuild the notebook, write scores and feedback, the times.

No kernel is ever started: these stand where nbgrader would execute the student's cells. nbgrader
reads a score from a cell's output, and takes nearly everything that it cannot read for full credit;
so each graded cell gets its zero before anything else, and a score is a plain float within bounds.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from nbformat.v4 import new_markdown_cell, new_output
from nbgrader.api import Gradebook
from nbgrader.plugins import BasePlugin
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Unicode

from autograder.classroom import feedback, lateness, notebooks, results
from autograder.classroom.course import Course, open_course
from autograder.classroom.handin import irregular
from autograder.errors import UserError
from autograder.project import Project

Notebook = Any
Resources = dict[str, Any]


class RebuildFromRelease(NbGraderPreprocessor):
    """Replaces the notebook by the released one, with the written answers carried over."""

    def preprocess(self, nb: Notebook, resources: Resources) -> tuple[Notebook, Resources]:
        """Return the rebuilt notebook."""
        directory = self.parent.parent.coursedir  # exporter, then converter
        info = resources["nbgrader"]
        folder = Path(directory.format_path(directory.release_directory, ".", info["assignment"]))
        released = notebooks.read(folder / f"{info['notebook']}.ipynb")
        return notebooks.rebuild(released, nb), resources


class OurGrades(NbGraderPreprocessor):
    """Writes the marks of the sandbox into the graded cells, in the form that nbgrader reads."""

    project_root = Unicode(help="the checkout whose chapters are marked").tag(config=True)
    unsafe = Bool(False, help="take marks that were given without isolation").tag(config=True)

    def preprocess(self, nb: Notebook, resources: Resources) -> tuple[Notebook, Resources]:
        """Return the notebook with a score and feedback in every graded cell.

        Raises UserError, and thereby leaves no score at all, when the hand-in could not be marked.
        """
        cells = _clear(nb)
        info = resources["nbgrader"]
        course = course_of(self, self.project_root)
        folder = course.submitted(info["student"], info["assignment"])
        if irregular(folder):
            raise UserError(f"{folder} still holds links or special files: collect it again")
        chapter, student = info["assignment"], info["student"]
        exercises = results.exercises_of(course, chapter, student, unsafe=self.unsafe)
        _same_names(cells, exercises, info["assignment"])
        for name, cell in cells.items():
            write_score(cell, exercises[name])
        return nb, resources


class OurTimes(NbGraderPreprocessor):
    """Writes due date, extension and time of arrival into the gradebook, before the penalty."""

    project_root = Unicode(help="the checkout whose chapters are marked").tag(config=True)

    def preprocess(self, nb: Notebook, resources: Resources) -> tuple[Notebook, Resources]:
        """Return the notebook as it is."""
        course, info = course_of(self, self.project_root), resources["nbgrader"]
        with Gradebook(info["db_url"], course.id) as book:
            lateness.bring_dates(book, course)
            lateness.bring_hand_in(book, course, info["assignment"], info["student"])
            book.db.commit()
        return nb, resources


class LatePolicy(BasePlugin):
    """nbgrader's plugin for late hand-ins, as the [late] table of course.toml wants it."""

    project_root = Unicode(help="the checkout whose chapters are marked").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Return the points that lateness costs; nbgrader asks where the due date has passed."""
        course = course_of(self.parent, self.project_root)
        late = lateness.of_student(course, student_id).get(self.parent.assignment_id)
        return late.penalty(score) if late else None


class SayTimes(NbGraderPreprocessor):
    """Begins a feedback page with when the hand-in came, when it was due, and what that costs."""

    project_root = Unicode(help="the checkout whose chapters are marked").tag(config=True)

    def preprocess(self, nb: Notebook, resources: Resources) -> tuple[Notebook, Resources]:
        """Return the notebook with a first cell that says it, where there is a due date."""
        course, info = course_of(self, self.project_root), resources["nbgrader"]
        said = lateness.explained(course, info["assignment"], info["student"])
        if said:
            nb.cells.insert(0, new_markdown_cell(f"**{said}**"))
        return nb, resources


def course_of(step: Any, project_root: str) -> Course:
    """Return the course that one of nbgrader's steps works on."""
    root = step.parent.parent.coursedir.root  # the exporter's, then the converter's
    return open_course(Project(Path(project_root)), root)


def _clear(nb: Notebook) -> dict[str, Notebook]:
    """Empty every code cell and write zero into each graded one; return those by grade id."""
    cells = {}
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if notebooks.is_exercise(cell):
            cell.outputs = [_score(0.0)]
            cells[cell.metadata.nbgrader["grade_id"]] = cell
    return cells


def _same_names(cells: dict[str, Notebook], exercises: dict[str, Any], chapter: str) -> None:
    odd = sorted(set(cells) ^ set(exercises))
    if odd:
        raise UserError(
            f"the released notebook and the marks of {chapter} disagree about {', '.join(odd)}: "
            f"dlfs release {chapter}, then grade again"
        )


def write_score(cell: Notebook, exercise: dict[str, Any]) -> None:
    """Write one exercise's feedback and score into its cell; zero stays if either is impossible."""
    cell.outputs = [_score(0.0)]
    points = float(cell.metadata.nbgrader["points"])
    if points != exercise["max_score"]:
        raise UserError(
            f"{exercise['name']} is worth {points:g} points in the gradebook and "
            f"{exercise['max_score']:g} in chapter.toml: release the chapter again"
        )
    score = bounded(exercise["score"], points)
    shown = {"text/html": feedback.as_html(exercise), "text/plain": feedback.as_text(exercise)}
    cell.outputs = [new_output("display_data", shown), _score(score)]


def bounded(score: Any, points: float) -> float:
    """Return `score` as a plain float in [0, points]; refuse what is not a finite number."""
    if isinstance(score, bool) or not isinstance(score, (int, float)) or not math.isfinite(score):
        raise UserError(f"a score must be a finite number, not {score!r}")
    return min(max(float(score), 0.0), points)


def _score(score: float) -> Notebook:
    return new_output("execute_result", {"text/plain": repr(score)}, execution_count=None)
