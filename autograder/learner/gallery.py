"""A chapter's pictures, drawn by a child process that the learner's code may break."""

from __future__ import annotations

import base64
import json
import os
import queue
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from autograder.engine.practice import lines_of
from autograder.manifest import Chapter

_START = 60.0  # seconds for importing matplotlib on a busy machine, its first time included
_LIMIT = 30.0  # seconds for one picture


@dataclass(frozen=True)
class Drawn:
    """A picture, or the reason (`why`) that there is none; faults: what it shows to be wrong."""

    name: str
    title: str
    png: bytes = b""
    faults: tuple[str, ...] = ()
    why: str = ""


def draw_all(chapter: Chapter, limit: float = _LIMIT) -> list[Drawn]:
    """Draw a chapter's pictures; one that ends the process or takes too long is left out."""
    if not (chapter.suite_dir / "plots.py").is_file():
        return []
    known: dict[str, str] = {}
    done: dict[str, Drawn] = {}
    while not _one_child(chapter, limit, known, done):
        pass
    return [done[name] for name in known if name in done]


def announce() -> None:
    """Say at a terminal that drawing takes a few seconds."""
    if sys.stderr.isatty():
        print("drawing pictures from your code ...", file=sys.stderr)


def _one_child(
    chapter: Chapter, limit: float, known: dict[str, str], done: dict[str, Drawn]
) -> bool:
    """Draw what is left in one child; return whether it came to its end."""
    current = ""
    with _child(chapter, sorted(done)) as child:
        lines = lines_of(child)
        while True:
            try:
                line = lines.get(timeout=limit if current else _START)
            except queue.Empty:
                child.kill()
                line, why = "", f"took more than {limit:g} s"
            else:
                why = "the code ended the Python process"
            if not line:
                if current:
                    done[current] = Drawn(current, known[current], why=why)
                return not current  # without one, nothing can be drawn here at all
            message = json.loads(line)
            if message["event"] == "end":
                return True
            current = _take(message, known, done)


def _take(message: dict[str, Any], known: dict[str, str], done: dict[str, Drawn]) -> str:
    """Note one event; return the picture that is being drawn."""
    if message["event"] == "pictures":
        known.update(zip(message["names"], message["titles"], strict=True))
        return ""
    name = message["name"]
    if message["event"] == "start":
        return str(name)
    png = base64.b64decode(message.get("png", ""))
    faults = tuple(message.get("faults", ()))
    done[name] = Drawn(name, known[name], png, faults, message.get("why", ""))
    return ""


def _child(chapter: Chapter, skip: list[str]) -> subprocess.Popen[str]:
    order = {"root": str(chapter.project.root), "chapter": chapter.name, "skip": skip}
    return subprocess.Popen(
        [sys.executable, "-m", "autograder.learner.draw", json.dumps(order)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={
            "OPENBLAS_NUM_THREADS": "1",
            **os.environ,
            "PYTHONDONTWRITEBYTECODE": "1",
            "MPLBACKEND": "Agg",
        },
    )
