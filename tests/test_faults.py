"""The night of the deadline: whatever is killed or fills up, what was finished is kept."""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import signal
from pathlib import Path

import pytest
from fault_runs import GraderRun, dlfs, hand_in_class, kill_when, leftovers, plan, results
from mini_chapter import mini_source, write_mini

from autograder.classroom import steps
from autograder.classroom.course import open_course
from autograder.classroom.gradebook import read_marks
from autograder.cli import main
from autograder.errors import UserError
from autograder.grading.intake import find, read
from autograder.grading.result import write
from autograder.grading.run_all import grade_all
from autograder.grading.store import Store
from autograder.manifest import load_chapter
from autograder.sandbox.remote import SandboxSession

SIZE, FEW = 24, 6  # hand-ins
BOOKED = "ch03_activations"  # the chapter whose marks go into a gradebook
KILLS = int(os.environ.get("DLFS_KILLS", "12"))  # `make faults` asks for many


@pytest.fixture(scope="module")
def mini(tmp_path_factory):
    return write_mini(tmp_path_factory.mktemp("chapter") / "project")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return hand_in_class(tmp_path_factory.mktemp("class") / "in", SIZE)


@pytest.fixture(scope="module")
def calm(mini, folder, tmp_path_factory):
    """A course in which nothing went wrong."""
    course = tmp_path_factory.mktemp("calm")
    grade_all(find(folder, mini), mini, Store(course))
    return course


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """The first hand-ins of the class."""
    return hand_in_class(tmp_path_factory.mktemp("few") / "in", FEW)


@pytest.fixture
def undisturbed(calm, tmp_path):
    """The Results of a run that nobody disturbs; another course has the same secret."""
    (tmp_path / "course").mkdir()
    (tmp_path / "course" / "secret").write_bytes((calm / "secret").read_bytes())
    return results(calm)


@pytest.fixture
def few_undisturbed(undisturbed):
    return dict(list(undisturbed.items())[:FEW])


def test_kills_at_random_points_change_nothing(mini, folder, undisturbed, tmp_path):
    course, struck = tmp_path / "course", 0
    while struck < KILLS:
        kinds, kept = plan(struck, KILLS), results(course) if struck else {}
        with GraderRun(mini, folder, course, jobs=2) as run:
            for kind, lines, nth in kinds:
                run.read_lines(lines)
                struck += run.strike(kind, nth)
                if kind == "grader":
                    break
            run.process.kill()
            run.process.wait()

            assert run.survivors() == []
        now = results(course)
        assert kept.items() <= now.items()
        assert now.items() <= undisturbed.items()
        if len(now) == SIZE:  # all is marked: begin anew
            for path in (course / "results").rglob("*.json"):
                path.unlink()
    with GraderRun(mini, folder, course, jobs=2) as run:
        run.strike("marking", 2)
        status, err = run.finish()  # a grader error would make the status 1

    assert (status, err) == (0, f"{SIZE} hand-ins of ch01_mini, 2 side by side\n")
    assert results(course) == undisturbed
    assert leftovers(course) == []


@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_says_what_was_kept_and_the_next_run_goes_on(
    jobs, mini, folder, undisturbed, tmp_path
):
    course, rng = tmp_path / "course", random.Random(jobs)
    with GraderRun(mini, folder, course, jobs) as run:
        run.read_lines(rng.randrange(2, 9))
        assert run.press_ctrl_c(rng.randrange(6))
        status, err = run.finish()
        kept = results(course)

        assert (status, run.survivors()) == (130, [])
    _, said = err.splitlines()
    told = re.fullmatch(
        rf"interrupted: (\d+) of {SIZE} are marked and kept; the same command goes on from there",
        said,
    )
    assert told and len(kept) - int(told[1]) in (0, 1)  # one may be written, but not counted yet
    assert kept.items() <= undisturbed.items() and 0 < len(kept) < SIZE

    fresh = []
    grade_all(
        find(folder, mini), mini, Store(course), on_result=lambda *about: fresh.append(about[2])
    )

    assert results(course) == undisturbed
    assert fresh.count(True) == SIZE - len(kept)
    assert leftovers(course) == []


