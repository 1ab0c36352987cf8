"""Suites: every check has its exercise, its title and a name of its own."""

from __future__ import annotations

import pytest

from autograder.build.suites import check_suites
from autograder.errors import UserError


def test_sound_suites_pass_with_marks_from_decorators_and_parameters(chapter):
    check_suites(chapter)


@pytest.mark.parametrize(
    ("suite", "old", "new", "where", "why"),
    [
        ("public", '    """It trains."""', "    pass", "test_public.py:14", "has no docstring"),
        ("public", "test_public_train", "test_public", "test_public.py:14", "also the name of"),
        ("hidden", "hidden_train", "public_train", "test_hidden.py:14", "of test_public.py:14"),
        ("public", "(student)", "(student, reference)", "test_public.py:14", "no reference"),
        ("public", "def test_public_train", "class Test:\n  def a", "test_public.py:14", "class"),
        ("hidden", '@exercise("train", weight=2)\n', "", "test_hidden.py:13", "not 0"),
        ("hidden", "@ex", '@exercise("double")\n@ex', "test_hidden.py:13", "not 2"),
        ("hidden", '("train"', '("trian"', "test_hidden.py:13", "'trian', which is not"),
        ("hidden", '("double", "Scale")', '("double",)', "chapter.toml:11", "no check in test_hid"),
        ("public", '"train", weight=2', '"double"', "chapter.toml:17", "no check in test_pub"),
        ("public", "def test_public(", "def test_public(:", "test_public.py:9", "not valid Python"),
    ],
)  # fmt: skip
def test_a_faulty_suite_is_refused_with_file_and_line(course, chapter, suite, old, new, where, why):
    course.change(chapter.suite_dir / f"test_{suite}.py", old, new)

    with pytest.raises(UserError) as refused:
        check_suites(chapter)

    assert str(refused.value).startswith(f"autograder/suites/ch01_first/{where}: ")
    assert why in str(refused.value)


def test_a_hidden_check_may_use_the_reference(course, chapter):
    course.change(chapter.suite_dir / "test_hidden.py", "(student)", "(student, reference)")

    check_suites(chapter)


def test_a_suite_that_cannot_be_imported_is_refused_in_one_sentence(course, chapter):
    course.change(
        chapter.suite_dir / "test_hidden.py", "import pytest", "import pytest, no_such_module"
    )

    with pytest.raises(
        UserError, match=r"ch01_first: .*No module named 'no_such_module'"
    ) as refused:
        check_suites(chapter)

    assert "\n" not in str(refused.value)
