"""Evidence for thresholds: the rule, the measuring, and what is stored for the chapters."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from autograder import evidence
from autograder.cli import main
from autograder.errors import UserError
from autograder.evidence import Plan, Run, Summary
from autograder.manifest import Chapter, all_chapters, load_chapter
from autograder.project import Project

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = [one for one in all_chapters(Project(ROOT)) if evidence.has_evidence(one)]
SEEDS = 100

MANIFEST = """
title = "Numbers"
module = "numbers_"
[[exercises]]
name = "one"
title = "One"
points = 100
hints = ["a", "b", "c"]
"""
SUITE = '''
THRESHOLD = 0.9
def test_one(student):
    """One.

    one at least 0.9 (4 seeds: worst 0.970, mean 0.985, std 0.0112).
    """
'''
EVIDENCE = """
from pathlib import Path
from autograder.evidence import Run, module_from
suite = module_from(Path(__file__).parent / "test_public.py")
WRONG = {"half": ("return 1", "return 0.5")}
def runs(reference):
    def measure(seed, module):
        return module.one() - 0.01 * seed
    return (Run("one", suite.test_one, suite.THRESHOLD, measure),)
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course of one chapter with one threshold."""
    files = {
        "autograder/suites/ch01_numbers/chapter.toml": MANIFEST,
        "autograder/suites/ch01_numbers/test_public.py": SUITE,
        "autograder/suites/ch01_numbers/evidence.py": EVIDENCE,
        "solutions/ch01_numbers/numbers_.py": "def one():\n    return 1\n",
        "tests/correct/ch01_numbers/other.py": "def one():\n    return 2 / 2\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path


@pytest.fixture
def chapter(course: Path) -> Chapter:
    return load_chapter(Project(course), "ch01")


def measure_all(chapter: Chapter, seeds: int) -> Plan:
    todo = evidence.plan(chapter)
    list(evidence.measure(todo, seeds))
    return todo


# The chapters' own evidence


def test_chapters_that_train_have_evidence() -> None:
    assert "ch06_layers" in [chapter.name for chapter in CHAPTERS]


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_stored_evidence_keeps_the_rule_and_is_quoted(chapter: Chapter) -> None:
    todo, stored = evidence.plan(chapter), evidence.load(chapter)

    assert evidence.violations(todo.runs, stored, SEEDS) == []
    assert set(stored) == {run.name for run in todo.runs}
    for run in todo.runs:
        assert set(stored[run.name]["correct"]) == set(todo.correct)
        assert set(stored[run.name]["wrong"]) == set(todo.wrong)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_replayed_seeds_give_the_stored_values(chapter: Chapter) -> None:
    todo, stored = evidence.plan(chapter), evidence.load(chapter)

    for run in todo.runs:
        for name, module in todo.correct.items():
            values = stored[run.name]["correct"][name]
            for seed in (3, 71):
                assert run.measure(seed, module) == pytest.approx(values[seed], abs=run.tolerance)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)
def test_each_threshold_sees_a_mistake_and_its_blind_spots_are_known(chapter: Chapter) -> None:
    stored = evidence.load(chapter)

    for run in evidence.plan(chapter).runs:
        wrong = evidence.summaries(stored, replace(run, at_least=not run.at_least), "wrong")
        # `worst` of the opposite direction: the best that a wrong program reached
        beyond = [
            name for name, one in wrong.items() if (one.worst < run.threshold) is run.at_least
        ]
        assert beyond, f"{run.name} lets every measured mistake through"


# The rule


def test_limit_is_the_worst_seed_or_five_deviations() -> None:
    scattered = Summary(seeds=100, worst=0.9, mean=0.95, std=0.02)
    narrow = Summary(seeds=100, worst=0.9, mean=0.95, std=0.001)

    assert scattered.limit() == pytest.approx(0.85)
    assert narrow.limit() == 0.9
    assert replace(scattered, worst=1.0).limit(at_least=False) == pytest.approx(1.05)
    assert replace(narrow, worst=1.0).limit(at_least=False) == 1.0


def test_summary_takes_the_worst_by_direction() -> None:
    assert Summary.of([1.0, 2.0, 3.0]).worst == 1.0
    assert Summary.of([1.0, 2.0, 3.0], at_least=False) == Summary(3, 3.0, 2.0, (2 / 3) ** 0.5)


def test_threshold_above_the_limit_is_named(chapter: Chapter) -> None:
    todo = measure_all(chapter, 4)
    stored = evidence.load(chapter)
    (run,) = todo.runs

    assert evidence.violations(todo.runs, stored, 4) == []
    (first, second, third) = evidence.violations((replace(run, threshold=0.95),), stored, 4)
    assert "threshold 0.95, but reference allows" in first
    assert "other allows" in second
    assert "docstring of test_one must say" in third


def test_a_lower_is_better_threshold_is_judged_from_above() -> None:
    run = Run(
        "loss", test_summary_takes_the_worst_by_direction, 1.0, lambda s, m: 0.0, at_least=False
    )
    stored = {"loss": {"correct": {"reference": [0.5, 0.6], "other": [0.5, 1.2]}}}

    sentences = evidence.violations((run,), stored, 2)

    assert [s for s in sentences if "allows" in s] == ["loss: threshold 1, but other allows 2.6"]


def test_too_few_seeds_and_a_single_implementation_are_named() -> None:
    run = Run("one", test_summary_takes_the_worst_by_direction, 0.5, lambda s, m: 0.0)
    stored = {"one": {"correct": {"reference": [1.0, 1.0]}}}

    sentences = evidence.violations((run,), stored, 100)

    assert "one: not measured on two correct implementations" in sentences
    assert "one: reference has 2 seeds of 100" in sentences


# Measuring


def test_measured_values_are_stored_by_run_and_implementation(chapter: Chapter) -> None:
    measure_all(chapter, 3)

    stored = json.loads((chapter.suite_dir / "evidence.json").read_text())

    assert stored == {
        "one": {
            "correct": {"reference": [1.0, 0.99, 0.98], "other": [1.0, 0.99, 0.98]},
            "wrong": {"half": [0.5, 0.49, 0.48]},
        }
    }


def test_interrupted_work_goes_on_where_it_stopped(chapter: Chapter) -> None:
    todo = evidence.plan(chapter)
    (run,) = todo.runs
    seen: list[tuple[int, str]] = []

    def measure(seed: int, module: ModuleType) -> float:
        if len(seen) == 5:
            raise KeyboardInterrupt
        seen.append((seed, module.__name__))
        return run.measure(seed, module)

    todo.runs = (replace(run, measure=measure),)
    with pytest.raises(KeyboardInterrupt):
        list(evidence.measure(todo, 4))
    half = evidence.load(chapter)
    todo.runs = (run,)
    list(evidence.measure(todo, 4))

    assert [len(values) for values in half["one"]["correct"].values()] == [4, 1]
    assert [seed for seed, _ in seen] == [0, 1, 2, 3, 0]
    whole = evidence.load(chapter)
    assert whole["one"]["correct"]["other"] == [1.0, 0.99, 0.98, 0.97]


def test_a_training_that_blows_up_is_stored_as_valid_json(chapter: Chapter) -> None:
    todo = evidence.plan(chapter)
    (run,) = todo.runs
    todo.runs = (replace(run, measure=lambda seed, module: float("nan")),)

    list(evidence.measure(todo, 1))

    assert evidence.load(chapter)["one"]["wrong"]["half"] == [1e9]


def test_a_change_that_no_longer_fits_the_reference_is_refused(chapter: Chapter) -> None:
    chapter.source_file.write_text("def one():\n    return 1.0\n    return 1.0\n")

    with pytest.raises(UserError, match="must occur exactly once"):
        evidence.plan(chapter)


def test_damaged_evidence_is_refused_in_one_sentence(chapter: Chapter) -> None:
    (chapter.suite_dir / "evidence.json").write_text('{"one": ')

    with pytest.raises(UserError, match=r"evidence\.json: not valid JSON"):
        evidence.load(chapter)


# The command


def run_command(course: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.chdir(course)
    return main(["evidence", *words])


def test_command_measures_prints_the_table_and_is_content(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(course, monkeypatch, "ch01", "--seeds", "4") == 0

    out = capsys.readouterr().out
    assert "one: at least 0.9" in out
    assert "0.9700" in out
    assert "half" in out
    assert "0/4" in out
    assert "NOT HELD" not in out


def test_command_fails_when_a_threshold_is_not_held(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = course / "autograder/suites/ch01_numbers/test_public.py"
    suite.write_text(suite.read_text().replace("THRESHOLD = 0.9", "THRESHOLD = 0.975"))

    assert run_command(course, monkeypatch, "--seeds", "4") == 1

    assert "NOT HELD one: threshold 0.975" in capsys.readouterr().out


def test_command_measures_anew_when_asked(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_command(course, monkeypatch, "ch01", "--seeds", "4")
    reference = course / "solutions/ch01_numbers/numbers_.py"
    reference.write_text("def one():\n    return 1 - 0.5\n")

    assert run_command(course, monkeypatch, "ch01", "--seeds", "4") == 0
    assert run_command(course, monkeypatch, "ch01", "--seeds", "4", "--fresh") == 1


@pytest.mark.parametrize("words", [("ch01", "--seeds", "0"), ("ch07",)])
def test_command_refuses_bad_words(
    course: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert run_command(course, monkeypatch, *words) in (1, 2)
