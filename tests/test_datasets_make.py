"""`make data`: the disk, two at once, DLFS_DATA, and what is on the screen."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from data_server import (
    CONTENT,
    FILE,
    DataServer,
    in_place,
)

import datasets
from autograder.cli import main
from autograder.errors import UserError
from datasets.catalog import SOURCES
from datasets.fetch import bring
from datasets.progress import Progress

ROOT = Path(__file__).parents[1]


def fetch(status: int = 0) -> None:
    assert main(["data", "shakespeare"]) == status


def host(server: DataServer) -> str:
    return server.address.removeprefix("http://")


# The disk


def test_a_full_disk_is_named_and_keeps_the_other_mirror_out_of_it(landing, part, backup, capsys):
    part.symlink_to("/dev/full")

    fetch(status=UserError.status)

    assert not landing.exists()
    assert backup.seen == []
    assert capsys.readouterr().err == (
        f"dlfs: {landing}: cannot be written (No space left on device); "
        "300 kB are needed there, and what has arrived is kept\n"
    )


def test_a_quota_stops_it_and_the_rest_comes_when_there_is_room(landing, server, capsys):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        fetch(status=UserError.status)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be written (File too large)" in capsys.readouterr().err

    fetch()

    assert in_place(landing)
    assert (server.seen[-1].range, server.seen[-1].sent) == ("bytes=100000-", 200_000)


def test_a_folder_that_cannot_be_made_is_named(landing, server, capsys):
    landing.parent.parent.write_bytes(b"a file is in the way")

    fetch(status=UserError.status)

    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"dlfs: {landing.parent}: cannot be written to (")
    assert server.seen == []


def test_a_folder_of_somebody_else_is_named(landing, server, monkeypatch, capsys):
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)

    fetch(status=UserError.status)

    assert "cannot be written to (Permission denied)" in capsys.readouterr().err
    assert server.seen == []


# Two at once

CHILD = """
import sys
from pathlib import Path
import datasets.files
from autograder.cli import main
from datasets.catalog import SOURCES
full, name, size, sha256, mirror = sys.argv[1:]
datasets.files.FULL = Path(full)
file = datasets.File(name, int(size), sha256)
SOURCES["shakespeare"] = datasets.TextFile("text", (file,), (mirror,))
sys.exit(main(["data", "shakespeare"]))
"""


def child(landing: Path, server: DataServer) -> subprocess.Popen[str]:
    words = [str(landing.parent.parent), FILE.name, str(FILE.size), FILE.sha256]
    return subprocess.Popen(
        [sys.executable, "-uc", CHILD, *words, f"{server.address}/text/{{name}}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_at_once_fetch_it_once(landing, server):
    server.next(server.held)
    with child(landing, server) as first:
        assert server.asked.wait(60)
        with child(landing, server) as second:
            said = [second.stdout.readline() for _ in range(2)]
            server.go.set()
            rest = second.stdout.read()
        first.stdout.read()

    assert (first.returncode, second.returncode) == (0, 0)
    assert said[1] == "  another process fetches it: waiting\n"
    assert "  text.txt: already here, verified\n" in rest
    assert len(server.seen) == 1
    assert in_place(landing)


# DLFS_DATA


def test_what_dlfs_data_has_is_copied(landing, server, monkeypatch, tmp_path, capsys):
    given = tmp_path / "given" / "text"
    given.mkdir(parents=True)
    (given / FILE.name).write_bytes(CONTENT)
    monkeypatch.setenv("DLFS_DATA", str(given.parent))

    fetch()

    assert in_place(landing)
    assert server.seen == []
    assert f"  text.txt: 300 kB from {given}, verified\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "has no such file"), (b"other", "has another file (5 bytes)")]
)
def test_a_folder_without_the_right_file_is_passed_over(
    landing, monkeypatch, tmp_path, content, reason, capsys
):
    (tmp_path / "text").mkdir()
    if content:
        (tmp_path / "text" / FILE.name).write_bytes(content)
    monkeypatch.setenv("DLFS_DATA", str(tmp_path))

    fetch()

    assert in_place(landing)
    assert f"  text.txt: {tmp_path / 'text'} {reason}\n" in capsys.readouterr().out


def test_an_address_in_dlfs_data_is_asked_first_and_its_password_is_not_shown(
    landing, server, backup, monkeypatch, capsys
):
    with DataServer({"/pub/text/text.txt": CONTENT}) as given:
        monkeypatch.setenv("DLFS_DATA", f"http://me:secret@{host(given)}/pub/")

        fetch()

        assert len(given.seen) == 1
        assert (server.seen, backup.seen) == ([], [])
        assert f"from {host(given)}, verified" in (out := capsys.readouterr().out)
        assert "secret" not in out


# Words


def test_a_reader_that_has_gone_is_not_taken_for_a_full_disk(landing, monkeypatch):
    class Gone(Progress):
        def __call__(self, there: int) -> None:
            raise BrokenPipeError

    monkeypatch.setattr("datasets.fetch.Progress", Gone)

    with pytest.raises(BrokenPipeError):
        bring(["shakespeare"])


def test_all_sets_are_fetched_unless_some_are_named(landing, server, backup, monkeypatch, capsys):
    files = tuple(datasets.File(f"{n}.gz", 3, "0" * 64, (1,)) for n in range(4))
    mirror = f"{server.address}/mnist/{{name}}"
    monkeypatch.setitem(SOURCES, "mnist", datasets.IdxFiles("mnist", files, (mirror,)))

    assert main(["data"]) == UserError.status

    out, err = capsys.readouterr()
    assert in_place(landing)
    assert out.endswith('to use it: datasets.load("shakespeare")\n')
    assert "dlfs: mnist could not be fetched (0.gz: " in err


def test_a_set_that_is_part_of_the_project_is_verified(capsys):
    assert main(["data", "mnist5k"]) == 0

    assert "mnist5k: comes with the project, verified\n" in capsys.readouterr().out


def test_an_unknown_name_is_answered_with_those_there_are(capsys):
    assert main(["data", "minst"]) == 2

    assert "no data set 'minst': choose from mnist5k, mnist, shakespeare" in capsys.readouterr().err


def test_without_pooch_the_sentence_says_how_to_get_it(landing, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "pooch", None)

    fetch(status=UserError.status)

    assert "fetching needs the package pooch: `make data` installs it" in capsys.readouterr().err


BIG = datasets.File("big.gz", 10_000_000, "0" * 64)


def test_elsewhere_than_on_a_terminal_each_fifth_gets_a_line(capsys):
    shown = Progress(BIG, "host")
    for there in range(0, 10_000_001, 100_000):
        shown(there)
    shown.verified()

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "  big.gz: 2.0 MB of 10.0 MB from host"
    assert len(lines) == 5
    assert lines[-1] == "  big.gz: 10.0 MB from host, verified"


def test_on_a_terminal_one_line_is_redrawn_and_fits(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "30")
    shown = Progress(BIG, "host")
    for there in (0, 0, 5_000_000):
        shown(there)
    shown.failed("broke off")

    begun, half, end = capsys.readouterr().out.split("\r")
    assert begun == "\x1b[2K  big.gz: 0 kB of 10.0 MB fro"
    assert half == "\x1b[2K  big.gz: 5.0 MB of 10.0 MB f"
    assert end == "\x1b[2K  big.gz: host broke off\n"
