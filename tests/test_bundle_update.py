"""`dlfs update`: a newer bundle in a copy that somebody works in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from small_bundle import (
    HELPER,
    LAB,
    MERGED,
    MODULE,
    NEW_STUB,
    STUB,
    WRITTEN,
    copy_of,
    files,
    first,
    lab,
    second,
    texts_below,
)

from autograder.bundle import finish
from autograder.bundle.package import Bundle, sealed, write_folder, zip_bytes
from autograder.cli import main


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A student's copy of the first version, with some work in it; the current folder."""
    root = copy_of(first(), tmp_path / "my copy")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def newer(tmp_path):
    path = tmp_path / "new.zip"
    path.write_bytes(zip_bytes(second()))
    return str(path)


def read(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


def test_an_update_says_what_changed_and_what_became_of_the_files(copy, newer, capsys):
    assert main(["update", newer]) == 0

    said = capsys.readouterr().out
    assert said.splitlines() == [
        "version 1.0.0 -> 1.1.0",
        "",
        "what changed for you:",
        "- Half says more.",
        "",
        "ch02_next is new: Next",
        f"{MODULE}: new, as you had not begun it: half",
        f"{MODULE}: has changed, but is yours by now and stays: double (line 4)",
        "  those lines are of the new stub, assignments/.stubs/ch01_mini/mini.py",
        "kept: backups/ch01_mini/mini-1.py",
        "as they are handed out now: ch01_mini/lab.ipynb, ch02_next/next.py",
        "11 files are new or renewed, 1 removed",
        "the next make renews the environment; without make: pip install -c constraints.txt -e .",
        "next: make test",
    ]


def test_an_update_renews_what_was_handed_out_and_keeps_what_is_mine(copy, newer):
    main(["update", newer])

    assert read(MODULE) == MERGED
    assert read("backups/ch01_mini/mini-1.py") == WRITTEN
    assert read(HELPER) == "mine = 1\n"
    assert read(LAB) == lab("1 + 2")
    assert read("assignments/.stubs/ch01_mini/mini.py") == NEW_STUB
    assert read("assignments/ch02_next/next.py") == "z = 1\n"
    assert read("autograder/engine.py") == "x = 2\n"
    assert not Path("autograder/gone").exists()
    assert not Path(finish.STAGE).exists()


def test_a_folder_is_as_good_as_a_zip(copy, tmp_path):
    write_folder(second(), tmp_path / "new")

    assert main(["update", str(tmp_path / "new")]) == 0
    assert read(MODULE) == MERGED


def test_a_second_time_there_is_nothing_to_do(copy, newer, capsys):
    main(["update", newer])
    before = texts_below(copy)
    capsys.readouterr()

    assert main(["update", newer]) == 0
    assert capsys.readouterr().out == "nothing to do: this copy is up to date\n"
    assert texts_below(copy) == before


def test_the_same_bundle_puts_back_what_was_lost(copy, capsys):
    write("autograder/engine.py", "broken(\n")
    Path("autograder/suites/ch01_mini/chapter.toml").unlink()
    write_folder(first(), Path("../same"))

    assert main(["update", "../same"]) == 0
    assert read("autograder/engine.py") == "x = 1\n"
    assert read("backups/autograder/engine-1.py") == "broken(\n"
    assert read("autograder/suites/ch01_mini/chapter.toml") == 'title = "Small"\n'
    assert read(MODULE) == WRITTEN
    assert "autograder/engine.py had been changed here: it is renewed" in capsys.readouterr().out


def test_a_notebook_that_was_only_run_is_renewed(copy, newer, capsys):
    write(LAB, lab("1 + 1", output="2"))

    main(["update", newer])

    assert read(LAB) == lab("1 + 2")
    assert read("backups/ch01_mini/lab-1.ipynb") == lab("1 + 1", output="2")
    assert "you had only run it" in capsys.readouterr().out


def test_an_edited_notebook_stays_with_the_new_one_beside_it(copy, newer, capsys):
    write(LAB, lab("1 + 1", "mine"))

    main(["update", newer])

    assert read(LAB) == lab("1 + 1", "mine")
    assert read("assignments/ch01_mini/lab.new.ipynb") == lab("1 + 2")
    assert f"{LAB} has changed, and so has yours: yours stays, see lab.new.ipynb" in (
        capsys.readouterr().out
    )


def test_a_new_notebook_that_was_worked_in_is_kept_when_a_newer_one_comes(copy, newer, tmp_path):
    write(LAB, lab("1 + 1", "mine"))
    main(["update", newer])
    write("assignments/ch01_mini/lab.new.ipynb", lab("moved over"))
    write_folder(sealed(files(NEW_STUB, lab("1 + 3")), "small", "1.2.0"), tmp_path / "third")

    main(["update", str(tmp_path / "third")])

    assert read("assignments/ch01_mini/lab.new.ipynb") == lab("1 + 3")
    assert read("backups/ch01_mini/lab.new-1.ipynb") == lab("moved over")
    assert read(LAB) == lab("1 + 1", "mine")


def test_a_changed_setting_stays_unless_the_course_changes_it_too(copy, newer, tmp_path):
    write("grading/course.toml", 'id = "small"\nexchange = "/mine"\n')

    main(["update", newer])

    assert read("grading/course.toml") == 'id = "small"\nexchange = "/mine"\n'
    assert not Path("grading/course.new.toml").exists()

    third = sealed({**files(NEW_STUB, lab("1")), "grading/course.toml": b"3"}, "small", "1.2.0")
    write_folder(third, tmp_path / "third")
    main(["update", str(tmp_path / "third")])

    assert read("grading/course.toml") == 'id = "small"\nexchange = "/mine"\n'
    assert read("grading/course.new.toml") == "3"


def test_a_removed_file_that_was_edited_stays(copy, newer, capsys):
    write("autograder/gone/old.py", "y = 2\n")

    main(["update", newer])

    assert read("autograder/gone/old.py") == "y = 2\n"
    assert "autograder/gone/old.py is no longer part of the course" in capsys.readouterr().out


def test_a_file_of_mine_where_a_new_one_comes_is_kept(copy, newer):
    write("assignments/ch02_next/next.py", "mine\n")

    main(["update", newer])

    assert read("assignments/ch02_next/next.py") == "mine\n"
    assert read("assignments/.stubs/ch02_next/next.py") == "z = 1\n"


def test_windows_line_ends_are_no_change_and_stay(copy, newer):
    crlf = {LAB: lab("1 + 1"), "autograder/engine.py": "x = 1\r\n"}
    for path, text in crlf.items():
        Path(path).write_bytes(text.encode())
    Path(MODULE).write_bytes(WRITTEN.replace("\n", "\r\n").encode())

    main(["update", newer])

    assert Path(MODULE).read_bytes() == MERGED.replace("\n", "\r\n").encode()
    assert not Path("backups/autograder").exists()


def test_a_file_that_is_not_utf8_keeps_its_bytes(copy, newer):
    Path(MODULE).write_bytes(WRITTEN.replace("# mine", "# f\xfcr mich").encode("latin-1"))

    main(["update", newer])

    assert b"# f\xfcr mich" in Path(MODULE).read_bytes()


def test_a_module_without_its_old_stub_stays(copy, newer, capsys):
    write("assignments/.stubs/ch01_mini/mini.py", "changed\n")

    main(["update", newer])

    assert read(MODULE) == WRITTEN
    assert "the new one: assignments/.stubs/ch01_mini/mini.py" in capsys.readouterr().out


# What is refused, in one sentence, with nothing changed


def lower(**about: str) -> Bundle:
    return sealed(files(STUB, lab("1")), about.get("course", "small"), about.get("version", "0.9"))


@pytest.mark.parametrize(
    ("bundle", "sentence"),
    [
        (lower(), "is older than what you have (version 0.9, and this copy is 1.0.0)"),
        (lower(course="other", version="2"), "is of the course 'other', and this copy of 'small'"),
    ],
)
def test_a_bundle_that_does_not_fit_is_refused(copy, bundle, sentence, tmp_path, capsys):
    write_folder(bundle, tmp_path / "it")
    before = texts_below(copy)

    assert main(["update", str(tmp_path / "it")]) == 1

    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    assert sentence in said.err
    assert texts_below(copy) == before


def test_a_state_that_this_copy_has_left_behind_is_older(copy, newer, tmp_path, capsys):
    same_number = sealed({**first().files, "VERSION": b"x"}, "small", "1.0.0")
    write_folder(same_number, tmp_path / "later")
    write_folder(first(), tmp_path / "earlier")
    main(["update", str(tmp_path / "later")])

    assert main(["update", str(tmp_path / "earlier")]) == 1
    assert "an earlier state of this copy" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("absent.zip", "there is no absent.zip"),
        ("assignments", "assignments is no bundle of a course"),
        ("http://somewhere/x.zip", "it must be https://"),
    ],
)
def test_what_is_no_bundle_is_refused(copy, word, sentence, capsys):
    assert main(["update", word]) == 1
    assert sentence in capsys.readouterr().err


