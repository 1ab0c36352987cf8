"""`dlfs progress`: what is done, in the terminal and as a page."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from autograder.project import Project

HELP = "what you have done so far, here and as a page with pictures from your own code"

PAGE = "progress.html"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--page", type=Path, metavar="FILE", help=f"the page (default: {PAGE})")
    parser.add_argument("--no-page", action="store_true", help="only the terminal; runs no code")


def run(args: argparse.Namespace, project: Project) -> int:
    from autograder.learner import state
    from autograder.learner.overview import overview_lines, survey
    from autograder.manifest import all_chapters

    found = survey(all_chapters(project), state.read(project))
    print("\n".join(overview_lines(found)), flush=True)
    if not args.no_page:
        from autograder.files import write_atomically
        from autograder.learner.gallery import announce
        from autograder.learner.page import page

        announce()
        path = args.page or project.root / PAGE
        write_atomically(path, page(found))
        print(f"page: {os.path.relpath(path)}")
    return 0
