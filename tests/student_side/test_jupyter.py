"""JupyterLab as `dlfs lab` and `dlfs formgrader` start it: what is shown, what is said, its end."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import socket
import sys
import urllib.request

import pytest

from autograder.classroom import jupyter, settings
from autograder.errors import UserError

CH = "ch03_activations"


# lab and formgrader: what is said before anything is started


@pytest.fixture
def opened(monkeypatch) -> dict[str, object]:
    """Stand in for JupyterLab: note which site was to be shown, and what would be said."""
    seen: dict[str, object] = {}

    def serve(args, site, about):
        seen.update(site=site, about="\n".join(about))
        return 0

    monkeypatch.setattr("autograder.verbs.lab.serve", serve)
    monkeypatch.setattr("autograder.verbs.formgrader.serve", serve)
    return seen


def test_the_lab_opens_the_notebook_with_the_students_own_list(course, typed, home, opened):
    assert typed("lab", "ch03", "--dir", home, "--student", "ann")[0] == 0

    site = opened["site"]
    assert (site.folder, site.page) == (home, f"/lab/tree/{CH}/lab.ipynb")
    config = configuration(site.settings)
    assert config.CourseDirectory.student_id == "ann"
    assert config.Exchange.root == str(course.exchange)
    assert config.ExchangeFactory.submit.endswith("CarefulSubmit")
    assert settings.FORMGRADER.page in site.left_out
    assert settings.LIST.page not in site.left_out


def test_the_lab_needs_no_course(course, typed, home, opened, monkeypatch):
    shutil.rmtree(course.exchange)
    monkeypatch.delenv("DLFS_COURSE")
    monkeypatch.setattr("autograder.project.Project.course", course.root)

    assert typed("lab", "ch03", "--dir", home)[0] == 0

    assert opened["site"].settings == ""
    assert settings.LIST.page in opened["site"].left_out
    assert "Assignment List" not in opened["about"]


def test_a_course_that_was_named_and_is_not_there_is_said_in_the_lab(course, typed, home, opened):
    shutil.rmtree(course.exchange)

    typed("lab", "ch03", "--dir", home)

    assert "without the assignment list: the course's exchange cannot be reached" in opened["about"]


@pytest.mark.parametrize("missing", ["lab.ipynb", "activations.py"])
def test_a_lab_without_its_files_says_how_to_get_them(course, typed, home, opened, missing):
    (home / CH / missing).unlink()

    status, _, complaint = typed("lab", "ch03", "--dir", home)

    assert status == 1
    assert f"there is no {missing} in {home / CH}: make fetch CH={CH}" in complaint
    assert opened == {}


def test_the_formgrader_opens_in_the_course_with_its_settings(course, typed, opened):
    assert typed("formgrader")[0] == 0
    assert opened["site"].page == "/formgrader/manage_assignments"
    assert "nothing has been released" not in opened["about"]

    assert typed("formgrader", "ch03")[0] == 0
    site = opened["site"]
    assert (site.folder, site.page) == (course.root, f"/formgrader/manage_submissions/{CH}")
    # A course without an nbgrader_config.py of its own must never be marked by nbgrader's rules.
    executes = configuration(site.settings).Autograde.autograde_preprocessors
    assert executes
    assert not [name for name in executes if "Execute" in name]


def test_a_formgrader_with_nothing_released_says_so(course, typed, opened):
    course.gradebook.unlink()

    typed("formgrader")

    assert "nothing has been released yet: make release" in opened["about"]


def configuration(text: str):
    """Return what nbgrader reads from the text of a settings file."""
    from traitlets.config import Config

    config = Config()
    exec(compile(text, "nbgrader_config.py", "exec"), {"get_config": lambda: config})
    return config


# JupyterLab itself


def test_a_port_that_is_taken_is_one_sentence_and_the_next_one_is_found(monkeypatch):
    with socket.socket() as taken:
        taken.bind((jupyter.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(jupyter, "FIRST_PORT", port)

        with pytest.raises(UserError, match=rf"port {port} is taken, .*leave PORT= out"):
            jupyter._free_port(port)
        assert port < jupyter._free_port(None) < port + 50


@pytest.mark.parametrize("port", [0, 65536, -1])
def test_a_port_that_cannot_be_is_one_sentence(port):
    with pytest.raises(UserError, match=f"there is no port {port}: take one from 1024"):
        jupyter._free_port(port)


def test_a_server_that_does_not_start_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(jupyter, "_options", lambda site, port: ["--ServerApp.port=none"])
    site = jupyter.Site(tmp_path, "/lab")

    with (
        pytest.raises(UserError, match=r"JupyterLab did not start: .*port"),
        jupyter.running(site),
    ):
        pass


def test_without_jupyterlab_one_sentence_says_what_to_install(monkeypatch, typed):
    monkeypatch.setattr(jupyter.importlib.util, "find_spec", lambda name: None)

    status, _, complaint = typed("lab", "ch03")

    assert status == 1
    assert "needs JupyterLab" in complaint
    assert "pip install -e '.[lab]'" in complaint


def test_the_lab_answers_at_the_address_it_says_and_ends_with_ctrl_c(course, home, tmp_path):
    words = ["lab", "ch03", "--dir", str(home), "--no-browser", "--student", "ann"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(HOME=str(tmp_path), JUPYTER_CONFIG_DIR=str(tmp_path))
        code = "from autograder.cli import main; raise SystemExit(main())"
        os.execv(sys.executable, [sys.executable, "-c", code, *words])
    said = read_until(terminal, "end it with Ctrl-C")

    address = re.search(r"http://127\.0\.0\.1:\d+/\S+", said)[0]
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with browser.open(address) as page:  # the log-in hands on to the notebook
        assert page.url.endswith(f"/lab/tree/{CH}/lab.ipynb")
        assert b"JupyterLab" in page.read()

    os.write(terminal, b"\x03")
    said += read_until(terminal, "what was saved is kept")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert "Traceback" not in said
    assert "[I " not in said
    with pytest.raises(OSError, match="refused"):
        browser.open(address)


def read_until(terminal: int, words: str) -> str:
    """Return what a terminal shows, up to some words."""
    said = ""
    while words not in said:
        ready, _, _ = select.select([terminal], [], [], 120)
        assert ready, f"silence after {said!r}"
        said += os.read(terminal, 4096).decode()
    return said
