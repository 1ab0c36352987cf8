"""Arguments marked `inout`: the caller's own objects become what student code turned them into."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.sandbox.errors import StudentError, student_error
from autograder.sandbox.unwire import Unpacker
from autograder.sandbox.wire import WireError


def restore(mine: Any, content: Any, unpack: Unpacker) -> StudentError | None:
    """Make the caller's own object what the student's code turned it into."""
    if isinstance(mine, np.ndarray):
        return _restore_array(mine, unpack(content))
    if isinstance(mine, list):
        if type(content) is not list:
            raise WireError("a list became something else")
        mine[:] = [unpack(x) for x in content]
    else:
        items = [(unpack(key), unpack(value)) for key, value in content["D"]]
        mine.clear()
        mine.update(items)
    return None


def _restore_array(mine: np.ndarray, new: Any) -> StudentError | None:
    if isinstance(new, np.ndarray) and (new.shape, new.dtype) == (mine.shape, mine.dtype):
        mine[...] = new
        return None
    got = f"{new.shape} {new.dtype}" if isinstance(new, np.ndarray) else "something else"
    text = f"an argument was changed in place from {mine.shape} {mine.dtype} to {got}"
    about = {"kind": "ValueError", "mro": ["ValueError"], "text": text, "frames": []}
    return student_error({**about, "load": False, "missing": None, "callback": None}, {})
