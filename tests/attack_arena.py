"""Where hostile hand-ins are marked: a small chapter with secrets planted all around it.

An attack has got through when it has more points than it earned, when a secret or the word of a
breach is in its Result, when a process or file of its own is left, when it takes far too long, or
when the next honest submission is marked differently.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from autograder.engine.run import _loaded
from autograder.grading.grade import grade
from autograder.grading.intake import Submission
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project
from autograder.sandbox import Sandbox

CORPUS = Path(__file__).parent / "attacks"
REACH = CORPUS / "reach.py"
WORD, BREACH = "CANARY-", "BREACHED"
SECONDS = 60.0  # that one attack may take, budgets and a busy machine included
MEMORY = 900  # MiB that it may cost the grader: three messages of the largest size
_SUBREAPER = 36

MANIFEST = """
title = "Arena"
module = "mini"

[[exercises]]
name = "double"
title = "Twice as much"
points = 50
hints = ["Look.", "Think.", "2 * x"]

[[exercises]]
name = "apply"
title = "A function of the caller"
points = 25
hints = ["Look.", "Think.", "f(x)"]

[[exercises]]
name = "Box"
title = "An object"
points = 25
hints = ["Look.", "Think.", "self.w"]
"""

SOLUTION = '''
"""@reference@"""

import numpy as np

SECRET = "@reference@"


def double(x):
    """Return 2x."""
    return 2.0 * x


def apply(f, x):
    """Return f(x)."""
    return f(x)


class Box:
    """Holds w."""

    def __init__(self, w):
        self.w = w

    def scale(self, x):
        """Return w x."""
        return self.w * x
'''

PUBLIC = '''
import numpy as np
import pytest

from autograder.suite import equal, exercise

budget = pytest.mark.budget(0.5)


@exercise("double")
@budget
def test_double_of_an_example(student):
    """double of an example."""
    equal("double(x)", student.double(np.array([1.0, -2.0])), [2.0, -4.0])
'''

HIDDEN = '''
"""@suite@"""
import numpy as np
import pytest

from autograder.suite import equal, exercise, fresh, number, outputs, true, unchanged

SECRET = "@suite@"
LABELS = np.frombuffer(b"@labels@", np.uint8)
budget = pytest.mark.budget(0.5)


@exercise("double", weight=2)
@budget
def test_double_of_random_numbers(student, reference, rng):
    """double of random numbers."""
    x = rng.normal(size=(3, 4))
    secret = LABELS.astype(float)

    got = unchanged("double(x)", student.double, x)
    equal("double(x)", got, reference.double(x), x=x)
    equal("double(secret)", student.double(np.zeros(len(secret))), 0 * secret)


@exercise("double")
@budget
def test_double_is_new(student, reference, rng):
    """double answers with a new array."""
    x = rng.normal(size=(3, 4))

    equal("double(x)", fresh("double(x)", student.double, x), reference.double(x), x=x)


@exercise("apply")
@pytest.mark.budget(1)
def test_apply_a_function(student, rng):
    """apply calls the function it is given."""
    secret = "@suite@"
    a = float(rng.normal())

    def f(x):
        return float(np.sum(x)) * a + 0.0 * len(secret)

    for x in rng.normal(size=(3, 2)):
        number("apply(f, x)", student.apply(f, x), f(x))
    true("map", len(student.apply.map([(f, x) for x in rng.normal(size=(3, 2))])) == 3, "not all")


@exercise("Box")
@budget
def test_box(student, rng):
    """Box keeps w and multiplies with it."""
    w, x = rng.normal(size=3), rng.normal(size=3)
    box = student.Box(w)

    params = {"w": box.w, **getattr(box, "params", {})} if "params" in dir(box) else {"w": box.w}
    outputs({"w": (params["w"], w), "scale": (box.scale(x), w * x)}, call="Box")
    scaled = box.scale(x)
    true("Box", list(scaled) == list(w * x), f"scale gave {scaled} with the parts {list(scaled)}")


@exercise("Box")
@budget
def test_box_sees_a_new_w(student, rng):
    """Box uses w as it is."""
    box = student.Box(rng.normal(size=3))
    w, x = rng.normal(size=3), rng.normal(size=3)

    box.w = w

    equal("scale", box.scale(x), w * x)
    true("keys", sorted(box.scale(x)) == sorted(w * x), f"keys {sorted(box.scale(x))}")
'''


@dataclass(frozen=True)
class Attack:
    """One file of the corpus: its goal, the hand-in, and how many points it has earned."""

    name: str
    goal: str
    text: str = field(repr=False)
    options: dict[str, str]

    @property
    def earns(self) -> float:
        return float(self.options.get("earns", 0))

    def files(self, mark: str, paths: list[Path]) -> dict[str, bytes]:
        """Return the hand-in."""
        if "source" in self.options:
            return {"mini.py": eval(self.options["source"])}
        first, *others = re.split(r"^#### file: (\S+)\n", self.text, flags=re.MULTILINE)
        found = {"mini.py": REACH.read_text(encoding="utf-8") + "\n\n" + first}
        found |= dict(zip(others[::2], others[1::2], strict=True))
        fill = {"@MARK@": mark, "@SECRETS@": "|".join(map(str, paths))}
        for name, text in found.items():
            for hole, value in fill.items():
                text = text.replace(hole, value)
            found[name] = text
        return {name: text.encode() for name, text in found.items()}


def attacks(group: str) -> list[Attack]:
    """Return a group of the corpus, in alphabetical order, without what other machines concern."""
    found = [_attack(path) for path in sorted((CORPUS / group).glob("*.py"))]
    return [a for a in found if a.options.get("machine", platform.machine()) == platform.machine()]


def _attack(path: Path) -> Attack:
    text = path.read_text(encoding="utf-8")
    goal = re.match(r'"""Goal: (.+?)"""', text, flags=re.DOTALL)
    assert goal, f"{path} does not begin with its goal"
    options = dict(re.findall(r"^# (\w+): (.+)$", text, flags=re.M))
    return Attack(path.stem, " ".join(goal[1].split()), text, options)


class Arena:
    """A grader with secrets around it. Close it, or use it as a context manager."""

    def __init__(self, layers: list[str] | None = None, unsafe: bool = False) -> None:
        self.folder, self.mark = Path(tempfile.mkdtemp()), f"owned-{secrets.token_hex(8)}"
        self.folder.chmod(0o755)  # what the walls hide is not to be hidden by an owner as well
        kinds = ("environment", "file", "course", "suite", "reference", "labels")
        self.canaries = {kind: f"{WORD}{kind}-{secrets.token_hex(12)}" for kind in kinds}
        self.chapter = self._build()
        self._plant()
        self.sandbox = Sandbox(layers, unsafe)
        adopt_orphans()
        self.honest = self.mark_honest()
        self._children, self._files = descendants(), self._listing()

    def __enter__(self) -> Arena:
        return self

    def __exit__(self, *args: object) -> None:
        self.sandbox.close()
        os.environ.pop("DLFS_PLANTED", None)
        for path in self._listing() - self._files:  # an attack that got through
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
        shutil.rmtree(self.folder)

    def _build(self) -> Chapter:
        home = "autograder/suites/ch01_arena"
        texts = {f"{home}/chapter.toml": MANIFEST, f"{home}/test_public.py": PUBLIC}
        texts |= {f"{home}/test_hidden.py": HIDDEN, "solutions/ch01_arena/mini.py": SOLUTION}
        for name, text in texts.items():
            path = self.folder / "project" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            for kind, value in self.canaries.items():
                text = text.replace(f"@{kind}@", value)
            path.write_text(text.lstrip("\n"), encoding="utf-8")
        _loaded.clear()
        return load_chapter(Project(self.folder / "project"), "ch01_arena")

    def _plant(self) -> None:
        grading = self.folder / "project" / "grading"
        grading.mkdir()
        (grading / "gradebook.db").write_bytes(b"SQLite format 3\0")
        (grading / "secret").write_text(self.canaries["course"], encoding="utf-8")
        (grading / "marks.txt").write_text(self.canaries["file"], encoding="utf-8")
        os.environ["DLFS_PLANTED"] = self.canaries["environment"]
        suite = self.folder / "project/autograder/suites/ch01_arena/test_hidden.py"
        source = self.folder / "project/solutions/ch01_arena/mini.py"
        self.secrets = [grading / "marks.txt", grading / "secret", suite, source]

    def grade(self, files: dict[str, bytes]) -> str:
        """Return the Result of a hand-in as JSON text."""
        submission = Submission("eve", "eve", self.folder, files)
        secret = self.canaries["course"].encode()
        result, _ = grade(submission, self.chapter, sandbox=self.sandbox, secret=secret)
        return json.dumps(result.to_json(), ensure_ascii=False)

    def mark_honest(self) -> str:
        """Return the Result of an honest hand-in: half of it is right."""
        text = "import numpy as np\n\n\ndef double(x):\n    return 2 * x\n"
        return self.grade({"mini.py": text.encode()})

    def run(self, attack: Attack) -> list[str]:
        """Mark a hostile hand-in; return in what it got through."""
        began, before = time.monotonic(), memory(forget=True)
        result = self.grade(attack.files(self.mark, self.secrets))
        found = self.judge(result, attack.earns)
        if time.monotonic() - began > SECONDS:
            found.append(f"took {time.monotonic() - began:.0f} s")
        if memory() - before > MEMORY:
            found.append(f"cost the grader {memory() - before} MiB")
        return found + self.left_behind()

    def judge(self, result: str, earns: float) -> list[str]:
        """Return what is wrong with a Result."""
        data = json.loads(result)
        found = [
            f"the secret of the {kind} is out" for kind, c in self.canaries.items() if c in result
        ]
        found += re.findall(rf"{BREACH} [^\\\"\n]{{0,60}}", result)[:5]
        if data["status"] != "graded" or not data["score"] <= earns:
            found.append(f"{data['status']} with {data['score']} points, has earned {earns:g}")
        if data["isolation"] != json.loads(self.honest)["isolation"]:
            found.append("says that other walls are in force")
        odd = {c for text in texts(data) for c in text if not (c.isprintable() or c in "\n\t")}
        if odd:
            found.append(f"characters in the Result that are none: {sorted(odd)!r}")
        if len(result) > 200_000:
            found.append(f"a Result of {len(result)} characters")
        return found

    def left_behind(self) -> list[str]:
        """Return processes and files that were not there before."""
        end = time.monotonic() + 1
        while (more := descendants() - self._children) and time.monotonic() < end:
            os.sched_yield()
        found = [f"process {pid} is left" for pid in sorted(more)]
        return found + [f"{path} is left" for path in sorted(self._listing() - self._files)]

    def _listing(self) -> set[Path]:
        """Return all that lies in the arena, and what carries the mark elsewhere."""
        places = [Path(p) for p in ("/tmp", "/var/tmp", "/dev/shm", "/", str(Path.home()), ".")]
        found = {path for path in self.folder.rglob("*") if "__pycache__" not in path.parts}
        for place in places:
            if os.access(place, os.R_OK | os.X_OK):
                found |= set(place.glob(f"*{self.mark}*"))
        return found

    def honest_again(self) -> list[str]:
        """Return whether an honest submission is marked as ever."""
        return (
            [] if self.mark_honest() == self.honest else ["the next submission is marked otherwise"]
        )


def memory(forget: bool = False) -> int:
    """Return the most MiB that this process has had, since it was last told to forget."""
    if forget:
        Path("/proc/self/clear_refs").write_text("5")
    found = re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) >> 10


def texts(value: object) -> Iterator[str]:
    """Yield every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from texts(part)


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent ends, so that none can hide."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)


def descendants() -> set[int]:
    """Return the processes below this one, without those that have ended."""
    parents = dict(_parents())
    found, waiting = set(), [os.getpid()]
    while waiting:
        pid = waiting.pop()
        children = [child for child, parent in parents.items() if parent == pid]
        found.update(children)
        waiting += children
    return found


def _parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if words[0] != "Z":
                yield int(entry.name), int(words[1])
