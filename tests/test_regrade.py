"""After a suite has changed: what is marked again, and whose marks move by which check."""

from __future__ import annotations

import json

import pytest
from mini_chapter import MINI_HIDDEN, mini_source, write_mini

from autograder.cli import main
from autograder.grading import version
from autograder.grading.result import Check, ExerciseResult, Result, dump
from autograder.grading.version import grader_version
from autograder.manifest import load_chapter
from autograder.reports.difference import compare, csv_text, lines
from autograder.reports.history import by_student

CLASS = {
    "ann": mini_source("return 2.0 * x", "return 4.0 * x"),
    "bob": mini_source("return 2 * x.astype(float)", "return 4.0 * abs(x)"),
    "cleo": mini_source("return 3.0 * x", "return 4.0 * x"),
}
MENDED = (
    MINI_HIDDEN
    + '''

@exercise("double")
def test_double_of_one_number(student):
    """double of one number."""
    equal("double(x)", student.double(2.0), 4.0, x=2.0)
'''
)


@pytest.fixture
def course(mini, tmp_path, monkeypatch):
    """A small course in the current folder; `dlfs grade` has marked its class once."""
    monkeypatch.chdir(mini.project.root)
    for name, source in CLASS.items():
        (tmp_path / "in" / name).mkdir(parents=True)
        (tmp_path / "in" / name / "mini.py").write_text(source)
    assert grade(tmp_path) == 0
    return tmp_path


def grade(folder, *more: str) -> int:
    words = ["grade", str(folder / "in"), "--chapter", "ch01_mini", "--jobs", "1"]
    return main([*words, "--course", str(folder / "c"), *more])


def diff(folder, *words: str) -> int:
    return main(["diff", "--course", str(folder / "c"), *words])


def mend(mini) -> None:
    (mini.suite_dir / "test_hidden.py").write_text(MENDED)


def stored(folder) -> list[str]:
    return sorted(path.name for path in (folder / "c" / "results").rglob("*.json"))


# ---- what is marked again


def test_a_changed_suite_is_marked_again_and_the_old_results_stay(mini, course, capsys):
    before = stored(course)
    mend(mini)
    capsys.readouterr()

    assert grade(course) == 0
    said = capsys.readouterr().out
    assert "as before" not in said
    assert len(stored(course)) == 6 and set(before) < set(stored(course))
    assert grade(course) == 0
    assert capsys.readouterr().out.count("(as before)") == 3


def test_a_change_that_is_taken_back_finds_its_results_again(mini, course, capsys):
    hidden = mini.suite_dir / "test_hidden.py"
    before = hidden.read_text()
    mend(mini)
    grade(course)
    hidden.write_text(before)
    capsys.readouterr()

    grade(course)

    assert capsys.readouterr().out.count("(as before)") == 3


@pytest.fixture
def two(tmp_path):
    """Two chapters, of which the second builds on the first."""
    mini = write_mini(tmp_path / "project")
    root = mini.project.root
    for path in (root / "autograder/suites", root / "solutions", root / "assignments"):
        (path / "ch02_more").mkdir()
        for file in (path / "ch01_mini").iterdir():
            text = file.read_text().replace('"mini"', '"more"\nimports = ["ch01_mini"]')
            (path / "ch02_more" / file.name.replace("mini", "more")).write_text(text)
    return [load_chapter(mini.project, name) for name in ("ch01_mini", "ch02_more")]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("autograder/suites/ch01_mini/test_hidden.py", (True, False)),
        ("autograder/suites/ch02_more/test_public.py", (False, True)),
        ("autograder/suites/ch01_mini/chapter.toml", (True, False)),
        ("solutions/ch01_mini/mini.py", (True, True)),  # the second chapter is marked with it
        ("solutions/ch02_more/more.py", (False, True)),
        ("assignments/ch01_mini/mini.py", (False, False)),
        ("autograder/engine/new.py", (True, True)),
        ("autograder/reports/new.py", (False, False)),
    ],
)
def test_the_version_changes_with_what_decides_a_mark(two, name, changed):
    before = [grader_version(chapter) for chapter in two]
    path = two[0].project.root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as stream:
        stream.write("\n# changed\n")

    after = [grader_version(chapter) for chapter in two]

    assert tuple(one != other for one, other in zip(before, after, strict=True)) == changed


