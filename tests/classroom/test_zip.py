"""A learning platform's download: whose file is it, what is unpacked, what is never."""

from __future__ import annotations

import io
import stat
import zipfile
from datetime import datetime, timedelta

import pytest
from classroom_course import (
    FIRST,
    HALF,
    NOTEBOOK,
    RIGHT,
    answered,
    chapter_of,
    copy_of,
    hand_in,
    make_course,
)

from autograder.classroom import handin, lateness, marking, steps, unzip
from autograder.classroom.lms import Names, Unclear
from autograder.classroom.roster import Student
from autograder.classroom.zipcollect import read_download
from autograder.errors import UsageError, UserError

ROSTER = (
    Student("ada", "Ada", "Berg", "ada@example.org"),
    Student("u123", "Jürgen", "Groß-Müller", "jgm@example.org"),
    Student("li.wei", "Wei", "Li", "li.wei@example.org"),
    Student("ann1", "Ann", "Lee", "ann1@example.org"),
    Student("ann2", "Ann", "Lee", "ann2@example.org"),
)


# whose file is it


@pytest.mark.parametrize(
    ("path", "student", "file"),
    [
        # Moodle, with and without a folder for each student
        ("Ada Berg_1234567_assignsubmission_file_/mini.py", "ada", "mini.py"),
        ("Ada Berg_1234567_assignsubmission_file_mini.py", "ada", "mini.py"),
        ("Jürgen Groß-Müller_99_assignsubmission_file_/lab.ipynb", "u123", "lab.ipynb"),
        ("Wei Li_99_assignsubmission_onlinetext_/onlinetext.html", "li.wei", "onlinetext.html"),
        # Canvas
        ("bergada_12345_67890_mini.py", "ada", "mini.py"),
        ("bergada_LATE_12345_67890_mini-2.py", "ada", "mini.py"),
        ("grossmullerjurgen_1_2_lab.ipynb", "u123", "lab.ipynb"),
        # Blackboard
        ("Chapter 1_ada_attempt_2026-11-20-21-30-00_mini.py", "ada", "mini.py"),
        ("Chapter 1_li.wei_attempt_2026-11-20-21-30-00_my_lab.ipynb", "li.wei", "my_lab.ipynb"),
        # folders and files that name somebody
        ("ada/mini.py", "ada", "mini.py"),
        ("ADA/src/mini.py", "ada", "src/mini.py"),
        ("download/Berg, Ada (ada)/mini.py", "ada", "mini.py"),
        ("Abgabe ada@example.org/mini.py", "ada", "mini.py"),
        ("Müller Groß Jürgen/mini.py", "u123", "mini.py"),
        ("li.wei_mini.py", "li.wei", "mini.py"),
        ("ann2@example.org-mini.py", "ann2", "mini.py"),
    ],
)
def test_a_name_leads_to_its_student(path, student, file):
    sent = Names(ROSTER).sent(path)

    assert (sent.student, sent.file) == (student, file)


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("Jane Doe_1_assignsubmission_file_/mini.py", "names nobody on the roster"),
        ("mini.py", "names nobody on the roster"),
        ("adam/mini.py", "names nobody on the roster"),
        ("adamini.py", "names nobody on the roster"),
        ("Ann Lee_1_assignsubmission_file_/mini.py", "fits ann1 and ann2"),
        ("ada and li.wei/mini.py", "fits ada and li.wei"),
    ],
)
def test_a_name_that_leads_to_nobody_or_to_several_is_unclear(path, why):
    with pytest.raises(Unclear, match=why):
        Names(ROSTER).sent(path)


def test_what_the_platform_says_of_time_is_read():
    names = Names(ROSTER)

    assert names.sent("x_ada_attempt_2026-11-20-21-30-05_mini.py").time == datetime(
        2026, 11, 20, 21, 30, 5
    )
    assert names.sent("x_ada_attempt_2026-99-20-21-30-05_mini.py").time is None
    assert names.sent("bergada_LATE_1_2_mini.py").late
    assert not names.sent("bergada_1_2_mini.py").late


def test_without_a_roster_ids_lead_to_students_and_names_do_not():
    names = Names(())

    assert names.sent("anybody/mini.py").student == "anybody"
    assert names.sent("x_eve_attempt_2026-11-20-21-30-05_mini.py").student == "eve"
    with pytest.raises(Unclear):
        names.sent("Ada Berg_1_assignsubmission_file_/mini.py")


def test_a_pattern_of_ones_own():
    names = Names(ROSTER, r"Gruppe \d+ (?P<who>\S+) (?P<file>.+)")

    assert names.sent("Gruppe 7 ada mini.py").file == "mini.py"


@pytest.mark.parametrize(
    ("pattern", "why"), [("(", "is not a regular expression"), ("x", r"needs a group \(\?P<who>")]
)
def test_a_pattern_that_cannot_work_is_refused(pattern, why):
    with pytest.raises(UsageError, match=why):
        Names(ROSTER, pattern)


# what is unpacked


def zipped(files, path=None):
    """Write a zip file; values are contents, or (ZipInfo, content)."""
    target = path or io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if isinstance(content, tuple):
                archive.writestr(*content)
            else:
                archive.writestr(name, content)
    return path or target.getvalue()


