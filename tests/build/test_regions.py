"""Stubs: what stays byte for byte, what goes, and every region that is refused."""

from __future__ import annotations

import pytest

from autograder.build.assemble import stub
from autograder.errors import UserError


def test_a_stub_keeps_all_but_the_regions_byte_for_byte(course, chapter):
    assert stub(chapter) == course.stub


def test_a_stub_can_be_imported_and_says_which_exercise_is_to_do(chapter):
    names: dict = {}
    exec(compile(stub(chapter), "functions.py", "exec"), names)

    with pytest.raises(NotImplementedError, match=r"^double$"):
        names["double"](1.0)
    with pytest.raises(NotImplementedError, match=r"^Scale$"):
        names["Scale"](2).forward(1.0)


def test_line_ends_of_windows_give_the_same_stub(course, chapter):
    course.write(chapter.source_file, course.module.replace("\n", "\r\n"))

    assert stub(chapter) == course.stub


def test_a_region_may_be_nested_in_blocks_and_hold_whole_blocks(course, chapter):
    source = (
        "def double(x):\n"
        "    with a as b:\n"
        "        try:\n"
        "            pass\n"
        "        except ValueError:\n"
        "            ### BEGIN SOLUTION\n"
        "            @decorated(\n"
        '                "# not a comment")\n'
        "            def inner():\n"
        "                return '''\n"
        "text at the margin\n"
        "'''\n"
        "            for y in x:\n"
        "                pass\n"
        "            else:\n"
        "                return 1; return 2\n"
        "            ### END SOLUTION\n"
        "    return x\n"
        "class Scale:\n"
        "    def f(self):\n"
        "        ### BEGIN SOLUTION\n"
        "        pass\n"
        "        ### END SOLUTION\n"
    )
    course.write(chapter.source_file, source)

    lines = stub(chapter).splitlines()

    assert lines[4:7] == [
        "        except ValueError:",
        '            raise NotImplementedError("double")',
        "    return x",
    ]


def test_an_exercise_that_builds_on_others_needs_no_region(chapter):
    assert "train" not in stub(chapter)


