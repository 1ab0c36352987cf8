"""Data sets of the course: `load("mnist5k")` gives a training and a test part as NumPy arrays.

Where each set comes from, its licence and its split are in datasets/README.md.
"""

from __future__ import annotations

import functools
import hashlib
import io
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from autograder.errors import UsageError, UserError

FOLDER = Path(__file__).parent

PARTS = ("train_images", "train_labels", "test_images", "test_labels")


@dataclass(frozen=True, eq=False)
class Dataset:
    """One data set in two parts. The arrays are read-only: they are shared by all who load them.

    x_train, x_test: float32 in [0, 1], of shape (N, 784), or (N, 1, 28, 28) as images
    y_train, y_test: int64 class numbers, of shape (N,)
    """

    name: str
    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True)
class Archive:
    """A committed .npz file: uint8 images (N, 28, 28) and uint8 labels (N,), already split."""

    file: str
    sha256: str

    def read(self, name: str) -> Dataset:
        """Return the data set; raise UserError unless the file is exactly the expected one."""
        # The digest is compared before anything parses the file.
        content = self._verified(FOLDER / self.file)
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            x_train, y_train, x_test, y_test = (parts[part] for part in PARTS)
        return Dataset(name, _pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test))

    def _verified(self, path: Path) -> bytes:
        try:
            content = path.read_bytes()
        except OSError as error:
            found = "no such file" if isinstance(error, FileNotFoundError) else error.strerror
            raise self._refusal(path, f"{found}") from None
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise self._refusal(path, f"{digest} ({len(content)} bytes)")
        return content

    def _refusal(self, path: Path, found: str) -> UserError:
        return UserError(
            f"{path}: expected the file with SHA-256 {self.sha256}, found {found}; "
            f"get it back with `git checkout -- datasets/{self.file}`"
        )


# All data sets there are: a new one is a line here.
SOURCES = {
    "mnist5k": Archive(
        "mnist5k.npz",
        sha256="b60afe3185e723ec9fd76ff5944b97cab25f39d6c99dc1ddd842e37c85b95836",
    ),
}


def load(name: str, *, images: bool = False) -> Dataset:
    """Return the data set of that name; it is read once per process.

    images: False gives flat rows (N, 784), True gives (N, 1, 28, 28); the values are the same.
    Raises UsageError for an unknown name, UserError when the file is missing or damaged.
    """
    if name not in SOURCES:
        raise UsageError(f"there is no data set {name!r}: choose one of {', '.join(SOURCES)}")
    data = _read(name)
    if not images:
        return data
    return replace(data, x_train=_as_images(data.x_train), x_test=_as_images(data.x_test))


@functools.cache
def _read(name: str) -> Dataset:
    return SOURCES[name].read(name)


def _as_images(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), 1, 28, 28)  # a view, read-only like its base


def _pixels(images: np.ndarray) -> np.ndarray:
    x = images.reshape(len(images), -1).astype(np.float32)
    x /= 255.0
    x.flags.writeable = False
    return x


def _labels(labels: np.ndarray) -> np.ndarray:
    y = labels.astype(np.int64)
    y.flags.writeable = False
    return y
