"""The diagnosis: it names the mistake whose code gives the same numbers, and never guesses."""

from __future__ import annotations

import json
import shutil
import textwrap
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from mini_chapter import mini_source

from autograder.engine import practice
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.recipe import Failure
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.grading.grade import grade
from autograder.grading.intake import Submission
from autograder.grading.score import score
from autograder.manifest import load_chapter
from autograder.mistakes.diagnosis import diagnose, explain
from autograder.mistakes.fingerprints import fingerprint
from autograder.mistakes.library import RECORDED, leaks, load_recorded, record
from autograder.mistakes.pool import chapter_recipes
from autograder.mistakes.recorded import recorded_text
from autograder.mistakes.trace import Trace, sketch, trace_of
from autograder.project import Project
from autograder.reports.failure import failure_text
from autograder.sandbox import LocalSession, Sandbox
from autograder.suite.record import Record, Seen, recording

PROJECT = Project(Path(__file__).resolve().parents[1])

CATALOGUE = """
[[mistakes]]
id = "tripled"
exercise = "double"
find = "2.0 * x"
replace = "3.0 * x"
symptom = "x is tripled"
question = "Two or three?"

[[mistakes]]
id = "halved"
exercise = "double"
find = "2.0 * x"
replace = "0.5 * x"
symptom = "x is halved"
question = "More or less?"
convention = true

[[mistakes]]
id = "in-place"
exercise = "double"
find = "return 2.0 * x"
replace = "x *= 2.0; return x"
symptom = "x is doubled in place"
question = "Compare x before and after."
hidden = "the public check does not look"

[[mistakes]]
id = "squared"
exercise = "quadruple"
find = "double(double(x))"
replace = "4.0 * x * x"
symptom = "x is squared"
question = "What is left of the sign?"

[[mistakes]]
id = "squared-by-power"
exercise = "quadruple"
find = "double(double(x))"
replace = "4.0 * x ** 2"
same_as = "squared"
"""


@pytest.fixture
def known(mini):
    """The mini chapter with a catalogue."""
    (mini.suite_dir / "mistakes.toml").write_text(CATALOGUE.lstrip("\n"), encoding="utf-8")
    return mini


def told(chapter, source: str, **options):
    """The outcomes of a submission by check, with what the diagnosis says."""
    program = marking_program(chapter, {chapter.file: source.encode()})
    task = Task(chapter, program, LocalSession, explain=diagnose, **options)
    return {outcome.id: outcome for outcome in run_suite(task)}


# What is named


def test_other_code_with_the_same_numbers_is_named(known):
    found = told(known, mini_source("return x + x + x", "return double(x) * 0 + 4.0 * x"))

    outcome = found["double_of_an_example"]
    assert outcome.mistake == "tripled"
    assert outcome.diagnosis == (
        "gives the same numbers as code in which x is tripled\nTwo or three?"
    )
    assert found["double_of_random_numbers"].mistake == "tripled"  # by a replay: hidden inputs
    assert found["quadruple_of_an_example"].mistake is None


def test_numbers_that_no_mistake_gives_are_not_named(known):
    found = told(known, mini_source("return x + x + x + 1e-6", "return 4.0 * x"))

    outcome = found["double_of_an_example"]
    assert (outcome.status, outcome.mistake, outcome.diagnosis) == ("failed", None, "")


def test_what_only_hidden_inputs_show_is_named(known):
    found = told(known, mini_source("x += x\nreturn x", "return 4.0 * x"))

    assert found["double_of_an_example"].status == "passed"
    assert found["double_of_random_numbers"].mistake == "in-place"


def test_a_convention_is_not_called_a_mistake(known):
    found = told(known, mini_source("return x / 2", "return 4.0 * x"))

    outcome = found["double_of_an_example"]
    assert outcome.mistake == "halved"
    assert outcome.diagnosis.startswith("another convention, not a mistake: gives the same numbers")


def test_the_same_mistake_in_other_code_goes_by_one_name(known):
    found = told(known, mini_source("return 2.0 * x", "return (2 * x) ** 2"))

    assert found["quadruple_of_an_example"].mistake == "squared"


def test_what_waits_for_another_exercise_is_not_diagnosed(known):
    found = told(known, mini_source("return 3.0 * x", "return 4.0 * x * x"))

    assert found["double_of_an_example"].mistake == "tripled"
    assert found["quadruple_of_an_example"].mistake is None


