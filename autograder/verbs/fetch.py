"""`dlfs fetch`: get a released chapter."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.project import Project
from autograder.verbs._course import course_arguments, shown, student_folder

if TYPE_CHECKING:
    from autograder.classroom.course import Course
    from autograder.classroom.student import Fetched

HELP = "get a chapter that has been released; your own files stay as they are"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "chapter", nargs="?", metavar="CH", help="a chapter; without it, see which are released"
    )
    student_folder(parser)
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.classroom.student import fetch, reachable_course
    from autograder.manifest import load_chapter

    course = reachable_course(project, args.course)
    folder = args.dir or project.assignments
    if not args.chapter:
        print("\n".join(_released(course, folder)))
        return 0
    chapter = load_chapter(project, args.chapter)
    fetched = fetch(course, chapter.name, folder, verbose=args.verbose)
    print("\n".join(_lines(fetched)))
    name = chapter.name
    opens = f"dlfs lab {name} --dir {shown(args.dir)}" if args.dir else f"make lab CH={name}"
    code = shown(fetched.folder / chapter.file)
    print(f"next: write your code in {code}; {opens} opens the notebook")
    return 0


def _released(course: Course, folder: Path) -> list[str]:
    from autograder.classroom.student import released

    names = released(course)
    if not names:
        return [f"{course.name}: nothing has been released yet"]
    width = max(map(len, names))
    have = {
        name: "is here" if (folder / name).is_dir() else f"make fetch CH={name}" for name in names
    }
    return [f"{course.name} has released:", *(f"  {name:<{width}}  {have[name]}" for name in names)]


def _lines(fetched: Fetched) -> list[str]:
    place = shown(fetched.folder)
    lines = [f"{place}: {', '.join(fetched.new)}"] if fetched.new else []
    if fetched.same:
        lines.append(f"{place}: {_are(fetched.same)} here already, as released")
    if fetched.kept:
        lines.append(
            f"{place}: {_are(fetched.kept)} yours and stayed as before (the released differs; "
            "for it, move yours away and fetch again)"
        )
    return lines


def _are(names: tuple[str, ...]) -> str:
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"
