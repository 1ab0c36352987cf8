"""The proof of the suites: generic mutants, equivalents, killed and surviving changes, the page."""

from __future__ import annotations

import ast
import json
import signal
import time
from pathlib import Path

import pytest
from mini_chapter import MINI_SOLUTION, mini_source

from autograder.cli import main
from autograder.errors import UserError
from autograder.manifest import all_chapters, load_chapter
from autograder.mistakes import page, pool
from autograder.mistakes.catalogue import load_catalogue
from autograder.mistakes.equivalent import key_of, load_equivalents
from autograder.mistakes.measure import measure
from autograder.mistakes.operators import mutants
from autograder.mistakes.places import Reference
from autograder.mistakes.pool import Job, Verdict, run_jobs
from autograder.mistakes.prove import prove
from autograder.mistakes.replay import Bench
from autograder.project import Project

PROJECT = Project(Path(__file__).resolve().parents[1])

TRIPLED = """
[[mistakes]]
id = "tripled"
exercise = "double"
find = "2.0 * x"
replace = "3.0 * x"
symptom = "x is tripled"
question = "Two or three?"
"""
IN_PLACE = """
[[mistakes]]
id = "in-place"
exercise = "double"
find = "return 2.0 * x"
replace = "x *= 2.0; return x"
symptom = "x is doubled in place"
question = "Compare x before and after."
"""


# Generic mutants

TEXT = '''
def outside(x):
    return x + 1


def f(x, rng):
    """Return x + 1."""
    ### BEGIN SOLUTION
    if x > 0 and not rng:
        x -= y[1:n]
    self.x = np.sum(x, axis=0, keepdims=True).T
    return -g(x, 2) if x == 3 else reversed(z)
    ### END SOLUTION
'''

EXPECTED = [
    ("comparison", "if x >= 0 and not rng:"),
    ("comparison", "if x < 0 and not rng:"),
    ("constant", "if x > 1 and not rng:"),
    ("condition dropped", "if (x > 0):"),
    ("condition dropped", "if (not rng):"),
    ("sign or not dropped", "if x > 0 and (rng):"),
    ("condition negated", "if not (x > 0 and not rng):"),
    ("condition", "if True:"),
    ("arithmetic", "x += y[1:n]"),
    ("assigned", "x = y[1:n]"),
    ("slice bound dropped", "x -= y[1:None]"),
    ("slice bound", "x -= y[1:(n) + 1]"),
    ("statement removed", "pass"),
    ("name", "self.x = np.mean(x, axis=0, keepdims=True).T"),
    ("constant", "self.x = np.sum(x, axis=1, keepdims=True).T"),
    ("constant", "self.x = np.sum(x, axis=0, keepdims=False).T"),
    ("keyword dropped", "self.x = np.sum(x, axis=0).T"),
    ("keyword dropped", "self.x = np.sum(x, keepdims=True).T"),
    ("transpose dropped", "self.x = np.sum(x, axis=0, keepdims=True)"),
    ("arguments swapped", "return -g(2, x) if x == 3 else reversed(z)"),
    ("sign or not dropped", "return (g(x, 2)) if x == 3 else reversed(z)"),
    ("condition", "return (reversed(z))"),
    ("reversed dropped", "return -g(x, 2) if x == 3 else (z)"),
    ("comparison", "return -g(x, 2) if x != 3 else reversed(z)"),
]


@pytest.mark.parametrize(("kind", "becomes"), EXPECTED)
def test_a_mutant_of_each_kind_is_made(kind, becomes):
    made = {(mutant.kind, mutant.becomes) for mutant in mutants(Reference(TEXT))}

    assert (kind, becomes) in made


def test_mutants_stay_inside_the_regions_and_are_python():
    reference = Reference(TEXT)
    made = mutants(reference)

    assert {mutant.function for mutant in made} == {"f"}
    texts = [mutant.applied(TEXT) for mutant in made]
    assert len(set(texts)) == len(texts)
    for text in texts:
        ast.parse(text)
        assert "return x + 1\n" in text


