"""From scores to probabilities, and from probabilities to a number that says how wrong they are.

A network ends in scores (also called logits): one number per class, of any size. `softmax` turns
them into probabilities, a loss measures how far these are from the truth, and its gradient says in
which direction each score should move. The conventions:

- Rows are examples: scores and probabilities are (N, C), or (N, T, C) for sequences.
- Labels are integer class ids 0 ... C - 1 of shape (N,), or (N, T); never one-hot.
- A loss is the mean over all examples. Losses and accuracies are Python floats, not NumPy's.
- A floating dtype stays: float32 in, float32 out. Whole numbers are computed in float64 (chapter 3
  gives you `floating`, which does both).
- Arguments are never changed, and results are new memory.
- Scores of -1000 and 1000 must work, without a warning of NumPy about a division, an overflow or
  an invalid value.
"""

from __future__ import annotations

import numpy as np
from activations import floating, sigmoid


def check_labels(y: np.ndarray, scores: np.ndarray) -> None:
    """Raise ValueError unless y holds one class id per example; use it or not. (Given.)

    scores (..., C) asks for y (...) with numbers from 0 to C - 1. NumPy alone would take -1 for the
    last class.
    """
    if y.shape != scores.shape[:-1]:
        raise ValueError(f"labels {y.shape} do not go with scores {scores.shape}")
    if y.min() < 0 or y.max() >= scores.shape[-1]:
        raise ValueError(f"class ids must lie in 0 ... {scores.shape[-1] - 1}")


def one_hot(y: np.ndarray, num_classes: int) -> np.ndarray:
    """Return rows of zeros with a single 1, at the place of the class: float64 (..., num_classes).

    y: integers of shape (...), usually (N,) or (N, T). A batch need not contain every class.
    Raises ValueError (or IndexError) when a class id is not one of 0 ... num_classes - 1.

    one_hot([2, 0], 4) is [[0, 0, 1, 0], [1, 0, 0, 0]] (with y as an array).
    """
    raise NotImplementedError("one_hot")


def logsumexp(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return log(sum(exp(x))) along one axis, which the result no longer has.

    It lies a little above the largest x. Beware: exp(1000) is more than a float can hold, and the
    logarithm of exp(-1000), which rounds to 0, does not exist.

    logsumexp([0, 1, 2]) is 2.40760596; logsumexp([1000, 1000]) is 1000.69314718.
    For x (2, 3, 4), axis=1 gives shape (2, 4).
    """
    raise NotImplementedError("logsumexp")


def softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return exp(x) / sum(exp(x)) along one axis: positive numbers with the sum 1, of x's shape.

    softmax([0, 1, 2]) is [0.09003057, 0.24472847, 0.66524096], and so is softmax([998, 999, 1000]).
    Far behind the largest, a result may round to 0.
    """
    raise NotImplementedError("softmax")


def log_softmax(x: np.ndarray, axis: int = -1) -> np.ndarray:
    """Return the logarithm of softmax along one axis, of the shape of x.

    Finite also where softmax itself rounds to 0: log_softmax([0, 1000]) is [-1000, 0].
    log_softmax([0, 1, 2]) is [-2.40760596, -1.40760596, -0.40760596].
    """
    raise NotImplementedError("log_softmax")


def mean_squared_error(pred: np.ndarray, target: np.ndarray) -> float:
    """Return the mean of (pred - target)^2 over all elements, without a factor 1/2.

    pred, target: arrays of one shape, whatever it is. Raises ValueError when the shapes differ:
    NumPy alone would make (N, N) differences of (N,) and (N, 1).

    For pred = [[1, 2]] and target = [[0, 5]] it is (1 + 9) / 2 = 5.0.
    """
    raise NotImplementedError("mean_squared_error")


def mean_squared_error_grad(pred: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return the gradient of mean_squared_error with respect to pred: its shape and its dtype.

    The dtype of target does not matter. For pred = [[1.0, 2.0]], target = [[0, 5]]: [[1, -3]].
    """
    raise NotImplementedError("mean_squared_error")


def cross_entropy(probs: np.ndarray, y: np.ndarray) -> float:
    """Return the mean of -log(p), where p is what each example gives to its true class.

    probs: probabilities (..., C), floats; y: class ids (...); the mean runs over all examples.
    p is limited from below, and only there, by the smallest normal number of its dtype,
    np.finfo(probs.dtype).tiny: so p = 0 costs 708.4 in float64 and 87.3 in float32, and any larger
    p exactly its -log(p).
    Raises ValueError when the shape of y is not that of probs without its last axis, and ValueError
    (or IndexError) when a class id is not one of 0 ... C - 1.

    For probs = [[0.5, 0.25, 0.25], [0, 0, 1]], y = [1, 2]: (1.38629436 + 0) / 2 = 0.69314718.
    """
    raise NotImplementedError("cross_entropy")


def softmax_cross_entropy(logits: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Return (loss, dlogits): the cross entropy of softmax(logits), and its gradient.

    logits: scores (..., C) of any size; y: class ids (...). The loss is the mean over all examples,
    finite for all scores and not limited; dlogits, the gradient of exactly this mean with respect
    to logits, has their shape and dtype (float64 where they are whole numbers).
    Raises ValueError when the shape of y is not that of logits without its last axis, and
    ValueError (or IndexError) when a class id is not one of 0 ... C - 1.

    For logits = [[0, 0, 0, 0]], y = [2]: 1.38629436 and [[0.25, 0.25, -0.75, 0.25]].
    """
    raise NotImplementedError("softmax_cross_entropy")


def accuracy(scores: np.ndarray, y: np.ndarray) -> float:
    """Return the share of the examples whose largest score is that of the true class.

    scores: (N, C), probabilities or not; y: class ids (N,). Where several scores are the largest,
    the first of them counts.

    For scores = [[1, 3, 2], [5, 5, 0]], y = [1, 1] it is 0.5, a Python float.
    """
    raise NotImplementedError("accuracy")


def predict(params: dict[str, np.ndarray], x: np.ndarray, batch_size: int = 100) -> np.ndarray:
    """Return the probabilities (N, 10) that a given network of three layers gives for x (N, D).

    params: "W1" (D, H1), "b1" (H1,), "W2" (H1, H2), "b2" (H2,), "W3" (H2, 10), "b3" (10,). A layer
    is x W + b; after the first and the second comes sigmoid, after the last softmax.
    The examples go through the network batch_size at a time, which saves memory. The result does
    not depend on batch_size, which need not divide N and may be larger. params are not changed;
    when they and x have one dtype, the result has it too.

    With params that are all 0, every probability is 0.1.
    """
    raise NotImplementedError("predict")
