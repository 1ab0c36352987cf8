"""The corpus of hostile hand-ins against the worker: nothing gains a point or reads a secret.

`make check` runs it once, on all walls and as the current user, and a sample of it on the others;
`make attack` runs all of it everywhere.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from attack_arena import CORPUS, Arena, attacks
from attack_run import BATCH

RUN = Path(__file__).with_name("attack_run.py")
LONG = "DLFS_LONG" in os.environ
EVERY = 1 if LONG else 36
ANOTHER = 61_000  # a user id
MINIMA = {"no-open": "rlimits,seccomp,no-open", "landlock": "rlimits,seccomp,landlock"}


def test_the_corpus_is_what_it_says():
    files = [path for path in CORPUS.glob("*/*.py") if path.parent.name != "__pycache__"]
    goals = [path.read_text(encoding="utf-8").split('"""')[1] for path in files]

    assert len(files) >= 120
    assert all(goal.startswith("Goal: ") for goal in goals)
    assert len(set(goals)) == len(goals)


@pytest.fixture(scope="module")
def arena():
    with Arena() as arena:
        arena.count = 0
        yield arena


@pytest.mark.parametrize("attack", attacks("worker"), ids=lambda attack: attack.name)
def test_nothing_gets_through(arena, attack):
    assert arena.run(attack) == []

    arena.count += 1
    if arena.count % BATCH == 0:
        assert arena.honest_again() == []


def test_the_next_submission_is_marked_as_ever(arena):
    assert arena.honest_again() == []


# Other users, fewer walls


@functools.cache
def as_another() -> tuple[str, ...]:
    """How to start a program as an ordinary user who can read this checkout and its Python."""
    user = ["setpriv", f"--reuid={ANOTHER}", f"--regid={ANOTHER}", "--clear-groups"]
    for right in ("", "dac_read_search", "dac_override"):
        more = [f"--inh-caps=+{right}", f"--ambient-caps=+{right}"] if right else []
        command = (*user, *more)
        again = (
            "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=1)"
        )
        probe = [*command, sys.executable, "-c", again, "import numpy, pytest, autograder"]
        done = subprocess.run(probe, cwd=RUN.parents[1], capture_output=True, check=False)
        if done.returncode == 0:
            return command
    raise AssertionError("no ordinary user can read this checkout")


def combinations() -> dict[str, tuple[bool, str]]:
    """Who marks, on which walls; an ordinary user cannot try what it is like to be root."""
    root = os.getuid() == 0
    found = {"another user, all walls": (True, "")} if root else {}
    for name, layers in MINIMA.items():
        if root:
            found[f"root, {name}"] = (False, f"uid,{layers}")
        found[f"ordinary user, {name}"] = (root, layers)
    return found


COMBINATIONS = combinations()


@pytest.mark.parametrize(("another", "layers"), COMBINATIONS.values(), ids=COMBINATIONS.keys())
def test_nothing_gets_through_elsewhere(tmp_path, another, layers):
    command = [*(as_another() if another else ()), sys.executable, str(RUN), f"--every={EVERY}"]
    command += [f"--layers={layers}"] if layers else []
    home = tmp_path / "home"
    home.mkdir()
    for place in (tmp_path, tmp_path.parent, tmp_path.parents[1]) if another else ():
        place.chmod(0o711)
    if another:
        os.chown(home, ANOTHER, ANOTHER)
    here = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(command, cwd="/", env=here, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found) > len(attacks("worker")) // EVERY
    assert {name: problems for name, problems in found.items() if problems} == {}
    assert list(home.iterdir()) == []


# The arena itself


def test_without_walls_the_arena_sees_what_gets_through():
    with Arena(["uid", "rlimits"], unsafe=True) as arena:
        found = {a.name: arena.run(a) for a in attacks("worker") if a.name in SEEN}

    assert any("secret of the suite" in problem for problem in found["file_hidden_suite"])
    assert any("secret of the file" in problem for problem in found["file_many_doors"])
    assert any("BREACHED listdir" in problem for problem in found["file_list"])
    assert any(arena.mark in problem for problem in found["file_write"])


SEEN = ("file_hidden_suite", "file_many_doors", "file_list", "file_write")


def test_the_arena_knows_a_bad_result(arena):
    honest = json.loads(arena.honest)

    assert arena.judge(arena.honest, earns=100) == []
    assert "has earned 0" in arena.judge(arena.honest, earns=0)[0]
    for change in (
        {"notes": [f"x{arena.canaries['labels']}x"]},
        {"notes": ["\x1b[2J"]},
        {"status": "grader_error"},
        {"isolation": ["everything"]},
        {"notes": ["x" * 300_000]},
        {"notes": ["BREACHED the wall"]},
    ):
        text = json.dumps({**honest, **change}, ensure_ascii=False)
        assert len(arena.judge(text, earns=100)) == 1


def test_the_arena_sees_what_is_left_behind(arena):
    path = arena.folder / "left"
    path.touch()
    child = subprocess.Popen(["cat"], stdin=subprocess.PIPE)

    found = arena.left_behind()
    child.communicate()
    path.unlink()

    assert found == [f"process {child.pid} is left", f"{path} is left"]
    assert arena.left_behind() == []
