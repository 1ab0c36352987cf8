"""Data sets of the course: `load("mnist5k")` gives a training and a test part as NumPy arrays.

Where each set comes from, its licence and its split are in datasets/README.md. "mnist5k" is part of
the project; "mnist", all 70,000 images, is read from the folder that DLFS_DATA names.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import os
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
        expected = f"the file with SHA-256 {self.sha256}"
        advice = f"get it back with `git checkout -- datasets/{self.file}`"
        content = _verified(FOLDER / self.file, self.sha256, expected, advice)
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            x_train, y_train, x_test, y_test = (parts[part] for part in PARTS)
        return Dataset(name, _pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test))


@dataclass(frozen=True)
class File:
    """One downloaded file, exactly as its publisher made it."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class IdxFiles:
    """Gzipped IDX files in `folder` below DLFS_DATA, in the order of PARTS."""

    folder: str
    files: tuple[File, ...]

    def read(self, name: str) -> Dataset:
        """Return the data set; raise UserError unless the files are exactly the expected ones."""
        root = os.environ.get("DLFS_DATA")
        folder = Path(root or "", self.folder)
        if not root or not folder.is_dir():
            raise UserError(self._absence(name, root))
        x_train, y_train, x_test, y_test = (
            self._part(folder / file.name, file) for file in self.files
        )
        return Dataset(name, _pixels(x_train), _labels(y_train), _pixels(x_test), _labels(y_test))

    def _part(self, path: Path, file: File) -> np.ndarray:
        expected = f"the file of {file.size} bytes with SHA-256 {file.sha256}"
        return _idx(
            gzip.decompress(_verified(path, file.sha256, expected, "put the original there"))
        )

    def _absence(self, name: str, root: str | None) -> str:
        where = f"{root} has no folder {self.folder}" if root else "DLFS_DATA is not set"
        names = ", ".join(file.name for file in self.files)
        return (
            f"the data set {name} is not here ({where}): put {names} into a folder "
            f"called {self.folder} and set DLFS_DATA to the folder that holds it"
        )


def _verified(path: Path, sha256: str, expected: str, advice: str) -> bytes:
    """Return the content of a file; raise UserError, with expected and found, if it is another."""
    try:
        content = path.read_bytes()
    except OSError as error:
        found = "no such file" if isinstance(error, FileNotFoundError) else str(error.strerror)
    else:
        digest = hashlib.sha256(content).hexdigest()
        if digest == sha256:
            return content
        found = f"{digest} ({len(content)} bytes)"
    raise UserError(f"{path}: expected {expected}, found {found}; {advice}")


def _idx(content: bytes) -> np.ndarray:
    """Return the uint8 array of an IDX file: two zeros, type 8, number of axes, their lengths."""
    axes = content[3]
    shape = np.frombuffer(content, ">u4", count=axes, offset=4)
    return np.frombuffer(content, np.uint8, offset=4 + 4 * axes).reshape(shape)


# All data sets there are: a new one is an entry here.
SOURCES: dict[str, Archive | IdxFiles] = {
    "mnist5k": Archive(
        "mnist5k.npz",
        sha256="b60afe3185e723ec9fd76ff5944b97cab25f39d6c99dc1ddd842e37c85b95836",
    ),
    "mnist": IdxFiles(
        "mnist",
        (
            File(
                "train-images-idx3-ubyte.gz",
                size=9912422,
                sha256="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
            ),
            File(
                "train-labels-idx1-ubyte.gz",
                size=28881,
                sha256="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
            ),
            File(
                "t10k-images-idx3-ubyte.gz",
                size=1648877,
                sha256="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            ),
            File(
                "t10k-labels-idx1-ubyte.gz",
                size=4542,
                sha256="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
            ),
        ),
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
