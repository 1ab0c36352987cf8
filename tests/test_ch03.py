"""ch03_activations: the reference and its likes get every point, each known mistake is caught."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

import pytest

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.manifest import load_chapter
from autograder.project import find_project
from autograder.sandbox import LocalSession

CHAPTER = load_chapter(find_project(Path(__file__)), "ch03_activations")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
EXERCISES = [exercise.name for exercise in CHAPTER.exercises]
CORRECT = sorted((Path(__file__).parent / "correct" / CHAPTER.name).glob("*.py"))


class Mistake(NamedTuple):
    """One place of the reference, changed; `public` says whether a public check must notice."""

    function: str
    old: str
    new: str
    public: bool = True


HIDDEN = False  # in the place of `public`: only hidden inputs show it

MISTAKES = {
    # --- sigmoid
    "overflow": Mistake(
        "sigmoid", "np.where(x >= 0, 1, small) / (1 + small)", "np.exp(x) / (1 + np.exp(x))"
    ),
    "textbook": Mistake(
        "sigmoid", "np.where(x >= 0, 1, small) / (1 + small)", "1 / (1 + np.exp(-x))"
    ),
    "both-branches": Mistake(
        "sigmoid",
        "np.where(x >= 0, 1, small) / (1 + small)",
        "np.where(x >= 0, 1 / (1 + np.exp(-x)), np.exp(x) / (1 + np.exp(x)))",
    ),
    "clipped-for-float64-only": Mistake(
        "sigmoid",
        "np.where(x >= 0, 1, small) / (1 + small)",
        "1 / (1 + np.exp(-np.clip(x, -500, 500)))",
    ),
    "clipped-too-early": Mistake("sigmoid", "floating(x)", "np.clip(floating(x), -10, 10)"),
    "sign": Mistake("sigmoid", "x >= 0", "x <= 0"),
    "epsilon": Mistake("sigmoid", "(1 + small)", "(1 + small + 1e-7)"),
    "always-float64": Mistake("sigmoid", "floating(x)", "np.asarray(x, dtype=np.float64)"),
    "always-float32": Mistake("sigmoid", "floating(x)", "np.asarray(x, dtype=np.float32)"),
    "computed-in-float32": Mistake(
        "sigmoid",
        "np.exp(-np.abs(x))",
        "np.exp(-np.abs(x.astype(np.float32))).astype(x.dtype)",
    ),
    "small-integers": Mistake("sigmoid", "floating(x)", "np.asarray(x)", HIDDEN),
    "number-becomes-array": Mistake("sigmoid", "floating(x)", "np.atleast_1d(floating(x))", HIDDEN),
    "matrix-only": Mistake("sigmoid", "floating(x)", "floating(x).reshape(len(x), -1)"),
    "rounded": Mistake("sigmoid", "(1 + small)", "(1 + small).round(6)"),
    "in-place": Mistake("sigmoid", "np.abs(x)", "np.abs(x, out=x)"),
    "grad-of-input": Mistake("sigmoid_grad", "s = sigmoid(x)", "s = x"),
    "grad-sigmoid-twice": Mistake("sigmoid_grad", "sigmoid(x)", "sigmoid(sigmoid(x))"),
    "grad-of-tanh": Mistake("sigmoid_grad", "s * (1 - s)", "1 - s**2"),
    "grad-without-factor": Mistake("sigmoid_grad", "s * (1 - s)", "s"),
    "grad-sign": Mistake("sigmoid_grad", "(1 - s)", "(s - 1)"),
    # --- tanh
    "tanh-small-integers": Mistake("tanh", "floating(x)", "x", HIDDEN),
    "tanh-overflow": Mistake(
        "tanh", "np.tanh(floating(x))", "np.sinh(floating(x)) / np.cosh(floating(x))"
    ),
    "tanh-tan": Mistake("tanh", "np.tanh", "np.tan"),
    "tanh-arctan": Mistake("tanh", "np.tanh", "np.arctan"),
    "tanh-is-sigmoid": Mistake("tanh", "np.tanh(floating(x))", "sigmoid(x)"),
    "tanh-half": Mistake("tanh", "np.tanh(floating(x))", "2 * sigmoid(x) - 1"),
    "tanh-always-float64": Mistake("tanh", "floating(x)", "np.asarray(x, dtype=float)"),
    "tanh-in-float32": Mistake("tanh", "np.tanh(floating(x))", "np.tanh(floating(x), dtype='f4')"),
    "tanh-no-square": Mistake("tanh_grad", "tanh(x) ** 2", "tanh(x)"),
    "tanh-twice": Mistake("tanh_grad", "tanh(x)", "tanh(tanh(x))"),
    "tanh-grad-of-input": Mistake("tanh_grad", "tanh(x) ** 2", "floating(x) ** 2"),
    "tanh-grad-of-sigmoid": Mistake("tanh_grad", "1 - tanh(x) ** 2", "tanh(x) * (1 - tanh(x))"),
    "tanh-grad-lifted": Mistake("tanh_grad", "1 - ", "np.float64(1) - "),
    "tanh-grad-overflow": Mistake("tanh_grad", "1 - tanh(x) ** 2", "1 / np.cosh(floating(x)) ** 2"),
    # --- relu
    "relu-abs": Mistake("relu", "np.maximum(floating(x), 0)", "np.abs(floating(x))"),
    "relu-minimum": Mistake("relu", "np.maximum", "np.minimum"),
    "relu-capped": Mistake("relu", "np.maximum(floating(x), 0)", "np.clip(floating(x), 0, 6)"),
    "relu-integers-stay": Mistake("relu", "floating(x)", "x"),
    "relu-lifted": Mistake("relu", ", 0)", ", np.zeros(np.shape(x)))"),
    "relu-largest-of-all": Mistake("relu", "np.maximum(floating(x), 0)", "max(x.max(), 0)"),
    "relu-in-place": Mistake(
        "relu", "np.maximum(floating(x), 0)", "np.maximum(floating(x), 0, out=floating(x))"
    ),
    "relu-same-array-if-positive": Mistake(
        "relu",
        "np.maximum(floating(x), 0)",
        "x if np.all(floating(x) > 0) else np.maximum(floating(x), 0)",
        HIDDEN,
    ),
    "relu-one-buffer-for-all-calls": Mistake(
        "relu",
        "np.maximum(floating(x), 0)",
        "np.maximum(floating(x), 0, out=vars(relu).setdefault(str((np.shape(x),"
        " floating(x).dtype)), np.empty_like(floating(x))))",
    ),
    "relu-order-in-memory": Mistake(
        "relu",
        "np.maximum(floating(x), 0)",
        "np.maximum(floating(x).ravel(order='K'), 0).reshape(np.shape(x))",
        HIDDEN,
    ),
    "relu-grad-times-x": Mistake("relu_grad", "(x > 0).astype(x.dtype)", "np.maximum(x, 0)"),
    "relu-grad-at-zero": Mistake("relu_grad", "x > 0", "x >= 0"),
    "relu-grad-bool": Mistake("relu_grad", "(x > 0).astype(x.dtype)", "x > 0"),
    "relu-grad-int": Mistake("relu_grad", "x.dtype", "int"),
    "relu-grad-always-float64": Mistake("relu_grad", "x.dtype", "float"),
    "relu-grad-ones": Mistake("relu_grad", "(x > 0).astype(x.dtype)", "np.ones_like(x)"),
    "relu-grad-sign": Mistake("relu_grad", "(x > 0).astype(x.dtype)", "np.sign(x)"),
    "relu-grad-scalar-crash": Mistake("relu_grad", "x = floating(x)", "x = floating(x)[:]", HIDDEN),
    # --- leaky_relu
    "leaky-fixed-slope": Mistake("leaky_relu", "slope * x", "0.01 * x"),
    "leaky-constant": Mistake("leaky_relu", "slope * x", "slope"),
    "leaky-wrong-side": Mistake("leaky_relu", "x > 0", "x < 0"),
    "leaky-mirrored": Mistake("leaky_relu", "slope * x", "-slope * x"),
    "leaky-plain": Mistake("leaky_relu", "slope * x", "0 * x"),
    "leaky-lifted": Mistake("leaky_relu", "slope * x", "np.float64(slope) * x"),
    "leaky-minimum": Mistake(
        "leaky_relu", "np.where(x > 0, x, slope * x)", "np.minimum(x, slope * x)"
    ),
    "leaky-integers-cut": Mistake(
        "leaky_relu", "floating(x)", "np.asarray(x); slope = np.asarray(slope, dtype=x.dtype)"
    ),
    "leaky-in-place": Mistake(
        "leaky_relu",
        "np.where(x > 0, x, slope * x)",
        "np.multiply(x, slope, out=x, where=x <= 0)",
    ),
    "leaky-grad-fixed-slope": Mistake("leaky_relu_grad", "1, slope", "1, 0.01"),
    "leaky-grad-at-zero": Mistake("leaky_relu_grad", "x > 0", "x >= 0"),
    "leaky-grad-lifted": Mistake("leaky_relu_grad", ".astype(x.dtype)", ""),
    "leaky-grad-integers-cut": Mistake("leaky_relu_grad", "floating(x)", "np.asarray(x)"),
    "leaky-grad-plain": Mistake("leaky_relu_grad", "1, slope", "1, 0"),
    "leaky-grad-times-x": Mistake("leaky_relu_grad", "1, slope", "1, slope * x"),
    # --- softplus
    "softplus-overflow": Mistake(
        "softplus", "np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))", "np.log(1 + np.exp(x))"
    ),
    "softplus-both-branches": Mistake(
        "softplus",
        "np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))",
        "np.where(x > 20, x, np.log1p(np.exp(x)))",
    ),
    "softplus-half": Mistake("softplus", "np.maximum(x, 0) + ", ""),
    "softplus-minimum": Mistake("softplus", "np.maximum", "np.minimum"),
    "softplus-log2": Mistake("softplus", "np.log1p(", "np.log2(1 + "),
    "softplus-epsilon": Mistake("softplus", "np.log1p(", "np.log(1 + 1e-7 + "),
    "softplus-is-relu": Mistake("softplus", " + np.log1p(np.exp(-np.abs(x)))", ""),
    "softplus-linear-too-early": Mistake(
        "softplus",
        "np.log1p(np.exp(-np.abs(x)))",
        "np.where(x > 5, 0, np.log1p(np.exp(-np.abs(x))))",
        HIDDEN,
    ),
    "softplus-small-integers": Mistake("softplus", "floating(x)", "np.asarray(x)", HIDDEN),
    "softplus-always-float64": Mistake("softplus", "floating(x)", "np.asarray(x, dtype=float)"),
    "softplus-grad-is-softplus": Mistake("softplus_grad", "sigmoid(x)", "softplus(x)"),
    "softplus-grad-mirrored": Mistake("softplus_grad", "sigmoid(x)", "1 - sigmoid(x)"),
    "softplus-grad-of-sigmoid": Mistake("softplus_grad", "sigmoid(x)", "sigmoid_grad(x)"),
    "softplus-grad-twice": Mistake("softplus_grad", "sigmoid(x)", "sigmoid(softplus(x))"),
    "softplus-grad-overflow": Mistake(
        "softplus_grad", "sigmoid(x)", "np.exp(floating(x)) / (1 + np.exp(floating(x)))"
    ),
}

# What a function could be without any work. (A derivative gets the same.)
TRIVIAL = ["np.array(x)", "np.zeros_like(floating(x))", "np.ones_like(floating(x))", "None", "x"]


def outcomes(source: str, *exercises: str) -> list[CheckOutcome]:
    """Run public and hidden checks on a module, in this process."""
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises or None))


def changed(mistake: Mistake) -> str:
    """Return the reference with one place of one function changed."""
    lines = REFERENCE.splitlines(keepends=True)
    node = next(
        node for node in ast.parse(REFERENCE).body if getattr(node, "name", "") == mistake.function
    )
    first, last = node.body[1].lineno - 1, node.end_lineno
    body = "".join(lines[first:last])
    assert body.count(mistake.old) >= 1, f"{mistake.function} has no {mistake.old!r}"
    lines[first:last] = [body.replace(mistake.old, mistake.new)]
    return "".join(lines)


def trivial(exercise: str, expression: str) -> str:
    """Return a module in which both functions of an exercise return the expression."""
    functions = "".join(
        f"def {name}(x, slope=0.01):\n    return {expression}\n\n\n"
        for name in (exercise, f"{exercise}_grad")
    )
    return f"{strip(Source.read(CHAPTER, CHAPTER.source_file))}\n\n{functions}"


def not_passed(found: list[CheckOutcome]) -> dict[str, str]:
    return {check.id: check.message for check in found if check.status != "passed"}


def test_reference_passes_every_check():
    assert not_passed(outcomes(REFERENCE)) == {}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_other_correct_solutions_pass_every_check(path):
    assert not_passed(outcomes(path.read_text(encoding="utf-8"))) == {}


def test_stub_is_not_started():
    found = outcomes(strip(Source.read(CHAPTER, CHAPTER.source_file)))

    assert {check.status for check in found} == {"not_started"}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_caught_by_its_own_exercise(name):
    mistake = MISTAKES[name]

    found = outcomes(changed(mistake), mistake.function.removesuffix("_grad"))

    caught = [check for check in found if check.status != "passed"]
    assert caught, "no check of the exercise notices"
    assert any(check.public for check in caught) == mistake.public


@pytest.mark.parametrize("expression", TRIVIAL)
@pytest.mark.parametrize("exercise", EXERCISES)
def test_trivial_functions_gain_nothing(exercise, expression):
    found = outcomes(trivial(exercise, expression), exercise)

    assert {check.status for check in found} <= {"failed", "crashed"}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_weights_favour_no_function(exercise):
    found = [check for check in outcomes(REFERENCE, exercise) if "gradient_check" not in check.id]

    derivatives = sum(check.weight for check in found if "_grad]" in check.id)
    curves = sum(check.weight for check in found if f"[{exercise}]" in check.id)
    assert derivatives == curves == 10
