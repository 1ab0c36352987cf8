"""What a chapter's `plots.py` is made of.

`autograder/suites/<chapter>/plots.py` holds functions that draw pictures from a learner's own code:

    from autograder.learner.pictures import Easel, picture

    @picture("sigmoid")
    def sigmoid_curve(easel):
        '''sigmoid and its derivative.'''          # the title
        x = np.linspace(-6, 6, 241)
        axes = easel.axes()
        axes.plot(x, easel.student.sigmoid(x))
        easel.wrong("the curve leaves 0 ... 1")    # what went wrong, on the picture and in words

The names are the exercises that the picture needs; until they are written it is left out, and said
so. A picture runs in a process of its own with a time limit; whatever the learner's code raises
may pass through. A chapter without a plots.py has no pictures.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

RED = "#D55E00"
_LINES = 3  # so many faults stand above a picture
TOLERANCE = 1e-4  # how far a derivative may lie from the measured slope, relative to its size


@dataclass
class Easel:
    """What a picture is drawn with.

    student: the handle of the learner's module, as in the suites. make_rng(seed): a generator that
    lives with the learner's code. module(name): another module beside it, such as the suite's
    `support`. figure: empty, of matplotlib.
    """

    student: Any
    make_rng: Callable[[int], Any]
    module: Callable[[str], Any]
    figure: Figure
    faults: list[str] = field(default_factory=list)

    def axes(self, rows: int = 1, columns: int = 1) -> Any:
        """Return one Axes, or an array of them."""
        return self.figure.subplots(rows, columns)

    def wrong(self, what: str) -> None:
        """Say what went wrong: above the picture, and as text for those who do not see it."""
        self.faults.append(what)
        more = len(self.faults) - _LINES
        lines = [*self.faults[:_LINES], *([f"and {more} more"] if more > 0 else [])]
        self.figure.suptitle("\n".join(lines), color=RED, fontsize=10)

    def written(self, names: Iterable[str], make: Callable[[str], Any]) -> dict[str, Any]:
        """Return make(name) for each exercise that is written. Where none is, there is no picture.

        For a picture of several exercises, so that the first can be seen before the last is there.
        """
        from autograder.sandbox import StudentError

        made: dict[str, Any] = {}
        unwritten: list[StudentError] = []
        for name in names:
            try:
                made[name] = make(name)
            except StudentError as error:
                if error.kind != "NotImplementedError":
                    raise
                unwritten.append(error)
        if unwritten and not made:
            raise unwritten[0]
        return made

    def blank(self, axes: Axes, text: str) -> None:
        """Leave axes empty but for some words, such as why nothing is drawn there."""
        axes.axis("off")
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color="gray")

    def curve(self, axes: Axes, x: Any, y: Any, **style: Any) -> None:
        """Plot y over x where it is finite; say so where it is not."""
        import numpy as np

        good = np.isfinite(y)
        axes.plot(x, np.where(good, y, np.nan), **style)
        if not good.all():
            name = style.get("label", "the curve")
            self.wrong(f"{name} is not a number at x = {_first(x, ~good)}")

    def slope(self, axes: Axes, name: str, x: Any, value: Any, derivative: Any) -> None:
        """Mark where a derivative does not fit the slope of its curve, away from corners.

        value(x), derivative(x): the learner's functions.
        """
        import numpy as np

        h = 1e-5
        measured = (value(x + h) - value(x - h)) / (2 * h)
        off = np.abs(derivative(x) - measured) > TOLERANCE * (1 + np.abs(measured))
        # NaN is off as well, and the two sides of a corner have two slopes.
        sides = (value(x + h) - value(x)) / h, (value(x) - value(x - h)) / h
        corner = np.abs(sides[0] - sides[1]) > 1e-2
        off = (off | ~np.isfinite(derivative(x))) & ~corner
        if off.any():
            axes.plot(x, measured, ":", color=RED, label="slope of the curve")
            self.wrong(f"{name} does not fit the slope of its curve, first at x = {_first(x, off)}")

    def losses(self, axes: Axes, losses: Any, name: str = "loss") -> None:
        """Plot the losses of a training; say so where they rise, or are no numbers."""
        import numpy as np

        values = np.asarray(losses, dtype=float)
        self.curve(axes, np.arange(1, len(values) + 1), values, label=name)
        axes.set_xlabel("batch")
        part = max(1, len(values) // 5)
        first, last = values[:part].mean(), values[-part:].mean()
        if not last <= first:
            self.wrong(f"the {name} does not fall: {first:.3g} at the start, {last:.3g} at the end")


@dataclass(frozen=True)
class Picture:
    """A picture of a chapter: how it is called, what it needs, how it is drawn."""

    name: str
    title: str
    needs: tuple[str, ...]
    draw: Callable[[Easel], None]


def picture(*needs: str) -> Callable[[Callable[[Easel], None]], Picture]:
    """Make a picture of a function; `needs` are the exercises that it shows."""

    def make(draw: Callable[[Easel], None]) -> Picture:
        title = (draw.__doc__ or draw.__name__).strip().split("\n")[0].rstrip(".")
        return Picture(draw.__name__, title, needs, draw)

    return make


def _first(x: Any, where: Any) -> str:
    return f"{float(x[where.argmax()]):.3g}"