RETURN = "    return _secret(_secret(x)) if n else x\n"
BEGIN = "    ### BEGIN SOLUTION\n"
END = "    ### END SOLUTION\n"
MODULE_END = "        self.x = x\n        return self.factor * x\n        ### END SOLUTION\n"
OPENING = BEGIN + "    # a comment that tells all\n"


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        # markers
        (END, "", 31, "line 23 is still open"),
        (BEGIN, "", 26, "has not begun"),
        (MODULE_END, "        pass\n", 46, "has no end"),
        (RETURN, BEGIN + RETURN + END, 26, "line 23 is still open"),
        (BEGIN, "    ## BEGIN SOLUTION\n", 23, "not a marker"),
        (BEGIN, "    ### begin solution\n", 23, "not a marker"),
        (BEGIN, "    ### BEGIN SOLUTIONS\n", 23, "not a marker"),
        (BEGIN, "    ### BEGIN SOLUTION: double\n", 23, "not a marker"),
        (BEGIN, "    ### BEGIN SOLUTION double twice\n", 23, "not a marker"),
        (BEGIN, "    ###BEGIN SOLUTION\n", 23, "not a marker"),
        (BEGIN, "    # BEGIN SOLUTION\n", 23, "not a marker"),
        (BEGIN, "    ### BEGN SOLUTION\n", 23, "not a marker"),
        (BEGIN, "    ### BEGIN SOLUTOIN\n", 23, "not a marker"),
        (BEGIN, "    ### BEGIN HIDDEN TESTS\n", 23, "not a marker"),
        (END, "    ### END_SOLUTION\n", 27, "not a marker"),
        (RETURN + END, RETURN[:-1] + "  ### END SOLUTION\n", 26, "a line of its own"),
        ("    double(2.0) is 4.0.\n", END, 20, "inside a string"),
        # exercises
        (BEGIN, "    ### BEGIN SOLUTION triple\n", 23, "'triple' is not an exercise of ch01_first"),
        ("SOLUTION double\n", "SOLUTION\n", 32, "'double_grad' is not an exercise"),
        ("Scale:", "Sacle:", 46, "'Sacle' is not an exercise"),
        ("### BEGIN SOLUTION\nimport", "### BEGIN SOLUTION double\nimport", 4, "name nothing"),
        ("class Scale", "def train():\n    return 1\n\n\nclass Scale", 38, "'train' has no sol"),
        ("### END SOLUTION\ndef double", "def train():\n    pass\n### END SOLUTION\ndef double", 16,
         "'train' has no solution region"),
        # statements
        (RETURN, "", 23, "is empty"),
        (RETURN + END, "    return (\n" + END + "    x)\n", 23, "cuts a statement"),
        (OPENING + "\n", "    m = (\n" + BEGIN + "    1)\n", 24, "cuts a statement"),
        (BEGIN, "        ### BEGIN SOLUTION\n", 23, "begin this region at the indentation"),
        (END, "        ### END SOLUTION\n", 27, "end this region at the indentation"),
        ('        """Return factor times x."""\n        ### BEGIN SOLUTION\n',
         '        ### BEGIN SOLUTION\n        """Return factor times x."""\n', 45, "docstring"),
        ("        self.factor = factor\n",
         "        self.factor = factor\n\n" + BEGIN + "    y = 1\n" + END, 44, "in a function"),
        (RETURN, "    return (\n", 26, "not valid Python"),
        # names that go with a region at module level
        ("    n = np.size(x)\n", "    n = _secret(x)\n", 11, "the stub still uses '_secret'"),
        ("    n = np.size(x)\n", "    n = math.pi\n", 4, "the stub still uses 'math'"),
    ],
)  # fmt: skip
def test_a_faulty_region_is_refused_with_its_line(course, chapter, old, new, line, why):
    course.change(chapter.source_file, old, new)

    with pytest.raises(UserError) as refused:
        stub(chapter)

    assert str(refused.value).startswith(f"solutions/ch01_first/functions.py:{line}: ")
    assert why in str(refused.value)


@pytest.mark.parametrize(
    "code",
    [
        f"    if n:\n    {BEGIN}        return 1\n    else:\n    {END}        return 2\n",
        f"    if n:\n    {BEGIN}        return 1\n    else: return 2\n    {END}",
        f"    if n: return 1\n{BEGIN}    else: return 2\n{END}",
    ],
)
def test_a_region_cannot_tear_two_branches_apart(course, chapter, code):
    """Each of these would leave a stub that parses and does something else."""
    course.change(chapter.source_file, OPENING + "\n" + RETURN + END, code)

    with pytest.raises(UserError, match=r"functions\.py:24: (this region cuts|begin this region)"):
        stub(chapter)


def test_an_exercise_without_region_is_refused_where_it_stands(course, chapter):
    marks = [
        "### BEGIN SOLUTION\n        self.x = x",
        "return self.factor * x\n        ### END SOLUTION",
    ]
    for old, new in zip(marks, ["self.x = x", "return self.factor * x"], strict=True):
        course.change(chapter.source_file, old, new)

    with pytest.raises(
        UserError, match=r"functions\.py:38: exercise 'Scale' has no solution region"
    ):
        stub(chapter)


def test_an_exercise_that_does_not_exist_is_refused_in_the_manifest(course, chapter):
    course.write(chapter.source_file, "def double(x):\n" + BEGIN + "    return 1\n" + END)

    with pytest.raises(
        UserError, match=r"chapter\.toml:11: exercise 'Scale' has no solution region"
    ):
        stub(chapter)


def test_a_source_that_is_missing_or_no_text_is_named(chapter):
    chapter.source_file.write_bytes(b"\xff")
    with pytest.raises(UserError, match=r"^solutions/ch01_first/functions\.py is not UTF-8"):
        stub(chapter)

    chapter.source_file.unlink()
    with pytest.raises(UserError, match=r"^solutions/ch01_first/functions\.py is missing"):
        stub(chapter)
