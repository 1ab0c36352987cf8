"""A browser, and JupyterLab started as its users start it, away from anybody's own settings."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from autograder.classroom.course import COURSE_VARIABLE, Course, open_course
from autograder.project import Project

ROOT = Path(__file__).resolve().parents[2]
SCREENS = "DLFS_SCREENS"  # a folder: keep the screenshots there
SIZE = {"width": 1200, "height": 760}
PATIENCE = 60_000  # milliseconds that a page may take on a busy machine

DLFS = "from autograder.cli import main; raise SystemExit(main())"  # the command `dlfs`
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --hide-scrollbars"
).split()
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The machine's own Chromium, without a window; a new one for every module.

    Playwright keeps an event loop running in this thread, which other modules' tests cannot bear.
    """
    program = next(filter(None, map(shutil.which, _NAMES)), None)
    if program is None:
        why = "install chromium (on Debian: apt install chromium) to run the browser tests"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(why)
    options = [*_OPTIONS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=options)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def opened(browser: Browser) -> Callable[..., Any]:
    """Return a context manager that opens an address in a window of its own."""
    expect.set_options(timeout=PATIENCE)

    @contextmanager
    def opened(address: str) -> Iterator[Page]:
        context = browser.new_context(viewport=SIZE)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(address)
        yield page
        context.close()

    return opened


@pytest.fixture(scope="module")
def course(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course of its own for the module, with a roster and nothing released.

    It asks for the browser so that nothing is made where there is none.
    """
    root = tmp_path_factory.mktemp("course")
    text = 'id = "dlfs"\nname = "A course"\nroster = "roster.csv"\ncache = "cache"\n'
    (root / "course.toml").write_text(text, encoding="utf-8")
    (root / "roster.csv").write_text(
        "id,first_name,last_name,email\n"
        "ada,Ada,Berg,\nben,Ben,Costa,\ncleo,Cleo,Dahl,\ndan,Dan,Evans,\n",
        encoding="utf-8",
    )
    return open_course(Project(ROOT), root)


@pytest.fixture(scope="module")
def serving(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """Return a context manager that runs a verb of ours and gives the address that it says."""
    home = tmp_path_factory.mktemp("home")

    @contextmanager
    def serving(*words: str) -> Iterator[str]:
        with subprocess.Popen(
            [sys.executable, "-c", DLFS, *words, "--port", str(free_port())],
            cwd=ROOT,
            env={**_clean_environment(), "HOME": str(home), COURSE_VARIABLE: str(course.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as verb:
            assert verb.stdout is not None
            try:
                yield verb.stdout.readline().strip()
            finally:
                verb.send_signal(signal.SIGTERM)
                said, noise = verb.communicate(timeout=60)
        assert verb.returncode == 0, noise
        assert noise == "starting JupyterLab ...\n"
        assert said.endswith("JupyterLab has ended; what was saved is kept\n")

    return serving


@pytest.fixture(scope="module")
def screens(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots land: a temporary folder, or the one that DLFS_SCREENS names."""
    chosen = os.environ.get(SCREENS)
    folder = Path(chosen).absolute() if chosen else tmp_path_factory.mktemp("screens")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def shoot(screens: Path) -> Callable[[Page, str], None]:
    """Return a function that takes a picture of what a page shows, in few colours."""

    def shoot(page: Page, name: str) -> None:
        from PIL import Image

        path = screens / f"{name}.png"
        page.evaluate(_TWO_FRAMES)  # what was scrolled to is painted
        page.screenshot(path=path, animations="disabled")
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        assert path.stat().st_size < 150_000

    return shoot


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean_environment() -> dict[str, str]:
    """Return the environment without what would lead to somebody's own settings."""
    theirs = ("JUPYTER", "IPYTHON", "XDG_", "DISPLAY", "WAYLAND", "SSH_", "DLFS_")
    return {name: text for name, text in os.environ.items() if not name.startswith(theirs)}
