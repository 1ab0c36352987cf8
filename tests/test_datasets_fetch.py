"""`make data`: from bad servers to verified files; nothing is ever half in place."""

from __future__ import annotations

import itertools
import os

import pytest
from data_server import (
    CONTENT,
    FILE,
    DataServer,
    circle,
    cut,
    drip,
    in_place,
    labelled,
    moved,
    mute,
    other_bytes,
    other_range,
    page,
    page_without_length,
    stall,
    status,
    too_long,
    without_ranges,
)

import datasets
from autograder.cli import main
from autograder.errors import UserError
from datasets import download
from datasets.catalog import SOURCES
from datasets.progress import Progress


def fetch(status: int = 0) -> None:
    assert main(["data", "shakespeare"]) == status


def host(server: DataServer) -> str:
    return server.address.removeprefix("http://")


# As it should be


def test_a_file_is_fetched_verified_and_put_in_place(landing, server, backup, capsys):
    fetch()

    assert in_place(landing)
    assert (len(server.seen), len(backup.seen)) == (1, 0)
    assert capsys.readouterr().out.splitlines() == [
        f"shakespeare: 300 kB, into {landing.parent}",
        f"  text.txt: 300 kB from {host(server)}, verified",
        'to use it: datasets.load("shakespeare")',
    ]


def test_the_second_time_it_is_here_and_nothing_is_asked_or_written(landing, server, capsys):
    fetch()
    (landing.parent / ".lock").unlink()
    capsys.readouterr()

    fetch()

    assert len(server.seen) == 1
    assert list(landing.parent.iterdir()) == [landing]
    assert capsys.readouterr().out.splitlines() == [
        f"shakespeare: already here, verified ({landing.parent})",
        'to use it: datasets.load("shakespeare")',
    ]


def test_a_redirect_is_followed(landing, server):
    server.files["/elsewhere"] = CONTENT
    server.next(moved("/elsewhere"))

    fetch()

    assert in_place(landing)


def test_a_gzip_file_that_is_called_an_encoding_stays_packed(landing, server, backup):
    server.next(labelled)

    fetch()

    assert in_place(landing)
    assert backup.seen == []


def test_everyone_may_read_what_was_fetched(landing):
    fetch()

    assert landing.stat().st_mode & 0o777 == 0o666 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


# Mirrors that fail

WRONG = {
    status(404): "answered 404 Not Found",
    status(500): "answered 500 Internal Server Error",
    page: "sent 43 bytes (text/html) instead of 300000",
    page_without_length: "broke off after 1 kB of 300 kB",
    too_long: "sent more than the 300000 bytes of the file",
    other_bytes: "sent another file of the same size",
    circle: "redirects in a circle",
    mute: "gave no answer within 1 s",
    stall(0): "sent nothing for 1 s",
}


@pytest.mark.parametrize(("answer", "reason"), WRONG.items(), ids=list(WRONG.values()))
def test_the_next_mirror_is_asked_when_one_fails(landing, server, backup, answer, reason, capsys):
    server.next(*([answer] * download.TRIES))

    fetch()

    assert in_place(landing)
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"  text.txt: {host(server)} {reason}"
    assert lines[2].endswith(f"300 kB from {host(backup)}, verified")


def test_a_mirror_that_is_not_there_is_passed_over(landing, server, monkeypatch, capsys):
    with DataServer({}) as gone:
        pass
    monkeypatch.setenv("DLFS_DATA", gone.address)

    fetch()

    assert in_place(landing)
    assert f"  text.txt: {host(gone)} could not be reached\n" in capsys.readouterr().out


def test_a_mirror_that_is_not_there_is_asked_once(landing, server, monkeypatch, capsys):
    with DataServer({}) as gone:
        pass
    files = tuple(datasets.File(name, FILE.size, FILE.sha256) for name in ("text.txt", "too.txt"))
    mirrors = tuple(f"{each.address}/text/{{name}}" for each in (gone, server))
    monkeypatch.setitem(SOURCES, "shakespeare", datasets.TextFile("text", files, mirrors))
    server.files["/text/too.txt"] = CONTENT

    fetch()

    assert capsys.readouterr().out.count("could not be reached") == 1
    assert landing.with_name("too.txt").read_bytes() == CONTENT


