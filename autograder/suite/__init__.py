"""What a suite imports: the marker of a check and the vocabulary of assertions."""

from autograder.suite.behaviour import faster, fresh, raises, unchanged
from autograder.suite.checks import (
    CheckFailed,
    accuracy,
    at_least,
    at_most,
    equal,
    gradient,
    number,
    outputs,
    true,
)
from autograder.suite.marks import exercise
from autograder.suite.numeric import numeric_gradient

__all__ = [
    "CheckFailed",
    "accuracy",
    "at_least",
    "at_most",
    "equal",
    "exercise",
    "faster",
    "fresh",
    "gradient",
    "number",
    "numeric_gradient",
    "outputs",
    "raises",
    "true",
    "unchanged",
]