def link(name, target):
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info, target


def unpacked(data):
    odd = []
    with unzip.open_zip(io.BytesIO(data), "x.zip") as archive:
        return dict(unzip.files(archive, odd, unzip.Room())), odd


@pytest.mark.parametrize(
    "name", ["../up.py", "a/../../up.py", "/etc/up.py", "..\\up.py", "C:/up.py", "a\x1b[31m.py"]
)
def test_a_name_that_leads_elsewhere_is_left_out(name):
    files, odd = unpacked(zipped({name: "x", "good.py": "y"}))

    assert files == {"good.py": b"y"}
    assert [why for _, why in odd] == ["a name that leads elsewhere, left out"]


def test_links_are_left_out():
    files, odd = unpacked(zipped({"l": link("ada/mini.py", "/etc/passwd")}))

    assert files == {}
    assert odd == [("ada/mini.py", "a link or special file, left out")]


def test_a_bomb_is_not_unpacked(monkeypatch):
    monkeypatch.setattr(unzip, "MAX_FILE", 1000)
    monkeypatch.setattr(unzip, "MAX_BYTES", 5000)
    data = zipped({f"{number}.py": b"0" * 10**6 for number in range(50)})

    files, odd = unpacked(data)

    assert files == {}
    assert 5 <= len(odd) <= 7
    assert odd[-1] == ("", "more files than can be unpacked: the rest was left out")