def test_when_all_fail_one_sentence_names_each_reason(landing, server, backup, capsys):
    server.next(status(403))
    backup.next(circle)

    fetch(status=UserError.status)

    assert not landing.exists()
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence == (
        f"dlfs: shakespeare could not be fetched (text.txt: {host(server)} answered 403 Forbidden, "
        f"{host(backup)} redirects in a circle): what has arrived is kept, so try again later, or "
        "let DLFS_DATA name a folder or an address that has text/text.txt"
    )


def test_a_slow_trickle_is_given_up(landing, server, backup, monkeypatch, capsys):
    ticks = itertools.count(0, 2)  # two seconds pass from one look at the clock to the next
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: next(ticks))})
    monkeypatch.setattr(download, "time", clock)
    server.next(drip, drip)

    fetch()

    assert in_place(landing)
    reason = "sent less than 1000 bytes a second for 1 s"
    assert f"{host(server)} {reason}\n" in capsys.readouterr().out


# Resuming


def test_only_the_rest_is_asked_for_when_a_server_breaks_off(landing, server, backup, capsys):
    server.next(cut(100_000), cut(50_000))

    fetch()

    assert in_place(landing)
    assert [seen.range for seen in server.seen] == [None, "bytes=100000-", "bytes=150000-"]
    assert [seen.sent for seen in server.seen] == [100_000, 50_000, 150_000]
    assert backup.seen == []


def test_after_a_failed_attempt_the_next_one_brings_only_the_rest(landing, server, backup, capsys):
    server.next(cut(120_000), status(500))
    backup.next(status(500))
    fetch(status=UserError.status)
    assert not landing.exists()
    capsys.readouterr()

    fetch()

    assert in_place(landing)
    assert (server.seen[-1].range, server.seen[-1].sent) == ("bytes=120000-", 180_000)
    line = f"  text.txt: the last 180 kB of 300 kB from {host(server)}, verified"
    assert line in capsys.readouterr().out.splitlines()


def test_another_mirror_goes_on_where_the_first_one_stalled(landing, server, backup):
    server.next(stall(200_000), status(503))

    fetch()

    assert in_place(landing)
    assert [(seen.range, seen.sent) for seen in backup.seen] == [("bytes=200000-", 100_000)]


def test_an_interrupted_transfer_keeps_what_has_arrived(landing, server, monkeypatch, capsys):
    class Impatient(Progress):
        def __call__(self, there: int) -> None:
            if there:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("datasets.fetch.Progress", Impatient)
        fetch(status=130)
    assert not landing.exists()
    kept = landing.with_name("text.txt.part").stat().st_size
    assert kept > 0

    fetch()

    assert in_place(landing)
    assert (server.seen[-1].range, server.seen[-1].sent) == (f"bytes={kept}-", 300_000 - kept)


@pytest.mark.parametrize("answer", [without_ranges, other_range, status(416)])
def test_a_server_without_ranges_sends_it_all_again(landing, part, server, backup, answer):
    part.write_bytes(CONTENT[:100_000])
    server.next(answer)

    fetch()

    assert in_place(landing)
    assert server.seen[0].range == "bytes=100000-"
    assert server.seen[-1].range == (None if answer is not without_ranges else "bytes=100000-")
    assert server.seen[-1].sent == 300_000
    assert backup.seen == []


@pytest.mark.parametrize(
    ("left", "ranges"),
    [
        (CONTENT + b"more", [None]),
        (bytes(len(CONTENT)), [None]),
        (b"<!DOCTYPE html>", ["bytes=15-", None]),
    ],
    ids=["longer than the file", "as long but other bytes", "another beginning"],
)
def test_a_wrong_part_is_thrown_away(landing, part, server, backup, left, ranges):
    part.write_bytes(left)

    fetch()

    assert in_place(landing)
    assert [seen.range for seen in server.seen] == ranges
    assert backup.seen == []


def test_a_part_that_is_complete_needs_no_server(landing, part, server):
    part.write_bytes(CONTENT)

    fetch()

    assert in_place(landing)
    assert server.seen == []


def test_a_damaged_file_is_fetched_anew(landing, part, server, capsys):
    landing.write_bytes(CONTENT[:5])

    fetch()

    assert in_place(landing)
    assert "what is here is not the file (cut off); fetching it anew" in capsys.readouterr().out
