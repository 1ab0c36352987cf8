"""The round itself: a course of its own, twelve students, real exchange, gradebook, sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.classroom import gradebook, lateness, marking, steps, student
from autograder.classroom.course import COURSE_VARIABLE, Course, open_course
from autograder.demo.sample import CHAPTERS, CLASS, Sample
from autograder.demo.show import Steps, say, table
from autograder.demo.verdict import LATE_FRACTION, Verdict, judge, unnamed, unsaid
from autograder.engine.seeds import PUBLIC_SECRET
from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.grading.result import Result
from autograder.manifest import Chapter, load_chapter
from autograder.mistakes.statistics import count, symptoms, table_lines
from autograder.project import Project
from autograder.reports.marks import result_line

_ID = "demo"
_DLFS = "from autograder.cli import main; raise SystemExit(main())"  # what the command `dlfs` is
_COURSE = """\
# Made by `dlfs demo`, which throws the whole folder away when it runs again.
id = "demo"
name = "A sample class"
roster = "roster.csv"
exchange = "exchange"
cache = "cache"
timezone = "UTC"
"""
_DEADLINE = """
[due]
{due}

[late]
policy = "per_day"
fraction = {fraction}
"""


@dataclass
class Round:
    """The state of one demo: where it happens, and what has come of it."""

    course: Course
    chapters: list[Chapter]
    jobs: int
    shown: Steps = field(default_factory=Steps)
    results: dict[tuple[str, str], Result] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def homes(self) -> Path:
        """The students' own folders."""
        return self.course.root / "students"

    def play(self) -> list[Verdict]:
        """Go through the whole round; return the verdict on every submission."""
        self.release()
        first, *others = CLASS
        self.type_commands(first)
        in_time = [sample for sample in others if not sample.late]
        self.hand_in(f"{len(in_time)} more students do the same, in this process", in_time)
        self.close()
        self.hand_in("and one after that", [sample for sample in others if sample.late])
        for chapter in self.chapters:
            self.mark(chapter)
        self.mark_by_hand()
        self.give_feedback()
        return self.export()

    def release(self) -> None:
        for chapter in self.chapters:
            with self.shown.step(f"dlfs release {chapter.name}") as lines:
                lines.append(steps.release(self.course, chapter))

    def type_commands(self, sample: Sample) -> None:
        """Let one student work as students do: fetch, write, hand in, each a command of its own."""
        home = self.homes / sample.id
        for chapter in self.chapters:
            self._typed("fetch", chapter, home)
            _work(sample, chapter, home)
            say(f"{sample.first_name} writes {chapter.file}")
            self._typed("submit", chapter, home, "--student", sample.id, shown=(0, -1))

    def _typed(
        self, verb: str, chapter: Chapter, home: Path, *more: str, shown: tuple[int, ...] = (0,)
    ) -> None:
        """Run a command as a student types it; print the lines of its output that are `shown`."""
        words = [verb, chapter.name, "--dir", _short(home), *more]
        with self.shown.step(f"dlfs {' '.join(words)}") as lines:
            done = subprocess.run(
                [sys.executable, "-c", _DLFS, *words],
                cwd=self.course.project.root,
                env={**os.environ, COURSE_VARIABLE: str(self.course.root)},
                capture_output=True,
                text=True,
                check=False,
            )
            said = done.stdout.splitlines()
            lines += [said[number] for number in shown if said]
            if done.returncode:
                lines += done.stderr.splitlines()
                raise UserError(f"dlfs {' '.join(words)} ended with status {done.returncode}")

    def hand_in(self, what: str, samples: list[Sample]) -> None:
        with self.shown.step(what) as lines:
            for sample in samples:
                home = self.homes / sample.id
                for chapter in self.chapters:
                    student.fetch(self.course, chapter.name, home)
                    _work(sample, chapter, home)
                    student.submit(self.course, chapter, home, sample.id)
                    for hand_in in self._inbound(sample, chapter):
                        sample.exchange(hand_in, self.course)
            lines.append(", ".join(sample.first_name for sample in samples))

    def _inbound(self, sample: Sample, chapter: Chapter) -> list[Path]:
        inbound = self.course.exchange / self.course.id / "inbound"
        return sorted(inbound.glob(f"{sample.id}+{chapter.name}+*"))

    def close(self) -> None:
        """Make everything due now: what comes later is late."""
        due = datetime.now(UTC).isoformat()
        with self.shown.step("course.toml: the due date passes") as lines:
            dates = "\n".join(f'{chapter.name} = "{due}"' for chapter in self.chapters)
            text = _COURSE + _DEADLINE.format(due=dates, fraction=LATE_FRACTION)
            write_atomically(self.course.root / "course.toml", text)
            self.course = open_course(self.course.project, self.course.root)
            lines.append(f"late hand-ins lose {LATE_FRACTION:.0%} for each day begun")

    def mark(self, chapter: Chapter) -> None:
        with self.shown.step(f"dlfs collect {chapter.name}") as lines:
            found = steps.collect(self.course, chapter.name)
            lines += [f"{len(found.new)} hand-ins", *found.odd]
            self.problems += unsaid(CLASS, chapter, found.odd)
        with self.shown.step(f"dlfs grade --chapter {chapter.name}") as lines:
            lines += self._grade(chapter)

    def _grade(self, chapter: Chapter) -> list[str]:
        late = lateness.of_class(self.course, chapter.name)
        fresh: list[Result] = []
        results, marked = marking.grade_collected(
            self.course,
            chapter,
            jobs=self.jobs,
            on_result=lambda result, now: fresh.append(result) if now else None,
        )
        self.problems += [f"{m.student}: {m.problem}" for m in marked if m.problem]
        self.results |= {(chapter.name, result.student): result for result in results}
        lines = [
            f"{result_line(result, width=6)}  {late[result.student].sentence}".rstrip()
            for result in results
            if result in fresh
        ]
        same = len(results) - len(fresh)
        return lines + ([f"{same} as before"] if same else [])

    def mark_by_hand(self) -> None:
        """Give points for written answers, as the formgrader does; marking again keeps them."""
        for chapter in self.chapters:
            given = [
                (sample.id, question, points)
                for sample in CLASS
                for question, points in sample.by_hand.get(chapter.name, {}).items()
            ]
            if not given:
                continue
            with self.shown.step(f"written answers of {chapter.name}, by hand") as lines:
                for who, question, points in given:
                    gradebook.mark_by_hand(self.course, chapter.name, who, question, points)
                    lines.append(f"{who}: {question} gets {points:g} points")
            with self.shown.step(f"dlfs grade --chapter {chapter.name}, once more") as lines:
                lines += self._grade(chapter)

    def give_feedback(self) -> None:
        for chapter in self.chapters:
            with self.shown.step(f"dlfs feedback {chapter.name}") as lines:
                pages = steps.feedback(self.course, chapter.name)
                released = [page for page in pages if page.released]
                lines.append(f"{len(released)} pages released")
                self.problems += [f"{p.student}: {p.problem}" for p in pages if p.problem]
                if len(released) != len(CLASS):
                    self.problems.append(f"{chapter.name}: {len(released)} feedback pages")

    def export(self) -> list[Verdict]:
        with self.shown.step("dlfs export --to marks.csv"):
            book = gradebook.read_marks(self.course)
            write_atomically(self.marks_file, gradebook.csv_text(book))
        verdicts = []
        for chapter in self.chapters:
            marks = {line.student: line for line in book[chapter.name]}
            for sample in CLASS:
                result = self.results.get((chapter.name, sample.id))
                verdicts.append(judge(sample, chapter, result, marks.get(sample.id)))
        return verdicts

    @property
    def marks_file(self) -> Path:
        return self.course.root / "marks.csv"


