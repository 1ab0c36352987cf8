"""The networks of the books, put together from the reference library."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.engine.reference import load_reference
from autograder.manifest import load_chapter
from autograder.project import Project

DTYPE = np.float32

CHAPTERS = ("ch06_layers", "ch07_optimizers", "ch09_conv")  # whose names make up the library

# The standard deviation of the initial weights, from the numbers of inputs and outputs (units, or
# channels) and of the places of a filter. Weidman's is what his code calls Glorot's rule.
WEIGHTS: dict[str, Callable[[int, int, int], float]] = {
    "normal": lambda n_in, n_out, places: 1.0,
    "small": lambda n_in, n_out, places: 0.01,
    "weidman": lambda n_in, n_out, places: 2 / (n_in + n_out),
    "glorot": lambda n_in, n_out, places: math.sqrt(2 / (places * (n_in + n_out))),
    "he": lambda n_in, n_out, places: math.sqrt(2 / (places * n_in)),
}


class Library:
    """The public names of the reference modules of CHAPTERS, as attributes."""

    def __init__(self, project: Project) -> None:
        for name in CHAPTERS:
            module = load_reference(load_chapter(project, name))
            vars(self).update({k: v for k, v in vars(module).items() if not k.startswith("_")})

    def __getattr__(self, name: str) -> Any:
        # Only reached for what no chapter has: says so, and lets a type checker accept the others.
        raise AttributeError(f"the reference library has no {name}")


class Dropout:
    """Dropout as in the book: a unit is kept with probability `keep`; inference multiplies by it.

    Inverted dropout has the same expectations, but its training takes other steps.
    """

    def __init__(self, keep: float, rng: np.random.Generator) -> None:
        self.keep, self.rng = keep, rng
        self.params: dict[str, np.ndarray] = {}
        self.grads: dict[str, np.ndarray] = {}

    def forward(self, x: np.ndarray, training: bool = False) -> np.ndarray:
        """Return x with some units set to 0 when training, else keep times x."""
        if not training:
            return self.keep * x
        self.kept = (self.rng.random(x.shape, dtype=np.float32) < self.keep).astype(x.dtype)
        return x * self.kept

    def backward(self, dout: np.ndarray) -> np.ndarray:
        """Return dx: dout for the units that were kept, 0 for the others."""
        return dout * self.kept


@dataclass(frozen=True)
class Net:
    """A network: convolutions (each with its activation, perhaps pooled by 2), then dense layers.

    `weights` and `last_weights` (those of the output layer, if they differ) are keys of WEIGHTS;
    `keep` is the probability with which dropout keeps a unit after each activation.
    """

    hidden: tuple[int, ...]
    activation: str
    weights: str
    filters: tuple[int, ...] = ()
    kernel: int = 5
    pad: int = 0
    pool: bool = True
    keep: float = 1.0
    output: str = ""
    last_weights: str = ""
    shape: tuple[int, int, int] = (1, 28, 28)
    classes: int = 10

    def build(self, library: Library, rng: np.random.Generator) -> Any:
        """Return the network with its initial weights, a Sequential of the library."""
        layers = [*self._convolutions(library, rng), *self._dense(library, rng)]
        learning = [layer for layer in layers if layer.params]
        for layer in learning:
            last = self.last_weights if layer is learning[-1] else ""
            initialise(layer, last or self.weights, rng)
        return library.Sequential(layers)

    def _convolutions(self, library: Library, rng: np.random.Generator) -> list[Any]:
        layers: list[Any] = []
        channels = self.shape[0]
        for count in self.filters:
            conv = library.Conv2D(channels, count, self.kernel, rng, pad=self.pad, dtype=DTYPE)
            layers += [conv, *self._active(library, rng)]
            if self.pool:
                layers.append(library.MaxPool2D(2))
            channels = count
        return [*layers, library.Flatten()] if layers else []

    def _dense(self, library: Library, rng: np.random.Generator) -> list[Any]:
        layers: list[Any] = []
        size = self._features()
        for units in self.hidden:
            dense = library.Dense(size, units, rng, dtype=DTYPE)
            layers += [dense, *self._active(library, rng)]
            size = units
        layers.append(library.Dense(size, self.classes, rng, dtype=DTYPE))
        return [*layers, getattr(library, self.output)()] if self.output else layers

    def _active(self, library: Library, rng: np.random.Generator) -> list[Any]:
        activation = getattr(library, self.activation)()
        return [activation, Dropout(self.keep, rng)] if self.keep < 1 else [activation]

    def _features(self) -> int:
        channels, height, width = self.shape
        for count in self.filters:
            height, width = (n + 2 * self.pad - self.kernel + 1 for n in (height, width))
            if self.pool:
                height, width = height // 2, width // 2
            channels = count
        return channels * height * width


def initialise(layer: Any, weights: str, rng: np.random.Generator) -> None:
    """Draw the weights of a Dense or Conv2D layer anew, in place.

    Biases are zero, but for "normal": that book draws them like the weights.
    """
    W, b = layer.params["W"], layer.params["b"]
    n_in, n_out = W.shape if W.ndim == 2 else W.shape[1::-1]
    std = WEIGHTS[weights](n_in, n_out, W[0, 0].size)
    W[...] = std * rng.standard_normal(W.shape)
    b[...] = std * rng.standard_normal(b.shape) if weights == "normal" else 0
