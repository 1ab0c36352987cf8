"""The finished runs as a picture: error of each model, claimed, their code, ours."""

from __future__ import annotations

import io
import math
from typing import Any

from matplotlib.figure import Figure

from autograder.reproduce.report import Rows

_KINDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("claimed", dict(marker="|", markersize=15, markeredgewidth=2.5, color="#888888")),
    ("their code", dict(marker="o", markersize=8, color="#c65d00", markerfacecolor="white")),
    ("ours", dict(marker="o", markersize=6, color="#0a5c8a")),
)


def picture(rows: Rows) -> bytes:
    """Return a PNG file: a line per model, its error on the test images on a logarithmic axis."""
    figure = Figure(figsize=(8.5, 1.2 + 0.32 * len(rows)), layout="constrained")
    axes = figure.subplots()
    values = [(run.claimed, run.theirs, finished.outcome.accuracy) for run, finished in rows]
    for (name, style), column in zip(_KINDS, zip(*values, strict=True), strict=True):
        errors = [math.nan if value is None else 100 - value for value in column]
        axes.plot(errors, range(len(rows)), linestyle="none", label=name, **style)
    for y, (_, finished) in enumerate(rows):
        finals = finished.outcome.finals
        axes.plot([100 - min(finals), 100 - max(finals)], [y, y], color=_KINDS[-1][1]["color"])
    axes.set_yticks(range(len(rows)), [f"{run.book}: {run.title}" for run, _ in rows])
    axes.invert_yaxis()
    axes.set_xscale("log")
    ticks = [0.5, 1, 2, 3, 5, 10, 20, 40]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("test error, percent of 10,000 images (logarithmic)")
    axes.grid(color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside upper right", ncols=3, frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()
