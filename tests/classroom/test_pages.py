"""What is read in the end: the feedback of an exercise, the table of all marks."""

from __future__ import annotations

from classroom_ch03 import made_up_exercise

from autograder.classroom import feedback, gradebook

# feedback and export


def test_feedback_shows_hostile_text_as_text():
    exercise = made_up_exercise("relu", 20, 0.5, "</pre><script>alert('x')</script>\x1b[2J&\u202e")

    page, text = feedback.as_html(exercise), feedback.as_text(exercise)

    assert "<script" not in page
    assert "&lt;/pre&gt;&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;[2J&amp;</pre>" in page
    assert "10 of 20 points" in page
    assert "\x1b" not in text
    assert text.startswith(
        "relu: failed, 10 of 20 points\n  failed: relu on a small example (10 of 20)"
    )


def test_feedback_of_a_passed_check_has_no_message():
    page = feedback.as_html(made_up_exercise("relu", 20, 1))

    assert "expected 1" not in page
    assert ">1 of 1 checks passed</summary>" in page


def test_feedback_says_one_message_once():
    exercise = made_up_exercise("relu", 20, 0.5)
    (check,) = exercise["checks"]
    exercise["checks"] = [check | {"id": f"example[{case}]"} for case in ("relu", "relu_grad")]

    page = feedback.as_html(exercise)

    assert page.count("expected 1, got 2") == 1
    assert "relu on a small example [relu] (" in page
    assert "relu on a small example [relu_grad] (" in page


def test_the_export_has_one_line_per_student_with_blanks_for_what_is_not_marked():
    first = [
        gradebook.Marks("ann", "Lee", "Ann", {"relu": 10.0, "why": None}, penalty=2.5),
        gradebook.Marks("bob", "", "", {"relu": None, "why": None}),
    ]
    second = [
        gradebook.Marks("ann", "Lee", "Ann", {"Dense": 1 / 3}),
        gradebook.Marks("bob", "", "", {"Dense": 0.0}),
    ]

    text = gradebook.csv_text({"ch03": first, "ch06": second})

    assert text.splitlines() == [
        "student,last_name,first_name,ch03.relu,ch03.why,ch03.late,ch03.total,"
        "ch06.Dense,ch06.total,total",
        "ann,Lee,Ann,10,,2.5,7.5,0.3333,0.3333,7.8333",
        "bob,,,,,,0,0,0,0",
    ]


def test_what_is_known_of_a_mistake_is_told_once_for_each_exercise():
    exercise = made_up_exercise("relu", 20, 0)
    (check,) = exercise["checks"]
    known = "gives the same numbers as abs(x)\n  What is relu(-1)?"
    exercise["checks"] = [
        check | {"id": "a", "mistake": "abs", "message": f"first is wrong\n{known}"},
        check | {"id": "b", "mistake": "abs", "message": f"second is wrong\n{known}"},
        check | {"id": "c", "mistake": None, "message": f"third is wrong\n{known}"},
    ]

    for text in (feedback.as_html(exercise), feedback.as_text(exercise)):
        lines = [line.strip() for line in text.splitlines()]
        assert text.count("gives the same numbers") == 2  # of the mistake, and of no known one
        assert text.count("the same mistake as above") == 1
        after = next(n for n, line in enumerate(lines) if "second is wrong" in line)
        assert "the same mistake as above" in lines[after + 1]
