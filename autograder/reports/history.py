"""The Results of earlier graders, which stay beside those of today's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from autograder.errors import UserError
from autograder.grading.result import Result
from autograder.mistakes.statistics import load_results

Results = dict[tuple[str, str], Result]  # by chapter and student

_NAME = re.compile(r"(?P<content>[0-9a-f]{64})-(?P<version>.+)\.json")


def versions(folder: Path) -> list[str]:
    """Return the graders that have marked into a chapter's folder of Results, the latest last."""
    latest: dict[str, int] = {}
    for path, found in _stored(folder):
        version = found["version"]
        latest[version] = max(latest.get(version, 0), path.stat().st_mtime_ns)
    return sorted(latest, key=lambda version: (latest[version], version))


def last_two(folder: Path) -> tuple[str, str]:
    """Return the last two graders that have marked; UserError where there are not two."""
    known = versions(folder)
    if len(known) < 2:
        what = f"only one grader ({known[0]}) has" if known else "nobody has"
        raise UserError(
            f"{what} marked into {folder}: there is nothing to compare. Change a suite, run "
            "`dlfs grade`, then compare; or name two files that `dlfs grade --json` has written"
        )
    return known[-2], known[-1]


def of_version(folder: Path, version: str, like: Results | None = None) -> Results:
    """Return each student's Result by one grader: of the same hand-in as in `like`, or the newest.

    Raises UserError when that grader has marked nothing there.
    """
    paths = [path for path, found in _stored(folder) if found["version"] == version]
    if not paths:
        known = ", ".join(versions(folder)) or "none"
        raise UserError(f"{version} is no file, and no grader in {folder}; there are: {known}")
    results = load_results(sorted(paths, key=lambda path: path.stat().st_mtime_ns))
    chosen = by_student(results)
    for result in results:
        key = result.chapter, result.student
        if like and key in like and like[key].content_hash == result.content_hash:
            chosen[key] = result
    return chosen


def by_student(results: Iterable[Result]) -> Results:
    """Return the last Result of each chapter and student."""
    return {(result.chapter, result.student): result for result in results}


def _stored(folder: Path) -> list[tuple[Path, re.Match[str]]]:
    named = [(path, _NAME.fullmatch(path.name)) for path in sorted(folder.glob("*/*.json"))]
    return [(path, found) for path, found in named if found]
