"""`dlfs build`: one line per chapter, and the exit status."""

from __future__ import annotations

from autograder.cli import main


def test_the_command_says_what_it_did_and_when_there_was_nothing_to_do(
    chapter, monkeypatch, capsys
):
    monkeypatch.chdir(chapter.project.root)

    assert main(["build"]) == 0
    assert main(["build", "ch01"]) == 0
    assert main(["build", "--check"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "ch01_first: built functions.py, lab.ipynb",
        "ch01_first: up to date",
        "ch01_first: up to date",
    ]


def test_the_command_fails_on_edits_and_drift(course, chapter, sound_suites, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)
    main(["build"])
    course.write(chapter.stub_file, "# mine\n")
    course.change_source()
    capsys.readouterr()

    assert main(["build"]) == 1
    assert main(["build", "--check"]) == 1

    edited, drift = capsys.readouterr().out.splitlines()
    assert edited.startswith("ch01_first: assignments/ch01_first/functions.py has been edited")
    assert drift.startswith("ch01_first: assignments/ch01_first/functions.py is out of date")


def test_a_faulty_chapter_does_not_keep_the_others_from_their_build(
    course, chapter, sound_suites, monkeypatch, capsys
):
    monkeypatch.chdir(chapter.project.root)
    other = chapter.project.suites / "ch00_other"
    other.mkdir()
    course.write(other / "chapter.toml", course.manifest)

    assert main(["build"]) == 1

    captured = capsys.readouterr()
    assert captured.out == "ch01_first: built functions.py, lab.ipynb\n"
    assert captured.err == "dlfs: solutions/ch00_other/functions.py is missing: write it first\n"


def test_a_chapter_that_is_gone_is_not_up_to_date(chapter, sound_suites, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)
    main(["build"])
    chapter.suite_dir.rename(chapter.project.suites / "ch01_renamed")
    chapter.solution_dir.rename(chapter.project.solutions / "ch01_renamed")
    main(["build"])
    capsys.readouterr()

    assert main(["build", "--check"]) == 1
    assert "lists ch01_first, which is not a chapter" in capsys.readouterr().err


def test_faulty_suites_are_not_built(course, chapter, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)
    course.change(chapter.suite_dir / "test_hidden.py", '@exercise("train", weight=2)\n', "")

    assert main(["build"]) == 1
    assert "test_hidden.py:13: test_hidden_train must carry exactly one" in capsys.readouterr().err
    assert not chapter.project.assignments.exists()


def test_wrong_usage_has_status_two(chapter, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)

    assert main(["build", "ch77"]) == 2
    assert "there is no chapter 'ch77'" in capsys.readouterr().err


def test_a_copy_without_solutions_says_that_there_is_nothing_to_build(chapter, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)
    chapter.project.solutions.rename(chapter.project.root / "elsewhere")

    assert main(["build"]) == 1
    assert "no solutions/" in capsys.readouterr().err


def test_without_jupytext_the_command_says_what_to_install(chapter, monkeypatch, capsys):
    monkeypatch.chdir(chapter.project.root)
    monkeypatch.setitem(__import__("sys").modules, "jupytext", None)

    assert main(["build"]) == 1
    assert "needs jupytext" in capsys.readouterr().err
