"""recorded.json as a bundle carries it: of the files as they are now."""

from __future__ import annotations

import numpy as np

from autograder.files import write_atomically
from autograder.grading.result import text_of
from autograder.manifest import Chapter
from autograder.mistakes.catalogue import load_catalogue
from autograder.mistakes.library import RECORDED, load_recorded, record, stamp_of
from autograder.mistakes.pool import chapter_recipes


def recorded_text(chapter: Chapter) -> str:
    """Return what recorded.json holds, recorded anew where the file is missing or out of date.

    Empty for a chapter without a catalogue of mistakes.
    """
    if not load_catalogue(chapter):
        return ""
    path = chapter.suite_dir / RECORDED
    if load_recorded(chapter, stamp_of(chapter)) is None:
        with np.errstate(all="ignore"):  # mistakes divide by zero and worse
            write_atomically(path, text_of(record(chapter, chapter_recipes(chapter))))
    return path.read_text(encoding="utf-8")
