"""docs/author.md: its chapter builds, gets its marks and proves itself, as the guide shows it."""

from __future__ import annotations

import contextlib
import io
import re
import shutil
import tomllib
from pathlib import Path

import pytest

import autograder.suite
from autograder import evidence
from autograder.cli import main
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.run import run_suite
from autograder.engine.seeds import Seeds
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project
from autograder.sandbox import LocalSession

ROOT = Path(__file__).resolve().parents[1]
GUIDE = (ROOT / "docs" / "author.md").read_text(encoding="utf-8")
NAME = "ch02_perceptron"
SUITE, SOLUTION = f"autograder/suites/{NAME}", f"solutions/{NAME}"

# **`path`**, then a block with the whole file
FILES = dict(re.findall(r"^\*\*`(\S+)`\*\*\n\n```\w+\n(.*?)^```$", GUIDE, re.M | re.S))


def shown(first: str) -> str:
    """The indented block of the guide that begins with these words, as it is printed."""
    start = GUIDE.index(f"\n    {first}") + 1
    lines = []
    for line in GUIDE[start:].split("\n"):
        if line and not line.startswith("    "):
            break
        lines.append(line[4:])
    return "\n".join(lines).strip("\n")


def written(root: Path) -> Chapter:
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (root / "docs").mkdir()
    return load_chapter(Project(root), NAME)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The guide's chapter in a project of its own, built and proven; and what that printed."""
    chapter = written(tmp_path_factory.mktemp("guide"))
    said = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(chapter.project.root)
        for verb, options in (("build", []), ("prove", ["--jobs", "2"])):
            with contextlib.redirect_stdout(io.StringIO()) as out:
                assert main([verb, NAME, *options]) == 0
            said[verb] = out.getvalue().strip()
    return chapter, said


@pytest.fixture
def copy(built, tmp_path, monkeypatch):
    """A copy of it that a test may change; the current folder."""
    shutil.copytree(built[0].project.root, tmp_path / "copy")
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def states(chapter: Chapter, source: str, secret: bytes = b"") -> set[str]:
    program = marking_program(chapter, {chapter.file: source.encode()})
    task = Task(chapter, program, LocalSession, seeds=Seeds(secret=secret) if secret else Seeds())
    return {outcome.status for outcome in run_suite(task)}


def test_the_guide_holds_a_whole_chapter():
    suite = {"chapter.toml", "test_public.py", "test_hidden.py", "mistakes.toml"}
    suite |= {"equivalent.toml", "evidence.py"}

    assert {name.removeprefix(f"{SUITE}/") for name in FILES if name.startswith(SUITE)} == suite
    assert {f"{SOLUTION}/perceptron.py", f"{SOLUTION}/lab.py"} <= set(FILES)
    assert sum(name.startswith(f"tests/correct/{NAME}/") for name in FILES) == 2


def test_it_builds_as_shown(built):
    assert built[1]["build"] == shown("$ dlfs build").split("\n")[1]


def test_its_reference_and_its_likes_get_every_point(built):
    chapter, _ = built
    sources = [text for name, text in FILES.items() if name.startswith("tests/correct/")]

    assert states(chapter, chapter.stub_file.read_text(encoding="utf-8")) == {"not_started"}
    for source in [FILES[f"{SOLUTION}/perceptron.py"], *sources]:
        assert states(chapter, source) == {"passed"}
    assert states(chapter, FILES[f"{SOLUTION}/perceptron.py"], b"other inputs") == {"passed"}


def test_a_wrong_answer_fails_as_shown(copy, capsys):
    stub = copy / "assignments" / NAME / "perceptron.py"
    wrong = "return (x >= 0).astype(np.int64)"
    assert f"`{wrong}`" in GUIDE
    text = stub.read_text(encoding="utf-8")
    stub.write_text(text.replace('raise NotImplementedError("step")', wrong), encoding="utf-8")

    assert main(["test", NAME]) == 1

    assert capsys.readouterr().out.strip() == shown("$ dlfs test").split("\n", 1)[1]


def test_it_proves_itself_as_shown(built):
    table = shown("$ dlfs prove ch02_perceptron\n    ch02").split("\n", 1)[1]

    assert built[1]["prove"].startswith(table)
    assert "NOT HELD" not in built[1]["prove"]


def test_the_survivor_that_is_shown_is_the_one_that_is_explained():
    # That there is such a mutant, and that nothing kills it, `dlfs prove` has just said.
    (entry,) = tomllib.loads(FILES[f"{SUITE}/equivalent.toml"])["equivalents"]
    survivor = shown("$ dlfs prove ch02_perceptron\n    ...").split("NOT HELD ", 1)[1]

    sentence = f"survives in {entry['function']}: {entry['line']} -> {entry['becomes']} "
    assert " ".join(survivor.split()).startswith(sentence)


def test_its_threshold_has_the_evidence_that_is_shown(built):
    chapter, _ = built
    todo = evidence.plan(chapter)
    (run,) = todo.runs
    table = shown("$ dlfs evidence")

    for seed in range(3):
        accuracy = run.measure(seed, todo.correct["reference"])
        assert run.threshold <= accuracy <= 1.0
        assert all(run.measure(seed, each) == accuracy for each in todo.correct.values())
    worst, mean, std = map(float, re.search(r"reference +100 +(\S+) +(\S+) +(\S+)", table).groups())
    figures = f"(100 seeds: worst {worst:.3f}, mean {mean:.3f}, std {std:.4f})"
    assert f"digits: accuracy at least {run.threshold:g} {figures}." in run.check.__doc__
    assert run.threshold <= min(worst, mean - evidence.DEVIATIONS * std)
    assert set(re.findall(r"^  (\S[\w ]*?)  ", table, re.M)) == {*todo.correct, *todo.wrong}


REFUSALS = [
    (f"{SUITE}/chapter.toml", "points = 20", "points = 25"),
    (f"{SUITE}/test_public.py", r"\(student\)", "(student, reference)"),
    (f"{SOLUTION}/perceptron.py", " +### (BEGIN|END) SOLUTION\n", ""),
    (f"{SOLUTION}/lab.py", '# %% check="step"\n', ""),
]


@pytest.mark.parametrize(("number", "change"), list(enumerate(REFUSALS)))
def test_what_does_not_fit_is_refused_as_shown(copy, number, change, capsys):
    name, old, new = change
    path = copy / name
    path.write_text(re.sub(old, new, path.read_text(encoding="utf-8")), encoding="utf-8")

    assert main(["build", NAME]) == 1

    sentence = shown(f"{SUITE}/chapter.toml:5").split("\n")[number]
    # chapter.toml is named with its whole path
    assert capsys.readouterr().err.strip().endswith(sentence)


def test_the_whole_vocabulary_and_every_entry_is_named():
    for word in set(autograder.suite.__all__) - {"CheckFailed"}:
        assert re.search(rf"\b{word}\b", GUIDE), word
    for entry in ("imports", "dataset", "time_limit", "needs", "hints", "why", "questions"):
        assert re.search(rf"\b{entry}\b", GUIDE), entry


def test_every_file_that_the_guide_points_to_is_there():
    named = set(re.findall(r"`((?:tests|docs|autograder)/[\w./]+\.\w+)`", GUIDE)) - set(FILES)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []
