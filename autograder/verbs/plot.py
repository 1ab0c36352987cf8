"""`dlfs plot`: a chapter's pictures from one's own code."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.errors import UsageError
from autograder.project import Project

HELP = "draw a chapter's pictures from your own code, with what went wrong visible"

FOLDER = "plots"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("chapter", metavar="CH", help="for example ch03_activations")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=f"default: {FOLDER}/<chapter>")


def run(args: argparse.Namespace, project: Project) -> int:
    """Write a PNG for each picture and a page of them all; exit with 1 where one shows a fault."""
    from autograder.files import write_atomically
    from autograder.learner.gallery import announce, draw_all
    from autograder.learner.page import pictures_page
    from autograder.manifest import load_chapter

    chapter = load_chapter(project, args.chapter)
    if not (chapter.suite_dir / "plots.py").is_file():
        raise UsageError(f"{chapter.name} has no pictures")
    folder = args.out or project.root / FOLDER / chapter.name
    announce()
    drawn = draw_all(chapter)
    for one in drawn:
        if one.png:
            write_atomically(folder / f"{one.name}.png", one.png)
        state = one.why or "; ".join(one.faults) or "drawn"
        print(f"  {one.name}: {state}")
    page = folder / "index.html"
    write_atomically(page, pictures_page(chapter.title, drawn))
    print(f"page: {os.path.relpath(page)}")
    return 1 if any(one.faults for one in drawn) else 0
