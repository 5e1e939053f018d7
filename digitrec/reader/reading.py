"""What was read in a picture: digits, the numbers they form, and the text of all of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the picture as it is shown (turned as its EXIF orientation says)."""


def overlap(one: Box, other: Box) -> float:
    """The area that two boxes share, of the area that they cover together: 0 to 1."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(across, 0.0) * max(down, 0.0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return shared / (sum(areas) - shared)


@dataclass(frozen=True, eq=False)
class ReadDigit:
    """One digit in a picture.

    Attributes:
        digit: Which, 0 to 9.
        confidence: Its probability among the ten, 0 to 1.
        probabilities: Shape (10,), float32, one for each digit; they sum to 1.
        doubt: How much speaks against it being a digit at all, 0 to below 0.5: what is doubted more is not read.
        box: Where it is.
        model_input: Shape (28, 28), float32, 0 background to 1 full ink: the digit as the single-digit network saw it.
    """

    digit: int
    confidence: float
    probabilities: NDArray[np.float32]
    doubt: float
    box: Box
    model_input: NDArray[np.float32]

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON; without `model_input`, which is a picture."""
        return {
            "digit": self.digit,
            "confidence": self.confidence,
            "doubt": self.doubt,
            "probabilities": self.probabilities.tolist(),
            "box": list(self.box),
        }


@dataclass(frozen=True, eq=False)
class ReadNumber:
    """Digits that stand side by side, with a minus sign before and a decimal point among them, if they are there.

    Attributes:
        text: Such as `-3.5`; a comma is written as a point. Points between thousands are left out, so that `int` and
            `float` take it: `1.000.000` is `1000000`.
        digits: Its digits, from left to right.
        box: Around all of it, signs included.
        confidence: Probability that all its digits are right: the product of theirs.
    """

    text: str
    digits: tuple[ReadDigit, ...]
    box: Box
    confidence: float

    @property
    def value(self) -> float | int:
        """The number: an int where it has no decimal point, else a float."""
        return float(self.text) if "." in self.text else int(self.text)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON; digits by their place in `Reading.digits` are told by `Reading`."""
        return {"text": self.text, "value": self.value, "confidence": self.confidence, "box": list(self.box)}


@dataclass(frozen=True, eq=False)
class Reading:
    """What was read in a picture. An empty one is false.

    Attributes:
        lines: The numbers of each line of writing, from left to right; lines from top to bottom.
    """

    lines: tuple[tuple[ReadNumber, ...], ...] = ()

    @property
    def numbers(self) -> tuple[ReadNumber, ...]:
        """All numbers, in reading order."""
        return tuple(number for line in self.lines for number in line)

    @property
    def digits(self) -> tuple[ReadDigit, ...]:
        """All digits, in reading order."""
        return tuple(digit for number in self.numbers for digit in number.digits)

    @property
    def text(self) -> str:
        """A line of writing a line, the numbers on it separated by a space."""
        return "\n".join(" ".join(number.text for number in line) for line in self.lines)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON. Each number lists its digits by their places in `digits`."""
        numbers, first = [], 0
        for number in self.numbers:
            places = list(range(first, first + len(number.digits)))
            numbers.append({**number.to_dict(), "digits": places})
            first += len(number.digits)
        return {"text": self.text, "numbers": numbers, "digits": [digit.to_dict() for digit in self.digits]}
