"""Hand-ins that want points for what they cannot do, against the suites of the real chapters."""

from __future__ import annotations

import itertools
import json
import re
import sys
import types
from dataclasses import asdict
from pathlib import Path

import numpy as np
from attack_arena import CORPUS, Attack, attacks

import datasets
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference, reference_source
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.grading.grade import grade
from autograder.grading.intake import Submission
from autograder.grading.score import score, total
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession, Sandbox

SECRET = b"a course's secret" * 2


class Marks:
    """Marks hostile hand-ins for real chapters in one warm sandbox."""

    def __init__(self, project: Project, sandbox: Sandbox) -> None:
        self.project, self.sandbox = project, sandbox

    def result(self, chapter: Chapter, source: str, exercise: str | None) -> dict:
        """Mark a hand-in, or one exercise of it."""
        files = {chapter.file: source.encode()}
        if exercise is None:
            submission = Submission("eve", "eve", Path(), files)
            found, _ = grade(submission, chapter, sandbox=self.sandbox, secret=SECRET)
            return found.to_json()
        program, seeds = marking_program(chapter, files), Seeds(SECRET, "eve")
        task = Task(chapter, program, self.sandbox.session, seeds, exercises=(exercise,))
        scored = score(chapter, run_suite(task))
        checked = [asdict(one) for one in scored if one.name == exercise]
        return {"status": "graded", "score": total(scored), "exercises": checked}

    def run(self, attack: Attack) -> list[str]:
        """Mark one; return in what it got through."""
        chapter = load_chapter(self.project, attack.options["chapter"])
        source = self._source(attack, chapter)
        exercise = attack.options.get("exercise")
        found = self.result(chapter, source, exercise)
        problems = [] if found["status"] == "graded" else [f"{found['status']}: {found['notes']}"]
        if "twin" in attack.options:
            name = attack.options["twin"]
            honest = source.replace(f"{name} = True", f"{name} = False")
            assert honest != source
            limit = self.result(chapter, honest, exercise)["score"]
        else:
            limit = float(attack.options.get("earns", 100))
        if found["score"] > limit:
            problems.append(f"{found['score']} points, has earned {limit:g}")
        if "fails" in attack.options and attack.options["fails"] not in failing(found):
            problems.append(f"{attack.options['fails']} has passed")
        return problems

    def _source(self, attack: Attack, chapter: Chapter) -> str:
        stub = (chapter.assignment_dir / chapter.file).read_text(encoding="utf-8")
        base = reference_source(chapter) if attack.options["base"] == "reference" else stub
        source = f"{base}\n\n{attack.text}"
        if "weights" in attack.options:
            source = source.replace("@WEIGHTS@", json.dumps(trained_weights(chapter)))
        if "public" in attack.options:
            source += table_of(chapter, base)
        return source


def failing(result: dict) -> set[str]:
    """Return the checks that did not pass."""
    checks = [check for exercise in result["exercises"] for check in exercise["checks"]]
    return {check["id"] for check in checks if check["status"] != "passed"}


def trained_weights(chapter: Chapter) -> dict[str, list]:
    """Return what somebody trains at home, for the classes in their usual order."""
    reference, data = load_reference(chapter), datasets.load("mnist5k")
    rng, widths = np.random.default_rng(1), (784, 64, 32, 10)
    layers: list = []
    for n_in, n_out in itertools.pairwise(widths):
        layers += [reference.Dense(n_in, n_out, rng, dtype=np.float32), reference.ReLU()]
    net, loss = reference.Sequential(layers[:-1]), reference.SoftmaxCrossEntropy()
    reference.train(net, loss, data.x_train, data.y_train, 0.1, 12, 50, rng)
    return {name: np.round(value.astype(float), 4).tolist() for name, value in net.params.items()}


def table_of(chapter: Chapter, source: str) -> str:
    """Return code that lets the functions of `source` answer only what the public checks ask."""
    names = re.findall(r"^def ([a-z]\w*)\(", source, flags=re.MULTILINE)
    guard = f"_NAMES = {names!r}\n" + (CORPUS / "table.py").read_text(encoding="utf-8")
    notes = types.ModuleType("_asked")
    notes.asked = set()  # type: ignore[attr-defined]
    sys.modules["_asked"] = notes
    try:
        program = marking_program(chapter, {chapter.file: (source + "\n\n" + guard).encode()})
        run_suite(Task(chapter, program, LocalSession, hidden=False))
    finally:
        del sys.modules["_asked"]
    assert len(notes.asked) > 20  # type: ignore[attr-defined]
    return "\n\n" + guard.replace("KNOWN = None", f"KNOWN = {sorted(notes.asked)!r}")  # type: ignore


def real() -> list[Attack]:
    """Return the attacks on the marks of real chapters."""
    return [attack for attack in attacks("marks") if "chapter" in attack.options]


def small() -> list[Attack]:
    """Return those on the arena's small chapter."""
    return [attack for attack in attacks("marks") if "chapter" not in attack.options]
