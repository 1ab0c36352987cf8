"""Running a suite on a student's program: states, messages, seeds, needs, the child process."""

from __future__ import annotations

import numpy as np
import pytest
from mini_chapter import MINI_HIDDEN, mini_source

from autograder.engine import practice
from autograder.engine.needs import settle_needs
from autograder.engine.plugin import Task
from autograder.engine.program import marking_program
from autograder.engine.reference import load_reference
from autograder.engine.run import collect, run_suite
from autograder.engine.seeds import Seeds
from autograder.errors import UserError
from autograder.sandbox import LocalSession

RIGHT = {"double": "return 2.0 * x", "quadruple": "return 4.0 * x"}


def outcomes_of(chapter, source: str, **options):
    """Run the mini chapter's checks in this process; return the outcomes by id."""
    program = marking_program(chapter, {chapter.file: source.encode()})
    found = run_suite(Task(chapter, program, LocalSession, **options))
    return {outcome.id: outcome for outcome in settle_needs(chapter, found)}


def statuses(outcomes) -> dict[str, str]:
    return {name: outcome.status for name, outcome in outcomes.items()}


def test_the_reference_passes_every_check(mini):
    found = outcomes_of(mini, mini.source_file.read_text())

    assert set(statuses(found).values()) == {"passed"}
    assert [(o.exercise, o.public) for o in found.values()] == [
        ("double", True),
        ("double", False),
        ("quadruple", True),
        ("quadruple", False),
    ]


def test_untouched_stubs_are_not_started(mini):
    found = outcomes_of(mini, mini_source())

    assert set(statuses(found).values()) == {"not_started"}
    assert found["double_of_an_example"].message == "double is not written yet"


def test_a_missing_function_is_not_started(mini):
    found = outcomes_of(mini, "")

    assert set(statuses(found).values()) == {"not_started"}
    assert found["double_of_an_example"].message == "the file defines no double"


def test_a_wrong_answer_fails_with_the_students_line(mini):
    found = outcomes_of(mini, mini_source("return 3.0 * x", RIGHT["quadruple"]))

    outcome = found["double_of_an_example"]
    assert (outcome.status, outcome.place) == ("failed", "mini.py:3")
    assert "every entry is 1.5" not in outcome.message  # two entries are too few to say so
    assert "first at [0]: got 3, expected 2" in outcome.message
    assert found["double_of_random_numbers"].message.count("1.5 times") == 1


def test_an_exception_crashes_the_check_and_names_the_line(mini):
    found = outcomes_of(mini, mini_source("y = x[10]\nreturn y", RIGHT["quadruple"]))

    outcome = found["double_of_an_example"]
    assert (outcome.status, outcome.place) == ("crashed", "mini.py:4")
    assert outcome.message.startswith("IndexError in double: index 10 is out of bounds")


def test_a_syntax_error_crashes_every_check_and_names_the_line(mini):
    found = outcomes_of(mini, "import numpy as np\n\ndef double(x:\n    return x\n")

    assert set(statuses(found).values()) == {"crashed"}
    outcome = found["double_of_an_example"]
    assert "SyntaxError" in outcome.message
    assert outcome.place == "mini.py:3"


def test_what_returns_nothing_fails_and_says_so(mini):
    found = outcomes_of(mini, mini_source("x * 2", RIGHT["quadruple"]))

    assert "None (is a return missing?)" in found["double_of_an_example"].message


def test_a_changed_argument_fails(mini):
    found = outcomes_of(mini, mini_source("x *= 2.0\nreturn x", RIGHT["quadruple"]))

    assert statuses(found)["double_of_an_example"] == "passed"
    assert "argument 1 was modified" in found["double_of_random_numbers"].message


def test_one_mistake_is_reported_once(mini):
    found = outcomes_of(mini, mini_source("return 3.0 * x", "return double(double(x))"))

    assert statuses(found)["quadruple_of_an_example"] == "waiting"
    assert "waits for double" in found["quadruple_of_an_example"].message


def test_what_passes_although_its_need_does_not_stays_passed(mini):
    found = outcomes_of(mini, mini_source("return 3.0 * x", RIGHT["quadruple"]))

    assert statuses(found)["quadruple_of_an_example"] == "passed"


def test_what_needs_an_unwritten_exercise_waits_for_it(mini):
    found = outcomes_of(mini, mini_source(quadruple="return double(double(x))"))

    assert statuses(found)["quadruple_of_an_example"] == "waiting"
    assert found["quadruple_of_an_example"].message == "waits for double, which is not written yet"


def test_every_check_loads_the_file_afresh(mini):
    counting = "global calls\ncalls += 1\nreturn 2.0 * x if calls == 1 else x"
    found = outcomes_of(mini, mini_source(counting, RIGHT["quadruple"], head="calls = 0"))

    assert statuses(found)["double_of_random_numbers"] == "passed"


def test_only_public_checks_run_when_hidden_ones_are_not_wanted(mini):
    found = outcomes_of(mini, mini_source(), hidden=False)

    assert [outcome.public for outcome in found.values()] == [True, True]