# ---- the gradebook


@pytest.fixture(scope="module")
def collected(project, tmp_path_factory):
    """A course whose three hand-ins lie there, marked but not yet in the gradebook."""
    root = tmp_path_factory.mktemp("book") / "course"
    root.mkdir()
    (root / "course.toml").write_text('id = "night"\nname = "Night"\n')
    course, chapter = open_course(project, root), load_chapter(project, BOOKED)
    steps.release(course, chapter)
    for student in ("ann", "bob", "cleo"):
        folder = course.submitted(student, BOOKED)
        shutil.copytree(course.release(BOOKED), folder)
        if student != "bob":
            source = chapter.source_file.read_text()
            (folder / chapter.file).write_text(f"{source}\n# {student}\n")
        grade_all([read(folder, chapter)], chapter, Store(root))
    return root


def test_a_gradebook_that_was_killed_in_the_writing_ends_with_the_same_marks(
    project, collected, tmp_path
):
    killed, calm = tmp_path / "killed", tmp_path / "calm"
    for root in (killed, calm):
        shutil.copytree(collected, root)
    words = ["grade", "--chapter", BOOKED, "--jobs", 1, "--course"]
    for event in (
        (killed / "autograded" / "bob").exists,  # its notebook is about to be converted
        (killed / "gradebook.db-journal").exists,  # in the middle of a transaction
    )[: 1 + (KILLS > 12)]:
        assert kill_when(dlfs(*words, killed, cwd=project.root), event)
    for root in (killed, calm):
        run = dlfs(*words, root, cwd=project.root)
        said, _ = run.communicate(timeout=120)
        assert (run.returncode, "Traceback" in said) == (0, False)

    marks = [read_marks(open_course(project, root)) for root in (killed, calm)]

    assert marks[0] == marks[1]
    assert [round(each.total) for each in marks[0][BOOKED]] == [100, 0, 100]
    assert results(killed) == results(calm)


# ---- the disk


def full_at(monkeypatch, nth: int) -> None:
    """Let the n-th write to the disk find no room, and all after it."""
    writes = []

    def fsync(handle):
        writes.append(handle)
        if len(writes) >= nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("os.fsync", fsync)


@pytest.mark.parametrize("nth", [7, 8])  # the timings of the fourth hand-in; its Result
def test_a_full_disk_stops_the_run_and_keeps_what_was_finished(
    nth, mini, few, few_undisturbed, tmp_path, monkeypatch, capsys
):
    course = tmp_path / "course"
    monkeypatch.chdir(mini.project.root)
    words = ["grade", str(few), "--chapter", mini.name, "--course", str(course), "--jobs", "1"]
    with monkeypatch.context() as full:
        full_at(full, nth)

        assert main(words) == 1

    _, line = capsys.readouterr().err.splitlines()
    assert "the result of s003 cannot be kept" in line and "No space left on device" in line
    assert len(results(course)) == 3
    assert leftovers(course) == []
    assert main(words) == 0
    assert results(course) == few_undisturbed


def test_no_room_for_the_file_of_all_results_is_one_sentence(mini, few, tmp_path, monkeypatch):
    found = grade_all(find(few / "s001", mini), mini, Store(tmp_path / "course"))
    out = tmp_path / "missing" / "marks.json"
    (tmp_path / "missing").write_text("not a folder")

    with pytest.raises(UserError, match=r"marks\.json cannot be written: "):
        write(found, out)


def test_what_a_killed_run_left_half_written_is_removed(mini, few, tmp_path):
    course = tmp_path / "course"
    (submission,) = find(few / "s001", mini)
    path = Store(course).path(submission, mini)
    path.parent.mkdir(parents=True)
    half = path.with_name(f".{path.name}.a8sj2k")
    half.write_text('{"chapter": "ch0')
    mine = path.with_name(".notes")
    mine.write_text("not ours")

    with Store(course).in_use(mini), Store(course).in_use(mini):
        assert not half.exists()
        half.write_text("another run is writing this")
        grade_all([submission], mini, Store(course))
        assert half.exists()
    grade_all([submission], mini, Store(course))

    assert not half.exists()
    assert mine.read_text() == "not ours"


