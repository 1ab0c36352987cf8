"""From a hand-in to a Result: intake, points, storage, the run over many."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import pytest
from mini_chapter import mini_source

from autograder.engine.outcome import CheckOutcome, exercise_status
from autograder.errors import UsageError, UserError
from autograder.grading import intake, processes
from autograder.grading.grade import grade
from autograder.grading.result import Result, dump, text_of
from autograder.grading.run_all import grade_all, result_for
from autograder.grading.score import score, total
from autograder.grading.store import Store
from autograder.sandbox import Sandbox

RIGHT = mini_source("return 2.0 * x", "return 4.0 * x")


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as box:
        yield box


def hand_in(folder, files: dict[str, str | bytes]):
    """Write a hand-in's folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


# ---- intake


def test_a_folder_with_the_file_is_one_hand_in(mini, tmp_path):
    folder = hand_in(tmp_path / "ann", {"mini.py": RIGHT, "lab.ipynb": "{}", "timestamp.txt": ""})

    (found,) = intake.find(folder, mini)

    assert (found.student, sorted(found.files), found.ignored) == ("ann", ["mini.py"], ())


def test_a_single_file_is_taken_for_the_chapters(mini, tmp_path):
    folder = hand_in(tmp_path, {"bob-final.py": RIGHT})

    (found,) = intake.find(folder / "bob-final.py", mini)

    assert (found.student, found.files) == ("bob-final", {"mini.py": RIGHT.encode()})


def test_a_folder_of_hand_ins_is_one_per_folder(mini, tmp_path):
    hand_in(tmp_path / "all", {"bob/mini.py": RIGHT, "ann/mini.py": ""})

    assert [found.student for found in intake.find(tmp_path / "all", mini)] == ["ann", "bob"]


def test_nbgraders_layout_names_the_student_by_the_outer_folder(mini, tmp_path):
    hand_in(tmp_path / "submitted", {"ann/ch01_mini/mini.py": RIGHT, "bob/ch01_mini/mini.py": ""})

    found = intake.find(tmp_path / "submitted", mini)

    assert [each.student for each in found] == ["ann", "bob"]


def test_the_only_python_file_is_taken_whatever_it_is_called(mini, tmp_path):
    found = intake.read(hand_in(tmp_path / "ann", {"mini (2).py": RIGHT}), mini)

    assert list(found.files) == ["mini.py"]
    assert found.ignored == ("mini (2).py: taken as mini.py, the only Python file of the hand-in",)


def test_symbolic_links_and_special_files_are_named_and_left_out(mini, tmp_path):
    folder = hand_in(tmp_path / "ann", {"mini.py": RIGHT, "secret.sqlite": "x"})
    (tmp_path / "gradebook.py").write_text("secret")
    (folder / "link.py").symlink_to(tmp_path / "gradebook.py")
    (folder / "up").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe.py")

    found = intake.read(folder, mini)

    assert list(found.files) == ["mini.py"]
    assert found.ignored == (
        "up: symbolic link, left out",
        "link.py: symbolic link, left out",
        "pipe.py: special file, left out",
        "secret.sqlite: not a file that is marked, left out",
    )


def test_a_file_that_becomes_a_link_after_the_listing_is_not_followed(tmp_path):
    (tmp_path / "secret.py").write_text("secret")
    (tmp_path / "link.py").symlink_to(tmp_path / "secret.py")

    assert intake._read_regular(tmp_path / "link.py", None) is None


