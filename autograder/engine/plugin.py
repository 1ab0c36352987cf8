"""The pytest plugin that runs a chapter's suites against one student program.

The suites are ordinary pytest. Nothing of the student's runs here when the session is a sandboxed
one; in a learner's own process the session is local and the same calls stay in the process.
"""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any

import pytest

from autograder.engine.classify import FailedInFixture, Verdict, classify, told_to_pytest
from autograder.engine.outcome import CheckOutcome
from autograder.engine.recipe import Failure, Recipe, failure_of, recipe_of
from autograder.engine.reference import load_reference
from autograder.engine.seeds import Seeds
from autograder.errors import UserError
from autograder.manifest import Chapter, earlier_chapters
from autograder.sandbox import Handle, Program, Session
from autograder.suite.record import Record, recording

BUDGET = 5.0  # seconds of student time that a check has unless it asks for more
PUBLIC, HIDDEN = "test_public.py", "test_hidden.py"


@dataclass
class Task:
    """One run of a chapter's suites: what is run, on what, and where the outcomes go."""

    chapter: Chapter
    program: Program
    open_session: Callable[[], Session]
    seeds: Seeds = field(default_factory=Seeds)
    hidden: bool = True
    exercises: tuple[str, ...] | None = None
    skip: frozenset[str] = frozenset()  # ids of checks that need not run again
    in_process: bool = False  # pytest-timeout keeps the time, not the sandbox's deadlines
    on_start: Callable[[str, float], None] = lambda check, budget: None
    on_outcome: Callable[[CheckOutcome], None] = lambda outcome: None
    debug: bool = False
    # Looks at the failures of a run that has ended and adds what they have in common with known
    # mistakes; it gets the task, the recipes, the failures by check and the outcomes.
    explain: Callable[..., list[CheckOutcome]] | None = None


