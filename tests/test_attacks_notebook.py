"""Hostile notebooks on their way into the gradebook: see attack_notebook.py."""

from __future__ import annotations

import attack_notebook
import pytest

from autograder.manifest import load_chapter


@pytest.fixture(scope="module")
def classroom(project, tmp_path_factory):
    root = tmp_path_factory.mktemp("classroom") / "course"
    return attack_notebook.Classroom(project, load_chapter(project, "ch03_activations"), root)


@pytest.mark.parametrize("name", attack_notebook.names())
def test_nothing_gets_through(classroom, name):
    assert classroom.run(name) == []


def test_the_look_at_a_page_sees_what_runs():
    page = (
        "<p onclick='x'><a href=' JavaScript:1'>a</a><a href='https://example.org'>b</a>"
        "<img src='//x'><script></script>$\\href{javascript:1}{x}$ \\hrefx"
    )

    found = attack_notebook.parts_of(page)

    assert set(found) == {
        "p onclick",
        "a href=javascript:1",
        "img src=//x",
        "<script>",
        "math \\href",
    }
