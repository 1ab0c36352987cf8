"""Texts of a bundle that are made for students: README, changes, settings of the course."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.classroom.toml_lines import read_toml
from autograder.cli import VERBS
from autograder.manifest import Chapter

TEMPLATE = Path(__file__).parent / "template"
FOR_LEARNERS = ("Learners", "Everyone")

# What fetching and handing in needs. Everything else of course.toml is the instructors' business.
_COURSE = ("id", "name", "exchange", "one_account", "timezone")
_SHARED = "# Where chapters are fetched and handed in.\n"
_NOT_SHARED = """\
# Not a folder that you can reach: hand in as your instructor says, or write the place of your
# course's shared folder here.
"""
_DUE = "\n# When chapters are due. Time that you alone were given is not noted here.\n[due]\n"


def readme(name: str, chapters: list[Chapter], solved: list[str]) -> str:
    """Return the README of a student's copy."""
    text = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    rows = [f"| `{each.name}` | {each.title} | {each.file} |" for each in chapters]
    first = chapters[0]
    filled = {
        "@NAME@": name,
        "@CHAPTERS@": "\n".join(rows),
        "@CH@": first.name,
        "@FILE@": f"assignments/{first.name}/{first.file}",
        "@EX@": first.exercises[0].name,
        "@SOLVED@": _solved(solved),
    }
    for place, value in filled.items():
        text = text.replace(place, value)
    return text


def _solved(chapters: list[str]) -> str:
    if not chapters:
        return (
            "Solutions are not part of this copy. Where your course hands them out later,\n"
            "`make update` brings them."
        )
    names = ", ".join(f"`{name}`" for name in chapters)
    return (
        f"The solutions of {names} are in `solutions/`: `make compare EX=...` shows one beside\n"
        "yours once it passes, `make catchup CH=...` takes them over where you were not done."
    )


def changes(text: str, verbs: list[str]) -> str:
    """Return the changelog with what concerns learners: their entries, of verbs that they have."""
    kept = []
    for block in re.split(r"\n(?=- |\n|#)", text.replace(" (unreleased)", "")):
        entry = re.match(r"- (\w+): (.)", block)
        if not block.startswith("- "):
            kept.append(block)
        elif entry and entry[1] in FOR_LEARNERS and _named(block) <= set(verbs):
            kept.append(f"- {entry[2].upper()}{block[entry.end() :]}")
    return "\n".join(kept).replace("learn, teach or write with", "learn with").strip() + "\n"


def _named(entry: str) -> set[str]:
    """Return the verbs of the course that a text names."""
    return set(re.findall(r"`(?:make|dlfs) ([a-z]+)", entry)) & set(VERBS)


def settings(path: Path) -> str:
    """Return a student's course.toml, made from the course's own."""
    found = read_toml(path).data
    lines = ["# The course, as fetching and handing in need to know it.\n\n"]
    for key in (key for key in _COURSE if key in found):
        if key == "exchange":
            lines.append("\n" + (_SHARED if is_shared(found[key]) else _NOT_SHARED))
        lines.append(_entry(key, found[key]))
    if found.get("due"):
        lines += [_DUE, *(_entry(key, str(value)) for key, value in found["due"].items())]
    return "".join(lines)


def is_shared(exchange: str) -> bool:
    """Say whether an exchange, as course.toml writes it, means the same folder for everybody."""
    return Path(exchange).is_absolute()


def _entry(key: str, value: str | bool) -> str:
    return f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