def test_a_mistake_that_fails_where_the_student_passes_is_not_named(known):
    source = mini_source("return 3.0 * x if x.ndim == 2 else 2.0 * x", "return 4.0 * x")

    found = told(known, source)

    assert found["double_of_random_numbers"].status == "failed"
    assert found["double_of_random_numbers"].mistake is None


def test_two_mistakes_that_nothing_tells_apart_are_both_named(known):
    twin = '\n[[mistakes]]\nid = "x-thrice"\nexercise = "double"\nfind = "2.0 * x"\n'
    twin += 'replace = "x + x + x"\nsymptom = "x is added up thrice"\nquestion = "How often?"\n'
    path = known.suite_dir / "mistakes.toml"
    path.write_text(path.read_text() + twin, encoding="utf-8")

    outcome = told(known, mini_source("return 3 * x"))["double_of_an_example"]

    assert outcome.mistake is None
    assert outcome.diagnosis == (
        "gives the same numbers as code in which x is tripled, or in which x is added up thrice"
    )


def test_a_catalogue_that_does_not_apply_is_nobodys_mark(known):
    path = known.suite_dir / "mistakes.toml"
    path.write_text(path.read_text().replace("2.0 * x", "5.0 * x"), encoding="utf-8")

    outcome = told(known, mini_source("return 3.0 * x"))["double_of_an_example"]

    assert (outcome.status, outcome.mistake) == ("failed", None)


# Marks


def test_a_diagnosis_that_goes_wrong_costs_nobody_a_mark(known):
    outcomes = list(told(known, mini_source("return 3.0 * x")).values())
    task = Task(known, marking_program(known, {}), LocalSession)

    assert explain(task, None, {"double_of_an_example": None}, outcomes) == outcomes


def test_the_result_carries_the_mistake_and_the_same_marks(known):
    source = mini_source("return 3.0 * x", "return 4.0 * x")
    outcomes = list(told(known, source).values())
    bare = [replace(outcome, mistake=None, diagnosis="") for outcome in outcomes]

    named, plain = score(known, outcomes), score(known, bare)

    assert named[0].checks[0].mistake == "tripled"
    assert [each.score for each in named] == [each.score for each in plain] == [0.0, 40.0]


def test_both_handles_and_every_run_give_the_same_diagnosis(known):
    source = mini_source("return 3.0 * x", "return 4.0 * x").encode()
    submission = Submission("ann", "ann.py", Path("ann.py"), {known.file: source})

    with Sandbox() as sandbox:
        results = [grade(submission, known, sandbox=sandbox, secret=b"s")[0] for _ in range(2)]

    assert results[0] == results[1]
    seeds = Seeds(b"s", submission.content_hash)
    local = told(known, source.decode(), seeds=seeds)
    checks = results[0].exercise("double").checks
    assert [check.mistake for check in checks] == ["tripled", "tripled"]
    assert {check.id: check.mistake for check in checks} == {
        check.id: local[check.id].mistake for check in checks
    }
    assert "  gives the same numbers as code in which x is tripled\n" in checks[0].message


def test_practice_names_the_mistake_too(known):
    known.stub_file.write_text(mini_source("return 3.0 * x"), encoding="utf-8")

    run = practice.run(known)

    assert [outcome.mistake for outcome in run.outcomes] == ["tripled", None]
    assert run.outcomes[0].diagnosis.startswith("gives the same numbers as")


# Real chapters, in a student's own hand

DENSE = """
class Dense:
    def __init__(self, n_in, n_out, rng, dtype=np.float64):
        W = rng.normal(0.0, np.sqrt(2 / n_in), (n_in, n_out))
        self.params = {"W": W.astype(dtype), "b": np.zeros(n_out, dtype)}
        self.grads = {"W": np.zeros((n_in, n_out), dtype), "b": np.zeros(n_out, dtype)}

    def forward(self, x, training=False):
        self.inputs = x
        return np.einsum("...i,io->...o", x, self.params["W"]) + self.params["b"]

    def backward(self, dout):
        x = self.inputs.reshape(-1, self.inputs.shape[-1])
        d = dout.reshape(-1, dout.shape[-1])
        self.grads["W"] = DW
        self.grads["b"] = DB
        return np.einsum("...o,io->...i", dout, self.params["W"])
"""


