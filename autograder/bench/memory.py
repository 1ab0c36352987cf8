"""Memory of a marking run: a thousand hand-ins beside a hundred.

Both runs are `dlfs grade` with two marking processes on stubs of ch03, each with a content of its
own. What counts is the most that the grader and all its processes have in use at one time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.bench.work import load, memory
from autograder.build.assemble import stub
from autograder.manifest import Chapter, load_chapter
from autograder.project import Project

CHAPTER = "ch03_activations"
SIZES = (100, 1000)
JOBS = 2
_START = "from autograder.cli import main; raise SystemExit(main())"


def run(project: Project, rounds: int) -> Iterator[str]:
    """Measure and yield the lines of a table; each round is a run of its own."""
    chapter = load_chapter(project, CHAPTER)
    yield f"memory of a run over stubs of {CHAPTER}, {JOBS} marking processes"
    peaks = []
    for size in SIZES:
        began = time.perf_counter()
        peaks.append(max(_peak(chapter, size) for _ in range(rounds)))
        minutes = (time.perf_counter() - began) / 60
        yield f"  {size:6} hand-ins  {peaks[-1] / 2**20:8.1f} MiB at most  {minutes:6.1f} min"
    yield f"  {100 * (peaks[1] / peaks[0] - 1):+.1f} % for ten times as many; {load()}"


def _peak(chapter: Chapter, size: int) -> int:
    """Return the most memory that a run over so many hand-ins has in use."""
    with tempfile.TemporaryDirectory(prefix="dlfs-bench-") as folder:
        for number in range(size):
            home = Path(folder, "in", f"s{number:04}")
            home.mkdir(parents=True)
            text = f"{stub(chapter)}\n# {number}\n"
            (home / chapter.file).write_text(text, encoding="utf-8")
        return _peak_of(chapter, Path(folder))


def _peak_of(chapter: Chapter, folder: Path) -> int:
    words = ["grade", str(folder / "in"), "--chapter", chapter.name]
    words += ["--course", str(folder / "course"), "--jobs", str(JOBS)]
    with subprocess.Popen(
        [sys.executable, "-P", "-c", _START, *words],
        cwd=chapter.project.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        peak = max(memory(process.pid) for _ in process.stdout)
    if process.returncode != 0:
        raise RuntimeError("the benchmark measures something that failed: dlfs grade")
    return peak