def test_the_version_changes_with_numpy_and_with_the_data(mini, project, monkeypatch, tmp_path):
    before = grader_version(mini)
    monkeypatch.setattr("numpy.__version__", "99.0")
    assert grader_version(mini) != before

    trained = load_chapter(project, "ch06_layers")
    before = grader_version(trained)
    other = tmp_path / "other.npz"
    other.write_bytes(b"other digits")
    monkeypatch.setattr(version, "_dataset", lambda chapter: other)
    assert grader_version(trained) != before


# ---- dlfs diff


def test_diff_compares_the_last_two_graders_of_a_chapter(mini, course, capsys):
    mend(mini)
    grade(course)
    capsys.readouterr()

    assert diff(course, "--chapter", "ch01_mini") == 0

    title, *rest = capsys.readouterr().out.splitlines()
    assert title.startswith("ch01_mini: 0.1.0+") and " -> 0.1.0+" in title
    assert rest == [
        "check new: double_of_one_number (15 points)",
        "  bob     60 -> 45         -15  double_of_one_number (new) -> crashed",
        "",
        "double_of_one_number: 1 student loses 15 points",
        "1 of 3 move: 1 lose, 0 gain; mean 66.67 -> 61.67",
    ]


def test_diff_of_one_marking_with_itself_moves_nothing(mini, course, capsys):
    results = str(course / "c" / "results" / "ch01_mini")
    capsys.readouterr()

    assert diff(course, results, results, "--exit-code") == 0
    assert capsys.readouterr().out.splitlines()[1:] == ["no marks move (3 compared)"]


def test_diff_reads_files_folders_and_versions(mini, course, capsys, tmp_path):
    grade(course, "--json", str(tmp_path / "old.json"))
    old = grader_version(mini)
    mend(mini)
    grade(course, "--json", str(tmp_path / "new.json"))
    said = []
    for words in (
        [str(tmp_path / "old.json"), str(tmp_path / "new.json")],
        [str(tmp_path / "old.json"), str(course / "c" / "results")],
        [old, grader_version(mini), "--chapter", "ch01_mini"],
    ):
        capsys.readouterr()
        assert diff(course, *words, "--exit-code") == 1
        said.append(capsys.readouterr().out)

    assert said[0] == said[1] == said[2]


def test_the_moves_can_be_had_as_csv(mini, course, tmp_path):
    mend(mini)
    grade(course)

    assert diff(course, "--chapter", "ch01_mini", "--csv", str(tmp_path / "moves.csv")) == 0
    assert (tmp_path / "moves.csv").read_text().splitlines() == [
        "chapter,student,old,new,change,check,old_state,new_state,by_check",
        "ch01_mini,bob,60,45,-15,double_of_one_number,,crashed,-15",
    ]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ([], 2, "say what to compare"),
        (["one.json"], 2, "name what one.json is to be compared with"),
        (["one.json", "two.json"], 2, "two.json does not exist"),
        (["--chapter", "ch42"], 2, "there is no chapter 'ch42'"),
        (["--chapter", "ch01_mini"], 1, "only one grader (0.1.0+"),
        (["a", "b", "--chapter", "ch01_mini"], 1, "b is no file, and no grader"),
    ],
)
def test_a_comparison_that_cannot_be_made_is_one_sentence(course, capsys, words, status, says):
    capsys.readouterr()

    assert diff(course, *words) == status
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


def test_a_second_hand_in_is_compared_with_its_own_first_marking(mini, course, capsys):
    source = course / "in" / "bob" / "mini.py"
    first = source.read_text()
    source.write_text(CLASS["ann"] + "# later\n")
    grade(course)
    source.write_text(first)
    mend(mini)
    grade(course)
    capsys.readouterr()

    diff(course, "--chapter", "ch01_mini")

    assert "60 -> 45" in capsys.readouterr().out


# ---- the comparison itself


def check(name: str, status: str, worth: float, title: str = "") -> Check:
    got = worth if status == "passed" else 0.0
    return Check(name, title, False, status, got, worth, "")


