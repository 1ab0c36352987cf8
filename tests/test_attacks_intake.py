"""Hostile hand-ins as they lie on the disk: see attack_intake.py."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import attack_intake
import pytest

from autograder.grading.intake import is_anothers, read


@pytest.mark.parametrize("name", attack_intake.names())
def test_nothing_gets_through(mini, tmp_path, name):
    folder = tmp_path / "arena"
    folder.mkdir()

    assert attack_intake.run(name, folder, mini) == []


def test_a_folder_that_becomes_a_link_is_not_followed(mini, tmp_path, monkeypatch):
    """Between the look at a folder and its opening a student may put a link in its place."""
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "mini.py").write_text("SECRET = 1")
    eve = tmp_path / "eve"
    (eve / "sub").mkdir(parents=True)
    (eve / "mini.py").write_text("x = 1")
    scandir = os.scandir

    def swapped(place):
        found = list(scandir(place))
        if (eve / "sub").is_dir() and not (eve / "sub").is_symlink():
            (eve / "sub").rmdir()
            (eve / "sub").symlink_to(tmp_path / "secret")
        return _Entries(found)

    monkeypatch.setattr(os, "scandir", swapped)

    assert set(read(eve, mini).files) == {"mini.py"}


class _Entries(list):
    def __enter__(self):
        return iter(self)

    def __exit__(self, *args):
        return None


@pytest.mark.parametrize(
    ("links", "owner", "folders_owner", "theirs"),
    [(1, 5, 5, False), (2, 5, 5, False), (1, 5, 6, False), (2, 5, 6, True)],
)
def test_a_hard_link_to_somebody_elses_file_is_known(links, owner, folders_owner, theirs):
    file = SimpleNamespace(st_nlink=links, st_uid=owner)

    assert is_anothers(file, SimpleNamespace(st_uid=folders_owner)) is theirs


def test_a_pipe_that_becomes_a_file_is_not_waited_for(mini, tmp_path, monkeypatch):
    os.mkfifo(tmp_path / "mini.py")
    done = threading.Event()
    reader = threading.Thread(target=lambda: (read(tmp_path, mini), done.set()), daemon=True)

    reader.start()

    assert done.wait(10)
