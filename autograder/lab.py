"""What a lab notebook imports: `check = start("ch03_activations")`, then `check("relu")`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.errors import UserError
from autograder.manifest import Chapter, earlier_chapters, load_chapter
from autograder.project import Project, find_project

# Okabe and Ito's colours: told apart by colour-blind readers too, and in print.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

STYLE = {
    "figure.figsize": (9.0, 3.2),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.8,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "image.cmap": "gray_r",
}


def start(chapter: str) -> Callable[[str], None]:
    """Prepare a notebook for a chapter; return `check`, which runs an exercise's public checks.

    The learner's modules can be imported from then on, edits of them are seen without a restart,
    and a cell that meets an unwritten exercise says so in one line.
    """
    found = load_chapter(_project(), chapter)
    folder = _folder(found)
    _make_importable(found, folder)
    set_style()
    shell = _shell()
    if shell is not None:
        _reload_edited_files(shell)
        _explain_unwritten(shell, found)

    def check(name: str) -> None:
        """Run the public checks of one exercise on the file as it is saved."""
        print(_report(found, folder, name))

    return check


def _project() -> Project:
    """Return the checkout around the notebook; a fetched notebook may lie outside of any."""
    try:
        return find_project()
    except UserError:
        return find_project(Path(__file__).parent)


def _folder(chapter: Chapter) -> Path:
    """Return where the learner's file lies: beside the notebook, else in assignments/."""
    here = Path.cwd()
    return here if (here / chapter.file).is_file() else chapter.assignment_dir


def _make_importable(chapter: Chapter, folder: Path) -> None:
    places = [folder]
    for earlier in reversed(earlier_chapters(chapter)):
        fetched = folder.parent / earlier.name
        places.append(fetched if (fetched / earlier.file).is_file() else earlier.assignment_dir)
    names = [str(place) for place in places]
    sys.path[:] = names + [entry for entry in sys.path if entry not in names]


def _report(chapter: Chapter, folder: Path, name: str) -> str:
    """Run the checks of one exercise in a child process and put what they found into words."""
    from autograder.learner.standing import practise_in
    from autograder.reports.practice import exercise_lines

    try:
        chapter.exercise(name)
        return "\n".join(exercise_lines(practise_in(folder, chapter, name)))
    except UserError as error:
        return str(error)


def set_style() -> None:
    """Let matplotlib draw as the labs and the pictures of the course do."""
    from cycler import cycler
    from matplotlib import style

    style.use({**STYLE, "axes.prop_cycle": cycler(color=COLOURS)})


def _shell() -> Any:
    """Return the IPython shell that this runs in, or None in plain Python."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def _reload_edited_files(shell: Any) -> None:
    shell.run_line_magic("load_ext", "autoreload")
    shell.run_line_magic("autoreload", "2")


def _explain_unwritten(shell: Any, chapter: Chapter) -> None:
    """Let an unwritten exercise end its cell with one line; the cells below can still be run."""
    files = {
        exercise.name: source.file
        for source in [*earlier_chapters(chapter), chapter]
        for exercise in source.exercises
    }

    def explain(
        shell: Any,
        kind: type,
        error: BaseException,
        trace: TracebackType,
        tb_offset: int | None = None,
    ) -> None:
        file = files.get(str(error))
        if file is None:
            shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
            return
        _drop_half_drawn_figures()
        print(f"{error} is not written yet: open {file}, write it, run this cell again")

    def accept(result: Any) -> None:
        error = result.error_in_exec
        if isinstance(error, NotImplementedError) and str(error) in files:
            result.error_in_exec = None  # "Run all cells" goes on below

    shell.set_custom_exc((NotImplementedError,), explain)
    for old in [f for f in shell.events.callbacks["post_run_cell"] if f.__name__ == "accept"]:
        shell.events.unregister("post_run_cell", old)
    shell.events.register("post_run_cell", accept)


def _drop_half_drawn_figures() -> None:
    plt = sys.modules.get("matplotlib.pyplot")
    if plt is not None:
        plt.close("all")
