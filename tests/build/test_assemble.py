"""Writing a build: what is never overwritten, and what counts as out of date."""

from __future__ import annotations

import pytest

from autograder.build.assemble import build, build_source, check
from autograder.errors import UserError
from autograder.manifest import Chapter, load_chapter


def states(chapter: Chapter) -> dict[str, str]:
    return {one.path.name: one.state for one in build(chapter)}


def test_the_first_build_writes_stub_and_notebook(course, chapter, sound_suites):
    assert states(chapter) == {"functions.py": "built", "lab.ipynb": "built"}
    assert course.stub_on_disk == course.stub
    assert sorted(path.name for path in chapter.assignment_dir.iterdir()) == [
        "functions.py",
        "lab.ipynb",
    ]


def test_a_second_build_changes_nothing(chapter, sound_suites):
    build(chapter)
    index = chapter.project.assignments / ".built.json"
    before = {path: path.stat().st_mtime_ns for path in (chapter.stub_file, index)}

    assert set(states(chapter).values()) == {"same"}
    assert chapter.stub_file.stat().st_mtime_ns == before[chapter.stub_file]


def test_an_untouched_stub_follows_its_source(course, chapter, sound_suites):
    build(chapter)
    course.change_source()

    assert states(chapter)["functions.py"] == "built"
    assert "Return twice x" in course.stub_on_disk


@pytest.mark.parametrize("source_changes", [False, True])
def test_an_edited_file_is_named_and_left(course, chapter, sound_suites, source_changes):
    build(chapter)
    course.write(chapter.stub_file, course.stub + "# mine\n")
    if source_changes:
        course.change_source()

    for _ in range(2):  # the second build must not take the work for its own either
        assert states(chapter) == {"functions.py": "edited", "lab.ipynb": "same"}
        assert course.stub_on_disk == course.stub + "# mine\n"


def test_a_file_that_no_build_has_made_is_left(course, chapter, sound_suites):
    chapter.assignment_dir.mkdir(parents=True)
    course.write(chapter.stub_file, "# mine\n")

    assert states(chapter)["functions.py"] == "edited"
    assert course.stub_on_disk == "# mine\n"


def test_a_file_moved_away_is_built_again(chapter, sound_suites):
    build(chapter)
    chapter.stub_file.unlink()

    assert states(chapter) == {"functions.py": "built", "lab.ipynb": "same"}


def test_line_ends_of_windows_are_no_edit(course, chapter, sound_suites):
    build(chapter)
    course.write(chapter.stub_file, course.stub.replace("\n", "\r\n"))
    assert states(chapter)["functions.py"] == "same"

    course.change_source()
    assert states(chapter)["functions.py"] == "built"


def test_a_file_of_an_earlier_name_is_removed_unless_edited(course, chapter, sound_suites):
    build(chapter)
    course.change(chapter.suite_dir / "chapter.toml", 'module = "functions"', 'module = "maps"')
    chapter.source_file.rename(chapter.solution_dir / "maps.py")
    renamed = load_chapter(chapter.project, chapter.name)

    assert states(renamed) == {"maps.py": "built", "lab.ipynb": "same", "functions.py": "removed"}
    assert not chapter.stub_file.exists()


def test_a_file_of_an_earlier_name_with_work_in_it_is_left(course, chapter, sound_suites):
    build(chapter)
    course.write(chapter.stub_file, "# mine\n")
    course.change(chapter.suite_dir / "chapter.toml", 'module = "functions"', 'module = "maps"')
    chapter.source_file.rename(chapter.solution_dir / "maps.py")

    assert states(load_chapter(chapter.project, chapter.name))["functions.py"] == "edited"
    assert course.stub_on_disk == "# mine\n"


def test_a_faulty_source_writes_nothing(course, chapter, sound_suites):
    build(chapter)
    course.change_source()
    course.change(course.lab_source, 'check="train"', 'check="tarin"')

    with pytest.raises(UserError):
        build(chapter)

    assert course.stub_on_disk == course.stub


def test_build_source_is_pristine_whatever_lies_there(course, chapter, tmp_path, sound_suites):
    build(chapter)
    course.write(chapter.stub_file, "# mine\n")
    folder = tmp_path / "source"
    folder.mkdir()
    course.write(folder / "functions.py", "# old\n")

    written = build_source(chapter, folder)

    assert sorted(path.name for path in written) == ["functions.py", "lab.ipynb"]
    assert (folder / "functions.py").read_text(encoding="utf-8") == course.stub
    assert sorted(path.name for path in folder.iterdir()) == ["functions.py", "lab.ipynb"]


def test_check_is_content_after_a_build_committed_or_not(course, chapter, sound_suites):
    build(chapter)
    assert check(chapter) == []

    course.commit()
    assert check(chapter) == []

    course.change_source()
    build(chapter)
    assert check(chapter) == []


def test_check_fails_before_the_first_build(chapter, sound_suites):
    assert [sentence.split(" is ")[0] for sentence in check(chapter)] == [
        "assignments/ch01_first/functions.py",
        "assignments/ch01_first/lab.ipynb",
    ]


def test_check_fails_when_a_source_changed_and_nobody_built(course, chapter, sound_suites):
    build(chapter)
    course.commit()
    course.change_source()
    course.commit()

    (sentence,) = check(chapter)

    assert sentence.startswith("assignments/ch01_first/functions.py is out of date: run dlfs build")


def test_check_passes_where_a_learner_has_worked(course, chapter, sound_suites):
    build(chapter)
    course.commit()
    course.write(chapter.stub_file, course.module)
    (chapter.assignment_dir / "lab.ipynb").unlink()
    course.write(chapter.assignment_dir / "notes.txt", "mine")

    assert check(chapter) == []


def test_check_fails_when_a_stub_was_edited_by_hand_and_committed(course, chapter, sound_suites):
    build(chapter)
    course.write(chapter.stub_file, course.stub.replace("Return 2 x", "Return x"))
    course.commit()

    (sentence,) = check(chapter)

    assert "functions.py was committed with changes made by hand" in sentence


def test_check_fails_when_a_built_file_was_not_committed(course, chapter, sound_suites):
    build(chapter)
    course.git("init", "-q")
    course.git("add", "assignments/.built.json", "assignments/ch01_first/functions.py")

    (sentence,) = check(chapter)

    assert sentence.startswith(
        "assignments/ch01_first/lab.ipynb is in .built.json but not committed"
    )


def test_check_fails_when_the_index_was_not_committed_with_the_stub(course, chapter, sound_suites):
    build(chapter)
    course.commit()
    course.change_source()
    build(chapter)
    course.git("add", "assignments/ch01_first/functions.py")

    (sentence,) = check(chapter)

    assert "or without .built.json" in sentence


def test_check_fails_when_a_stub_is_committed_without_any_index(course, chapter, sound_suites):
    build(chapter)
    course.git("init", "-q")
    course.git("add", "assignments/ch01_first")

    assert len(check(chapter)) == 2


def test_check_without_git_misses_a_file_that_is_gone(course, chapter, sound_suites):
    build(chapter)
    course.write(chapter.stub_file, course.module)
    assert check(chapter) == []

    chapter.stub_file.unlink()
    assert len(check(chapter)) == 1


def test_check_writes_nothing(chapter, sound_suites):
    check(chapter)

    assert not chapter.project.assignments.exists()


def test_a_damaged_index_is_named(course, chapter, sound_suites):
    build(chapter)
    course.write(chapter.project.assignments / ".built.json", "[1")

    with pytest.raises(UserError, match=r"^assignments/\.built\.json is damaged"):
        build(chapter)
