"""datasets that are not part of the project: what `load` reads, and what it says otherwise."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

import datasets
from autograder.errors import UsageError, UserError
from datasets import idx
from datasets.catalog import SOURCES

ROOT = Path(__file__).parents[1]


def packed(array: np.ndarray) -> bytes:
    """Return uint8 numbers as a gzipped IDX file."""
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), mtime=0)


def file_of(name: str, content: bytes, shape: tuple[int, ...] = ()) -> datasets.File:
    return datasets.File(name, len(content), hashlib.sha256(content).hexdigest(), shape)


@pytest.fixture
def full(monkeypatch, tmp_path):
    """The place of what `make data` has fetched, empty; DLFS_DATA is not set."""
    monkeypatch.delenv("DLFS_DATA", raising=False)
    monkeypatch.setattr("datasets.files.FULL", tmp_path / "full")
    datasets._read.cache_clear()
    yield tmp_path / "full"
    datasets._read.cache_clear()


@pytest.fixture
def arrays(monkeypatch):
    """Small arrays whose files SOURCES["mnist"] takes for the official ones."""
    rng = np.random.default_rng(0)
    shapes = [(7, 28, 28), (7,), (3, 28, 28), (3,)]
    arrays = [rng.integers(10, size=shape, dtype=np.uint8) for shape in shapes]
    arrays[0][0, 0, 0] = 255
    files = tuple(
        file_of(entry.name, packed(array), array.shape)
        for entry, array in zip(SOURCES["mnist"].files, arrays, strict=True)
    )
    monkeypatch.setitem(SOURCES, "mnist", datasets.IdxFiles("mnist", files, ()))
    return arrays


@pytest.fixture
def folder(full, arrays):
    """full/mnist with the four files."""
    return written(full / "mnist", arrays)


def written(folder: Path, arrays: list[np.ndarray]) -> Path:
    folder.mkdir(parents=True)
    for entry, array in zip(SOURCES["mnist"].files, arrays, strict=True):
        (folder / entry.name).write_bytes(packed(array))
    return folder


def refusal(name: str = "mnist") -> str:
    with pytest.raises(UserError) as caught:
        datasets.load(name)
    message = str(caught.value)
    assert "\n" not in message
    return message


# What it reads


def test_idx_files_become_the_same_kind_of_data_set(folder, arrays):
    x_train, y_train, x_test, y_test = arrays

    data = datasets.load("mnist")
    images = datasets.load("mnist", images=True)

    assert data.name == "mnist"
    assert np.array_equal(np.rint(data.x_train * 255), x_train.reshape(7, 784))
    assert np.array_equal(np.rint(images.x_test * 255), x_test.reshape(3, 1, 28, 28))
    assert np.array_equal(data.y_train, y_train) and np.array_equal(data.y_test, y_test)
    assert data.x_train.max() == 1.0
    assert data.x_train.dtype == np.float32 and data.y_test.dtype == np.int64
    assert not data.x_train.flags.writeable


def test_what_dlfs_data_names_goes_before_what_was_fetched(folder, arrays, monkeypatch, tmp_path):
    written(tmp_path / "given" / "mnist", arrays)
    (folder / SOURCES["mnist"].files[0].name).write_bytes(b"")
    monkeypatch.setenv("DLFS_DATA", str(tmp_path / "given"))

    assert len(datasets.load("mnist").x_train) == 7


@pytest.mark.parametrize("given", ["", "empty", "nowhere", "http://127.0.0.1:1/data"])
def test_what_was_fetched_is_read_where_dlfs_data_has_nothing(folder, given, monkeypatch, tmp_path):
    (tmp_path / "empty" / "mnist").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLFS_DATA", given)

    assert len(datasets.load("mnist").x_train) == 7


def test_a_text_comes_in_two_parts(full, monkeypatch):
    text = "To be, or not to be: that is the question.\n" * 10
    source = datasets.TextFile("text", (file_of("t.txt", text.encode()),), ())
    monkeypatch.setitem(SOURCES, "shakespeare", source)
    (full / "text").mkdir(parents=True)
    (full / "text" / "t.txt").write_text(text, encoding="utf-8")

    data = datasets.load("shakespeare")

    assert data.name == "shakespeare"
    assert data.train + data.test == text
    assert len(data.train) == len(text) * 9 // 10
    with pytest.raises(UsageError, match="shakespeare is a text"):
        datasets.load("shakespeare", images=True)


def test_here_says_whether_there_is_something_to_read(full, arrays):
    assert datasets.here("mnist5k")
    assert not datasets.here("mnist")

    written(full / "mnist", arrays)

    assert datasets.here("mnist")
    with pytest.raises(UsageError, match="choose one of mnist5k, mnist, shakespeare"):
        datasets.here("minst")


def _real() -> list[str]:
    """The sets that this machine's DLFS_DATA or datasets/full has as they were published."""
    return [name for name in ("mnist", "shakespeare") if datasets.here(name)]


@pytest.mark.parametrize("name", _real() or [None])
def test_the_published_files_are_the_expected_ones(name):
    if name == "mnist":
        data = datasets.load("mnist")
        assert np.bincount(data.y_train)[:3].tolist() == [5923, 6742, 5958]
        assert data.x_test.shape == (10000, 784)
    elif name == "shakespeare":
        assert datasets.load("shakespeare").train.startswith("First Citizen:")
    else:  # nothing real is here: the table at least must be complete
        assert [len(SOURCES[each].files) for each in ("mnist", "shakespeare")] == [4, 1]


