"""What the tests of the classroom with a real chapter, ch03, share."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from autograder.classroom import api
from autograder.manifest import load_chapter
from autograder.project import find_project

CH = "ch03_activations"
NOTEBOOK = "lab.ipynb"
PROJECT = find_project(Path(__file__).parent)
CHAPTER = load_chapter(PROJECT, CH)
REFERENCE = (CHAPTER.source_file).read_text(encoding="utf-8")
ROSTER = "id,first_name,last_name,email\nann,Ann,Lee,ann@example.org\nzoe,Zoe,Roth,\n"


def made_up_result(chapter, name, fraction, message="expected 1, got 2"):
    if fraction == "grader_error":
        return {"chapter": chapter, "student": name, "status": fraction, "notes": ["no sandbox"]}
    exercises = [made_up_exercise(e.name, e.points, fraction, message) for e in CHAPTER.exercises]
    return {"chapter": chapter, "student": name, "status": "graded", "exercises": exercises}


def made_up_exercise(name, points, fraction, message="expected 1, got 2"):
    status = "passed" if fraction == 1 else "failed"
    check = {"id": f"public::{name}", "title": f"{name} on a small example", "public": True}
    check |= {"status": status, "message": message, "mistake": None}
    check |= {"points": points * fraction, "max_points": float(points)}
    score = {"name": name, "score": points * fraction, "max_score": float(points)}
    return score | {"status": status, "checks": [check]}


def scores(course, name):
    """Return what nbgrader's own gradebook holds: automatic scores by cell, straight from SQL."""
    query = """select base_cell.name, grade.auto_score from grade
        join base_cell on base_cell.id = grade.cell_id
        join submitted_notebook on submitted_notebook.id = grade.notebook_id
        join submitted_assignment on submitted_assignment.id = submitted_notebook.assignment_id
        where submitted_assignment.student_id = ?"""
    with sqlite3.connect(course.gradebook) as base:
        found = dict(base.execute(query, [name]).fetchall())
    base.close()
    return {exercise.name: found.get(exercise.name) for exercise in CHAPTER.exercises}


def full():
    return {exercise.name: float(exercise.points) for exercise in CHAPTER.exercises}


def give_points(course, name, question, points):
    """Mark a written answer by hand, as the formgrader does."""
    with api.opened(course) as nb, nb.gradebook as book:
        grade = book.find_grade(question, "lab", CH, name)
        grade.manual_score, grade.needs_manual_grade = points, False
        book.db.commit()


def secrets_of_the_chapter():
    """Return lines that only the reference and the hidden suite hold."""
    solution, inside = set(), False
    for line in REFERENCE.splitlines():
        if "### " in line:
            inside = "BEGIN" in line
        elif inside and len(line.strip()) > 12:
            solution.add(line.strip())
    hidden = (CHAPTER.suite_dir / "test_hidden.py").read_text(encoding="utf-8")
    checks = {line.strip() for line in hidden.splitlines() if line.startswith(("def ", "    got"))}
    assert len(solution) >= 5
    assert len(checks) >= 5
    return solution | checks


def assert_no_secret(folder):
    texts = {p: p.read_text(encoding="utf-8") for p in folder.rglob("*") if p.is_file()}
    assert texts
    for secret in secrets_of_the_chapter():
        assert not [path for path, text in texts.items() if secret in text], secret


def cell_of(book, name):
    found = [c for c in book["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name]
    return found[0]


def answer_of(course, name):
    """Return the written answer in the notebook that is marked."""
    book = json.loads((course.autograded(name, CH) / NOTEBOOK).read_text(encoding="utf-8"))
    return "".join(cell_of(book, "saturation")["source"])
