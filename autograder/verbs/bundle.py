"""`dlfs bundle`: what students get."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UserError
from autograder.project import Project
from autograder.verbs._course import chosen_course, course_arguments, shown

if TYPE_CHECKING:
    from autograder.bundle.secrets import Secrets
    from autograder.classroom.course import Course
    from autograder.manifest import Chapter

HELP = "make what students get, as a folder and a zip (instructors)"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--solutions",
        default="",
        metavar="CH,...",
        help="chapters whose solutions are released: `compare` and `catchup` work for them",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (default: dist/ of the project)"
    )
    parser.add_argument(
        "--check",
        type=Path,
        metavar="PATH",
        help="make nothing; look for solutions and hidden checks in a folder, a zip or a "
        "repository with its history",
    )
    course_arguments(parser)


def run(args: argparse.Namespace, project: Project) -> int:
    """Make a bundle, or look through one; 1 where something is in it that must not be."""
    from autograder.bundle.leaks import leaks
    from autograder.bundle.secrets import Secrets
    from autograder.manifest import load_chapter

    if not project.solutions.is_dir() or not (project.root / "tests").is_dir():
        raise UserError("this is a student's copy: bundles are made from the whole course")
    names = {name.strip() for name in args.solutions.split(",") if name.strip()}
    released = [load_chapter(project, name) for name in sorted(names)]
    secrets = Secrets.of(project, [chapter.name for chapter in released])
    if args.check is None:
        return _make(args, project, secrets, released)
    found = leaks(args.check, secrets)
    print("\n".join(found or [f"{args.check}: no solution and no hidden check found"]))
    return 1 if found else 0


def _make(
    args: argparse.Namespace, project: Project, secrets: Secrets, released: list[Chapter]
) -> int:
    from autograder.bundle.contents import student_bundle
    from autograder.bundle.leaks import leaks_in
    from autograder.bundle.package import write_folder, zip_bytes
    from autograder.files import write_atomically

    course = chosen_course(args, project)
    print("making it (half a minute where checks have changed) ...", file=sys.stderr, flush=True)
    bundle = student_bundle(course, released)
    if found := leaks_in(bundle.files, secrets):
        raise UserError("\n".join(["no bundle was made, for it would not be safe:", *found]))
    out = args.out or project.root / "dist"
    folder, archive = out / course.id, out / f"{course.id}.zip"
    write_folder(bundle, folder)
    data = zip_bytes(bundle)
    write_atomically(archive, data)
    size = f"{len(data) / 1e6:.1f} MB, {len(bundle.files)} files"
    print(f"{shown(archive)} ({size}), and the same as a folder: {shown(folder)}")
    print(f"version {bundle.version}, state {bundle.digest[:12]}")
    print(f"solutions: {', '.join(chapter.name for chapter in released) or 'none'}")
    print(*_remarks(course), sep="\n", end="")
    return 0


def _remarks(course: Course) -> list[str]:
    """Return what an instructor may not expect."""
    from autograder.bundle.texts import is_shared
    from autograder.classroom.toml_lines import read_toml

    settings = course.root / "course.toml"
    if is_shared(read_toml(settings).data.get("exchange", "")):
        return []
    return [
        f"fetch and submit will not work from it: the exchange in {shown(settings)} is no "
        "absolute path, so it is another folder in every copy\n"
    ]
