"""Where things lie: the rooms of one checkout of the course."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UsageError


@dataclass(frozen=True)
class Project:
    """A checkout of the course. Every path in the program is made from here."""

    root: Path

    @property
    def assignments(self) -> Path:
        """Built stubs and notebooks; where a learner works."""
        return self.root / "assignments"

    @property
    def solutions(self) -> Path:
        """Reference modules and lab sources; absent in a student's copy."""
        return self.root / "solutions"

    @property
    def suites(self) -> Path:
        """One folder per chapter: manifest and checks."""
        return self.root / "autograder" / "suites"

    @property
    def course(self) -> Path:
        """The nbgrader course with its exchange, gradebook and results."""
        return self.root / "grading"


def find_project(start: Path | None = None) -> Project:
    """Return the project that `start` (default: the current folder) lies in.

    Raises UsageError when no folder upwards looks like a checkout of the course.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "autograder" / "suites").is_dir():
            return Project(folder)
    raise UsageError(
        f"{here} is not inside a checkout of the course: change into one and try again"
    )
