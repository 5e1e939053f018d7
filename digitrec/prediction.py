"""What the network says of one picture, and what its graph gives for many."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.judgement import Judged
from digitrec.display import to_html

DOUBT_THRESHOLD = 0.5
"""Doubt from which on a drawing counts as no digit. The model is calibrated to this line when it is exported."""


@dataclass(frozen=True, eq=False, repr=False)
class Prediction:
    """What the network says of one picture.

    Attributes:
        digit: The most probable digit, 0 to 9; the best guess, even where the drawing is doubted.
        confidence: Its probability among the ten, 0 to 1, calibrated: of the answers given at 0.9, nine in ten are
            right. It takes for granted that the drawing is a digit.
        probabilities: Shape (10,), float32, one for each digit; they sum to 1.
        doubt: How much speaks against it being a digit at all, 0 to 1.
        is_digit: Whether the doubt is below 0.5, a line drawn so that hardly any real digit is doubted.
        model_input: Shape (28, 28), float32, 0 background to 1 full ink: the drawing as the network saw it.
        box: Left, top, right and bottom of the digit in the picture, where it was cut out of a photograph or of other
            things; None where all ink of the picture was taken for the drawing. In pixels of the picture, or of the
            one that it was averaged down to.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    doubt: float
    model_input: NDArray[np.float32]
    box: tuple[float, float, float, float] | None = None

    @property
    def is_digit(self) -> bool:
        """Whether the drawing counts as a digit; see the class."""
        return self.doubt < DOUBT_THRESHOLD

    def __repr__(self) -> str:
        """On one line, without the arrays."""
        return (
            f"Prediction(digit={self.digit}, confidence={self.confidence:.4f}, is_digit={self.is_digit},"
            f" doubt={self.doubt:.4f})"
        )

    def _repr_html_(self) -> str:
        """For notebooks: the digit, a bar for each of the ten, and what the network saw."""
        return to_html(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON; without `model_input`, which is a picture."""
        return {
            "digit": self.digit,
            "confidence": self.confidence,
            "is_digit": self.is_digit,
            "doubt": self.doubt,
            "probabilities": self.probabilities.tolist(),
        }


class GraphOutputs(NamedTuple):
    """What the graph gives for n drawings, all float32.

    Attributes:
        probabilities: Shape (n, 10).
        doubt: Shape (n,), 0 to 1.
        model_input: Shape (n, 28, 28), the framed drawings.
    """

    probabilities: NDArray[np.float32]
    doubt: NDArray[np.float32]
    model_input: NDArray[np.float32]


def prediction_of(found: Judged) -> Prediction:
    """The least doubted of the digits that were found, as a prediction."""
    row = found.probabilities[0]
    left, top, right, bottom = map(float, found.boxes[0])
    return Prediction(
        digit=int(row.argmax()),
        confidence=float(row.max()),
        probabilities=row,
        doubt=float(found.doubts[0]),
        model_input=found.frames[0],
        box=(left, top, right, bottom),
    )


def predictions_of(answers: GraphOutputs) -> list[Prediction]:
    """What the graph gives for n drawings as n predictions."""
    digits = answers.probabilities.argmax(1)
    return [
        Prediction(int(digit), float(probabilities[digit]), probabilities, float(doubt), frame)
        for digit, probabilities, doubt, frame in zip(digits, *answers, strict=True)
    ]