class SuitePlugin:
    """Fixtures and hooks of one Task; collects the outcomes in suite order."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.outcomes: list[CheckOutcome] = []
        self.collected: list[CheckOutcome] = []
        self.recipes: list[Recipe] = []
        self.failures: dict[str, Failure] = {}
        self.broken: list[str] = []  # what went wrong in the suites themselves
        self.refused: UserError | None = None  # what the suites ask for and must not
        self.interrupted = False  # by Ctrl-C, which pytest keeps to itself
        self._session: Session | None = None
        self._session_for = ""
        self._out_of_time: set[str] = set()
        self._reference: ModuleType | None = None
        chapters = [*earlier_chapters(task.chapter), task.chapter]
        self._names = {exercise.name for ch in chapters for exercise in ch.exercises}

    # ---- fixtures

    @pytest.fixture
    def student(self, request: pytest.FixtureRequest) -> Handle:
        """The student's module, loaded afresh for every check."""
        budget = _budget(request.node)
        seed = self.task.seeds.number(_check_id(request.node), public=True) % 2**32
        session = self._open(_exercise(request.node).args[0])
        with told_to_pytest():
            return session.start(self.task.program, seed=seed, budget=budget)

    @pytest.fixture
    def support(self, student: Handle) -> Handle:
        """The suite's simple layers and losses, living beside the student's code."""
        with told_to_pytest():
            return self._current().module("support")

    @pytest.fixture
    def make_rng(self, student: Handle) -> Callable[[int], Handle]:
        """Make a NumPy generator that lives beside the student's code."""
        return self._current().rng

    @pytest.fixture
    def rng(self, request: pytest.FixtureRequest) -> Any:
        """The generator of a check's inputs: fixed in public suites, secret in hidden ones."""
        public = _is_public(request.node)
        return self.task.seeds.generator(_check_id(request.node), public=public)

    @pytest.fixture
    def reference(self, request: pytest.FixtureRequest) -> ModuleType:
        """The reference module; hidden suites only."""
        if _is_public(request.node):
            raise UserError(f"{request.node.nodeid}: a public check must not need the reference")
        if self._reference is None:
            self._reference = load_reference(self.task.chapter)
        return self._reference

    @pytest.fixture
    def data(self) -> Any:
        """The data set that the chapter's manifest names."""
        import datasets

        if self.task.chapter.dataset is None:
            raise UserError(f"{self.task.chapter.name}: chapter.toml names no dataset")
        return datasets.load(self.task.chapter.dataset)

    # ---- hooks

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line(
            "markers", "exercise(name, weight=1): the exercise a check belongs to"
        )
        config.addinivalue_line(
            "markers", "budget(seconds): time a check may spend in student code"
        )

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        try:
            self._choose(items)
        except UserError as error:
            self.refused = error
            raise

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.broken.append(str(report.longrepr))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        blank = _blank(item)
        self.task.on_start(blank.id, _budget(item))
        self._verdict = Verdict("passed")
        began = time.perf_counter()
        result = yield
        outcome = CheckOutcome(
            **{
                **blank.to_json(),
                "status": self._verdict.status,
                "message": self._verdict.message,
                "place": self._verdict.place,
                "loaded": self._verdict.loaded,
                "printed": self._printed,
                "seconds": time.perf_counter() - began,
            }
        )
        if outcome.status == "timeout":
            self._out_of_time.add(outcome.exercise)
        self.outcomes.append(outcome)
        self.task.on_outcome(outcome)
        return result

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._printed, self._record = "", Record()
        if _exercise(item).args[0] in self._out_of_time:
            # An endless loop costs its budget once per exercise, not once per check.
            raise _NotRun("not run: an earlier check of this exercise did not finish in time")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        with recording() as self._record:
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[Any]:
        if call.excinfo is not None and call.when != "teardown":
            self._verdict = self._judge(item, call.excinfo.value)
            if call.when == "call" and self._verdict.status in ("failed", "crashed"):
                self.failures[_check_id(item)] = failure_of(self._record, call.excinfo.value)
        return (yield)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self.interrupted = excinfo.type is KeyboardInterrupt  # others are pytest's own

    def pytest_unconfigure(self) -> None:
        self._close()

    # ---- helpers

    def _choose(self, items: list[pytest.Item]) -> None:
        order = [exercise.name for exercise in self.task.chapter.exercises]
        chosen = [item for item in items if self._wanted(item, order)]
        chosen.sort(key=lambda item: (order.index(_exercise(item).args[0]), not _is_public(item)))
        self.collected = [_blank(item) for item in chosen]
        self.recipes = [_recipe(item) for item in chosen]
        items[:] = [item for item in chosen if _check_id(item) not in self.task.skip]
        if self.task.in_process and not self.task.debug:
            for item in items:
                item.add_marker(pytest.mark.timeout(_budget(item)))

    def _wanted(self, item: pytest.Item, order: list[str]) -> bool:
        name = _exercise(item).args[0]
        if name not in order:
            raise UserError(f"{item.nodeid}: chapter.toml lists no exercise {name!r}")
        if not self.task.hidden and not _is_public(item):
            return False
        return self.task.exercises is None or name in self.task.exercises

    def _judge(self, item: pytest.Item, error: BaseException) -> Verdict:
        if isinstance(error, FailedInFixture):
            error = error.failure
        if isinstance(error, _NotRun):
            return Verdict("timeout", str(error))
        if isinstance(error, UserError):  # ours, not the student's
            self.refused = error
            raise error
        verdict = classify(error, _exercise(item).args[0], self._names)
        if self._session is not None and verdict.status != "not_started":
            self._printed = self._session.printed()
            if not verdict.place:
                verdict = replace(verdict, place=self._session.location() or "")
        return verdict

    def _open(self, exercise: str) -> Session:
        """One session, and so one worker, per exercise."""
        if self._session is None or self._session_for != exercise:
            self._close()
            self._session, self._session_for = self.task.open_session(), exercise
        return self._session

    def _current(self) -> Session:
        assert self._session is not None  # the `student` fixture has opened it
        return self._session

    def _close(self) -> None:
        if self._session is not None:
            self._session.close()
        self._session = None


class _NotRun(Exception):
    """A check that is not run because its exercise has used up its time."""


def _blank(item: pytest.Item) -> CheckOutcome:
    mark = _exercise(item)
    doc = inspect.getdoc(getattr(item, "function", None)) or ""
    return CheckOutcome(
        id=_check_id(item),
        exercise=mark.args[0],
        title=doc.split("\n")[0].rstrip("."),
        public=_is_public(item),
        weight=mark.kwargs.get("weight", 1),
        status="crashed",
        message="the check did not come to an end",
    )


def _recipe(item: pytest.Item) -> Recipe:
    about = {"public": _is_public(item), "trains": _budget(item) > BUDGET}
    return recipe_of(item, _check_id(item), _exercise(item).args[0], **about)


def _exercise(item: pytest.Item) -> pytest.Mark:
    mark = item.get_closest_marker("exercise")
    if mark is None:
        raise UserError(f"{item.nodeid}: the check does not say which @exercise it belongs to")
    return mark


def _check_id(item: pytest.Item) -> str:
    return item.name.removeprefix("test_")


def _is_public(item: pytest.Item) -> bool:
    return item.path.name == PUBLIC


def _budget(item: pytest.Item) -> float:
    mark = item.get_closest_marker("budget")
    return float(mark.args[0]) if mark else BUDGET