@pytest.mark.parametrize("name", [chapter.name for chapter in all_chapters(PROJECT)])
def test_every_mutant_of_a_reference_is_python(name):
    path = load_chapter(PROJECT, name).source_file
    reference = Reference(path.read_text(encoding="utf-8"))

    made = mutants(reference)

    assert len(made) > 30
    for mutant in made:
        compile(mutant.applied(reference.text), name, "exec")


# Equivalents


def equivalents(chapter, **fields: str):
    entry = {
        "function": "double",
        "line": "return 2.0 * x",
        "becomes": "return 4.0 * x",
        "reason": "for the test",
        **fields,
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in entry.items()]
    text = "[[equivalents]]\n" + "\n".join(lines) + "\n"
    (chapter.suite_dir / "equivalent.toml").write_text(text, encoding="utf-8")
    reference = Reference(chapter.source_file.read_text(encoding="utf-8"))
    return load_equivalents(chapter, mutants(reference))


def test_an_equivalent_is_named_by_its_line_before_and_after(mini):
    found = equivalents(mini)

    assert found == {("double", "return 2.0 * x", "return 4.0 * x"): "for the test"}


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [("becomes", "return 9.0 * x", "no mutant of double turns"), ("reason", "", "none empty")],
)
def test_an_equivalent_that_fits_no_mutant_is_refused(mini, field, value, why):
    with pytest.raises(UserError, match=r"ch01_mini/equivalent\.toml:1: ") as e:
        equivalents(mini, **{field: value})

    assert why in str(e.value)


@pytest.mark.parametrize(
    "name", [path.parent.name for path in PROJECT.suites.glob("*/equivalent.toml")]
)
def test_the_equivalents_of_a_chapter_fit_its_reference(name):
    chapter = load_chapter(PROJECT, name)
    made = mutants(Reference(chapter.source_file.read_text(encoding="utf-8")))

    reasons = load_equivalents(chapter, made)

    assert set(reasons) <= {key_of(mutant) for mutant in made}


# The proof


def proof_of(chapter, catalogue: str, **options):
    (chapter.suite_dir / "mistakes.toml").write_text(catalogue.lstrip("\n"), encoding="utf-8")
    return prove(chapter, 1, **options)


def test_a_proof_lists_what_is_killed_and_what_survives(mini):
    proof = proof_of(mini, TRIPLED + IN_PLACE)

    assert proof.killed["tripled"].public == ["double_of_an_example"]
    assert proof.killed["tripled"].hidden == ["double_of_random_numbers"]
    assert proof.faults() == [
        "double: in-place is not killed by a public check, and does not say why"
    ]
    found = page.figures(proof, None)
    row = found["exercises"]["double"]
    assert (row["mistakes"], row["killed"], row["public"]) == (2, 2, 1)
    assert row["mutants"] == row["mutants killed"] > 3


def test_a_blind_suite_does_not_hold(mini):
    for name in ("test_public.py", "test_hidden.py"):
        path = mini.suite_dir / name
        text = path.read_text().replace('equal("', '(lambda *_, **__: None)("')
        path.write_text(text, encoding="utf-8")

    faults = proof_of(mini, TRIPLED).faults()

    assert "double: tripled is not killed by any check of its exercise" in faults
    assert any("survives in double: return 2.0 * x  ->  return 4.0 * x" in f for f in faults)


def test_a_wrong_reason_does_not_hold(mini):
    faults = proof_of(mini, TRIPLED + 'hidden = "nobody can see it"', bounded=True).faults()

    assert faults == [
        "double: tripled says that no public check can see it, but double_of_an_example does"
    ]


def test_an_equivalent_mutant_that_is_killed_does_not_hold(mini):
    equivalents(mini)

    assert proof_of(mini, TRIPLED).faults() == [
        "listed as equivalent but killed: double: return 4.0 * x"
    ]


