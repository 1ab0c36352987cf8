"""nbgrader's zip_collect with a careful extractor: what a learning platform lets you download.

Named in the configuration, so `nbgrader zip_collect` uses these plugins as well.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from autograder.classroom import unzip
from autograder.classroom.arrival import read_stamp
from autograder.classroom.course import Course, open_course
from autograder.classroom.handin import HANDED_IN, MAX_FILES, brief
from autograder.classroom.lms import Names, Sent, Unclear
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.grading.intake import clean_name
from autograder.project import Project

_ARCHIVES = {".7z", ".gz", ".rar", ".tar", ".tgz", ".xz"}


@dataclass
class Download:
    """What a download holds: files by student and name, times, and what was odd about it."""

    files: dict[str, dict[str, bytes]] = field(default_factory=lambda: defaultdict(dict))
    times: dict[str, datetime] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)
    by_student: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: Download) -> None:
        """Take in another download; where both have a student, the other's files count."""
        self.files |= other.files
        self.times |= other.times
        self.odd += other.odd
        for student, sentences in other.by_student.items():
            self.by_student[student] += sentences


class CarefulExtractor(ExtractorPlugin):
    """Unpacks a download into a folder per student, after looking at every name in it."""

    project_root = Unicode(help="the checkout whose chapters are marked").tag(config=True)
    pattern = Unicode("", help="regular expression with the groups who, file, time").tag(
        config=True
    )

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.download = Download()

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Unpack every zip file of a folder."""
        directory = self.parent.coursedir
        course = open_course(Project(Path(self.project_root)), directory.root)
        taken = Taken(course, directory.assignment_id)
        for path in sorted(Path(archive_path).iterdir()):
            found = read_download(course, directory.assignment_id, path, self.pattern)
            taken.leave_out_old(found)
            self.download.add(found)
        for student, files in self.download.files.items():
            for name, content in files.items():
                target = Path(extracted_path, student, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            taken.note(student, files)
        taken.save()


class Taken:
    """What has been collected from downloads before, so that doing it again changes nothing."""

    def __init__(self, course: Course, chapter: str) -> None:
        self._course, self._chapter = course, chapter
        self._path = course.root / "downloaded" / chapter / "taken.json"
        try:
            self._known = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            self._known = {}

    def leave_out_old(self, download: Download) -> None:
        """Take out of a download what lies in the course already, or something newer."""
        for student in list(download.files):
            folder = self._course.submitted(student, self._chapter)
            there, sent = read_stamp(folder), download.times.get(student)
            shown, said = self._course.dates.shown, download.by_student[student]
            if folder.is_dir() and self._known.get(student) == _digest(download.files[student]):
                del download.files[student]
            elif there and sent and there > sent:
                said.append(f"the hand-in of {shown(there)} stays, the download's is older")
                del download.files[student]
            elif there and not sent:
                said.append(f"the download's hand-in takes the place of that of {shown(there)}")

    def note(self, student: str, files: dict[str, bytes]) -> None:
        """Remember what has been taken of a student."""
        self._known[student] = _digest(files)

    def save(self) -> None:
        """Write it down."""
        write_atomically(self._path, json.dumps(self._known, indent=1, sort_keys=True) + "\n")


def _digest(files: dict[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(files.items()):
        for part in (name.encode(), content):
            digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


class ByFolder(FileNameCollectorPlugin):
    """Collects what CarefulExtractor has unpacked: the first folder names the student."""

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Return whose file it is, its name, and when it was handed in if that is known."""
        app = self.parent
        extracted = Path(app._format_collect_path(app.extracted_directory))
        student, *rest = Path(submitted_file).relative_to(extracted).parts
        time = app.extractor_plugin_inst.download.times.get(student)
        found: dict[str, Any] = {"student_id": student, "file_id": "/".join(rest)}
        return found | ({"timestamp": time.replace(tzinfo=None)} if time else {})


