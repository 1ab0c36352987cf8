"""ch12_autoencoder: its suites accept correct solutions; what they measure with is right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from autograder.build.regions import strip
from autograder.build.source import Source
from autograder.engine.outcome import CheckOutcome
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.evidence import module_from
from autograder.manifest import load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
CHAPTER = load_chapter(Project(ROOT), "ch12_autoencoder")
REFERENCE = CHAPTER.source_file.read_text(encoding="utf-8")
CORRECT = [CHAPTER.source_file, *sorted((ROOT / "tests" / "correct" / CHAPTER.name).glob("*.py"))]
HIDDEN = module_from(CHAPTER.suite_dir / "test_hidden.py")

BACK = "return self.encoder.backward(self.decoder.backward(dout))"


def run(source: str, exercises: tuple[str, ...] | None = None, **more) -> list[CheckOutcome]:
    program = marking_program(CHAPTER, {CHAPTER.file: source.encode()})
    return run_suite(Task(CHAPTER, program, LocalSession, exercises=exercises, **more))


@pytest.fixture(scope="module")
def reference():
    return load_reference(CHAPTER)


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_every_check(path: Path) -> None:
    outcomes = run(path.read_text(encoding="utf-8"))

    assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []
    assert {one.exercise for one in outcomes} == {one.name for one in CHAPTER.exercises}


@pytest.mark.parametrize("path", CORRECT, ids=lambda path: path.stem)
def test_correct_solution_passes_with_other_inputs(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    quick = tuple(one.name for one in CHAPTER.exercises if one.name not in ("tsne", "mnist"))

    for secret in (b"one", b"two", b"three"):
        outcomes = run(source, quick, seeds=Seeds(secret=secret))
        assert [(one.id, one.message) for one in outcomes if one.status != "passed"] == []


def test_stub_is_not_started() -> None:
    outcomes = run(strip(Source.read(CHAPTER, CHAPTER.source_file)))

    assert {outcome.status for outcome in outcomes} == {"not_started", "waiting"}
    assert {one.exercise for one in outcomes if one.status == "waiting"} == {"mnist"}


DO_NOTHING = """
import numpy as np

class Model:
    def __init__(self, *shape, noise=0.0, dtype=np.float64):
        self.noise, self.params, self.grads = noise, {}, {}
    def forward(self, x, training=False):
        return ANSWER
    encode = decode = predict = backward = forward

class Autoencoder(Model):
    def __init__(self, n_in, hidden, code, rng, noise=0.0, dtype=np.float64):
        sizes = {"encoder.0": (n_in, hidden), "encoder.2": (hidden, code)}
        sizes |= {"decoder.0": (code, hidden), "decoder.2": (hidden, n_in)}
        self.params = {f"{k}.W": np.zeros(s, dtype) for k, s in sizes.items()}
        self.params |= {f"{k}.b": np.zeros(s[1], dtype) for k, s in sizes.items()}
        self.grads = {k: 0 * v for k, v in self.params.items()}

class Upsample(Model):
    def __init__(self, factor=2):
        self.params, self.grads = {}, {}

ConvAutoencoder = Model

def reconstruction_error(model, x):
    return 0.0

def nearest_neighbours(codes, queries, k):
    return np.tile(np.arange(k), (len(queries), 1))

def pairwise_affinities(x, perplexity):
    n = len(x)
    return (1 - np.eye(n)) / (n * n - n)

def tsne(x, rng, dim=2, perplexity=30.0, steps=500):
    return rng.normal(size=(len(x), dim))

def interpolate(model, a, b, steps):
    x = a
    return np.array([ANSWER] * steps)
"""


@pytest.mark.parametrize("answer", ["x", "1.0 * x", "0.0 * x", "0.0"])
def test_doing_nothing_earns_nothing(answer: str) -> None:
    outcomes = run(DO_NOTHING.replace("ANSWER", answer))

    assert [outcome.id for outcome in outcomes if outcome.status == "passed"] == []


def test_encoder_that_does_not_learn_fails_on_the_digits() -> None:
    assert REFERENCE.count(BACK) == 1
    frozen = REFERENCE.replace(BACK, BACK.replace("(self.decoder", "(0 * self.decoder"))

    outcomes = run(frozen, ("mnist",))

    assert {outcome.status for outcome in outcomes} == {"failed"}


def test_pca_error_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    stretched = rng.normal(size=(90, 12)) @ np.diag(np.geomspace(3, 0.1, 12)) + 2
    train, test = stretched[:60], stretched[60:]

    for components in (1, 4, 11):
        pca = PCA(components).fit(train)
        want = np.mean((pca.inverse_transform(pca.transform(test)) - test) ** 2)
        assert HIDDEN.pca_error(train, test, components) == pytest.approx(want, rel=1e-9)


def test_trustworthiness_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(50, 6))

    for y in (x[:, :2], rng.normal(size=(50, 2)), x):
        for k in (3, 10):
            want = trustworthiness(x, y, n_neighbors=k)
            assert HIDDEN.trustworthiness(x, y, k) == pytest.approx(want, abs=1e-12)
    assert HIDDEN.trustworthiness(x, x) == 1.0


def test_the_flat_map_has_map_error_1() -> None:
    x = np.random.default_rng(2).normal(size=(40, 5))

    centred = x - x.mean(axis=0)
    flat = PCA(2).fit_transform(x)

    assert HIDDEN.map_error(x, flat) == pytest.approx(1.0, abs=1e-12)
    assert HIDDEN.map_error(x, centred) == 0.0


def test_map_gradient_agrees_with_finite_differences(reference) -> None:
    rng = np.random.default_rng(3)
    P = reference.pairwise_affinities(rng.normal(size=(9, 4)), 3.0)
    y = rng.normal(size=(9, 2))

    def divergence(y):
        weights = 1 / (1 + ((y[:, None] - y) ** 2).sum(axis=-1))
        weights[np.diag_indices(9)] = 0
        rest = ~np.eye(9, dtype=bool)
        return np.sum(P[rest] * np.log(P[rest] / (weights / weights.sum())[rest]))

    steps = 1e-5 * np.eye(18).reshape(18, 9, 2)
    measured = [(divergence(y + step) - divergence(y - step)) / 2e-5 for step in steps]

    gradient = reference._map_gradient(P, y)

    assert np.abs(gradient - np.reshape(measured, (9, 2))).max() < 1e-9
    assert np.abs(gradient).max() > 1e-3


def test_conv_autoencoder_refuses_sides_that_cannot_be_halved(reference) -> None:
    with pytest.raises(ValueError, match="cannot be halved 2 times"):
        reference.ConvAutoencoder((1, 6, 8), (2, 3), 4, np.random.default_rng(0))