def test_a_secret_that_was_killed_in_the_making_is_made_anew(mini, tmp_path):
    (tmp_path / ".secret.x1y2").write_text("half")

    secret = Store(tmp_path).secret()
    with Store(tmp_path).in_use(mini):
        pass

    assert Store(tmp_path).secret() == secret
    assert not (tmp_path / ".secret.x1y2").exists()


# ---- reading


def test_a_file_that_cannot_be_read_is_a_grader_error_and_no_zero(
    mini, few, few_undisturbed, tmp_path, monkeypatch
):
    course, opened = tmp_path / "course", os.open

    def refuse(path, *args, dir_fd=None, **kwargs):
        where = f"{Path(f'/proc/self/fd/{dir_fd}').readlink()}/{path}" if dir_fd else str(path)
        if where.endswith("s002/mini.py"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return opened(path, *args, dir_fd=dir_fd, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr("os.open", refuse)
        found = grade_all(find(few, mini), mini, Store(course))

    assert [result.status for result in found[:4]] == ["graded", "graded", "grader_error", "graded"]
    assert found[2].notes == (
        "mini.py cannot be read (Input/output error): mend that and run it again",
    )
    assert len(results(course)) == FEW - 1
    grade_all(find(few, mini), mini, Store(course))
    assert results(course) == few_undisturbed


def test_a_folder_that_cannot_be_listed_is_a_grader_error(mini, few, tmp_path, monkeypatch):
    home, opened = few / "s001", os.open

    def refuse(path, *args, **kwargs):
        if str(path) == str(home):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return opened(path, *args, **kwargs)

    with monkeypatch.context() as broken:
        broken.setattr("os.open", refuse)
        submission = read(home, mini)
    (result,) = grade_all([submission], mini, Store(tmp_path / "course"))

    assert (result.status, result.exercises) == ("grader_error", ())
    assert "cannot be read (Permission denied)" in result.notes[0]


# ---- workers


def die_outside(monkeypatch, times: int) -> list[int]:
    """Kill the worker from outside at the first call of so many markings."""
    session, done = SandboxSession._exchange, []

    def exchange(self, tree, bufs):
        if tree["op"] == "call" and len(done) < times and self._process is not None:
            done.append(self._process.pid)
            os.kill(self._process.pid, signal.SIGKILL)
        return session(self, tree, bufs)

    monkeypatch.setattr(SandboxSession, "_exchange", exchange)
    return done


def test_a_worker_lost_once_costs_nothing(mini, few, few_undisturbed, tmp_path, monkeypatch):
    done = die_outside(monkeypatch, 1)
    course = tmp_path / "course"

    grade_all(find(few, mini), mini, Store(course))

    assert len(done) == 1
    assert results(course) == few_undisturbed


def test_workers_lost_again_and_again_are_a_grader_error(mini, few, tmp_path, monkeypatch):
    die_outside(monkeypatch, 1000)
    store = Store(tmp_path / "course")
    (result,) = grade_all(find(few / "s001", mini), mini, store)

    assert (result.status, result.exercises) == ("grader_error", ())
    assert "its workers were killed from outside, 3 times" in result.notes[0]
    assert results(tmp_path / "course") == {}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("os._exit(0)", "ended the Python process (exit status 0)"),
        ("os.abort()", "killed by SIGABRT"),
        ("os.kill(os.getpid(), 9)", "Operation not permitted"),
        ("signal.raise_signal(9)", "Operation not permitted"),
    ],
)
def test_a_student_who_ends_the_worker_is_told_so_per_check(statement, said, mini, tmp_path):
    home = tmp_path / "ann"
    home.mkdir()
    body = f"import random\nos = random._os\nsignal = os.sys.modules['signal']\n{statement}"
    (home / "mini.py").write_text(mini_source(body, "return 4.0 * x"))
    (result,) = grade_all(find(home, mini), mini, Store(tmp_path / "course"))

    double, quadruple = result.exercises
    assert (result.status, double.status, quadruple.score) == ("graded", "crashed", 40.0)
    assert said in double.checks[0].message
