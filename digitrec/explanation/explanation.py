"""`explain`: what of a drawing speaks for a digit, and what against it."""

import base64
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from digitrec.display import format_percent, to_png
from digitrec.explanation.changes import Finding
from digitrec.explanation.graph import Floats
from digitrec.explanation.picture import colour, heat, png_of
from digitrec.files import atomic_path

SHOWN_SIDE = 224
"""Longer side of the picture in a notebook, in pixels."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation:
    """What speaks for a digit and against it.

    Attributes:
        digit: The digit asked about, 0 to 9.
        predicted: The digit that the recognizer answers.
        probability: Of `digit`, as the recognizer answers it, 0 to 1.
        for_and_against: Shape (h, w), float32, -1 to 1, in the pixels of the picture: above 0 what speaks for the
            digit, below 0 what speaks against it. The largest on the frame has the size 1. Where nothing is drawn, it
            is the missing ink that does. A picture whose longer side is above `digitrec.decoding.MAX_SIDE` is averaged
            down.
        frame: Shape (28, 28), float32, 0 background to 1 full ink: the drawing as the network saw it.
        frame_map: Shape (28, 28), float32: the same map on the frame.
        picture: Shape (h, w), uint8: the picture in grey.
        finding: What the map means, confirmed by the network: the drawing was changed as it says. None where nothing
            is confirmed.
    """

    digit: int
    predicted: int
    probability: float
    for_and_against: Floats
    frame: Floats
    frame_map: Floats
    picture: NDArray[np.uint8]
    finding: Finding | None = None

    def __repr__(self) -> str:
        """On one line, without the arrays."""
        height, width = self.picture.shape
        return f"Explanation(digit={self.digit}, probability={self.probability:.4f}, picture={width}x{height})"

    @property
    def sentence(self) -> str:
        """The finding as a sentence; empty where there is none."""
        return self.finding.describe() if self.finding else ""

    def describe(self) -> str:
        """Put it into a line: "9: 0.2%; the answer is 4"."""
        answer = "the answer" if self.digit == self.predicted else f"the answer is {self.predicted}"
        return f"{self.digit}: {format_percent(self.probability, 1)}; {answer}"

    def heat(self) -> Image.Image:
        """The map alone, to lay onto the picture: RGBA, of its size, transparent where nothing speaks."""
        return heat(self.for_and_against)

    def overlay(self) -> Image.Image:
        """The picture with what speaks for the digit in orange, and what against it in blue. RGB, of its size."""
        return colour(self.for_and_against, self.picture)

    def save(self, path: str | PathLike[str]) -> None:
        """Write the overlay as a PNG, whole or not at all.

        Raises:
            OSError: The folder cannot be written to.
        """
        with atomic_path(Path(path)) as temporary:
            temporary.write_bytes(png_of(self.overlay()))

    def to_dict(self) -> dict[str, Any]:
        """Plain Python values, ready for JSON; without the picture and its map, which `frame_map` stands for."""
        return {
            "digit": self.digit,
            "predicted": self.predicted,
            "probability": self.probability,
            "sentence": self.sentence,
            "finding": self.finding.to_dict() if self.finding else None,
            "frame_map": (np.rint(self.frame_map.astype(np.float64) * 10_000) / 10_000).tolist(),
        }

    def _repr_html_(self) -> str:
        """For notebooks: the picture with the map on it, a legend, and what the network saw."""
        height, width = self.picture.shape
        factor = SHOWN_SIDE / max(height, width)
        shown = f'width="{round(width * factor)}" height="{round(height * factor)}"'
        return (
            '<div style="display:flex;gap:1.5em;align-items:center;font-family:system-ui,sans-serif">'
            f'<img src="{_data_url(png_of(self.overlay()))}" {shown} alt="{self._alternative()}"'
            ' style="border:1px solid currentColor">'
            f"<div><strong>Why {self.digit}?</strong><br>{self.describe()}"
            f'<p style="font-size:.8em;opacity:.75">Orange speaks for {self.digit}, blue against it.<br>'
            f"Off the ink, a colour says what missing ink does.</p>{self.sentence}</div>"
            f'<figure style="margin:0"><img src="{_data_url(to_png(self.frame))}" width="112" height="112"'
            ' alt="the drawing as the network saw it" style="image-rendering:pixelated;border:1px solid currentColor">'
            '<figcaption style="font-size:.8em;opacity:.75">what the network saw</figcaption></figure></div>'
        )

    def _alternative(self) -> str:
        return f"the drawing, coloured by what speaks for {self.digit} and against it"


def _data_url(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"
