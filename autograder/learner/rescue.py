"""Ways on for somebody who is stuck: start an exercise again, or take over earlier chapters."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.files import write_atomically
from autograder.learner import code
from autograder.learner.code import Part
from autograder.learner.sources import keep, need_stub, shown, solution
from autograder.learner.standing import note_given, note_reset, practise_and_record
from autograder.manifest import Chapter, Exercise, earlier_chapters


@dataclass(frozen=True)
class Rescued:
    """A file that was put back: what it is now and where the learner's own is kept."""

    chapter: Chapter
    kept: Path | None
    names: tuple[str, ...] = ()

    @property
    def backup(self) -> str:
        """Where the learner's own is, in words."""
        if self.kept is None:
            return "there was no file before"
        return f"yours is kept as {shown(self.chapter.project, self.kept)}"


def reset_chapter(chapter: Chapter) -> Rescued:
    """Put the whole stub back, after a backup."""
    stub = need_stub(chapter)
    kept = keep(chapter)
    write_atomically(chapter.stub_file, stub)
    note_reset(chapter, [exercise.name for exercise in chapter.exercises])
    return Rescued(chapter, kept)


def reset_exercise(chapter: Chapter, exercise: Exercise) -> Rescued:
    """Put the stub of one exercise's functions back, after a backup; all else stays as it is.

    Raises UserError where the file cannot be read as Python, or the exercise has no code.
    """
    stub = need_stub(chapter)
    where = shown(chapter.project, chapter.stub_file)
    if not chapter.stub_file.is_file():
        raise UserError(f"{where} is missing: put it back with dlfs reset {chapter.name}")
    wanted = code.parts_of(exercise.name, _tree(stub))
    if not wanted:
        raise UserError(f"{exercise.name} has no code of its own: there is nothing to reset")
    text = chapter.stub_file.read_bytes().decode("utf-8", "replace")
    new = put_parts(_plain(text), stub, wanted, where)
    kept = keep(chapter)
    write_atomically(chapter.stub_file, new.replace("\n", "\r\n") if "\r\n" in text else new)
    note_reset(chapter, [exercise.name])
    return Rescued(chapter, kept, tuple(part.name for part in wanted))


def catch_up(chapter: Chapter) -> list[tuple[Chapter, Rescued | None]]:
    """Put solutions in place of the unfinished chapters that this one builds on.

    Returns each of them with what was done, None where the learner's own passes and stays. Nothing
    is changed (UserError) unless every solution that is needed is there.
    """
    unfinished = [each for each in earlier_chapters(chapter) if not _finished(each)]
    texts = {each.name: solution(each) for each in unfinished}
    done = {}
    for each in unfinished:
        done[each.name] = Rescued(each, keep(each))
        write_atomically(each.stub_file, texts[each.name])
        note_given(each)
        practise_and_record(each)
    return [(each, done.get(each.name)) for each in earlier_chapters(chapter)]


def put_parts(text: str, stub: str, wanted: list[Part], where: str = "the file") -> str:
    """Return a module's text with these parts of the stub in place of its own of the same name.

    What is missing is added: a method at the end of its class, all else at the end of the file.
    """
    for part in wanted:
        tree = code.parse(text)
        if tree is None:
            raise UserError(
                f"{where} is not valid Python, so its functions cannot be told apart: mend that "
                "first, or reset the whole chapter"
            )
        text = _put(text, tree, stub, part)
    return text


def _put(text: str, tree: ast.Module, stub: str, part: Part) -> str:
    lines = _ended(text)
    piece = _ended(stub)[part.first - 1 : part.last]
    found = list(code.parts(tree))
    same = [one for one in found if one.name == part.name]
    number, of = _number(stub, part)
    if number < len(same):  # of more than the stub has, the last one counts
        place = same[-1] if number == of - 1 else same[number]
        return "".join(lines[: place.first - 1] + piece + lines[place.last :])
    home = [one for one in found if one.name == part.name.rpartition(".")[0]]
    if home:
        end = home[-1].last
        return "".join([*lines[:end], "\n", *piece, *lines[end:]])
    if not part.top:  # the class itself is gone
        outer = part.name.split(".")[0]
        part = next(one for one in code.parts(_tree(stub)) if one.name == outer)
        piece = _ended(stub)[part.first - 1 : part.last]
    return "".join([*lines, "\n\n", *piece])


def _number(stub: str, part: Part) -> tuple[int, int]:
    """Return which of the stub's parts of this name it is, of how many: a property may have two."""
    same = [one for one in code.parts(_tree(stub)) if one.name == part.name]
    return next(n for n, one in enumerate(same) if one.first == part.first), len(same)


def _finished(chapter: Chapter) -> bool:
    return chapter.stub_file.is_file() and practise_and_record(chapter).first_open is None


def _tree(stub: str) -> ast.Module:
    tree = code.parse(stub)
    assert tree is not None  # the build has parsed it
    return tree


def _plain(text: str) -> str:
    """Return a text with the line ends that Python's own line numbers count."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _ended(text: str) -> list[str]:
    """Return the lines with their ends; a form feed is no line end, unlike in str.splitlines."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if lines[-1] == "\n" else lines