def run_demo(project: Project, root: Path, jobs: int) -> int:
    """Play the demo in the course folder `root`; return 0 if all marks are as they should be."""
    chapters = [load_chapter(project, name) for name in CHAPTERS]
    print(f"A sample class of {len(CLASS)} goes through the whole round, in {_short(root)}")
    this = Round(_new_course(project, root), chapters, jobs)
    verdicts = this.play()
    print("\nThe marks in the gradebook, of 100 and up to 10 for written answers:\n")
    print("\n".join(table(verdicts)))
    counts = count(this.results.values())
    print("\nWhat the class misunderstood (dlfs mistakes):\n")
    print("\n".join(f"  {line}" for line in table_lines(counts, symptoms(project, counts))))
    this.problems += unnamed(counts, CLASS, chapters)
    pages = this.course.root / "feedback" / CLASS[0].id / CHAPTERS[0] / "lab.html"
    print(f"\nfeedback pages: {_short(pages)}, and so on")
    print(f"marks as CSV:   {_short(this.marks_file)}")
    return _conclude(verdicts, this.problems, this.shown.seconds)


def _conclude(verdicts: list[Verdict], problems: list[str], seconds: float) -> int:
    right = sum(not verdict.wrong for verdict in verdicts)
    for verdict in verdicts:
        for sentence in verdict.wrong:
            print(f"WRONG  {verdict.student}, {verdict.chapter}: {sentence}")
    for problem in problems:
        print(f"WRONG  {problem}")
    fine = right == len(verdicts) and not problems
    word = "are" if fine else "are NOT"
    print(f"\nthe marks {word} as they should be: {right} of {len(verdicts)}  ({seconds:.0f} s)")
    return 0 if fine else 1


def _work(sample: Sample, chapter: Chapter, home: Path) -> None:
    folder = home / chapter.name
    (folder / chapter.file).write_text(sample.code(chapter), encoding="utf-8")
    sample.folder(folder)


def _new_course(project: Project, root: Path) -> Course:
    """Make the course afresh; an old demo goes, anything else is left alone."""
    if root.exists() and any(root.iterdir()):
        if open_course(project, root).id != _ID:
            raise UserError(f"{root} holds a course that is not the demo's: choose another folder")
        shutil.rmtree(root)
    roster = ["id,first_name,last_name,email"]
    roster += [f"{s.id},{s.first_name},{s.last_name},{s.id}@example.org" for s in CLASS]
    write_atomically(root / "roster.csv", "\n".join(roster) + "\n")
    settings = project.course / "nbgrader_config.py"
    write_atomically(root / settings.name, settings.read_text(encoding="utf-8"))
    # Known to everybody, so that the demo gives the same marks everywhere.
    write_atomically(root / "secret", PUBLIC_SECRET.hex().encode() + b"\n", mode=0o600)
    # Last: it is the sign that this folder is the demo's.
    write_atomically(root / "course.toml", _COURSE)
    return open_course(project, root)


def _short(path: Path) -> str:
    """Return the path as it would be typed here, where that is shorter."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
