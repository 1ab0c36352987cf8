"""The manifest: what a good one gives, and file and line for a faulty one."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError, UserError
from autograder.manifest import all_chapters, earlier_chapters, load_chapter
from autograder.project import Project, find_project

GOOD = """\
title = "Functions"
module = "functions"

[[exercises]]
name = "double"
title = "Twice x"
points = 40
hints = ["a", "b", "c"]

[[exercises]]
name = "square"
title = "x times x"
points = 60
needs = ["double"]
hints = ["a", "b", "c"]

[[questions]]
name = "why"
points = 5
"""


def project_with(tmp_path: Path, **manifests: str) -> Project:
    project = Project(tmp_path)
    for name, text in manifests.items():
        folder = project.suites / name
        folder.mkdir(parents=True)
        (folder / "chapter.toml").write_text(text, encoding="utf-8")
    return project


def test_a_chapter_is_what_its_manifest_says(tmp_path):
    chapter = load_chapter(project_with(tmp_path, ch01_first=GOOD), "ch01_first")

    assert [(e.name, e.points, e.needs) for e in chapter.exercises] == [
        ("double", 40, ()),
        ("square", 60, ("double",)),
    ]
    assert [(q.name, q.points) for q in chapter.questions] == [("why", 5)]
    assert (chapter.dataset, chapter.imports, chapter.time_limit) == (None, (), 300)
    assert chapter.source_file == tmp_path / "solutions/ch01_first/functions.py"
    assert chapter.stub_file == tmp_path / "assignments/ch01_first/functions.py"


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("points = 60", "points = 61", 4, "add up to 101"),
        ("points = 60", "points = 0", 10, "at least one point"),
        ("points = 60", "points = true", 13, "'points' must be of type int"),
        ('"b", "c"]', '" ", "c"]', 4, "3 hints"),
        ('["a", "b", "c"]', '["a", "b"]', 4, "3 hints"),
        ('["a", "b", "c"]', '["a", "b", 3]', 8, "'hints' must hold text only"),
        ('needs = ["double"]', "needs = [1]", 14, "'needs' must hold text only"),
        ('needs = ["double"]', 'needs = ["cube"]', 10, "'cube', which is not listed before"),
        ('needs = ["double"]', 'need = ["double"]', 14, "unknown entry 'need'"),
        ('name = "square"', 'name = "double"', 10, "listed twice"),
        ('name = "square"', 'name = "two words"', 10, "not a name"),
        ('name = "square"\n', "", 10, "'name' is missing"),
        ('name = "why"', 'name = "double"', 17, "used twice"),
        ('name = "why"', 'name = "why not"', 17, "not a name"),
        ("points = 5\n", "points = 0\n", 17, "at least one point"),
        ('module = "functions"', 'module = "../functions"', 2, "not the name of a module"),
        ('module = "functions"', "module = 3", 2, "must be of type str"),
        (
            'module = "functions"',
            'module = "functions"\nimports = ["ch09_x"]',
            3,
            "earlier chapter",
        ),
        ('module = "functions"', 'module = "functions"\ncolour = 1', 3, "unknown entry 'colour'"),
        ('module = "functions"', 'module = "functions', 2, "not valid TOML"),
        ('[[exercises]]\nname = "square"', '[[exercises]]  # two\nname = ""', 10, "not a name"),
    ],
)
def test_a_faulty_manifest_is_refused_with_file_and_line(tmp_path, old, new, line, why):
    assert old in GOOD
    project = project_with(tmp_path, ch01_first=GOOD.replace(old, new, 1))

    with pytest.raises(UserError) as refused:
        load_chapter(project, "ch01_first")

    assert f"chapter.toml:{line}: " in str(refused.value)
    assert why in str(refused.value)


def test_a_table_where_text_stands_is_refused(tmp_path):
    project = project_with(
        tmp_path, ch01_first='title = ""\nmodule = "a"\nexercises = ["double"]\n'
    )

    with pytest.raises(UserError, match=r"chapter\.toml:3: 'exercises' must hold tables"):
        load_chapter(project, "ch01_first")


def test_a_chapter_may_be_named_by_its_beginning(tmp_path):
    project = project_with(tmp_path, ch01_first=GOOD, ch02_next=GOOD)

    assert load_chapter(project, "ch02").name == "ch02_next"
    for unclear in ("ch", "ch07", ""):
        with pytest.raises(UsageError, match="choose one of ch01_first, ch02_next"):
            load_chapter(project, unclear)


def test_earlier_chapters_are_found_through_each_other_in_order(tmp_path):
    module = 'module = "functions"\n'
    project = project_with(
        tmp_path,
        ch01_a=GOOD,
        ch02_b=GOOD.replace(module, f'{module}imports = ["ch01_a"]\n'),
        ch03_c=GOOD,
        ch04_d=GOOD.replace(module, f'{module}imports = ["ch03_c", "ch02_b"]\n'),
    )

    earlier = earlier_chapters(load_chapter(project, "ch04_d"))

    assert [chapter.name for chapter in earlier] == ["ch01_a", "ch02_b", "ch03_c"]
    assert len(all_chapters(project)) == 4


def test_a_later_chapter_cannot_be_imported(tmp_path):
    text = GOOD.replace('module = "functions"', 'module = "functions"\nimports = ["ch02_b"]')

    with pytest.raises(UserError, match=r"chapter\.toml:3: 'ch02_b' is not an earlier chapter"):
        load_chapter(project_with(tmp_path, ch01_a=text, ch02_b=GOOD), "ch01_a")


def test_an_exercise_is_found_by_name_or_the_names_are_told(tmp_path):
    chapter = load_chapter(project_with(tmp_path, ch01_first=GOOD), "ch01")

    assert chapter.exercise("square").points == 60
    with pytest.raises(UsageError, match="choose one of double, square"):
        chapter.exercise("cube")


def test_the_project_is_found_from_any_folder_below_it(tmp_path):
    project = project_with(tmp_path, ch01_first=GOOD)

    assert find_project(project.suites / "ch01_first").root == tmp_path.resolve()
    with pytest.raises(UsageError, match="not inside a checkout"):
        find_project(tmp_path.parent)


def test_the_manifests_of_this_course_are_sound():
    project = find_project(Path(__file__).parent)

    for chapter in all_chapters(project):
        assert chapter.exercises, chapter.name
