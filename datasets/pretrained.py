"""A trained network for the chapters that use one: `digits_network()` gives its parameters.

Who trained it, on what, and what it can do are in datasets/README.md.
"""

from __future__ import annotations

import functools
import io

import numpy as np

from datasets import files
from datasets.files import verified

FILE = "pretrained.npz"
SHA256 = "3bb7975362a2aef8efa738edec3d496da0a346698b439d1e64e0517e1ebc05d4"

KEYS = ("W1", "b1", "W2", "b2", "W3", "b3")
CORRECT = 935  # of the 1,000 test images of mnist5k, in float32 and in float64


@functools.cache
def digits_network() -> dict[str, np.ndarray]:
    """Return the parameters of a network 784-50-100-10 that reads digits, by name.

    "W1" (784, 50), "b1" (50,), "W2" (50, 100), "b2" (100,), "W3" (100, 10), "b3" (10,), float32 and
    read-only: they are shared by all who load them. The logistic function stands after the first
    and the second layer, softmax at the end; the input is a row of pixels from 0 to 1.
    Raises UserError when the file is missing or damaged.
    """
    expected = f"the file with SHA-256 {SHA256}"
    advice = f"get it back with `git checkout -- datasets/{FILE}`"
    content = verified(files.FOLDER / FILE, SHA256, expected, advice)
    with np.load(io.BytesIO(content), allow_pickle=False) as parts:
        params = {key: parts[key].astype(np.float32) for key in KEYS}
    for value in params.values():
        value.flags.writeable = False
    return params