def test_an_archive_that_lies_about_sizes_is_left_out():
    data = bytearray(zipped({"a.py": b"0" * 10**5}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")

    files, odd = unpacked(bytes(data))

    assert len(files.get("a.py", b"")) <= 10
    assert files or odd == [("a.py", "damaged or too large, left out")]


def test_what_is_damaged_or_encrypted_is_left_out_and_the_rest_is_taken():
    data = bytearray(zipped({"bad.py": "x" * 100, "locked.py": "secret", "good.py": "y"}))
    data[data.index(b"bad.py") + 8] ^= 0xFF
    at = data.index(b"locked.py", data.index(b"PK\x01\x02")) - 46
    data[at + 8] |= 1

    files, odd = unpacked(bytes(data))

    assert files == {"good.py": b"y"}
    assert odd == [
        ("bad.py", "damaged or too large, left out"),
        ("locked.py", "encrypted, left out"),
    ]


@pytest.mark.parametrize("data", [b"", b"no zip at all", b"PK\x03\x04 cut"])
def test_what_is_no_zip_file_is_said_in_one_sentence(released, tmp_path, data):
    path = tmp_path / "x.zip"
    path.write_bytes(data)

    with pytest.raises(UserError, match=r"x\.zip is not a zip file that can be read"):
        steps.collect_zip(released, FIRST, path)
    with pytest.raises(UserError, match=r"y\.zip does not exist: name the zip file"):
        steps.collect_zip(released, FIRST, tmp_path / "y.zip")


def download(course, tmp_path, files, pattern=""):
    return read_download(course, FIRST, zipped(files, tmp_path / "d.zip"), pattern)


@pytest.fixture
def listed(minis, tmp_path):
    return make_course(minis, tmp_path / "course", students="ada bob")


@pytest.mark.parametrize(
    "inside",
    [
        {"mini.py": "1"},
        {"abgabe/mini.py": "1"},
        {f"work/assignments/{FIRST}/mini.py": "1", "work/setup.py": "2", "other/mini.py": "3"},
        {"__MACOSX/._mini.py": "x", "a/mini.py": "1", "a/.git/x.py": "2", "a/deep/er.py": "3"},
    ],
)
def test_a_zip_file_in_the_download_is_opened(listed, tmp_path, inside):
    found = download(listed, tmp_path, {"ada/abgabe.zip": zipped(inside)})

    assert found.files == {"ada": {"mini.py": b"1"}}


def test_a_zip_file_in_a_zip_file_in_a_zip_file_is_not_opened(listed, tmp_path):
    inner = zipped({"deep.zip": zipped({"mini.py": "1"})})
    found = download(listed, tmp_path, {"ada/a.zip": inner, "ada/b.zip": b"broken"})

    assert found.files == {}
    assert "neither .py nor .ipynb: nothing was collected" in found.by_student["ada"]
    assert any(line.startswith("b.zip is not a zip file") for line in found.by_student["ada"])


def test_other_archives_are_named(listed, tmp_path):
    found = download(listed, tmp_path, {"ada/a.rar": "x", "bob/mini.py": "1", "bob/essay.pdf": "x"})

    assert found.by_student["ada"] == [
        "a.rar is not read: ask for the files or a zip file",
        "neither .py nor .ipynb: nothing was collected",
    ]
    assert found.files == {"bob": {"mini.py": b"1"}}


def test_of_two_attempts_the_later_one_counts_wherever_it_stands(listed, tmp_path):
    found = download(
        listed,
        tmp_path,
        {
            "x_ada_attempt_2026-11-20-22-00-00_mini.py": "late",
            "x_ada_attempt_2026-11-20-21-00-00_mini.py": "early",
            "x_ada_attempt_2026-11-20-21-00-00_lab.ipynb": "early",
        },
    )

    assert found.files == {"ada": {"mini.py": b"late"}}


# into the course


@pytest.fixture(scope="module")
def collected(released, tmp_path_factory):
    """A download of three students and a stranger, collected twice."""
    folder = tmp_path_factory.mktemp("zip")
    due = datetime.now() - timedelta(hours=36)
    settings = f'timezone = "UTC"\n[due]\n{FIRST} = "{due:%Y-%m-%d %H:%M:%S}"\n'
    late = '[late]\npolicy = "per_day"\nfraction = 0.1\n'
    course = copy_of(released, folder / "course", settings + late, "ada bob cy dee")
    hand_in(course, "dee", {"mini.py": HALF})
    before = steps.collect(course, FIRST)
    sent = due + timedelta(hours=1)
    path = zipped(
        {
            "Ada Roth_1_assignsubmission_file_/mini.py": RIGHT,
            "Ada Roth_1_assignsubmission_file_/lab.ipynb": answered(course),
            "Ada Roth_1_assignsubmission_file_/timestamp.txt": "1999-01-01 00:00:00 UTC",
            f"x_bob_attempt_{sent:%Y-%m-%d-%H-%M-%S}_mini.py": RIGHT,
            f"x_dee_attempt_{sent:%Y-%m-%d-%H-%M-%S}_mini.py": RIGHT,
            "rothcy_LATE_1_2_mini-1.py": HALF,
            "Jane Doe_2_assignsubmission_file_/mini.py": RIGHT,
            "Jane Doe_2_assignsubmission_file_/lab.ipynb": "{}",
            "evil": link("bob/mini.py", "/etc/passwd"),
        },
        folder / "download.zip",
    )
    first = steps.collect_zip(course, FIRST, path)
    results, _ = marking.grade_collected(course, chapter_of(course), jobs=1)
    return course, path, before, first, {result.student: result.score for result in results}


def test_a_download_is_collected_and_marked(collected):
    course, _, _, first, scores = collected

    assert set(first.new) == {"ada", "bob", "cy"}
    assert scores == {"ada": 100.0, "bob": 100.0, "cy": 60.0, "dee": 60.0}
    assert sorted(p.name for p in course.submitted("ada", FIRST).iterdir()) == [NOTEBOOK, "mini.py"]


def test_whatever_is_unclear_is_one_line(collected):
    _, _, _, first, _ = collected
    stays = [line for line in first.odd if line.startswith("dee: the hand-in of ")]
    others = [line for line in first.odd if line not in stays and NOTEBOOK not in line]

    assert len(stays) == 1
    assert others == [
        "bob/mini.py: a link or special file, left out",
        "'Jane Doe_2_assignsubmission_file_' names nobody on the roster: not collected",
        "cy: marked LATE by the platform, which does not say by how much: no penalty",
    ]


def test_lateness_comes_from_the_platforms_own_time_only(collected):
    course, *_ = collected
    late = lateness.of_class(course, FIRST)

    assert late["bob"].days == 1
    assert "ada" not in late
    assert "cy" not in late


def test_the_same_download_again_changes_nothing(collected):
    course, path, *_ = collected
    before = {p: p.stat().st_mtime_ns for p in course.root.glob("submitted/**/*")}

    again = steps.collect_zip(course, FIRST, path)

    assert again.new == ()
    assert {p: p.stat().st_mtime_ns for p in course.root.glob("submitted/**/*")} == before
    assert handin.irregular(course.root / "submitted") == []


def test_a_page_of_feedback_is_made_also_where_nobody_can_fetch_it(collected):
    course, *_ = collected
    pages = {page.student: page for page in steps.feedback(course, FIRST)}

    assert pages["ada"].path.is_file()
    assert (pages["ada"].released, pages["ada"].problem) == (False, None)


def test_a_download_without_times_takes_the_place_of_what_came_before_and_says_so(
    released, tmp_path, capfd
):
    course = copy_of(released, tmp_path / "course", students="ada")
    hand_in(course, "ada", {"mini.py": HALF, NOTEBOOK: answered(course)})
    steps.collect(course, FIRST)
    files = {"ada/mini.py": RIGHT, "ada/lab.ipynb": answered(course)}

    found = steps.collect_zip(course, FIRST, zipped(files, tmp_path / "d.zip"))

    assert found.new == ("ada",)
    (line,) = found.odd
    assert line.startswith("ada: the download's hand-in takes the place of that of 20")
    assert (course.submitted("ada", FIRST) / "mini.py").read_text() == RIGHT
    assert capfd.readouterr() == ("", "")


def test_nbgraders_own_zip_collect_uses_the_same_plugins(released):
    from autograder.classroom import api

    with api.opened(released) as nb:
        names = nb.config.ZipCollectApp.extractor_plugin, nb.config.ZipCollectApp.collector_plugin

    assert names == (
        "autograder.classroom.zipcollect.CarefulExtractor",
        "autograder.classroom.zipcollect.ByFolder",
    )
