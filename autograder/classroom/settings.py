"""nbgrader's settings for one JupyterLab: which course, as which student, which of its parts."""

from __future__ import annotations

from dataclasses import dataclass

from autograder.classroom.course import Course


@dataclass(frozen=True)
class Part:
    """A part of nbgrader's web pages, by its name in the page and in the server."""

    page: str
    server: str


FORMGRADER = Part("@jupyter/nbgrader:formgrader", "nbgrader.server_extensions.formgrader")
LIST = Part("@jupyter/nbgrader:assignment-list", "nbgrader.server_extensions.assignment_list")

_TEXT = """\
from pathlib import Path

from autograder.classroom.config import fill
from autograder.classroom.course import open_course
from autograder.project import Project

config = get_config()
fill(config, open_course(Project(Path({project!r})), Path({root!r})))
"""


def settings_text(course: Course, student: str | None = None) -> str:
    """Return the text of an nbgrader_config.py for a course, wherever its folder lies.

    student: the id that the student's own pages go by, where all share one account.
    """
    text = _TEXT.format(project=str(course.project.root), root=str(course.root))
    return text + (f"config.CourseDirectory.student_id = {student!r}\n" if student else "")
