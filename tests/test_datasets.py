"""datasets: what `load` promises, what it refuses, and where the committed file comes from."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

import datasets
from autograder.errors import UsageError, UserError
from datasets import make_mnist5k

FILE = datasets.FOLDER / "mnist5k.npz"


@pytest.fixture
def data():
    return datasets.load("mnist5k")


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty folder in the place of datasets/, with nothing read yet."""
    monkeypatch.setattr("datasets.files.FOLDER", tmp_path)
    datasets._read.cache_clear()
    yield tmp_path
    datasets._read.cache_clear()


@pytest.fixture(scope="module")
def made():
    """What the script makes: images, labels, and the file's bytes."""
    images, labels = make_mnist5k.source()
    return images, labels, make_mnist5k.archive(make_mnist5k.split(images, labels))


def refusal() -> str:
    with pytest.raises(UserError) as caught:
        datasets.load("mnist5k")
    return str(caught.value)


# What `load` gives


def test_rows_are_float32_from_zero_to_one(data):
    for x, count in ((data.x_train, 4000), (data.x_test, 1000)):
        assert x.shape == (count, 784)
        assert x.dtype == np.float32
        assert x.min() == 0.0
        assert x.max() == 1.0


def test_labels_are_int64_and_stratified(data):
    for y, per_class in ((data.y_train, 400), (data.y_test, 100)):
        assert y.dtype == np.int64
        assert np.bincount(y).tolist() == [per_class] * 10


def test_every_image_occurs_once_in_both_parts_together(data):
    rows = [row.tobytes() for row in np.concatenate([data.x_train, data.x_test])]

    assert len(set(rows)) == 5000


def test_classes_are_mixed_in_file_order(data):
    # Sorted labels would make each of the first batches hold a single digit.
    assert all(len(set(batch)) > 5 for batch in data.y_train.reshape(-1, 50).tolist())


def test_images_are_the_same_values_in_another_shape(data):
    images = datasets.load("mnist5k", images=True)

    assert images.x_train.shape == (4000, 1, 28, 28)
    assert images.x_test.shape == (1000, 1, 28, 28)
    assert np.array_equal(images.x_train.reshape(4000, 784), data.x_train)
    assert np.array_equal(images.x_test.reshape(1000, 784), data.x_test)
    assert images.y_train is data.y_train


def test_pixels_are_the_file_divided_by_255(data):
    with np.load(FILE, allow_pickle=False) as file:
        raw = file["test_images"]

    assert np.array_equal(np.rint(data.x_test * 255).astype(np.uint8), raw.reshape(1000, 784))


@pytest.mark.parametrize("images", [False, True])
def test_arrays_are_read_only(images):
    data = datasets.load("mnist5k", images=images)

    for array in (data.x_train, data.y_train, data.x_test, data.y_test):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_the_file_is_read_once_per_process(elsewhere):
    shutil.copy(FILE, elsewhere)
    first = datasets.load("mnist5k")

    (elsewhere / FILE.name).unlink()

    assert datasets.load("mnist5k") is first


def test_two_reads_give_the_same_arrays(data):
    again = datasets.SOURCES["mnist5k"].read("mnist5k")

    assert np.array_equal(again.x_train, data.x_train)
    assert np.array_equal(again.y_test, data.y_test)


# What it refuses


def test_an_unknown_name_is_answered_with_the_names_there_are():
    with pytest.raises(UsageError, match=r"'minst'.*choose one of .*mnist5k"):
        datasets.load("minst")


def test_a_missing_file_is_named(elsewhere):
    message = refusal()

    assert str(elsewhere / FILE.name) in message
    assert "found no such file" in message
    assert "git checkout" in message


def _truncated(content: bytes) -> bytes:
    return content[:1000]


def _one_bit_flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def _empty(content: bytes) -> bytes:
    return b""


def _foreign(content: bytes) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, train_images=np.array([{"an": "object"}], dtype=object))
    return buffer.getvalue()


@pytest.mark.parametrize("damage", [_truncated, _one_bit_flipped, _empty, _foreign])
def test_a_damaged_file_gets_one_sentence_with_expected_and_found(elsewhere, damage):
    content = damage(FILE.read_bytes())
    (elsewhere / FILE.name).write_bytes(content)

    message = refusal()

    assert str(elsewhere / FILE.name) in message
    assert datasets.SOURCES["mnist5k"].sha256 in message
    assert f"({len(content)} bytes)" in message
    assert "\n" not in message