# What it refuses


def _truncated(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    return content[:-8] + bytes([content[-8] ^ 1]) + content[-7:]  # in the check sum


def _page(content: bytes) -> bytes:
    return b"<!DOCTYPE html><title>Not found</title>"


def _empty(content: bytes) -> bytes:
    return b""


def _repacked(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content), compresslevel=1, mtime=7)


def _other_numbers(content: bytes) -> bytes:
    plain = bytearray(gzip.decompress(content))
    plain[-1] ^= 1
    return gzip.compress(bytes(plain), mtime=0)


def _fewer(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content)[:-1], mtime=0)


def _more(content: bytes) -> bytes:
    return gzip.compress(gzip.decompress(content) + b"!", mtime=0)


def _headless(content: bytes) -> bytes:
    return gzip.compress(b"\0\0", mtime=0)


DAMAGES = {
    _truncated: "cut off: the gzip data has no end",
    _flipped: "damaged gzip data",
    _page: "no gzip file: it begins with b'<!DOCTYPE ht'",
    _empty: "an empty file",
    _repacked: "other numbers in the right form",
    _other_numbers: "other numbers in the right form",
    _fewer: "numbers after the header instead of",
    _more: "more numbers after the header instead of",
    _headless: "2 bytes unpacked instead of",
}


@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_wrong_file_is_named_with_expected_and_found(folder, damage, number):
    entry = SOURCES["mnist"].files[number]
    content = damage((folder / entry.name).read_bytes())
    (folder / entry.name).write_bytes(content)

    message = refusal()

    assert message.startswith(f"{folder / entry.name}: expected the file of {entry.size} bytes ")
    assert f"with SHA-256 {entry.sha256}, " in message
    assert f"found {hashlib.sha256(content).hexdigest()} ({len(content)} bytes), " in message
    assert DAMAGES[damage] in message
    assert message.endswith("; `make data NAME=mnist` fetches it anew")


def test_files_that_were_mixed_up_are_told_by_magic_number_and_count(folder):
    images, labels, others, _ = (folder / entry.name for entry in SOURCES["mnist"].files)
    labels.write_bytes(images.read_bytes())
    assert "magic number 2051 instead of 2049" in refusal()

    labels.write_bytes(packed(np.zeros(7, np.uint8)))
    images.write_bytes(others.read_bytes())
    assert "3 x 28 x 28 numbers instead of 7 x 28 x 28" in refusal()


def test_a_wrong_file_in_dlfs_data_is_not_passed_over(folder, arrays, monkeypatch, tmp_path):
    given = written(tmp_path / "given" / "mnist", arrays)
    (given / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setenv("DLFS_DATA", str(tmp_path / "given"))

    message = refusal()

    assert message.startswith(f"{given / 't10k-labels-idx1-ubyte.gz'}: expected the file of ")
    assert "found no such file; put the original there, or unset DLFS_DATA and run" in message


def test_a_foreign_file_is_unpacked_no_further_than_the_right_one_would_be():
    bomb = gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 5]) + bytes(50_000_000), mtime=0)

    tracemalloc.start()
    try:
        assert idx.flaw(bomb, (5,)) == "more numbers after the header instead of 5"
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_truncated_text_is_named(full):
    entry = SOURCES["shakespeare"].files[0]
    (full / "text").mkdir(parents=True)
    (full / "text" / entry.name).write_bytes(b"First Citizen:")

    message = refusal("shakespeare")

    assert f"expected the file of 1115394 bytes with SHA-256 {entry.sha256}, found " in message
    assert "(14 bytes), cut off; `make data NAME=shakespeare` fetches it anew" in message


@pytest.mark.parametrize("given", [None, "", "empty", "nowhere", "https://example.org/data"])
def test_without_the_files_one_sentence_says_what_to_do(full, given, monkeypatch, tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "mnist").mkdir()  # a folder of that name where one happens to be does not count
    monkeypatch.chdir(tmp_path)
    if given is not None:
        monkeypatch.setenv("DLFS_DATA", given)

    message = refusal()

    first = "mnist/train-images-idx3-ubyte.gz"
    named = (
        f" ({given}, which DLFS_DATA names, has no {first})"
        if given in ("empty", "nowhere")
        else ""
    )
    assert message == (
        f"the data set mnist is not here{named}: fetch it with `make data NAME=mnist` (11.6 MB), "
        f"or let DLFS_DATA name a folder that has {first} and the 3 others"
    )


# The table


def test_mirrors_are_addresses_of_the_same_file():
    for name in ("mnist", "shakespeare"):
        for mirror in SOURCES[name].mirrors:
            assert mirror.startswith("https://")
            for file in SOURCES[name].files:
                assert mirror.format(name=file.name).endswith((file.name, ".txt"))


def test_the_readme_names_every_set_and_every_file():
    readme = (ROOT / "datasets" / "README.md").read_text(encoding="utf-8")

    for name, source in SOURCES.items():
        assert f"## {name}" in readme
        for file in getattr(source, "files", ()):
            assert re.search(rf"{file.name} +{file.size:,} bytes", readme)


def test_what_was_fetched_is_never_committed():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()

    assert f"/{os.path.relpath(ROOT / 'datasets' / 'full', ROOT)}/" in ignored