def test_a_suite_that_rejects_a_correct_solution_does_not_hold(mini):
    folder = mini.project.root / "tests" / "correct" / mini.name
    folder.mkdir(parents=True)
    (folder / "fine.py").write_text(MINI_SOLUTION.lstrip("\n"), encoding="utf-8")
    (folder / "rejected.py").write_text(mini_source("return 2 * x + 1e-3", "return 4.0 * x"))

    proof = proof_of(mini, TRIPLED)

    assert proof.correct["fine.py"] == []
    assert [f for f in proof.faults() if f.startswith("rejected.py is correct, but double_of")]


def test_an_endless_loop_ends_with_its_check(mini, monkeypatch):
    monkeypatch.setattr(pool, "CHECK_SECONDS", 0.2)
    before = signal.signal(signal.SIGALRM, pool._ring)
    job = Job(
        1, mini.project.root, mini.name, mini_source("while True: pass"), ("double_of_an_example",)
    )
    known = {recipe.id: recipe for recipe in pool.chapter_recipes(mini)}

    try:
        verdict = pool._verdict(job, Bench(mini), known)
    finally:
        signal.signal(signal.SIGALRM, before)

    assert verdict == Verdict(1, job.checks, job.checks)


def test_a_process_that_is_lost_costs_its_job_only(mini):
    checks = ("double_of_an_example",)
    endless = Job("endless", mini.project.root, mini.name, mini_source("while True: pass"), checks)
    worker = pool._Worker()
    worker.give(endless)

    worker.process.kill()
    lost = worker.take()
    worker.give(Job("right", mini.project.root, mini.name, MINI_SOLUTION.lstrip(), checks))
    found = worker.take()
    worker.end()

    assert (lost.key, lost.late) == ("endless", checks)
    assert found == Verdict("right", ())


def test_jobs_come_back_under_their_keys(mini):
    right = Job(1, mini.project.root, mini.name, MINI_SOLUTION.lstrip(), ("double_of_an_example",))
    wrong = Job(2, mini.project.root, mini.name, mini_source("return x"), right.checks)

    found = {verdict.key: verdict.failed for verdict in run_jobs([right, wrong], 2)}

    assert found == {1: (), 2: right.checks}


def test_the_diagnosis_is_measured_on_every_entry(mini):
    (mini.suite_dir / "mistakes.toml").write_text(TRIPLED + IN_PLACE, encoding="utf-8")

    found = measure(mini, 1)

    assert (found.entries, found.named, found.wrong) == (2, 2, 0)
    assert found.checks == 3


# The page and the command


def test_the_page_is_made_from_what_is_stored():
    text = (PROJECT.root / page.PAGE).read_text(encoding="utf-8")

    assert text == page.page(page.stored(PROJECT))


@pytest.mark.parametrize("found", page.stored(PROJECT), ids=lambda found: found["chapter"])
def test_what_is_stored_is_of_this_chapter_and_holds(found):
    chapter = load_chapter(PROJECT, found["chapter"])
    mistakes = load_catalogue(chapter)

    assert list(found["exercises"]) == [exercise.name for exercise in chapter.exercises]
    assert sum(row["mistakes"] for row in found["exercises"].values()) == len(mistakes)
    assert found["survivors"] == []
    assert len(found["correct"]) >= 2, f"tests/correct/{chapter.name} needs two correct solutions"


def test_the_command_prints_a_table_and_fails_on_faults(mini, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(mini.project.root)
    (mini.suite_dir / "mistakes.toml").write_text(TRIPLED + IN_PLACE, encoding="utf-8")
    out = tmp_path / "out.json"
    began = time.monotonic()

    status = main(["prove", "ch01", "--bounded", "--json", str(out), "--jobs", "1"])

    lines = capsys.readouterr().out.splitlines()
    assert status == 1
    assert lines[2].split()[:4] == ["ch01_mini", "mistakes", "killed", "public"]
    assert any(line.split()[:4] == ["double", "2", "2", "1"] for line in lines)
    assert any(line.startswith("NOT HELD double: in-place") for line in lines)
    assert json.loads(out.read_text())["chapters"][0]["chapter"] == "ch01_mini"
    assert not (mini.suite_dir / page.FILE).exists()
    assert time.monotonic() - began < 60
