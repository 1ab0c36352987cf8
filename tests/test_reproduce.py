"""The books reproduced: the table of runs, their training, resuming, page and figure."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autograder.cli import main
from autograder.errors import UsageError, UserError
from autograder.project import Project
from autograder.reproduce import report, train, work
from autograder.reproduce.nets import CHAPTERS, WEIGHTS, Dropout, Library, Net, initialise
from autograder.reproduce.runs import RUNS, Run, chosen
from autograder.reproduce.state import State, code_of
from autograder.reproduce.train import Outcome
from datasets import Dataset

ROOT = Path(__file__).resolve().parents[1]
SIDE, CLASSES = 8, 3
CODE = dict.fromkeys(("reproduce", *CHAPTERS), "some code")


@pytest.fixture(scope="session")
def library() -> Library:
    return Library(Project(ROOT))


@pytest.fixture(scope="session")
def data() -> Dataset:
    """Images of 8 by 8 pixels: a bright band whose place is the class, under some noise."""
    rng = np.random.default_rng(0)
    y = np.arange(90) % CLASSES
    x = rng.random((90, 1, SIDE, SIDE), dtype=np.float32) / 2
    for image, label in zip(x, y, strict=True):
        image[0, 2 * label : 2 * label + 2] += 0.5
    return Dataset("bands", x[:60], y[:60], x[60:], y[60:])


def tiny(run: Run, **changes: object) -> Run:
    """The run with a small network for the small images, and a short training."""
    net = dataclasses.replace(
        run.net,
        hidden=(4,) * len(run.net.hidden),
        filters=(2,) * len(run.net.filters),
        kernel=3,
        pad=1,
        shape=(1, SIDE, SIDE),
        classes=CLASSES,
    )
    length = dict(epochs=2) if run.epochs else dict(steps=3)
    return dataclasses.replace(run, **{**dict(net=net, batch=10), **length, **changes})


def quiet(done: int, legs: int, accuracy: float) -> None:
    """Progress that nobody watches."""


BASE = tiny(chosen(["weidman-momentum"])[0])
NAMES = [run.name for run in RUNS]


# The table


def test_names_are_unique_and_plain():
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)+", name) for name in NAMES)


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_a_run_names_what_there_is_and_is_complete(run, library):
    assert callable(getattr(library, run.optimizer))
    assert callable(getattr(library, run.loss))
    assert (run.epochs > 0) != (run.steps > 0)
    assert bool(run.decay) == (run.end_lr is not None)
    assert run.claim or run.claimed
    assert not run.stop_early or run.epochs % train.LOOK_EVERY == 0
    assert run.book == "ours" or 50 < run.theirs < 100
    assert run.claimed is None or 50 < run.claimed < 100
    assert {run.net.weights, run.net.last_weights or "he"} <= set(WEIGHTS)


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_a_network_maps_digits_to_ten_scores_in_float32(run, library):
    net = run.net.build(library, np.random.default_rng(0))
    shape = (2, 1, 28, 28) if run.net.filters else (2, 784)

    scores = net.forward(np.ones(shape, np.float32), training=True)

    assert scores.shape == (2, 10)
    assert scores.dtype == np.float32
    assert {p.dtype for p in net.params.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("run", RUNS, ids=NAMES)
def test_every_run_can_be_trained(run, library, data):
    short = tiny(run)

    outcome = train.train(short, library, data, quiet)

    legs = short.epochs or 1
    assert [len(curve) for curve in outcome.curves] == [legs] * len(run.seeds)
    assert outcome.finals == [curve[-1] for curve in outcome.curves]
    assert all(0 <= value <= 100 for value in outcome.finals)


def test_chosen_keeps_the_order_of_the_table():
    assert chosen([NAMES[3], NAMES[1]]) == (RUNS[1], RUNS[3])
    assert chosen([]) == RUNS


def test_an_unknown_run_is_answered_with_the_names_there_are():
    with pytest.raises(UsageError, match=r"no run 'lenet': choose among weidman-squared-error, "):
        chosen(["lenet"])


# Networks


@pytest.mark.parametrize(
    ("weights", "std"),
    [
        ("normal", 1.0),
        ("small", 0.01),
        ("weidman", 2 / 500),
        ("glorot", (2 / 500) ** 0.5),
        ("he", 0.1),
    ],
)
def test_initial_weights_have_the_deviation_of_their_rule(weights, std, library):
    layer = library.Dense(200, 300, np.random.default_rng(0))

    initialise(layer, weights, np.random.default_rng(1))

    assert layer.params["W"].std() == pytest.approx(std, rel=0.02)
    assert bool(layer.params["b"].any()) == (weights == "normal")


@pytest.mark.parametrize(
    ("weights", "std"),
    [("he", (2 / 150) ** 0.5), ("glorot", (2 / (25 * 46)) ** 0.5), ("weidman", 2 / 46)],
)
def test_rules_for_filters_count_places_but_for_the_one_book(weights, std, library):
    layer = library.Conv2D(6, 40, 5, np.random.default_rng(0))

    initialise(layer, weights, np.random.default_rng(1))

    assert layer.params["W"].std() == pytest.approx(std, rel=0.03)


def test_last_weights_are_those_of_the_output_layer_only(library):
    net = Net((50,), "Tanh", "small", last_weights="normal").build(
        library, np.random.default_rng(0)
    )

    assert net.params["0.W"].std() == pytest.approx(0.01, rel=0.05)
    assert net.params["2.W"].std() == pytest.approx(1, rel=0.1)


def test_dropout_is_that_of_the_book():
    layer = Dropout(0.8, np.random.default_rng(0))
    x = np.full((100, 100), 4, np.float32)

    y = layer.forward(x, training=True)
    dx = layer.backward(np.ones_like(x))

    assert np.unique(y).tolist() == [0, 4]
    assert (y > 0).mean() == pytest.approx(0.8, abs=0.02)
    assert np.array_equal(dx, y / 4)
    assert y.dtype == dx.dtype == np.float32
    assert np.unique(layer.forward(x)).tolist() == [np.float32(3.2)]
    assert layer.forward(x).dtype == np.float32


# Training


def test_inputs_are_standardised_with_the_training_part(data):
    ready = train.prepared(data, tiny(BASE, standardised=True))

    assert ready.x_train.shape == (60, SIDE * SIDE)
    assert ready.x_train.dtype == ready.x_test.dtype == np.float32
    assert ready.x_train.mean() == pytest.approx(0, abs=1e-5)
    assert ready.x_train.std() == pytest.approx(1, abs=1e-5)
    back = ready.x_test * data.x_train.std() + data.x_train.mean()
    assert np.abs(back - data.x_test.reshape(30, -1)).max() < 1e-5


def test_inputs_stay_as_they_are_otherwise(data):
    ready = train.prepared(data, tiny(chosen(["saitoh-simple-convnet"])[0]))

    assert ready.x_train is data.x_train


def test_training_learns_the_bands(library, data):
    outcome = train.train(tiny(BASE, epochs=10), library, data, quiet)

    assert outcome.accuracy == 100


def test_a_seed_repeats_itself_and_others_differ(library, data):
    run = tiny(BASE, seeds=(1, 1, 2), epochs=3, lr=0.01)

    first, second, third = train.train(run, library, data, quiet).curves

    assert first == second != third


class Noted:
    """An optimizer that notes the learning rate of each of its steps."""

    def __init__(self, lr: float) -> None:
        self.lr = lr
        self.rates: list[float] = []
        Noted.last = self

    last: Noted

    def step(self, params, grads):
        self.rates.append(self.lr)


@pytest.fixture
def noting(library, monkeypatch):
    monkeypatch.setattr(library, "SGD", Noted)
    return library


def test_steps_are_counted_over_all_legs(noting, data):
    run = tiny(BASE, optimizer="SGD", epochs=0, steps=2 * train.DRAWN_AT_ONCE + 7)

    outcome = train.train(run, noting, data, quiet)

    assert len(Noted.last.rates) == run.steps
    assert len(outcome.curves[0]) == 3


def test_the_rate_starts_at_lr_and_would_reach_its_end_after_the_last_epoch(noting, data):
    run = tiny(BASE, optimizer="SGD", lr=1.0, end_lr=0.0, decay="linear_decay", epochs=4)

    train.train(run, noting, data, quiet)

    assert Noted.last.rates[::6] == [1.0, 0.75, 0.5, 0.25]


@pytest.mark.parametrize(
    ("losses", "legs"),
    [
        ([3.0, 2.0, 1.0, 0.5], 40),
        ([3.0, 2.0, 2.5], 30),
        ([3.0, 3.5], 20),
        ([3.0, 3.0, 3.0, 2.0], 40),
    ],
)
def test_training_ends_when_the_loss_has_risen(losses, legs, library, data, monkeypatch):
    told = iter(losses)
    monkeypatch.setattr(train._Training, "_test_loss", lambda self: next(told))
    monkeypatch.setattr(train._Training, "_leg", lambda self, number: (number + 1) / 100)

    outcome = train.train(tiny(BASE, epochs=40), library, data, quiet)

    assert len(outcome.curves[0]) == legs
    assert outcome.accuracy == legs


def test_training_goes_on_for_runs_that_do_not_stop_early(library, data, monkeypatch):
    monkeypatch.setattr(train._Training, "_test_loss", lambda self: pytest.fail("looked at"))

    outcome = train.train(tiny(BASE, epochs=11, stop_early=False), library, data, quiet)

    assert len(outcome.curves[0]) == 11


def test_progress_counts_the_legs_of_all_seeds(library, data):
    told: list[tuple[int, int]] = []

    train.train(
        tiny(BASE, seeds=(1, 2)), library, data, lambda done, legs, _: told.append((done, legs))
    )

    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


# Finished, interrupted, resumed


THREE = (*map(tiny, chosen(["weidman-softmax", "saitoh-five-layers-adam"])), BASE)


def counted(data: Dataset, stop_after: int | None = None) -> Callable[[], Dataset]:
    """Return a loader that counts its calls, and is interrupted at one of them."""

    def load() -> Dataset:
        load.calls += 1
        if load.calls - 1 == stop_after:
            raise KeyboardInterrupt
        return data

    load.calls = 0
    return load


@pytest.mark.parametrize("done_before", [0, 1, 2])
def test_an_interrupted_run_goes_on_where_it_stopped(done_before, library, data, tmp_path):
    state = State(tmp_path / "state", CODE)
    with pytest.raises(KeyboardInterrupt):
        list(work.work(THREE, library, counted(data, stop_after=done_before), state))
    assert len(list(state.finished(THREE))) == done_before

    rest = counted(data)
    lines = list(work.work(THREE, library, rest, state))

    assert rest.calls == 3 - done_before
    assert [line.endswith("(finished before)") for line in lines] == [
        number < done_before for number in range(3)
    ]
    whole = State(tmp_path / "whole", CODE)
    list(work.work(THREE, library, counted(data), whole))
    curves = [[f.outcome.curves for _, f in one.finished(THREE)] for one in (state, whole)]
    assert curves[0] == curves[1]


@pytest.fixture
def state(tmp_path) -> State:
    state = State(tmp_path / "state", CODE)
    state.store(BASE, Outcome([[40.0, 50.0]], 1.5))
    return state


def test_what_is_stored_comes_back(state):
    found = state.load(BASE)

    assert found.outcome == Outcome([[40.0, 50.0]], 1.5)
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", found.date)


def test_changed_settings_or_another_library_are_trained_again(state):
    assert state.load(dataclasses.replace(BASE, lr=0.05)) is None
    assert state.load(dataclasses.replace(BASE, seeds=(1, 2))) is None
    assert state.load(tiny(BASE, net=dataclasses.replace(BASE.net, keep=0.5))) is None
    assert State(state.folder, {**CODE, "ch07_optimizers": "new"}).load(BASE) is None


def test_only_the_code_that_a_run_uses_counts(state):
    (conv,) = chosen(["saitoh-simple-convnet"])
    state.store(conv, Outcome([[1.0]], 1.0))

    later = State(state.folder, {**CODE, "ch09_conv": "new"})
    assert later.load(BASE) is not None
    assert later.load(conv) is None

    assert State(state.folder, {**CODE, "reproduce": "new"}).load(BASE) is None


def test_changed_words_are_not(state):
    assert state.load(dataclasses.replace(BASE, title="x", note="x", claimed=1.0)) is not None


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"name": "x"}'])
def test_a_damaged_file_is_trained_again(damage, state):
    (state.folder / f"{BASE.name}.json").write_text(damage)

    assert state.load(BASE) is None


def test_forgetting_takes_the_named_runs_only(state):
    other = dataclasses.replace(BASE, name="other")
    state.store(other, Outcome([[1.0]], 1.0))

    state.forget([BASE])

    assert [run.name for run, _ in state.finished([BASE, other])] == ["other"]


def test_a_write_that_fails_leaves_what_was_there(state, monkeypatch):
    monkeypatch.setattr("pathlib.Path.replace", lambda *args: (_ for _ in ()).throw(OSError))

    with pytest.raises(OSError):
        state.store(BASE, Outcome([[60.0]], 1.0))

    assert state.load(BASE).outcome.finals == [50.0]
    assert [path.name for path in state.folder.iterdir()] == [f"{BASE.name}.json"]


@pytest.fixture
def checkout(tmp_path) -> Path:
    """A copy of what the library is made of, as a project of its own."""
    for name in (*CHAPTERS, "ch03_activations"):
        for room in ("autograder/suites", "solutions"):
            shutil.copytree(ROOT / room / name, tmp_path / "clone" / room / name)
    return tmp_path / "clone"


def test_words_in_the_reference_do_not_count_but_code_does(checkout):
    source = checkout / "solutions" / "ch06_layers" / "layers.py"
    text = source.read_text(encoding="utf-8")
    before = code_of(Project(checkout))

    source.write_text(text.replace('"""Layers, losses', '"""# Layers, losses') + "# the end\n")
    assert code_of(Project(checkout)) == before

    source.write_text(text + "EXTRA = 1\n")
    after = code_of(Project(checkout))
    assert all(after[name] != before[name] for name in CHAPTERS)


# What is shown


def test_without_a_terminal_nothing_is_redrawn(library, data, tmp_path, capsys):
    run = tiny(BASE, epochs=20)

    lines = list(work.work((run,), library, lambda: data, State(tmp_path, CODE)))

    shown = capsys.readouterr().out
    assert len(lines) == 1
    assert len(shown.splitlines()) == 4
    assert "\r" not in shown and "\x1b" not in shown


def test_on_a_terminal_one_line_is_redrawn(library, data, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    list(work.work((BASE,), library, lambda: data, State(tmp_path, CODE)))

    shown = capsys.readouterr().out
    assert shown.count("\r") == BASE.epochs
    assert "\n" not in shown


def finish_all(state: State, runs: tuple[Run, ...] = RUNS) -> None:
    for number, run in enumerate(runs):
        finals = [90 + number / 7 + seed % 3 for seed in run.seeds]
        state.store(run, Outcome([[final] for final in finals], 10 + number))


def test_page_and_figure_are_written_when_all_is_finished(tmp_path):
    state = State(tmp_path / "state", CODE)
    finish_all(state, RUNS[:-1])
    missing = work.publish(RUNS, state, tmp_path / "docs")
    assert missing.endswith(f"finished too: {RUNS[-1].name}")
    assert not (tmp_path / "docs").exists()

    finish_all(state)
    sentence = work.publish(RUNS, state, tmp_path / "docs")

    assert sentence.startswith("written: ")
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == [
        report.PAGE,
        report.FIGURE,
    ]
    assert (tmp_path / "docs" / report.FIGURE).read_bytes().startswith(b"\x89PNG\r\n")


def test_the_page_has_a_row_with_all_figures_of_each_run(tmp_path):
    state = State(tmp_path, CODE)
    finish_all(state)

    text = report.page(list(state.finished(RUNS)))

    rows = [line for line in text.splitlines() if line.startswith("| ") and "seed" in line]
    assert len(rows) == len(RUNS)
    for number, (run, row) in enumerate(zip(RUNS, rows, strict=True)):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert cells[0] == run.title
        assert cells[1] == report.claim(run) != ""
        assert cells[3].startswith("**9")
        assert cells[4] == str(10 + number)
        assert cells[5] == report.settings(run)
    assert json.dumps(str(ROOT)) not in text


def test_several_seeds_are_shown_with_their_range(state):
    assert report.ours(state.load(BASE)) == "50.00"
    finished = state.store(BASE, Outcome([[60.0], [70.0], [80.5]], 1.0))

    assert report.ours(finished) == "70.17 (60.0 to 80.5)"


def test_settings_say_what_matters():
    (conv, last) = chosen(["weidman-conv", "weidman-dropout"])[::-1]

    assert report.settings(conv) == (
        "conv 32 of 5x5 pad 2, 10 Tanh, weights Glorot as in the book, last N(0, 1), dropout "
        "keeps 0.8, Momentum 0.1, batch 60, 1 epoch, seeds 20190402 1 2"
    )
    assert report.settings(last) == (
        "784-89-10 Tanh, weights Glorot as in the book, dropout keeps 0.8, Momentum 0.2 to 0.05 "
        "(exponential decay), batch 60, 50 epochs, stops early, seed 20190119"
    )


def test_the_committed_page_is_that_of_the_table():
    text = (ROOT / "docs" / report.PAGE).read_text(encoding="utf-8")

    for run in RUNS:
        assert f"| {run.title} | {report.claim(run)} |" in text
        assert f"| {report.settings(run)} |" in text
        assert run.note in " ".join(text.split())
    assert (ROOT / "docs" / report.FIGURE).is_file()


# The command


def test_without_full_mnist_the_command_says_so_in_one_sentence(checkout, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    monkeypatch.delenv("DLFS_DATA", raising=False)
    monkeypatch.setattr("datasets.files.FULL", checkout / "full")

    assert main(["reproduce", "saitoh-two-layers-relu"]) == UserError.status

    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith("dlfs: the data set mnist is not here: fetch it with `make data ")


def test_the_command_trains_stores_and_writes_the_page(checkout, data, monkeypatch, capsys):
    monkeypatch.chdir(checkout)
    monkeypatch.setattr("datasets.load", lambda name, images: data)
    monkeypatch.setattr("autograder.reproduce.runs.RUNS", THREE)
    monkeypatch.setattr("autograder.reproduce.work.RUNS", THREE)

    assert main(["reproduce", BASE.name]) == 0
    assert "is written when these are finished too" in capsys.readouterr().out
    assert main(["reproduce", "--to", "elsewhere"]) == 0

    out = capsys.readouterr().out
    assert out.count("(finished before)") == 1
    assert all(run.title in out for run in THREE)
    assert BASE.title in (checkout / "elsewhere" / report.PAGE).read_text(encoding="utf-8")
    assert len(list((checkout / "reproduction").iterdir())) == 3