def test_a_damaged_file_is_refused_before_it_is_parsed(elsewhere, monkeypatch):
    (elsewhere / FILE.name).write_bytes(b"PK")
    monkeypatch.setattr(np, "load", lambda *args, **kwargs: pytest.fail("parsed"))

    assert "expected the file with SHA-256" in refusal()


def test_a_repaired_file_is_read_in_the_same_process(elsewhere):
    refusal()

    shutil.copy(FILE, elsewhere)

    assert len(datasets.load("mnist5k").x_train) == 4000


# Where the committed file comes from


def test_the_script_makes_what_is_committed(made):
    assert make_mnist5k.members(FILE.read_bytes()) == make_mnist5k.members(made[2])


def test_the_script_puts_its_file_in_place(made, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(make_mnist5k, "FOLDER", tmp_path)
    monkeypatch.setattr(make_mnist5k, "source", lambda: made[:2])

    assert make_mnist5k.main([]) == 0

    (written,) = tmp_path.iterdir()
    assert make_mnist5k.members(written.read_bytes()) == make_mnist5k.members(FILE.read_bytes())
    assert hashlib.sha256(written.read_bytes()).hexdigest() in capsys.readouterr().out


def test_the_script_makes_the_same_bytes_each_time(made):
    images, labels, content = made

    again = make_mnist5k.archive(make_mnist5k.split(images, labels))

    assert again == content


def test_check_sees_another_split(made, monkeypatch, capsys):
    monkeypatch.setattr(make_mnist5k, "source", lambda: made[:2])
    monkeypatch.setattr(make_mnist5k, "SEED", make_mnist5k.SEED + 1)
    monkeypatch.delenv("DLFS_DATA", raising=False)

    assert make_mnist5k.main(["--check"]) == 1
    assert "does not hold what make_mnist5k makes" in capsys.readouterr().err


def _write_official(folder: Path, images: np.ndarray, labels: np.ndarray) -> None:
    """Write an official-looking training set: IDX headers, then the bytes."""
    for name, header, array in zip(
        make_mnist5k.OFFICIAL, (b"\0" * 16, b"\0" * 8), (images, labels), strict=True
    ):
        (folder / name).write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1))


def _official_folders() -> list[str]:
    """The real training set where DLFS_DATA has it; always a stand-in in the same format."""
    real = Path(os.environ.get("DLFS_DATA") or "nowhere", "mnist")
    found = all((real / name).is_file() for name in make_mnist5k.OFFICIAL)
    return ["stand-in", *([str(real)] if found else [])]


@pytest.mark.parametrize("official", _official_folders())
def test_check_finds_every_image_in_the_official_training_set(
    official, made, monkeypatch, tmp_path, capsys
):
    images, labels, _ = made
    if official == "stand-in":
        (tmp_path / "mnist").mkdir()
        mixed = np.random.default_rng(0).permutation(10)  # classes one after another in this order
        order = np.concatenate([np.flatnonzero(labels == digit) for digit in mixed])
        more = np.zeros((7, 28, 28), np.uint8), np.arange(7, dtype=np.uint8)
        _write_official(
            tmp_path / "mnist",
            np.concatenate([images[order], more[0]]),
            np.concatenate([labels[order], more[1]]),
        )
        official = str(tmp_path / "mnist")
    monkeypatch.setenv("DLFS_DATA", str(Path(official).parent))
    monkeypatch.setattr(make_mnist5k, "source", lambda: made[:2])

    assert make_mnist5k.main(["--check"]) == 0
    assert "the first 500 of each digit of the official training set" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", ["a pixel", "a label", "the order"])
def test_the_proof_of_origin_sees_one_difference(made, wrong):
    images, labels = made[0].copy(), made[1].copy()
    if wrong == "a pixel":
        images[1234, 14, 14] ^= 1
    elif wrong == "a label":
        labels[1234] = 9
    else:
        images[[0, 1]] = images[[1, 0]]

    with pytest.raises(UserError, match="not the first 500 of the official training set"):
        make_mnist5k.prove_origin(made[0], made[1], images, labels)


def test_check_says_when_the_origin_was_not_looked_up(made, monkeypatch, capsys):
    monkeypatch.delenv("DLFS_DATA", raising=False)
    monkeypatch.setattr(make_mnist5k, "source", lambda: made[:2])

    assert make_mnist5k.main(["--check"]) == 0
    assert "origin not looked up" in capsys.readouterr().out


def test_a_source_file_of_another_version_is_refused(monkeypatch):
    monkeypatch.setattr(make_mnist5k, "SHA256_CSV", "0" * 64)

    with pytest.raises(UserError, match=r"mnist_5k\.csv\.gz: expected SHA-256 0000"):
        make_mnist5k.source()
