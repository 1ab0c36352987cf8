"""What changed for a learner: the entries of a changelog that an older one does not have."""

from __future__ import annotations


def news(old: str, new: str) -> list[str]:
    """Return the entries of the new changelog that are not in the old one, one line each."""
    known = set(_entries(old))
    return [entry for entry in _entries(new) if entry not in known]


def _entries(text: str) -> list[str]:
    """Return the entries: each begins with "- " and goes on in the lines that are indented."""
    found: list[list[str]] = []
    within = False
    for line in text.splitlines():
        if line.startswith("- "):
            found.append([line[2:].strip()])
            within = True
        elif within and line.startswith("  "):
            found[-1].append(line.strip())
        else:
            within = False
    return [" ".join(lines) for lines in found]
