"""nbgrader's configuration, made from course and manifests: one place for API, CLI and web."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import autograder
from autograder.classroom.course import Course, open_course
from autograder.classroom.handin import before_autograde
from autograder.errors import UserError
from autograder.manifest import all_chapters
from autograder.project import Project, find_project

_OURS = "autograder.classroom"
_THEIRS = "nbgrader.preprocessors"

# The build has already taken solutions and hidden checks out, so nothing is left to clear; and
# nbgrader's ClearSolutions would replace the prompt of every written answer.
_GENERATE = ["LockCells", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "SaveCells"]
_SANITIZE = ["ClearOutput", "OverwriteKernelspec", "OverwriteCells", "CheckCellMetadata"]
_AUTOGRADE = ["LimitOutput", "SaveAutoGrades"]
_LAST = ["AssignLatePenalties", "CheckCellMetadata"]
_FEEDBACK = [
    "nbgrader.preprocessors.GetGrades",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]


def configure(config: Any, root: Path) -> None:
    """Fill nbgrader's `config` for the course in `root` (called by its nbgrader_config.py)."""
    try:
        project = find_project(root)
    except UserError:  # a course may lie outside the checkout that marks it
        project = find_project(Path(autograder.__file__).parent)
    fill(config, open_course(project, root))


def fill(config: Any, course: Course) -> None:
    """Set everything that nbgrader has to know about `course` in the traitlets `config`."""
    config.CourseDirectory.course_id = course.id
    config.CourseDirectory.root = str(course.root)
    config.CourseDirectory.db_url = f"sqlite:///{course.gradebook}"
    config.Exchange.root = str(course.exchange)
    if course.cache:
        config.Exchange.cache = str(course.cache)
    config.ExchangeFactory.collect = f"{_OURS}.exchange.CarefulCollect"
    config.ExchangeFactory.submit = f"{_OURS}.exchange.CarefulSubmit"
    config.ExchangeReleaseAssignment.force = True
    config.ExchangeFetchAssignment.replace_missing_files = True
    config.ExchangeCollect.check_owner = not course.one_account
    config.ExchangeCollect.update = True
    for shows_times in (config.NbGraderAPI, config.CarefulCollect):
        shows_times.timezone = course.dates.zone.key
    _fill_converters(config, course)


def _fill_converters(config: Any, course: Course) -> None:
    names = ("RebuildFromRelease", "OurGrades", "OurTimes", "LatePolicy", "SayTimes")
    rebuild, grades, times, policy, said = (f"{_OURS}.preprocessors.{name}" for name in names)
    config.GenerateAssignment.preprocessors = _paths(_GENERATE)
    config.Autograde.sanitize_preprocessors = [rebuild, *_paths(_SANITIZE)]
    config.Autograde.autograde_preprocessors = [grades, *_paths(_AUTOGRADE), times, *_paths(_LAST)]
    config.AssignLatePenalties.plugin_class = policy
    config.GenerateFeedback.preprocessors = [*_FEEDBACK, said]
    # Without this nbgrader would put the released stub over the student's own file.
    config.Autograde.exclude_overwriting = _student_files(course.project)
    config.Autograde.pre_convert_hook = functools.partial(before_autograde, course)
    config.ZipCollectApp.extractor_plugin = f"{_OURS}.zipcollect.CarefulExtractor"
    config.ZipCollectApp.collector_plugin = f"{_OURS}.zipcollect.ByFolder"
    config.CarefulExtractor.project_root = str(course.project.root)
    for step in (config.OurGrades, config.OurTimes, config.LatePolicy, config.SayTimes):
        step.project_root = str(course.project.root)


def _paths(names: list[str]) -> list[str]:
    return [f"{_THEIRS}.{name}" for name in names]


def _student_files(project: Project) -> dict[str, list[str]]:
    return {chapter.name: [chapter.file] for chapter in all_chapters(project)}
