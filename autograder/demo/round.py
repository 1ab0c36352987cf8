"""The round itself: a course of its own, eight students, real exchange, gradebook and sandbox."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from autograder.classroom import gradebook, marking, steps, student
from autograder.classroom.course import COURSE_VARIABLE, Course, open_course
from autograder.demo.sample import CHAPTERS, CLASS, Sample
from autograder.demo.show import Steps, say, table
from autograder.demo.verdict import Verdict, judge, unnamed
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
        self.hand_in(others)
        for chapter in self.chapters:
            self.mark(chapter)
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
            self._typed("submit", chapter, home, "--student", sample.id)

    def _typed(self, verb: str, chapter: Chapter, home: Path, *more: str) -> None:
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
            lines += [*done.stdout.splitlines()[:1], *done.stderr.splitlines()]
            if done.returncode:
                raise UserError(f"dlfs {' '.join(words)} ended with status {done.returncode}")

    def hand_in(self, others: list[Sample]) -> None:
        with self.shown.step(f"{len(others)} more students do the same, in this process") as lines:
            for sample in others:
                home = self.homes / sample.id
                for chapter in self.chapters:
                    student.fetch(self.course, chapter.name, home)
                    _work(sample, chapter, home)
                    student.submit(self.course, chapter, home, sample.id)
            lines.append(", ".join(sample.first_name for sample in others))

    def mark(self, chapter: Chapter) -> None:
        with self.shown.step(f"dlfs collect {chapter.name}") as lines:
            found = steps.collect(self.course, chapter.name)
            lines += [f"{len(found.new)} hand-ins", *found.odd]
        with self.shown.step(f"dlfs grade --chapter {chapter.name}") as lines:
            results, marked = marking.grade_collected(self.course, chapter, jobs=self.jobs)
            lines += [result_line(result, width=6) for result in results]
            self.problems += [f"{m.student}: {m.problem}" for m in marked if m.problem]
        self.results |= {(chapter.name, result.student): result for result in results}

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
    print("\nThe marks, of 100:\n")
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
    path = home / chapter.name / chapter.file
    path.write_text(sample.code(chapter), encoding="utf-8")


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