def test_files_are_capped_in_size_and_number(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(intake, "MAX_FILE", 1000)
    monkeypatch.setattr(intake, "MAX_FILES", 2)
    monkeypatch.setattr(intake, "MAX_ENTRIES", 5)
    files = {f"a{i}.py": "pass" for i in range(4)} | {"big.py": "#" * 1001, "mini.py": RIGHT}
    found = intake.read(hand_in(tmp_path / "ann", files), mini)

    assert sorted(found.files) == ["a0.py", "a1.py"]
    assert "a2.py: more than 2 Python files, left out" in found.ignored
    assert "big.py: 1001 bytes, at most 1000 are read, left out" in found.ignored
    assert "more than 5 files: the rest was not looked at" in found.ignored


def test_names_with_control_characters_are_shown_harmlessly(mini, tmp_path):
    found = intake.read(hand_in(tmp_path / "ann", {"mini.py": RIGHT, "a\x1b[31m.py": "x"}), mini)

    assert found.ignored == ("a?[31m.py: a name with odd characters, left out",)


def test_the_hash_is_of_what_is_marked(mini, tmp_path):
    one = intake.read(hand_in(tmp_path / "a", {"mini.py": RIGHT, "lab.ipynb": "1"}), mini)
    two = intake.read(hand_in(tmp_path / "b", {"mini.py": RIGHT, "lab.ipynb": "2"}), mini)
    other = intake.read(hand_in(tmp_path / "c", {"mini.py": RIGHT + "\n"}), mini)
    split = intake.read(hand_in(tmp_path / "d", {"mini.py": RIGHT, "x.py": ""}), mini)

    assert one.content_hash == two.content_hash
    assert len({one.content_hash, other.content_hash, split.content_hash}) == 3


@pytest.mark.parametrize("name", ["nothing", "notes.txt"])
def test_what_is_no_hand_in_is_refused(mini, tmp_path, name):
    (tmp_path / "notes.txt").write_text("x")

    with pytest.raises(UsageError, match=name):
        intake.find(tmp_path / name, mini)


# ---- points


def outcome(exercise: str, status: str, weight: int = 1, name: str = "") -> CheckOutcome:
    return CheckOutcome(name or f"{exercise}_{status}", exercise, "", True, weight, status)


def test_points_are_shared_by_weight(mini):
    double, quadruple = score(
        mini,
        [
            outcome("double", "passed", 2),
            outcome("double", "failed", 1),
            outcome("quadruple", "passed"),
        ],
    )

    assert (double.score, double.max_score, double.status) == (40.0, 60.0, "failed")
    assert [check.points for check in double.checks] == [40.0, 0.0]
    assert quadruple.score == 40.0


def test_thirds_add_up_to_the_whole(mini):
    checks = [outcome("double", "passed", name=str(i)) for i in range(7)]
    checks += [outcome("quadruple", "passed", name=f"q{i}") for i in range(3)]

    assert total(score(mini, checks)) == 100.0


def test_an_exercise_without_a_check_gets_nothing(mini):
    double, _ = score(mini, [outcome("quadruple", "passed")])

    assert (double.score, double.status) == (0.0, "not_started")


@pytest.mark.parametrize(
    ("statuses", "want"),
    [
        (["passed", "passed"], "passed"),
        (["passed", "failed"], "failed"),
        (["passed", "not_started"], "not_started"),
        (["failed", "crashed", "timeout"], "timeout"),
        (["waiting", "passed"], "waiting"),
        (["waiting", "not_started"], "not_started"),
        ([], "not_started"),
    ],
)
def test_the_state_of_an_exercise(statuses, want):
    assert exercise_status([outcome("double", status) for status in statuses]) == want


# ---- Result


def marked(mini, tmp_path, sandbox, source: str, secret: bytes = b"s" * 32) -> Result:
    submission = intake.read(hand_in(tmp_path / "ann", {"mini.py": source}), mini)
    return grade(submission, mini, sandbox=sandbox, secret=secret)[0]


def test_a_right_hand_in_gets_every_point(mini, tmp_path, sandbox):
    result = marked(mini, tmp_path, sandbox, RIGHT)

    assert (result.status, result.score, result.max_score) == ("graded", 100.0, 100.0)
    assert "seccomp" in result.isolation


def test_the_same_input_gives_the_same_bytes(mini, tmp_path, sandbox):
    wrong = mini_source("print('hm')\nreturn 3.0 * x", "while True: pass")
    fast = (mini.suite_dir / "test_public.py").read_text()
    (mini.suite_dir / "test_public.py").write_text(
        "import pytest\npytestmark = pytest.mark.budget(0.3)\n" + fast
    )

    first, second = (text_of(marked(mini, tmp_path, sandbox, wrong).to_json()) for _ in range(2))

    assert first == second
    assert "timeout" in first and "printed by your code" in first


def test_another_secret_draws_other_inputs(mini, tmp_path, sandbox):
    wrong = mini_source("return 3.0 * x", "return 4.0 * x")
    one = marked(mini, tmp_path, sandbox, wrong, b"one").exercise("double").checks
    two = marked(mini, tmp_path, sandbox, wrong, b"two").exercise("double").checks

    assert one[0].message == two[0].message  # the public check
    assert one[1].message != two[1].message


def test_a_result_survives_json(mini, tmp_path, sandbox):
    result = marked(mini, tmp_path, sandbox, mini_source("return x", "return x[99]"))
    text = dump([result])

    assert Result.from_json(json.loads(text)["results"][0]) == result
    keys = json.loads(text)["results"][0]["exercises"][0]["checks"][0]
    assert {"id", "public", "status", "points", "max_points", "message", "mistake"} <= set(keys)


def test_a_missing_file_is_not_started(mini, tmp_path, sandbox):
    submission = intake.read(hand_in(tmp_path / "ann", {"notes.txt": ""}), mini)
    result, _ = grade(submission, mini, sandbox=sandbox, secret=b"s")

    assert (result.score, {e.status for e in result.exercises}) == (0.0, {"not_started"})
    assert result.exercises[0].checks[0].message == "mini.py was not handed in"
    assert result.notes == ("mini.py is missing",)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("", "not_started"),
        ("def double(x:\n", "crashed"),
        ("import sys; sys.exit(0)", "crashed"),
        ("raise SystemExit(0)", "crashed"),
        ("import random; random._os._exit(0)", "crashed"),
        (mini_source("print('spam ' * 10**6)\nreturn 3.0 * x", "return x"), "failed"),
        ("\x00\x00", "crashed"),
        ("# coding: nonsense\n", "crashed"),
    ],
)
def test_a_broken_hand_in_gets_a_sane_result(mini, tmp_path, sandbox, source, status):
    result = marked(mini, tmp_path, sandbox, source)

    assert (result.status, result.score) == ("graded", 0.0)
    assert result.exercise("double").status == status
    assert all(len(c.message) < 4000 for e in result.exercises for c in e.checks)


