"""`dlfs lab`: a chapter's notebook in JupyterLab."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UserError
from autograder.project import Project
from autograder.verbs._course import course_arguments, shown, student_folder
from autograder.verbs._jupyter import jupyter_arguments, serve

if TYPE_CHECKING:
    from autograder.classroom.course import Course
    from autograder.manifest import Chapter

HELP = "open a chapter's notebook in JupyterLab, your module beside it"

NOTEBOOK = "lab.ipynb"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter", nargs="?", metavar="CH", help="a chapter; without it, the one at hand"
    )
    student_folder(parser)
    parser.add_argument(
        "--student", metavar="ID", help="whose assignment list (where all use one account)"
    )
    jupyter_arguments(parser)
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.jupyter import Site, require_jupyterlab
    from autograder.classroom.settings import FORMGRADER, LIST, settings_text

    require_jupyterlab()
    chapter = _chapter(args, project)
    folder = (args.dir or project.assignments).absolute()
    _require_files(chapter, folder)
    course, remark = _course(args, project)
    site = Site(
        folder,
        f"/lab/tree/{chapter.name}/{NOTEBOOK}",
        settings_text(course, args.student) if course else "",
        left_out=(FORMGRADER.page, *(() if course else (LIST.page,))),
        server_left_out=(FORMGRADER.server, *(() if course else (LIST.server,))),
    )
    about = [
        f"{chapter.name}, {chapter.title}: the notebook {NOTEBOOK}, your code in {chapter.file}",
        f"both lie in {shown(folder / chapter.name)}; "
        f"a cell that you run again sees {chapter.file} as it is saved",
    ]
    if course:
        about.append("menu Nbgrader, Assignment List: fetch, hand in, see your feedback")
    return serve(args, site, [*about, *remark])


def _chapter(args: argparse.Namespace, project: Project) -> Chapter:
    from autograder.learner.choose import at_hand
    from autograder.manifest import load_chapter

    if args.chapter:
        return load_chapter(project, args.chapter)
    return at_hand(project, [])[0]


def _require_files(chapter: Chapter, folder: Path) -> None:
    for name in (NOTEBOOK, chapter.file):
        if not (folder / chapter.name / name).is_file():
            raise UserError(
                f"there is no {name} in {folder / chapter.name}: "
                f"make fetch CH={chapter.name} brings it where your course has released it"
            )


def _course(args: argparse.Namespace, project: Project) -> tuple[Course | None, list[str]]:
    """Return the course for the assignment list; without one the notebook opens all the same."""
    from autograder.classroom.course import COURSE_VARIABLE
    from autograder.classroom.student import identity, reachable_course

    try:
        course = reachable_course(project, args.course)
    except UserError as error:
        if args.student or args.course or os.environ.get(COURSE_VARIABLE):
            return None, [f"without the assignment list: {error}"]
        return None, []
    if args.student is not None:
        identity(course, args.student)
    return course, []
