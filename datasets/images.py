"""Data sets of images with class numbers."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np

from datasets import files, idx
from datasets.files import Fetched, File, verified

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

    def as_images(self) -> Dataset:
        """Return the same values with rows of shape (1, 28, 28), as views."""
        return replace(self, x_train=_as_images(self.x_train), x_test=_as_images(self.x_test))


@dataclass(frozen=True)
class Archive:
    """A committed .npz file: uint8 images (N, 28, 28) and uint8 labels (N,), already split."""

    file: str
    sha256: str

    def read(self, name: str) -> Dataset:
        """Return the data set; raise UserError unless the file is exactly the expected one."""
        # The digest is compared before anything parses the file.
        expected = f"the file with SHA-256 {self.sha256}"
        advice = f"get it back with `git checkout -- datasets/{self.file}`"
        content = verified(files.FOLDER / self.file, self.sha256, expected, advice)
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            return _dataset(name, [parts[part] for part in PARTS])

    def is_here(self) -> bool:
        """Say whether the file is here; it is not opened."""
        return (files.FOLDER / self.file).is_file()


class IdxFiles(Fetched):
    """Gzipped IDX files, in the order of PARTS."""

    def read(self, name: str) -> Dataset:
        """Return the data set; raise UserError unless the files are exactly the expected ones."""
        contents = zip(self.contents(name), self.files, strict=True)
        return _dataset(name, [idx.unpack(content, file.shape) for content, file in contents])

    def flaw(self, content: bytes, file: File) -> str:
        return idx.flaw(content, file.shape)


def _dataset(name: str, parts: list[np.ndarray]) -> Dataset:
    x_train, y_train, x_test, y_test = parts
    return Dataset(name, _pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test))


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
