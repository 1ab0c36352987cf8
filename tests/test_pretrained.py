"""datasets.pretrained: the committed network, where it comes from, and what is refused."""

from __future__ import annotations

import io

import numpy as np
import pytest

import datasets
from autograder.errors import UserError
from datasets import make_pretrained, pretrained
from datasets.make_mnist5k import archive, members

FILE = datasets.FOLDER / pretrained.FILE
SHAPES = {
    "W1": (784, 50),
    "b1": (50,),
    "W2": (50, 100),
    "b2": (100,),
    "W3": (100, 10),
    "b3": (10,),
}


@pytest.fixture(scope="module")
def trained():
    """What the script makes: a second of training."""
    return make_pretrained.trained()


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """An empty folder in the place of datasets/, with nothing read yet."""
    monkeypatch.setattr("datasets.files.FOLDER", tmp_path)
    pretrained.digits_network.cache_clear()
    yield tmp_path
    pretrained.digits_network.cache_clear()


def refusal() -> str:
    with pytest.raises(UserError) as caught:
        pretrained.digits_network()
    return str(caught.value)


def test_the_parameters_are_float32_and_read_only():
    params = pretrained.digits_network()

    assert {name: value.shape for name, value in params.items()} == SHAPES
    assert {value.dtype for value in params.values()} == {np.dtype(np.float32)}
    assert not any(value.flags.writeable for value in params.values())


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_network_knows_as_many_test_images_as_it_says(dtype):
    right, gap = make_pretrained.judged(pretrained.digits_network(), dtype)

    assert right == pretrained.CORRECT
    assert gap > 0.02


def test_the_script_makes_what_is_committed(trained):
    with np.load(io.BytesIO(FILE.read_bytes())) as parts:
        committed = {key: parts[key] for key in parts.files}

    assert list(committed) == list(trained) == list(pretrained.KEYS)
    for key, value in committed.items():
        assert value.dtype == np.float16
        # Another BLAS adds in another order; rarely, a number is then rounded to its neighbour.
        np.testing.assert_allclose(trained[key].astype(float), value.astype(float), rtol=2e-3)


def test_the_script_writes_its_file(trained, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(datasets, "FOLDER", tmp_path)
    monkeypatch.setattr(make_pretrained, "trained", lambda: trained)

    assert make_pretrained.main([]) == 0
    assert make_pretrained.main(["--check"]) == 0

    (written,) = tmp_path.iterdir()
    assert members(written.read_bytes()) == members(archive(trained))
    assert "float64: 935 of 1000 test images right" in capsys.readouterr().out


def test_check_sees_another_network(trained, monkeypatch, tmp_path, capsys):
    other = {key: value + (key == "b3") for key, value in trained.items()}
    (tmp_path / pretrained.FILE).write_bytes(archive(other))
    monkeypatch.setattr(datasets, "FOLDER", tmp_path)
    monkeypatch.setattr(make_pretrained, "trained", lambda: trained)

    assert make_pretrained.main(["--check"]) == 1
    assert "is not what make_pretrained makes" in capsys.readouterr().err


def test_a_missing_file_is_named(elsewhere):
    message = refusal()

    assert message.startswith(f"{elsewhere / pretrained.FILE}: expected the file with SHA-256")
    assert "found no such file; get it back with `git checkout -- datasets/" in message


def test_a_damaged_file_is_refused_before_it_is_opened(elsewhere):
    content = bytearray(FILE.read_bytes())
    content[-1] ^= 1
    (elsewhere / pretrained.FILE).write_bytes(content)

    assert f"({len(content)} bytes)" in refusal()
