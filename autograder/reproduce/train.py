"""One run of the table, trained with the reference library."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from autograder.reproduce.nets import Library
from autograder.reproduce.runs import Run
from datasets import Dataset

LOOK_EVERY = 10  # epochs, for runs that stop early
DRAWN_AT_ONCE = 250  # steps, for runs that draw their batches: a copy of so many is held in memory

# What is told after every leg of a run: how many of how many are done, and the accuracy by then.
Progress = Callable[[int, int, float], None]


@dataclass(frozen=True)
class Outcome:
    """What a run gave: percent of the test images after each leg, for each seed."""

    curves: list[list[float]]
    seconds: float  # of one core, for one seed: other programs on the machine do not count

    @property
    def finals(self) -> list[float]:
        """What each seed reached in the end."""
        return [curve[-1] for curve in self.curves]

    @property
    def accuracy(self) -> float:
        """The mean of that."""
        return statistics.fmean(self.finals)


def train(run: Run, library: Library, data: Dataset, progress: Progress) -> Outcome:
    """Train a run's network on data (images), once per seed; return how it did on the test part."""
    began = time.process_time()
    data = prepared(data, run)
    curves: list[list[float]] = []
    for number, seed in enumerate(run.seeds):
        training = _Training(run, library, data, seed)
        curves.append([])
        for accuracy in training.legs():
            curves[-1].append(accuracy)
            done = number * training.count + len(curves[-1])
            progress(done, len(run.seeds) * training.count, accuracy)
    return Outcome(curves, (time.process_time() - began) / len(run.seeds))


def prepared(data: Dataset, run: Run) -> Dataset:
    """Return the data as the run wants it: rows or images, in [0, 1] or with mean 0, variance 1.

    As in the book, one mean and one deviation for all pixels, those of the training part.
    """
    x_train, x_test = data.x_train, data.x_test
    if run.standardised:
        mean, std = x_train.mean(), x_train.std()
        x_train, x_test = ((x - mean) / std for x in (x_train, x_test))
    if not run.net.filters:
        x_train, x_test = (x.reshape(len(x), -1) for x in (x_train, x_test))
    return Dataset(data.name, x_train, data.y_train, x_test, data.y_test)


class _Training:
    """A network on its way: a leg is an epoch, or some hundred steps where batches are drawn."""

    def __init__(self, run: Run, library: Library, data: Dataset, seed: int) -> None:
        self.run, self.data = run, data
        self.rng = np.random.default_rng(seed)
        self.net = run.net.build(library, self.rng)
        self.loss = getattr(library, run.loss)()
        self.optimizer = getattr(library, run.optimizer)(lr=run.lr, **dict(run.options))
        self.trainer = library.Trainer(self.net, self.loss, self.optimizer)
        self.count = run.epochs or -(-run.steps // DRAWN_AT_ONCE)
        if run.decay:
            # As in the book, the last epoch is one step short of the end.
            self.schedule = getattr(library, run.decay)(run.lr, run.end_lr, self.count + 1)
        else:
            self.schedule = lambda leg: run.lr

    def legs(self) -> Iterator[float]:
        """Train; yield the percentage of the test part after each leg."""
        best = math.inf
        for number in range(self.count):
            yield round(100 * self._leg(number), 4)
            if self.run.stop_early and (number + 1) % LOOK_EVERY == 0:
                loss = self._test_loss()
                if loss > best:
                    return
                best = loss

    def _leg(self, number: int) -> float:
        self.optimizer.lr = self.schedule(number)
        data, batch = self.data, self.run.batch
        x, y = data.x_train, data.y_train
        if self.run.steps:
            steps = min(DRAWN_AT_ONCE, self.run.steps - number * DRAWN_AT_ONCE)
            drawn = self.rng.integers(len(x), size=steps * batch)
            x, y = x[drawn], y[drawn]
        y = self._target(y)
        history = self.trainer.fit(x, y, 1, batch, self.rng, data.x_test, data.y_test)
        return history["accuracy"][-1]

    def _test_loss(self) -> float:
        scores = self.net.predict(self.data.x_test)
        return self.loss.forward(scores, self._target(self.data.y_test))

    def _target(self, y: np.ndarray) -> np.ndarray:
        if self.run.loss == "SoftmaxCrossEntropy":
            return y
        return np.eye(self.run.net.classes, dtype=np.float32)[y]