def dense(dW: str, db: str) -> dict[str, set[str]]:
    """The mistakes named in each failing check of a student's Dense."""
    chapter = load_chapter(PROJECT, "ch06_layers")
    source = "import numpy as np\n" + DENSE.replace("DW", dW).replace("DB", db)
    found = told(chapter, source, exercises=("Dense",))
    wrong = {name: each for name, each in found.items() if each.status != "passed"}
    return {name: set((each.mistake or "").split(" + ")) - {""} for name, each in wrong.items()}


def test_a_right_dense_of_ones_own_passes():
    assert dense('np.einsum("ni,no->io", x, d)', "np.add.reduce(d)") == {}


def test_one_mistake_in_a_dense_of_ones_own():
    found = dense('np.einsum("ni,no->io", x, d)', "np.add.reduce(d) / len(d)")

    assert len(found) > 5
    assert set.union(*found.values()) == {"dense-db-averaged"}


def test_two_mistakes_in_different_outputs_are_both_named():
    found = dense('np.einsum("ni,no->oi", x, d)', "np.add.reduce(d) / len(d)")

    both = {"dense-dw-transposed", "dense-db-averaged"}
    assert found["dense_backward_example"] == both
    assert set.union(*found.values()) == both


# Without solutions


@pytest.fixture
def bundle(known):
    """The mini chapter as students have it: no solution, no catalogue, no hidden checks."""
    recorded = record(known, chapter_recipes(known))
    (known.suite_dir / RECORDED).write_text(json.dumps(recorded), encoding="utf-8")
    (known.suite_dir / "mistakes.toml").unlink()
    (known.suite_dir / "test_hidden.py").unlink()
    shutil.rmtree(known.project.solutions)
    return known


def test_recorded_outputs_name_the_mistake_without_solutions(bundle):
    bundle.stub_file.write_text(mini_source("return x + x + x"), encoding="utf-8")

    outcome = practice.run(bundle).outcomes[0]

    assert outcome.mistake == "tripled"
    assert outcome.diagnosis.endswith("Two or three?")


def test_a_damaged_record_says_nothing(bundle):
    (bundle.suite_dir / RECORDED).write_text('{"schema": 1}', encoding="utf-8")

    found = told(bundle, mini_source("return 3.0 * x"), hidden=False)

    assert found["double_of_an_example"].mistake is None


def test_recorded_outputs_of_other_files_are_not_used(known):
    recorded = record(known, chapter_recipes(known))
    recorded["mistakes"]["tripled"]["named"] = "stale"
    (known.suite_dir / RECORDED).write_text(json.dumps(recorded), encoding="utf-8")
    text = known.source_file.read_text(encoding="utf-8")
    known.source_file.write_text(text.replace("Return 4x", "Return 4 x"), encoding="utf-8")

    assert told(known, mini_source("return 3.0 * x"))["double_of_an_example"].mistake == "tripled"


CATALOGUED = [path.parent.name for path in sorted(PROJECT.suites.glob("*/mistakes.toml"))]


@pytest.mark.parametrize("name", CATALOGUED)
def test_the_record_holds_no_code_and_nothing_right(name):
    chapter = load_chapter(PROJECT, name)
    recipes = chapter_recipes(chapter)

    data = json.loads(recorded_text(chapter))

    assert leaks(chapter, recipes, data) == []
    assert set(data) == {"schema", "stamp", "mistakes", "checks"}
    words = {"exercise", "named", "symptom", "question", "convention"}
    assert all(set(about) == words for about in data["mistakes"].values())
    assert len(data["mistakes"]) > len(data["checks"]) > 0


def test_a_right_output_in_the_record_is_found(known):
    recipes = chapter_recipes(known)
    data = record(known, recipes)
    row = data["checks"]["double_of_an_example"]
    row["tripled"]["wrong"]["double(x)"] = sketch(np.array([2.0, -4.0])).to_json()

    found = leaks(known, recipes, data)

    assert found == ["double_of_an_example: tripled records the right double(x)"]


# Sketches and traces


def test_the_same_numbers_have_the_same_sketch():
    x = np.linspace(-1.0, 1.0, 12).reshape(3, 4)

    assert sketch(x) == sketch(np.asfortranarray(x))
    assert sketch(2.5) == sketch(2.5)


