"""The catalogue of mistakes: what may stand in it, and that every entry applies and is killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.manifest import all_chapters, load_chapter
from autograder.mistakes.catalogue import all_changed, changed, load_catalogue
from autograder.mistakes.places import Reference
from autograder.mistakes.prove import prove
from autograder.project import Project

PROJECT = Project(Path(__file__).resolve().parents[1])
CHAPTERS = [chapter.name for chapter in all_chapters(PROJECT) if load_catalogue(chapter)]
LEAST = 40  # entries of a chapter

ENTRY = """
[[mistakes]]
id = "tripled"
exercise = "double"
find = "2.0 * x"
replace = "3.0 * x"
symptom = "x is tripled"
question = "Two or three?"
"""


def catalogue(chapter, text: str):
    (chapter.suite_dir / "mistakes.toml").write_text(text.lstrip("\n"), encoding="utf-8")
    return load_catalogue(chapter)


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_entry_applies(name):
    chapter = load_chapter(PROJECT, name)
    mistakes = load_catalogue(chapter)

    sources = all_changed(chapter, mistakes)

    assert len(sources) == len(mistakes)
    assert len(mistakes) >= LEAST, f"a chapter for students needs {LEAST} known mistakes at least"
    assert len(set(sources.values())) == len(sources), "two entries are the same change"


@pytest.mark.parametrize("name", CHAPTERS)
def test_every_mistake_is_killed(name):
    proof = prove(load_chapter(PROJECT, name), 2, bounded=True)

    assert proof.faults() == []


def test_a_chapter_without_a_catalogue_has_no_mistakes(mini):
    assert load_catalogue(mini) == []


def test_an_entry_is_one_change_of_the_reference(mini):
    (mistake,) = catalogue(mini, ENTRY)

    reference = mini.source_file.read_text()
    assert changed(mini, mistake) == reference.replace("2.0 * x", "3.0 * x")
    assert (mistake.line, mistake.named) == (1, "tripled")


def test_a_body_replaces_the_whole_solution(mini):
    body = ENTRY.replace('find = "2.0 * x"\n', 'function = "double"\n').replace(
        'replace = "3.0 * x"', "body = '''\ny = 3.0 * x\nreturn y\n'''"
    )

    (mistake,) = catalogue(mini, body)

    text = changed(mini, mistake)
    assert '    """Return 2x."""\n    y = 3.0 * x\n    return y\n\n\ndef quadruple' in text


REFUSED = {
    "unknown exercise": (ENTRY.replace('"double"', '"treble"'), "'treble' is none of double"),
    "listed twice": (ENTRY + ENTRY, "'tripled' is listed twice"),
    "unknown field": (ENTRY + 'hint = "no"', "unknown entry 'hint'"),
    "wrong type": (ENTRY + "convention = 1", "'convention' has the wrong type"),
    "no symptom": (ENTRY.replace("symptom", "hidden"), "needs a symptom"),
    "long symptom": (ENTRY.replace("x is", "x " * 80 + "is"), "one line of 110 characters"),
    "find and body": (ENTRY + 'body = "x"', "either find and replace or body"),
    "no change": (ENTRY.replace("3.0", "2.0"), "changes nothing"),
    "bad id": (ENTRY.replace('"tripled"', '"Tripled!"'), "small letters"),
    "same as nobody": (
        ENTRY.replace('symptom = "x is tripled"\nquestion = "Two or three?"', 'same_as = "nobody"'),
        "'nobody' is no entry with words",
    ),
    "not TOML": (ENTRY + "= 3", "not valid TOML"),
    "another table": (ENTRY + "[extra]", "only [[mistakes]] may stand here"),
}


@pytest.mark.parametrize(("text", "why"), REFUSED.values(), ids=REFUSED)
def test_a_faulty_entry_is_refused_with_its_line(mini, text, why):
    with pytest.raises(UserError, match=r"^autograder/suites/ch01_mini/mistakes\.toml:\d+: ") as e:
        catalogue(mini, text)

    assert why in str(e.value)


@pytest.mark.parametrize(
    ("exercise", "find", "why"),
    [
        ("double", "5.0 * x", "'5.0 * x' occurs 0 times in double, must be once"),
        ("quadruple", "double(", "'double(' occurs 2 times in quadruple, must be once"),
    ],
)
def test_an_entry_that_does_not_apply_is_refused_with_its_line(mini, exercise, find, why):
    text = ENTRY.replace('"double"', f'"{exercise}"').replace("2.0 * x", find)
    (mistake,) = catalogue(mini, "# first" + text)

    with pytest.raises(UserError) as e:
        changed(mini, mistake)

    assert (
        str(e.value)
        == f"autograder/suites/ch01_mini/mistakes.toml:2: tripled does not apply: {why}"
    )


def test_a_change_that_is_no_python_is_refused(mini):
    (mistake,) = catalogue(mini, ENTRY.replace("3.0 * x", "3.0 *"))

    with pytest.raises(UserError, match="tripled does not apply: invalid syntax"):
        changed(mini, mistake)


TEXT = '''
def helper(x):
    return x


class Layer:
    """A layer: return x."""

    def forward(self, x):
        """Example: return x."""
        ### BEGIN SOLUTION
        return x
        ### END SOLUTION


def slope(x):
    ### BEGIN SOLUTION Layer
    return 1
    ### END SOLUTION
'''


def test_an_exercise_is_every_definition_with_a_region_of_it_without_docstrings():
    reference = Reference(TEXT)

    code = "".join(TEXT[p.start : p.stop] for p in reference.of_exercise("Layer"))

    assert code.count("return x") == 1
    assert "class Layer" in code
    assert "def slope" in code
    assert "helper" not in code


def test_a_function_or_method_is_found_by_its_dotted_name():
    reference = Reference(TEXT)

    code = "".join(TEXT[p.start : p.stop] for p in reference.of_function("Layer.forward"))

    lines = [line.strip() for line in code.splitlines()]
    assert lines == ["def forward(self, x):", "### BEGIN SOLUTION", "return x"]
    assert reference.of_function("Layer.backward") == []
    assert reference.exercises_of("slope") == ["Layer"]
    assert [name for name, _ in reference.functions()] == ["helper", "Layer.forward", "slope"]
