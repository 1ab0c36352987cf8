"""What is finished: one file per run, so that interrupted work goes on where it stopped."""

from __future__ import annotations

import ast
import datetime
import hashlib
import inspect
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.engine.reference import reference_source
from autograder.files import write_atomically
from autograder.manifest import earlier_chapters, load_chapter
from autograder.project import Project
from autograder.reproduce import nets, train
from autograder.reproduce.nets import CHAPTERS
from autograder.reproduce.runs import Run
from autograder.reproduce.train import Outcome


@dataclass(frozen=True)
class Finished:
    """The outcome of a run, and what it was made of."""

    name: str
    print: str
    date: str
    outcome: Outcome


class State:
    """The finished runs in a folder. A run counts while its settings and the chapters' code stay.

    `code` has a digest for each of CHAPTERS and for what puts them to work.
    """

    def __init__(self, folder: Path, code: dict[str, str]) -> None:
        self.folder, self.code = folder, code

    def load(self, run: Run) -> Finished | None:
        """Return what is stored for a run, or None where there is nothing that still holds."""
        try:
            stored = json.loads(self._file(run).read_text(encoding="utf-8"))
            finished = Finished(**{**stored, "outcome": Outcome(**stored["outcome"])})
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # nothing, or a file of another version of this program: trained again
        return finished if finished.print == self._print(run) else None

    def store(self, run: Run, outcome: Outcome) -> Finished:
        """Keep a run's outcome, with today's date."""
        today = datetime.datetime.now(datetime.UTC).date().isoformat()
        finished = Finished(run.name, self._print(run), today, outcome)
        write_atomically(self._file(run), json.dumps(asdict(finished), indent=1) + "\n")
        return finished

    def forget(self, runs: Iterable[Run]) -> None:
        """Remove what is stored for these runs."""
        for run in runs:
            self._file(run).unlink(missing_ok=True)

    def finished(self, runs: Iterable[Run]) -> Iterator[tuple[Run, Finished]]:
        """Yield the runs that are finished."""
        for run in runs:
            found = self.load(run)
            if found is not None:
                yield run, found

    def _file(self, run: Run) -> Path:
        return self.folder / f"{run.name}.json"

    def _print(self, run: Run) -> str:
        code = {k: v for k, v in self.code.items() if run.net.filters or k != "ch09_conv"}
        text = json.dumps([code, run.settings()], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def code_of(project: Project) -> dict[str, str]:
    """Return digests of the code that the runs depend on: no comments, no docstrings."""
    code = {"reproduce": _digest(map(inspect.getsource, (nets, train)))}
    for name in CHAPTERS:
        chapter = load_chapter(project, name)
        code[name] = _digest(map(reference_source, [*earlier_chapters(chapter), chapter]))
    return code


def _digest(sources: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for source in sources:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if _has_docstring(node):
                del node.body[0]  # type: ignore[attr-defined]
        digest.update(ast.dump(tree).encode())
    return digest.hexdigest()


def _has_docstring(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef)
    return isinstance(node, kinds) and ast.get_docstring(node) is not None