DIFFERENT = {
    "another value": (np.array([1.0, 2.0]), np.array([1.0, 2.0 + 1e-7])),
    "another order": (np.array([1.0, 2.0]), np.array([2.0, 1.0])),
    "another shape": (np.ones((2, 1)), np.ones((1, 2))),
    "another dtype": (np.ones(2), np.ones(2, np.float32)),
    "a NaN": (np.array([1.0, 0.0]), np.array([1.0, np.nan])),
    "NaN for inf": (np.array([np.inf]), np.array([np.nan])),
    "another type": (1.0, np.float64(1.0)),
    "nothing": (None, 0.0),
}


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_different_answers_are_told_apart(one, other):
    assert not trace({"y": one}).explains(trace({"y": other}))
    assert trace({"y": one}).explains(trace({"y": one}, want=7.0)) == {"y"}


def trace(wrong: dict, step: int = 1, words: str = "", want=None) -> Trace:
    seen = tuple(Seen(name, got, want, right=False) for name, got in wrong.items())
    return trace_of(Failure(Record(step, seen), words))


def test_an_answer_close_to_the_right_one_is_not_named_for_being_close():
    right = np.array([1.0, 2.0, 3.0])
    student = trace({"y": right * (1 + 1e-9)}, want=right)

    assert not trace({"y": right * (1 + 3e-10)}).explains(student)


def test_a_failure_at_another_assertion_explains_nothing():
    assert not trace({"y": 1.0}, step=2).explains(trace({"y": 1.0}, step=1))


def test_without_outputs_the_words_must_be_the_same():
    assert trace({}, words="overflow").fails_like(trace({}, words="overflow"))
    assert not trace({}, words="overflow").fails_like(trace({}, words="underflow"))
    assert not trace({"y": 1.0}).fails_like(trace({"y": 1.0}))


def test_recordings_do_not_mix():
    from autograder.suite import equal

    with recording() as outer:
        equal("a", 1.0, np.float64(1.0))
        with recording() as inner:
            equal("b", 2.0, np.float64(2.0))
    equal("c", 3.0, np.float64(3.0))

    assert [each.seen[0].name for each in (outer, inner)] == ["a", "b"]
    assert (outer.step, inner.step) == (1, 1)


# What numbers look like

W = np.arange(1.0, 7.0).reshape(2, 3)
FINGERPRINTS = {
    "sign": (-W, W, {}, "every entry has the opposite sign"),
    "twice": (2 * W, W, {}, "a factor of 2 too much"),
    "half": (W / 2, W, {}, "a factor of 2 is missing"),
    "length": (5 * W, W, {"x": np.ones((5, 4))}, "5 times too large, and x (5, 4)"),
    "one over length": (W / 5, W, {"x": np.ones((5, 4))}, "5 times too small"),
    "zero": (0 * W, W, {}, "every entry is 0"),
    "transposed": (W.T.copy(), W, {}, "the right numbers, transposed"),
    "square": (W[:, :2].T.copy(), W[:, :2], {}, "the right numbers, transposed"),
    "shape": (W.ravel(), W, {}, "the right numbers in another shape"),
    "places": (W[:, ::-1].copy(), W, {}, "the right numbers in other places"),
    "dtype": (W.astype(np.float32), W, {}, ""),
    "one number": (np.array([21.0]), W, {}, "one number for all"),
    "not finite": (np.where(W > 4, np.nan, W), W, {}, "right wherever the result is finite"),
    "first": (np.array([W[0], W[1] + 9]), W, {}, "the first one is right"),
    "anything": (W + np.array([[0.3], [0.7]]), W, {"x": np.ones((5, 4))}, ""),
}


@pytest.mark.parametrize(("got", "want", "inputs", "text"), FINGERPRINTS.values(), ids=FINGERPRINTS)
def test_fingerprint(got, want, inputs, text):
    seen = (Seen("y", got, want, right=False),)

    found = fingerprint(Failure(Record(1, seen, inputs), "CheckFailed: y"))

    assert found.startswith(text) if text else found == ""


def test_an_overflow_is_put_into_words():
    failure = Failure(Record(), "FloatingPointError: overflow encountered in exp")

    assert fingerprint(failure) == "a number became too large for a float: exp of what?"


# The message


def test_a_message_with_a_diagnosis_has_at_most_eight_lines(known):
    outcome = told(known, mini_source("return 3.0 * x"))["double_of_an_example"]
    long = replace(
        outcome,
        message="\n".join(f"line {n}" for n in range(20)),
        diagnosis=textwrap.fill("word " * 200, 400),
    )

    lines = failure_text(long, "make test").splitlines()

    assert len(lines) == 8
    assert lines[4].startswith("  word")
    assert lines[-1] == "  again: make test"
    assert load_recorded(known) is None
