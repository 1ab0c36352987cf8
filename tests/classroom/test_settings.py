"""course.toml and the roster: what they say arrives; a wrong line is named with a remedy."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from classroom_course import FIRST, SECOND, make_course, set_up

from autograder.classroom import api, steps
from autograder.classroom.course import open_course
from autograder.classroom.late import Policy
from autograder.errors import UserError
from autograder.manifest import load_chapter

HEAD = 'id = "a"\nname = "A"\n'
ZONE = HEAD + 'timezone = "Europe/Berlin"\n'
DUE = ZONE + f'[due]\n{FIRST} = "2026-11-20 23:59"\n'
ROSTER = "id,first_name,last_name,email\nann,Ann,Lee,ann@example.org\nzoe,Zoe,Roth,\n"


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)


def test_everything_that_a_course_says_arrives(minis, tmp_path):
    settings = f"""
timezone = "Europe/Berlin"
[due]
{FIRST} = "2026-11-20 23:59"
{SECOND} = 2026-12-01T12:00:30
[extensions.{FIRST}]
ann = "2026-11-27 23:59"
[late]
policy = "grace"
days = 3
fraction = 0.5
"""
    course = make_course(minis, tmp_path, settings, "ann bob")

    assert course.name == "Test"
    assert [student.id for student in course.roster] == ["ann", "bob"]
    assert course.dates.zone == ZoneInfo("Europe/Berlin")
    assert course.dates.due_for(FIRST, "bob") == at(2026, 11, 20, 22, 59)
    assert course.dates.due_for(FIRST, "ann") == at(2026, 11, 27, 22, 59)
    assert course.dates.due_for(SECOND, "ann") == at(2026, 12, 1, 11, 0, 30)
    assert course.dates.policy == Policy("grace", 0.5, 3)


def test_nbgraders_own_pages_show_the_clock_of_the_course(minis, tmp_path):
    course = set_up(minis, tmp_path, DUE)

    with api.opened(course) as nb:
        assert nb.timezone == "Europe/Berlin"


def test_without_dates_nothing_is_ever_due(minis, tmp_path):
    course = make_course(minis, tmp_path)

    assert course.dates.due_for(FIRST, "ann") is None
    assert course.dates.policy == Policy("none")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-06-20 23:59", at(2026, 6, 20, 21, 59)),  # summer
        ("2026-12-20 23:59", at(2026, 12, 20, 22, 59)),  # winter
        ("2026-10-25 02:30", at(2026, 10, 25, 1, 30)),  # shown twice: the later one
        ("2026-11-20T23:59:59", at(2026, 11, 20, 22, 59, 59)),
        ("2026-11-20 23:59+00:00", at(2026, 11, 20, 23, 59)),
    ],
)
def test_a_due_date_is_read_on_the_clock_of_the_course(minis, tmp_path, written, meant):
    course = set_up(minis, tmp_path, ZONE + f'[due]\n{FIRST} = "{written}"\n')

    assert course.dates.due[FIRST] == meant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('id = "a"\n', r":1: the entry 'name' is missing: write name = "),
        (HEAD + 'rooster = "x"\n', ":3: unknown entry 'rooster': did you mean roster?"),
        (HEAD + "x = 1\n", ":3: unknown entry 'x': known are id, name, roster"),
        ('id = "a"\nname = 5\n', ":2: 'name' must be text in quotes"),
        (HEAD + 'one_account = "no"\n', ":3: 'one_account' must be true or false"),
        ('id = "a/b"\nname = "A"\n', ":1: the id names folders"),
        (HEAD + "roster =\n", ":3: not valid TOML: Invalid value"),
        (HEAD + "late = 'none'\n", r":3: 'late' must be a table: write \[late\]"),
        (HEAD + 'timezone = "Berlin"\n', ":3: unknown time zone 'Berlin': write for example"),
        (HEAD + 'timezone = "../x"\n', ":3: unknown time zone"),
        (HEAD + f'[due]\n{FIRST} = "2026-11-20 23:59"\n', ":3: due dates need a time zone"),
        (ZONE + f'due.{FIRST} = "2026-11-20"\n', ':4: a date without a time: write "2026-11-20 2'),
        (ZONE + f"due = {{ {FIRST} = 2026-11-20 }}\n", ":4: a date without a time"),
        (ZONE + f'[due]\n{FIRST} = "20.11.2026"\n', ":5: '20.11.2026' is not a date and time"),
        (ZONE + f'[due]\n{FIRST} = "2026-13-20 23:59"\n', ":5: .* is not a date and time"),
        (ZONE + f"[due]\n{FIRST} = 5\n", ":5: 5 is not a date and time: write for example"),
        (ZONE + f'[due]\n{FIRST} = "2026-03-29 02:30"\n', ":5: 2026-03-29 02:30 does not exist"),
        (ZONE + '[due]\nch01 = "2026-11-20 23:59"\n', f":5: unknown chapter 'ch01': .*{FIRST}"),
        (DUE + '[extensions.ch9]\nann = "x"\n', f":6: unknown chapter 'ch9': known are {FIRST}"),
        (DUE + f'[extensions.{SECOND}]\nann = "x"\n', f":6: {SECOND} has no due date to extend"),
        (DUE + f'[extensions.{FIRST}]\nann = "soon"\n', ":7: 'soon' is not a date and time"),
        (
            DUE + f'[extensions.{FIRST}]\nann = "2026-11-20 23:59"\n',
            ":7: an extension must be later than the due date, 2026-11-20 23:59",
        ),
        (HEAD + "[late]\ndays = 3\n", ":3: the policy is missing: write policy"),
        (HEAD + '[late]\npolicy = "perday"\n', ":4: unknown policy 'perday': write one of none,"),
        (HEAD + '[late]\npolicy = "none"\ndays = 3\n', ":5: the policy 'none' has no 'days'"),
        (HEAD + '[late]\npolicy = "per_day"\n', ":4: per_day needs a fraction: write"),
        (HEAD + '[late]\npolicy = "grace"\n', ":4: grace needs the days to spend"),
        (HEAD + '[late]\npolicy = "per_day"\nfraction = 10\n', ":5: fraction is 10: write a num"),
        (HEAD + '[late]\npolicy = "per_day"\nfraction = 0\n', ":5: fraction is 0: write"),
        (HEAD + '[late]\npolicy = "per_day"\nfraction = true\n', ":5: fraction is True: write"),
        (HEAD + '[late]\npolicy = "per_day"\nfraction = nan\n', ":5: fraction is nan: write"),
        (HEAD + '[late]\npolicy = "grace"\ndays = -1\n', ":5: days is -1: write a whole number"),
        (HEAD + '[late]\npolicy = "grace"\ndays = 1.5\n', ":5: days is 1.5: write a whole number"),
        (HEAD + '[late]\npolicy = "zero"\nfractoin = 1\n', ":5: .* did you mean fraction"),
    ],
)
def test_a_faulty_course_file_is_named_with_its_line(minis, tmp_path, text, complaint):
    with pytest.raises(UserError, match=rf"course\.toml{complaint}"):
        set_up(minis, tmp_path, text)


def test_a_course_file_in_another_encoding_is_named_with_its_line(minis, tmp_path):
    (tmp_path / "course.toml").write_bytes(b'id = "a"\nname = "\xe4"\n')

    with pytest.raises(UserError, match=r"course\.toml:2: not UTF-8: save the file"):
        open_course(minis, tmp_path)


def test_an_extension_for_a_student_who_is_not_on_the_roster_is_refused(minis, tmp_path):
    settings = DUE.removeprefix(HEAD) + f'[extensions.{FIRST}]\nadda = "2026-11-27 23:59"\n'

    with pytest.raises(UserError, match=r"course\.toml:9: unknown student 'adda': .* mean ada\?"):
        make_course(minis, tmp_path, settings, "ada bob")


def test_without_a_roster_an_extension_may_name_anybody(minis, tmp_path):
    settings = DUE.removeprefix(HEAD) + f'[extensions.{FIRST}]\n"a@b.c" = "2026-11-27 23:59"\n'
    course = make_course(minis, tmp_path, settings)

    assert course.dates.due_for(FIRST, "a@b.c") == at(2026, 11, 27, 22, 59)


# the roster


def roster(minis, folder, data: bytes):
    folder.mkdir(exist_ok=True)
    (folder / "roster.csv").write_bytes(data)
    return set_up(minis, folder, HEAD + 'roster = "roster.csv"\n').roster


def test_a_roster_may_have_a_byte_order_mark_empty_lines_and_windows_line_ends(minis, tmp_path):
    text = "\ufeff" + ROSTER.replace("\n", "\r\n\r\n") + ",,,\r\n"

    ann, zoe = roster(minis, tmp_path, text.encode())

    assert (ann.id, ann.first_name, ann.last_name, ann.email) == (
        "ann",
        "Ann",
        "Lee",
        "ann@example.org",
    )
    assert (zoe.id, zoe.email) == ("zoe", "")


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ("", r":1: the roster is empty: the first line must be id,first_name"),
        ("\n\n", r":1: the roster is empty"),
        ("id,name\n", r":1: the column first_name and .* is missing: the first line must be"),
        ("id;first_name;last_name;email\n", r":1: .*semicolons: write commas"),
        ("id,last_name,first_name,email\n", r":1: these are not the columns of a roster"),
        ("id,first_name,last_name,email,group\n", r":1: these are not the columns"),
        (ROSTER + "ann,A,B,c\n", r":4: 'ann' is listed twice: leave one line out"),
        (ROSTER + "\n\nann,A,B,c\n", r":6: 'ann' is listed twice"),
        (ROSTER + "bob,B\n", r":4: write 4 values"),
        (ROSTER + "bob,B,C,D,E\n", r":4: write 4 values"),
        (ROSTER + "b+b,B,B,b\n", r":4: 'b\+b' cannot be a student's id"),
        (ROSTER + ",B,B,b\n", r":4: '' cannot be a student's id"),
    ],
)
def test_a_faulty_roster_is_named_with_its_line(minis, tmp_path, lines, complaint):
    with pytest.raises(UserError, match=rf"roster\.csv{complaint}"):
        roster(minis, tmp_path, lines.encode())


def test_a_roster_in_another_encoding_is_named_with_its_line(minis, tmp_path):
    with pytest.raises(UserError, match=r"roster\.csv:4: not UTF-8: save the file"):
        roster(minis, tmp_path, ROSTER.encode() + b"j\xfcrgen,J,M,\n")


def test_a_roster_that_is_named_but_absent_stops_the_instructor_and_not_the_students(
    minis, tmp_path
):
    course = set_up(minis, tmp_path, HEAD + 'roster = "lst.csv"\n')
    complaint = r"course\.toml:3: .*lst\.csv does not exist: write it, or take this line out"

    assert course.is_listed("anybody")
    with pytest.raises(UserError, match=complaint):
        steps.release(course, load_chapter(minis, FIRST))
    with pytest.raises(UserError, match=complaint):
        steps.collect(course, FIRST)


def test_the_course_that_is_shipped_opens_and_takes_everybody(project):
    course = open_course(project, project.course)

    assert course.roster_missing is None
    assert course.is_listed("anybody")


def test_what_the_shipped_course_shows_as_an_example_is_right(project, tmp_path):
    text = (project.course / "course.toml").read_text(encoding="utf-8")
    text = re.sub(r"(?m)^# (?=\[|\w+ = )", "", text)
    text = re.sub(r"(?m)^(roster|days) = .*\n", "", text)
    (tmp_path / "course.toml").write_text(text, encoding="utf-8")

    course = open_course(project, tmp_path)

    assert course.dates.due_for("ch03_activations", "ada") == at(2026, 11, 27, 22, 59)
    assert course.dates.policy == Policy("per_day", 0.1)