def test_one_exercise_can_be_run_alone(mini):
    found = outcomes_of(mini, mini_source(), exercises=("quadruple",))

    assert {outcome.exercise for outcome in found.values()} == {"quadruple"}


def test_collecting_runs_nothing(mini):
    task = Task(mini, marking_program(mini, {"mini.py": b"raise SystemExit"}), LocalSession)

    assert [check.id for check in collect(task)] == list(outcomes_of(mini, mini_source()))


def test_a_broken_suite_is_nobodys_mark(mini):
    (mini.suite_dir / "test_hidden.py").write_text(MINI_HIDDEN + "\nimport nothing_of_that_name\n")

    with pytest.raises(UserError, match=r"suite of ch01_mini does not run"):
        outcomes_of(mini, mini_source())


def test_a_check_of_an_unknown_exercise_is_refused(mini):
    (mini.suite_dir / "test_hidden.py").write_text(
        MINI_HIDDEN.replace('"double", w', '"treble", w')
    )

    with pytest.raises(UserError, match="treble"):
        outcomes_of(mini, mini_source())


def test_a_public_check_cannot_see_the_reference(mini):
    public = mini.suite_dir / "test_public.py"
    public.write_text(public.read_text().replace("(student):", "(student, reference):"))

    with pytest.raises(UserError, match="a public check must not need the reference"):
        outcomes_of(mini, mini.source_file.read_text())


def test_hidden_inputs_differ_per_submission_and_public_ones_do_not():
    mine, yours = Seeds(b"secret", "aa"), Seeds(b"secret", "bb")

    assert mine.number("check", public=False) != yours.number("check", public=False)
    assert mine.number("check", public=False) == Seeds(b"secret", "aa").number(
        "check", public=False
    )
    assert mine.number("check", public=False) != Seeds(b"other", "aa").number("check", public=False)
    assert mine.number("check", public=True) == yours.number("check", public=True)
    assert mine.number("check", public=True) != mine.number("other", public=True)


def test_the_reference_does_not_meet_a_module_of_the_same_name(mini, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "mini", None)

    module = load_reference(mini)

    assert module.__name__ == "reference.mini"
    np.testing.assert_array_equal(module.quadruple(np.ones(2)), [4.0, 4.0])


# ---- the learner's own process


def practise(mini, source: str, **options):
    mini.stub_file.write_text(source, encoding="utf-8")
    found = practice.run(mini, **options)
    return {outcome.id: outcome for outcome in found.outcomes}, found.more


def test_practice_runs_public_checks_and_counts_the_rest(mini):
    found, more = practise(mini, mini_source(**RIGHT))

    assert statuses(found) == {
        "double_of_an_example": "passed",
        "quadruple_of_an_example": "passed",
    }
    assert more == 2


def test_practice_can_run_the_hidden_checks(mini):
    found, more = practise(mini, mini_source(**RIGHT), hidden=True)

    assert len(found) == 4 and more == 0


def test_ending_the_process_costs_one_check_and_not_the_report(mini):
    found, _ = practise(mini, mini_source("import random; random._os._exit(3)", RIGHT["quadruple"]))

    assert statuses(found) == {
        "double_of_an_example": "crashed",
        "quadruple_of_an_example": "passed",
    }
    assert found["double_of_an_example"].message == "ended the Python process (exit status 3)"


def test_an_endless_loop_is_stopped_with_its_line(mini):
    budgeted = (
        (mini.suite_dir / "test_public.py")
        .read_text()
        .replace('@exercise("double")', '@pytest.mark.budget(0.3)\n@exercise("double")')
    )
    (mini.suite_dir / "test_public.py").write_text("import pytest\n" + budgeted)
    found, _ = practise(mini, mini_source("while True:\n    pass", RIGHT["quadruple"]))

    assert statuses(found) == {
        "double_of_an_example": "timeout",
        "quadruple_of_an_example": "passed",
    }
    assert found["double_of_an_example"].message == "did not finish within 0.3 s"
    assert found["double_of_an_example"].place in {"mini.py:4", "mini.py:5"}


def test_a_loop_that_swallows_every_exception_is_killed(mini, monkeypatch):
    monkeypatch.setattr(practice, "_GRACE", 0.5)
    budgeted = (
        (mini.suite_dir / "test_public.py")
        .read_text()
        .replace('@exercise("double")', '@pytest.mark.budget(0.3)\n@exercise("double")')
    )
    (mini.suite_dir / "test_public.py").write_text("import pytest\n" + budgeted)
    stubborn = "while True:\n  try:\n    while True: pass\n  except BaseException:\n    pass"
    found, _ = practise(mini, mini_source(stubborn, RIGHT["quadruple"]))

    assert statuses(found) == {
        "double_of_an_example": "timeout",
        "quadruple_of_an_example": "passed",
    }


def test_what_the_code_printed_is_kept_with_the_failure(mini):
    found, _ = practise(mini, mini_source("print('x is', x)\nreturn x", RIGHT["quadruple"]))

    assert found["double_of_an_example"].printed == "x is [ 1. -2.]\n"


def test_a_missing_file_is_one_clear_sentence(mini):
    mini.stub_file.unlink()

    with pytest.raises(UserError, match=r"mini\.py is missing: put it back"):
        practice.run(mini)