def test_without_a_bundle_it_asks_for_one(copy, capsys):
    assert main(["update"]) == 2
    assert "make update FROM=" in capsys.readouterr().err


def test_a_clone_of_the_course_is_no_copy(project, monkeypatch, capsys):
    monkeypatch.chdir(project.root)

    assert main(["update", "x.zip"]) == 1
    assert "is brought up to date with git" in capsys.readouterr().err


def test_a_folder_in_the_place_of_a_file_is_named(copy, newer, capsys):
    Path("autograder/engine.py").unlink()
    Path("autograder/engine.py").mkdir()

    assert main(["update", newer]) == 1
    assert "autograder/engine.py is a folder here" in capsys.readouterr().err
    assert read(MODULE) == WRITTEN


def test_an_address_is_fetched(copy, monkeypatch):
    class Answer:
        def __enter__(self):
            return self

        def __exit__(self, *_):
            return None

        def read(self, _):
            return zip_bytes(second())

    asked = []
    monkeypatch.setattr(
        "urllib.request.urlopen", lambda address, timeout: asked.append(address) or Answer()
    )

    assert main(["update", "https://somewhere/new.zip"]) == 0
    assert asked == ["https://somewhere/new.zip"]
    assert read(MODULE) == MERGED


# Interruptions


def test_an_update_that_is_killed_anywhere_is_done_or_undone(tmp_path):
    script = Path(__file__).with_name("small_bundle.py")
    path = os.pathsep.join([str(Path(__file__).parents[1]), str(script.parent)])

    done = subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) > 40