def marks(student: str, *exercises: list[Check], status: str = "graded", content: str = "a"):
    made = []
    for number, checks in enumerate(exercises):
        got, worth = sum(c.points for c in checks), sum(c.max_points for c in checks)
        made.append(ExerciseResult(f"e{number}", got, worth, "", tuple(checks)))
    total = sum(e.score for e in made)
    about = ("ch01", student, student, content, "v", None, status, (), total, 100.0)
    return Result(*about, tuple(made), notes=("no room",) if status != "graded" else ())


def moved(old: list[Result], new: list[Result]) -> list[str]:
    return lines(compare(by_student(old), by_student(new)))


def test_checks_are_summed_up_over_the_class():
    def one(student: str, status: str) -> Result:
        return marks(student, [check("dtype", status, 2), check("value", "passed", 8)])

    names = [f"s{number}" for number in range(12)]
    old = [one(name, "passed") for name in names] + [one("z", "timeout")]
    new = [one(name, "failed") for name in names] + [one("z", "passed")]

    said = moved(old, new)

    assert "  s3      10 -> 8           -2  dtype passed -> failed" in said
    assert "  z        8 -> 10          +2  dtype out of time -> passed" in said
    assert said[-3:] == [
        "dtype: 12 students lose 2 points",
        "dtype: 1 student gains 2 points",
        "13 of 13 move: 12 lose, 1 gain; mean 9.85 -> 8.15",
    ]


def test_a_renamed_check_moves_nothing():
    old = [
        marks("ann", [check("old_name", "failed", 5, "the same words"), check("x", "passed", 5)])
    ]
    new = [
        marks("ann", [check("new_name", "failed", 5, "the same words"), check("x", "passed", 5)])
    ]

    said = moved(old, new)

    assert said[0] == "check renamed: old_name -> new_name"
    assert said[-1] == "no marks move (1 compared)"


def test_a_check_that_is_gone_gives_back_what_it_withheld():
    old = [marks("ann", [check("strict", "failed", 5), check("value", "passed", 5)])]
    new = [marks("ann", [check("value", "passed", 10)])]

    said = moved(old, new)

    assert said[:2] == [
        "check gone: strict",
        "  ann      5 -> 10          +5  strict failed -> (gone)",
    ]


def test_other_points_for_an_exercise_are_named():
    old, new = [marks("ann", [check("a", "passed", 5)])], [marks("ann", [check("a", "passed", 8)])]

    assert "e0 is worth 5 -> 8 points: 1 student gains 3 points" in moved(old, new)


def test_who_is_missing_or_could_not_be_marked_is_named():
    good = [check("a", "passed", 5)]
    old = [marks("ann", good), marks("bob", good), marks("cleo", good)]
    new = [marks("ann", good), marks("bob", status="grader_error"), marks("dan", good)]

    assert moved(old, new) == [
        "bob: grader error in the new marking: no room",
        "only in the old marking (1): cleo",
        "only in the new marking (1): dan",
        "no marks move (1 compared)",
    ]


def test_another_hand_in_is_said_to_be_one():
    old = [marks("ann", [check("a", "failed", 5)])]
    new = [marks("ann", [check("a", "passed", 5)], content="b")]

    assert moved(old, new)[0].endswith("a failed -> passed  (another hand-in)")


def test_changes_by_check_add_up_to_the_change_of_the_mark():
    old = [
        marks("ann", [check("a", "failed", 5), check("b", "passed", 5)], [check("c", "passed", 9)])
    ]
    new = [
        marks("ann", [check("a", "passed", 3), check("d", "failed", 7)], [check("c", "failed", 9)])
    ]

    (student,) = compare(by_student(old), by_student(new)).moved

    assert sum(move.change for move in student.moves) == pytest.approx(student.change)


def test_csv_has_a_line_for_each_move():
    old = [marks("ann", [check("a", "passed", 5), check("b", "passed", 5)])]
    new = [marks("ann", [check("a", "failed", 5), check("b", "crashed", 5)])]

    assert len(csv_text(compare(by_student(old), by_student(new))).splitlines()) == 3


def test_the_file_of_all_results_is_that_of_one_piece(mini):
    results = [
        marks("ann", [check("a", "passed", 5)]),
        marks("b\u2028b", [check("x\x85", "failed", 1)]),
    ]
    data = {"schema": 1, "results": [result.to_json() for result in results]}

    assert dump(results) == json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    assert dump([]) == json.dumps({"schema": 1, "results": []}, indent=1) + "\n"
