"""`dlfs formgrader`: nbgrader's pages for the instructor."""

from __future__ import annotations

import argparse

from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments
from autograder.verbs._jupyter import jupyter_arguments, serve

HELP = "see hand-ins and marks in the browser, mark written answers (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter", nargs="?", metavar="CH", help="its hand-ins; without it, all chapters"
    )
    jupyter_arguments(parser)
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.api import require_nbgrader
    from autograder.classroom.jupyter import Site, require_jupyterlab
    from autograder.classroom.settings import settings_text
    from autograder.manifest import load_chapter

    require_nbgrader()
    require_jupyterlab()
    course = chosen_course(args, project)
    chapter = load_chapter(project, args.chapter) if args.chapter else None
    page = f"manage_submissions/{chapter.name}" if chapter else "manage_assignments"
    about = [
        f"{course.name}: {f'hand-ins of {chapter.name}' if chapter else 'all chapters'}; "
        "written answers are marked under Manual Grading",
        f"the course lies in {course.root}",
    ]
    if not course.gradebook.exists():
        about.append("nothing has been released yet: make release CH=... brings the first chapter")
    site = Site(course.root, f"/formgrader/{page}", settings_text(course))
    return serve(args, site, about)
