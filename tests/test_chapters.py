"""What must hold for every chapter, whatever it is about."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from autograder.build.assemble import stub
from autograder.engine.needs import settle_needs
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import reference_source
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.grading.grade import grade
from autograder.grading.intake import Submission
from autograder.grading.result import Result
from autograder.manifest import TOTAL, Chapter, chapter_names, load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession, Sandbox

PROJECT = Project(Path(__file__).resolve().parents[1])
SECRET = b"a secret of the tests"
SECRETS = 20  # different hidden inputs on which the reference is marked

pytestmark = pytest.mark.parametrize("name", chapter_names(PROJECT))


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as box:
        yield box


@cache
def chapter_of(name: str) -> Chapter:
    return load_chapter(PROJECT, name)


def marked(name: str, source: str | bytes, sandbox: Sandbox) -> Result:
    chapter = chapter_of(name)
    data = source.encode() if isinstance(source, str) else source
    submission = Submission("ann", "ann", Path("ann"), {chapter.file: data})
    return grade(submission, chapter, sandbox=sandbox, secret=SECRET)[0]


def checks_of(result: Result) -> dict[str, str]:
    return {check.id: check.status for each in result.exercises for check in each.checks}


def locally(name: str, source: str, **options) -> dict[str, str]:
    """Run the suites in this process; return the state of every check."""
    chapter = chapter_of(name)
    program = marking_program(chapter, {chapter.file: source.encode()})
    outcomes = run_suite(Task(chapter, program, LocalSession, **options))
    return {outcome.id: outcome.status for outcome in settle_needs(chapter, outcomes)}


def broken(name: str) -> str:
    """The reference with the solution of every other exercise left unwritten."""
    source = reference_source(chapter_of(name))
    regions = list(re.finditer(r"( *)### BEGIN SOLUTION.*?### END SOLUTION\n", source, re.DOTALL))
    for region in reversed(regions[1::2]):
        gone = f"{region[1]}return None\n"
        source = source[: region.start()] + gone + source[region.end() :]
    return source


def test_the_reference_gets_every_point(name, sandbox):
    result = marked(name, reference_source(chapter_of(name)), sandbox)

    assert {check: state for check, state in checks_of(result).items() if state != "passed"} == {}
    points = [float(exercise.points) for exercise in chapter_of(name).exercises]
    assert [exercise.score for exercise in result.exercises] == points
    assert result.score == TOTAL


def test_an_untouched_stub_gets_nothing_and_is_not_started(name, sandbox):
    result = marked(name, stub(chapter_of(name)), sandbox)

    assert result.score == 0
    assert set(checks_of(result).values()) <= {"not_started", "waiting"}
    own = [each for each in result.exercises if not chapter_of(name).exercise(each.name).needs]
    assert {exercise.status for exercise in own} == {"not_started"}


@pytest.mark.parametrize("source", [reference_source, lambda chapter: stub(chapter), None])
def test_both_forms_of_the_handle_agree_on_every_check(name, source, sandbox):
    text = source(chapter_of(name)) if source else broken(name)

    assert checks_of(marked(name, text, sandbox)) == locally(name, text, seeds=seeds_of(text))


def seeds_of(text: str) -> Seeds:
    submission = Submission("ann", "ann", Path("ann"), {"x.py": text.encode()})
    return Seeds(SECRET, submission.content_hash)


def test_half_broken_gets_some_points_and_not_all(name, sandbox):
    assert 0 < marked(name, broken(name), sandbox).score < TOTAL


def test_the_reference_passes_whatever_the_hidden_inputs_are(name):
    chapter = chapter_of(name)
    text = reference_source(chapter)
    written = tuple(each.name for each in chapter.exercises if f'"{each.name}"' in stub(chapter))
    for number in range(SECRETS):
        seeds = Seeds(f"secret {number}".encode(), "hash")
        states = locally(name, text, seeds=seeds, exercises=written)
        assert {check for check, state in states.items() if state != "passed"} == set(), number


@pytest.mark.parametrize(
    ("source", "states"),
    [
        ("def broken(:\n", {"crashed"}),
        ("import numpy as np\nraise SystemExit(0)\n", {"crashed"}),
        ("import random\nrandom._os._exit(0)\n", {"crashed"}),
        ("", {"not_started"}),
        (b"\xff\xfe\x00", {"crashed"}),
        ("print('x' * 10_000_000)\n", {"not_started"}),
    ],
    ids=["syntax error", "sys.exit", "os._exit", "empty", "not text", "huge output"],
)
def test_a_hopeless_hand_in_gets_nothing_and_a_report(name, source, states, sandbox):
    result = marked(name, source, sandbox)

    assert (result.status, result.score) == ("graded", 0)
    found = set(checks_of(result).values())
    assert states <= found <= states | {"waiting"}
    assert all(len(check.message) < 3000 for each in result.exercises for check in each.checks)


SPY = """
import random

gc = random._os.sys.modules["gc"]

def found(halves):
    # Everything that the collector of this process knows, and the constants of all code in it.
    texts = []
    for thing in gc.get_objects():
        for part in gc.get_referents(thing):
            if isinstance(part, str):
                texts.append(part)
            elif isinstance(part, (bytes, bytearray)):
                texts.append(bytes(part).decode("latin-1"))
            elif hasattr(part, "co_consts"):
                texts += [str(const) for const in part.co_consts]
    everything = "\\n".join(texts)
    return [a + b for a, b in halves if a + b in everything]
"""


def test_nothing_of_the_chapters_own_solution_or_checks_is_in_the_worker(name, sandbox):
    chapter = chapter_of(name)
    spied = marking_program(chapter, {chapter.file: SPY.encode()})
    public = "\n".join(spied.support.values())
    needles = [needle for needle in secrets_of(chapter) if needle not in public]
    # Something is looked for, in every chapter more than a few lines.
    assert len(needles) >= min(11, 2 * len(chapter.exercises))
    with sandbox.session() as session:
        student = session.start(spied, budget=60.0)

        # In halves, or the question itself would be found. The spy does find a text of its own.
        assert len(student.found([in_halves("latin-1")])) == 1
        assert list(student.found([in_halves(needle) for needle in needles])) == []


def in_halves(text: str) -> tuple[str, str]:
    return text[: len(text) // 2], text[len(text) // 2 :]


def secrets_of(chapter: Chapter) -> list[str]:
    """Lines of the reference's solution regions, and the docstrings of the hidden checks."""
    regions = re.findall(
        r"### BEGIN SOLUTION.*?\n(.*?)### END SOLUTION", reference_source(chapter), re.DOTALL
    )
    lines = [line.strip() for region in regions for line in region.splitlines()]
    hidden = (chapter.suite_dir / "test_hidden.py").read_text(encoding="utf-8")
    return [line for line in lines if len(line) > 30] + re.findall(r'    """(.{20,})"""', hidden)
