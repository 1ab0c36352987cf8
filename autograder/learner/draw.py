"""The process that draws a chapter's pictures from the learner's code: started by `gallery`.

It speaks JSON lines, as the process of the checks does; the learner's code may end or hang it.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import sys
from pathlib import Path
from typing import Any

from autograder.engine.child import private_stdout
from autograder.engine.classify import classify
from autograder.engine.program import practice_program
from autograder.learner.pictures import Easel, Picture
from autograder.manifest import Chapter, earlier_chapters, load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession, StudentFailure

DPI = 100


def main(words: list[str]) -> None:
    """Draw the pictures of one chapter, but for those named; one JSON object for each."""
    order = json.loads(words[0])
    say = private_stdout()
    chapter = load_chapter(Project(Path(order["root"])), order["chapter"])
    pictures = chapter_pictures(chapter)
    say(event="pictures", names=[one.name for one in pictures], titles=[p.title for p in pictures])
    for one in pictures:
        if one.name not in order["skip"]:
            say(event="start", name=one.name)
            say(event="picture", name=one.name, **_drawn(chapter, one))
    say(event="end")


def chapter_pictures(chapter: Chapter) -> list[Picture]:
    """Return the pictures that a chapter's plots.py defines, in its order."""
    path = chapter.suite_dir / "plots.py"
    spec = importlib.util.spec_from_file_location(f"plots_of_{chapter.name}", path)
    assert spec is not None  # a .py file has a loader
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return [value for value in vars(module).values() if isinstance(value, Picture)]


def _drawn(chapter: Chapter, one: Picture) -> dict[str, Any]:
    from matplotlib.figure import Figure

    from autograder.lab import set_style

    set_style()
    with LocalSession() as session:
        try:
            student = session.start(practice_program(chapter), seed=0)
            figure = Figure(figsize=(8, 3.2), layout="constrained")
            easel = Easel(student, session.rng, session.module, figure)
            one.draw(easel)
            return {"png": _png(easel.figure), "faults": easel.faults}
        except (Exception, StudentFailure) as error:
            return {"why": _why(chapter, one, error)}


def _png(figure: Any) -> str:
    stream = io.BytesIO()
    figure.savefig(stream, format="png", dpi=DPI, metadata={"Software": None})
    return base64.b64encode(stream.getvalue()).decode("ascii")


def _why(chapter: Chapter, one: Picture, error: BaseException) -> str:
    """Say in one line why there is no picture."""
    exercises = {each.name for ch in (*earlier_chapters(chapter), chapter) for each in ch.exercises}
    verdict = classify(error, one.needs[0] if one.needs else "", exercises)
    place = f" ({verdict.place})" if verdict.place else ""
    return f"{verdict.message.splitlines()[0]}{place}"


if __name__ == "__main__":
    main(sys.argv[1:])
