"""The finished runs as text: lines for the terminal, a page for docs/."""

from __future__ import annotations

import platform
import textwrap
from collections.abc import Iterable, Iterator

import numpy as np

from autograder.reproduce.runs import Run
from autograder.reproduce.state import Finished

PAGE, FIGURE = "reproduction.md", "reproduction.png"

Rows = list[tuple[Run, Finished]]

_INTRODUCTION = """\
# The books reproduced

The models that two books report, trained with the reference solutions of this course on the full
MNIST: 60,000 images for training, 10,000 for test. "Claimed" is what the book says, "their code"
what the book's own code gave when we ran it, "ours" what the reference gives: percent of the test
images. Made by `make reproduce`; `make data` fetches the MNIST that it needs.

Weidman: Seth Weidman, *Deep Learning from Scratch*, O'Reilly 2019. Saitoh: Koki Saitoh, the book of
the same name (in Japanese), O'Reilly Japan 2016.
"""

_RULES = """\
- One seed per run where the settings do not name more; another seed gives another figure.
- Weidman's inputs have mean 0 and variance 1, Saitoh's lie in [0, 1]; ours is standardised.
- "Stops early" is the book's rule: every ten epochs the loss on the *test* images is looked at, and
  training ends when it has risen. That makes the test images a part of the training; a sound rule
  would look at images set aside for it. The book then means to go back to an earlier state, but its
  figures are of the state at the end (its trainer exchanges its own copy only), and so are ours.
- Saitoh's runs in steps draw every batch from all images, with repetition; the others go through
  the images in a new order each epoch.
- Dropout is the book's: units are dropped while training, all are multiplied by 0.8 at inference.
"""


def page(rows: Rows) -> str:
    """Return the Markdown page, table and all."""
    facts = (
        f"{_dates(rows)}, NumPy {np.__version__}, Python {platform.python_version()}, float32, one "
        "thread. Seconds are those of one core, evaluation included, where this was made; on "
        "another machine, rounding moves the percentages a little as well."
    )
    head = ["| model | claimed | their code | ours | seconds | settings |"]
    head.append("|---|---:|---:|---:|---:|---|")
    table = "\n".join([*head, *_table(rows)])
    notes = [_wrapped(f"- {run.title}: {run.note}", "  ") for run, _ in rows if run.note]
    picture = f"![Test error of each model: claimed, their code, ours]({FIGURE})"
    parts = [
        _INTRODUCTION,
        _wrapped(facts),
        table,
        picture,
        "## Notes",
        "\n".join([_RULES.strip(), *notes]),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def lines(rows: Rows) -> Iterator[str]:
    """Yield the lines of the same table for a terminal."""
    title = "percent of the test images"
    names = [f"{run.book}: {run.title}" for run, _ in rows]
    width = max(map(len, [title, *names]))
    yield f"{title:{width}} {'claimed':>13} {'their code':>10} {'ours':>20} {'s':>4}"
    for name, (run, finished) in zip(names, rows, strict=True):
        seconds = finished.outcome.seconds
        theirs, gave = _percent(run.theirs), ours(finished)
        yield f"{name:{width}} {claim(run):>13} {theirs:>10} {gave:>20} {seconds:4.0f}"


def claim(run: Run) -> str:
    """Return what the book says, in its words or as a number."""
    return run.claim or _percent(run.claimed)


def ours(finished: Finished) -> str:
    """Return our figure, the mean of several seeds with the lowest and the highest."""
    finals = finished.outcome.finals
    mean = f"{finished.outcome.accuracy:.2f}"
    return f"{mean} ({min(finals):.1f} to {max(finals):.1f})" if len(finals) > 1 else mean


def settings(run: Run) -> str:
    """Return what a run was made with, in one line."""
    return ", ".join(word for word in [*_net(run), *_training(run)] if word)


def _table(rows: Rows) -> Iterator[str]:
    book = ""
    for run, finished in rows:
        if run.book != book:
            book = run.book
            yield f"| **{book}** | | | | | |"
        yield (
            f"| {run.title} | {claim(run)} | {_percent(run.theirs)} | **{ours(finished)}** "
            f"| {finished.outcome.seconds:.0f} | {settings(run)} |"
        )


def _net(run: Run) -> Iterator[str]:
    net = run.net
    for filters in net.filters:
        pooled = " + max pool 2" if net.pool else ""
        padded = f" pad {net.pad}" if net.pad else ""
        yield f"conv {filters} of {net.kernel}x{net.kernel}{padded}{pooled}"
    units = "-".join(str(n) for n in (*net.hidden, net.classes))
    yield f"{units if net.filters else f'784-{units}'} {net.activation}"
    yield f"{net.output} output" if net.output else ""
    last = f", last {_WEIGHTS[net.last_weights]}" if net.last_weights else ""
    yield f"weights {_WEIGHTS[net.weights]}{last}"
    yield f"dropout keeps {net.keep:g}" if net.keep < 1 else ""


_WEIGHTS = {
    "normal": "N(0, 1)",
    "small": "N(0, 0.01^2)",
    "weidman": "Glorot as in the book",
    "glorot": "Glorot",
    "he": "He",
}


def _training(run: Run) -> Iterator[str]:
    rate = f"{run.lr:g}"
    if run.decay:
        rate += f" to {run.end_lr:g} ({run.decay.replace('_', ' ')})"
    yield f"{run.optimizer} {rate}"
    yield from (f"{name} {value:g}" for name, value in run.options)
    yield f"batch {run.batch}"
    yield f"{run.epochs} epoch{'s' * (run.epochs > 1)}" if run.epochs else f"{run.steps:,} steps"
    yield "stops early" if run.stop_early else ""
    yield f"seed{'s' * (len(run.seeds) > 1)} {' '.join(map(str, run.seeds))}"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, 100, subsequent_indent=indent, break_on_hyphens=False)


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}".removesuffix("0")


def _dates(rows: Iterable[tuple[Run, Finished]]) -> str:
    days = sorted({finished.date for _, finished in rows})
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
