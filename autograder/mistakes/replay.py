"""One check on one program, outside pytest: how a known mistake fares where a student failed.

The programs run here are changed references: trusted code. A proof, which meets endless loops,
runs them in a process of its own with a time limit.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from autograder.engine.plugin import BUDGET
from autograder.engine.recipe import Failure, Recipe, failure_of
from autograder.engine.reference import load_reference
from autograder.engine.seeds import Seeds
from autograder.manifest import Chapter
from autograder.sandbox import LocalSession, Program, StudentFailure
from autograder.suite.record import Record, recording

FIXTURES = frozenset({"student", "support", "make_rng", "rng", "reference", "data"})


class Bench:
    """Runs checks of a chapter, one after the other, each on a freshly loaded program."""

    def __init__(self, chapter: Chapter, seeds: Seeds | None = None) -> None:
        self.chapter, self.seeds = chapter, seeds or Seeds()
        self._session = LocalSession()
        self._reference: ModuleType | None = None

    @staticmethod
    def can_run(recipe: Recipe) -> bool:
        """Say whether a check needs nothing but the engine's own fixtures."""
        return set(recipe.fixtures) <= FIXTURES

    def run(self, recipe: Recipe, program: Program) -> Failure | None:
        """Return how the check fails on the program, or None when it passes.

        Inputs are the same as in a run of the suite with the same seeds.
        """
        with recording() as record:
            return self._run(recipe, program, record)

    def watch(self, recipe: Recipe, program: Program) -> tuple[Failure | None, Record]:
        """Run a check like `run`; return with the failure all that its assertions saw."""
        with recording(history=True) as record:
            return self._run(recipe, program, record), record

    def _run(self, recipe: Recipe, program: Program, record: Record) -> Failure | None:
        try:
            recipe.function(**self._arguments(recipe, program), **recipe.params)
        except (Exception, pytest.fail.Exception, StudentFailure) as error:
            return failure_of(record, error)
        return None

    def forget(self) -> None:
        """Begin anew after a check that was interrupted."""
        self._session = LocalSession()

    def _arguments(self, recipe: Recipe, program: Program) -> dict[str, Any]:
        number = self.seeds.number(recipe.id, public=True) % 2**32
        student = self._session.start(program, seed=number, budget=BUDGET)
        makers = {
            "student": lambda: student,
            "support": lambda: self._session.module("support"),
            "make_rng": lambda: self._session.rng,
            "rng": lambda: self.seeds.generator(recipe.id, public=recipe.public),
            "reference": self._trusted,
            "data": self._data,
        }
        return {name: makers[name]() for name in recipe.fixtures}

    def _trusted(self) -> ModuleType:
        if self._reference is None:
            self._reference = load_reference(self.chapter)
        return self._reference

    def _data(self) -> Any:
        import datasets

        assert self.chapter.dataset is not None  # a suite that asks for data names some
        return datasets.load(self.chapter.dataset)