# ---- store


def test_the_secret_is_made_once_and_is_private(tmp_path):
    store = Store(tmp_path / "course")

    assert store.secret() == store.secret() != Store(tmp_path / "other").secret()
    assert stat.S_IMODE((tmp_path / "course" / "secret").stat().st_mode) == 0o600


def test_a_damaged_secret_is_refused(tmp_path):
    (tmp_path / "secret").write_text("short")

    with pytest.raises(UserError, match="secret is damaged"):
        Store(tmp_path).secret()


def test_what_has_been_marked_is_not_marked_again(mini, tmp_path):
    submissions = intake.find(
        hand_in(tmp_path / "in", {"ann/mini.py": RIGHT, "bob/mini.py": ""}), mini
    )
    store, seen = Store(tmp_path / "course"), []

    def tell(submission, result, fresh):
        seen.append((submission.student, result.score, fresh))

    first = grade_all(submissions, mini, store, on_result=tell)
    second = grade_all(submissions, mini, store, on_result=tell)

    assert list(first) == list(second)
    assert seen == [
        ("ann", 100.0, True),
        ("bob", 0.0, True),
        ("ann", 100.0, False),
        ("bob", 0.0, False),
    ]


def test_students_with_equal_work_and_similar_names_have_results_of_their_own(mini, tmp_path):
    names = ["\u00c5sa", "\u00c4sa", "_sa"]
    files = {f"{name}/mini.py": RIGHT for name in names}
    submissions = intake.find(hand_in(tmp_path / "in", files), mini)
    store = Store(tmp_path / "course")

    for _ in range(2):
        results = grade_all(submissions, mini, store)
        assert [r.student for r in results] == [s.student for s in submissions]
    assert len(list((tmp_path / "course").rglob("*.json"))) == len(names)


def test_a_damaged_result_is_marked_again(mini, tmp_path):
    folder = hand_in(tmp_path / "ann", {"mini.py": RIGHT})
    store = Store(tmp_path / "course")
    result = result_for(mini, folder, store)
    path = store.path(intake.read(folder, mini), mini)
    path.write_text(path.read_text()[:50])

    assert result_for(mini, folder, store) == result
    assert json.loads(path.read_text())["score"] == 100.0


def test_timings_lie_beside_the_result(mini, tmp_path):
    folder = hand_in(tmp_path / "ann", {"mini.py": RIGHT})
    store = Store(tmp_path / "course")
    result_for(mini, folder, store)
    path = store.path(intake.read(folder, mini), mini)

    assert set(json.loads(path.with_suffix(".timings").read_text())) == {
        "double_of_an_example",
        "double_of_random_numbers",
        "quadruple_of_an_example",
        "quadruple_of_random_numbers",
    }
    assert "seconds" not in path.read_text()


# ---- many


def test_any_executor_will_do(mini, tmp_path):
    submissions = intake.find(
        hand_in(tmp_path / "in", {"ann/mini.py": RIGHT, "bob/mini.py": ""}), mini
    )
    with ThreadPoolExecutor(1) as executor:
        results = grade_all(submissions, mini, Store(tmp_path / "course"), executor=executor)

    assert [result.score for result in results] == [100.0, 0.0]


class _Losing(ThreadPoolExecutor):
    """An executor whose every task is lost."""

    def submit(self, *args, **kwargs):
        future: Future = Future()
        future.set_exception(BrokenProcessPool("gone"))
        return future


def test_a_lost_task_is_tried_again(mini, tmp_path):
    submissions = intake.find(hand_in(tmp_path / "in", {"ann/mini.py": RIGHT}), mini)
    results = grade_all(submissions, mini, Store(tmp_path / "course"), executor=_Losing(1))

    assert [result.score for result in results] == [100.0]


def test_a_task_lost_twice_is_a_grader_error_and_is_not_kept(mini, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "Pool", _Losing)
    folder = hand_in(tmp_path / "in", {"ann/mini.py": RIGHT})
    submissions, store = intake.find(folder, mini), Store(tmp_path / "course")
    (result,) = grade_all(submissions, mini, store, executor=_Losing(1))

    assert (result.status, result.exercises) == ("grader_error", ())
    assert "lost twice" in result.notes[0]
    assert store.load(store.path(submissions[0], mini)) is None


def test_a_broken_suite_is_a_grader_error_and_not_a_zero(mini, tmp_path):
    (mini.suite_dir / "test_hidden.py").write_text("import nothing_of_that_name\n")
    (result,) = grade_all(
        intake.find(hand_in(tmp_path / "ann", {"mini.py": RIGHT}), mini),
        mini,
        Store(tmp_path / "c"),
    )

    assert result.status == "grader_error"