def test_the_next_command_finishes_what_was_interrupted(copy, tmp_path, capsys):
    stage = copy / finish.STAGE
    write(f"{stage}/new/autograder/engine.py", "x = 2\n")
    steps = {"put": ["autograder/engine.py"], "remove": ["autograder/gone/old.py"]}
    write(f"{stage}/journal.json", json.dumps({**steps, "report": ["all is new"]}))

    assert finish.finish_update(copy)

    assert read("autograder/engine.py") == "x = 2\n"
    assert not Path("autograder/gone").exists()
    assert not stage.exists()
    said = capsys.readouterr().err
    assert "an update was interrupted; it is finished now" in said
    assert "all is new" in said


def test_what_was_never_begun_is_forgotten(copy, newer):
    write(f"{copy}/{finish.STAGE}/new/autograder/engine.py", "half written")

    assert not finish.finish_update(copy)
    main(["update", newer])

    assert read("autograder/engine.py") == "x = 2\n"
    assert not Path(finish.STAGE).exists()


def test_finishing_needs_nothing_of_the_engine(tmp_path):
    """Half of the engine may be new and the other half old when it is called."""
    module = Path(finish.__file__)
    shutil.copy(module, tmp_path / "finish.py")

    code = "import runpy, sys; runpy.run_path(sys.argv[1])"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code, str(tmp_path / "finish.py")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stderr == ""
    assert "autograder" not in module.read_text(encoding="utf-8")