def read_download(course: Course, chapter: str, path: Path, pattern: str = "") -> Download:
    """Read a platform's download; nothing is written. UserError when it is no zip file."""
    download, room = Download(), unzip.Room()
    names = Names(course.roster, pattern or None)
    unclear: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    sent: list[tuple[Sent, bytes]] = []
    with unzip.open_zip(path, str(path)) as archive:
        for name, content in unzip.files(archive, left_out, room):
            try:
                sent.append((names.sent(name), content))
            except Unclear as why:
                unclear.setdefault(_top(name), str(why))
    for one, content in sorted(sent, key=lambda pair: pair[0].time or datetime.min):
        _take(download, course, chapter, one, content, room)
    if chapter in course.dates.due and sent and not any(one.time for one, _ in sent):
        download.odd.append("the download says no times: nobody counts as late")
    download.odd += brief([f"{name or path.name}: {why}" for name, why in left_out])
    download.odd += [f"{name!r} {why}: not collected" for name, why in unclear.items()]
    for student in [who for who, files in download.files.items() if not files]:
        del download.files[student]
        download.by_student[student].append("neither .py nor .ipynb: nothing was collected")
    return download


def _take(
    download: Download, course: Course, chapter: str, one: Sent, content: bytes, room: unzip.Room
) -> None:
    """Put one file to its student's hand-in; of two attempts the later one counts."""
    files, said = download.files[one.student], download.by_student[one.student]
    if one.late and not any("LATE" in sentence for sentence in said):
        said.append("marked LATE by the platform, which does not say by how much: no penalty")
    if one.time:
        moment = one.time.replace(tzinfo=course.dates.zone).astimezone(UTC)
        if download.times.get(one.student, moment) != moment:
            files.clear()
        download.times[one.student] = moment
    ending = PurePosixPath(one.file).suffix.lower()
    if ending == ".zip":
        files |= _inner(one.file, content, chapter, said, room)
    elif ending in HANDED_IN and len(files) < MAX_FILES:
        files[PurePosixPath(one.file).name] = content
    elif ending in _ARCHIVES:
        said.append(f"{clean_name(one.file)} is not read: ask for the files or a zip file")


def _inner(
    name: str, content: bytes, chapter: str, said: list[str], room: unzip.Room
) -> dict[str, bytes]:
    """Return the files of a zip file that a student handed in, without the folders around them."""
    left_out: list[tuple[str, str]] = []
    try:
        with unzip.open_zip(io.BytesIO(content), clean_name(name)) as archive:
            found = dict(unzip.files(archive, left_out, room))
    except UserError as error:
        said.append(str(error))
        return {}
    said += brief([f"{inside or name}: {why}" for inside, why in left_out])
    paths = {PurePosixPath(inside): data for inside, data in found.items()}
    wanted = [path for path in paths if path.suffix in HANDED_IN]
    ours = [path for path in wanted if path.parent.name == chapter]
    top = min((len(path.parts) for path in wanted), default=0)
    chosen = ours or [path for path in wanted if len(path.parts) == top]
    return {path.name: paths[path] for path in chosen[:MAX_FILES]}


def _top(name: str) -> str:
    return clean_name(PurePosixPath(name).parts[0])


def run_zip_collect(api: Any, path: Path, pattern: str) -> Download:
    """Run nbgrader's zip_collect on one download; return what of it was collected."""
    from nbgrader.apps import ZipCollectApp

    app = ZipCollectApp(config=api.config, log=api.log)
    app.coursedir, app.force = api.coursedir, True
    archive = Path(app._format_collect_path(app.archive_directory))
    shutil.rmtree(archive, ignore_errors=True)
    archive.mkdir(parents=True)
    shutil.copyfile(path, archive / path.name)
    app.init_plugins()
    app.extractor_plugin_inst.pattern = pattern
    try:
        app.extract_archive_files()
        app.process_extracted_files()
    except SystemExit:  # how nbgrader's programs give up
        raise UserError(f"{path} cannot be collected: run again with --verbose") from None
    download: Download = app.extractor_plugin_inst.download
    return download
