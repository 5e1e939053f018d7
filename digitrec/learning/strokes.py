"""Pen strokes, drawn on a canvas as a person would draw them in an app: training data of another kind than MNIST's.

A recorded stroke is a list of points. Drawn with a round brush at four times the size and averaged down, it looks as a
browser's canvas draws it. Each drawing then takes the very way of a picture that is served, `ink_from` and `FrameInk`,
and is kept as an image in MNIST's frame.
"""

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from digitrec.errors import BlankImageError, DatasetError
from digitrec.ink import ink_from
from digitrec.learning.examples import Examples
from digitrec.learning.framing import FrameInk

CANVAS = 280
"""Side of the canvas, in pixels: that of the web app."""

SMOOTH = 4
"""The brush is drawn so many times as large and averaged down, which gives it a canvas' soft edges."""


@dataclass(frozen=True, eq=False)
class PenDigit:
    """A digit as a pen recorded it.

    Attributes:
        label: Which one, 0 to 9.
        writer: Who wrote it, by a name of the source's own.
        strokes: Each of shape (points, 2), x and y with y down, in any unit.
    """

    label: int
    writer: str
    strokes: list[NDArray[np.float64]]


@dataclass(frozen=True)
class Style:
    """How a digit is drawn on a canvas.

    Attributes:
        size: Longer side of the box around the pen's path, in pixels.
        left: Where that box lies, 0 at the canvas' left edge to 1 at its right.
        top: The same from the upper edge to the lower.
        brush: Diameter of the round brush, in pixels.
        slant: Pixels to the right for each pixel upwards.
        jitter: Standard deviation of the pen's tremble, in pixels.
    """

    size: float = 190.0
    left: float = 0.5
    top: float = 0.5
    brush: float = 18.0
    slant: float = 0.0
    jitter: float = 0.0


def read_strokes(path: str | Path) -> list[PenDigit]:
    """Read pen strokes: JSON objects with `label`, `writer` and `strokes`, one a line, gzipped where the name ends so.

    Raises:
        DatasetError: Unreadable, or a line that holds no digit; the message names file and line.
    """
    path = Path(path)
    opener = gzip.open if path.suffix == ".gz" else open
    digits = []
    line = 0
    try:
        with opener(path, "rt", encoding="utf-8") as file:
            for line, text in enumerate(file, 1):  # noqa: B007 - named in the message below
                digits.append(_pen_digit(json.loads(text)))
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, EOFError) as error:
        raise DatasetError(f"{path}: not a file of pen strokes that can be read ({error})") from error
    except (ValueError, KeyError, TypeError) as error:
        raise DatasetError(
            f"{path}, line {line}: no pen digit ({error}); expected a JSON object with label, writer and"
            " strokes = [[[x, y], ...], ...]"
        ) from error
    if not digits:
        raise DatasetError(f"{path}: no pen strokes in it")
    return digits


def _pen_digit(value: dict[str, Any]) -> PenDigit:
    label = value["label"]
    if not isinstance(label, int) or not 0 <= label <= 9:
        raise ValueError(f"label is {label!r}, not 0 to 9")
    strokes = [np.array(stroke, np.float64) for stroke in value["strokes"]]
    if not strokes or any(s.ndim != 2 or s.shape[1] != 2 or not np.isfinite(s).all() for s in strokes):
        raise ValueError("strokes are not lists of finite [x, y]")
    return PenDigit(label, str(value["writer"]), strokes)


def choose_writers(
    digits: Sequence[PenDigit], *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> list[PenDigit]:
    """The digits that `only` these wrote, if any are named, `without` what those wrote.

    Raises:
        DatasetError: A writer is named who wrote nothing here.
    """
    known = {digit.writer for digit in digits}
    unknown = sorted({*only, *without} - known)
    if unknown:
        raise DatasetError(f"no digit by {', '.join(unknown)}; the writers are {', '.join(sorted(known))}")
    return [d for d in digits if (not only or d.writer in only) and d.writer not in without]


def random_style(rng: np.random.Generator) -> Style:
    """A style as people have them: any place, a fifth of the canvas to nearly all of it, a hairline to a thick brush.

    The brush goes from one pixel to a quarter of the digit's size, thin ones as often as thick ones by ratio.
    """
    size = float(CANVAS * rng.uniform(0.2, 0.95))
    brush = float(np.exp(rng.uniform(0.0, np.log(size / 4))))
    return Style(
        size=size,
        left=float(rng.uniform()),
        top=float(rng.uniform()),
        brush=brush,
        slant=float(rng.normal(0.0, 0.12)),
        jitter=float(size * rng.uniform(0.0, 0.008)),
    )


def draw(digit: PenDigit, style: Style, rng: np.random.Generator, canvas: int = CANVAS) -> NDArray[np.uint8]:
    """Draw a digit on a white canvas, in black.

    Args:
        digit: What to draw.
        style: How; the drawing is moved so far that brush and box stay on the canvas, if they fit at all.
        rng: Where the pen's tremble comes from.
        canvas: Side of the canvas, in pixels.

    Returns:
        Shape (canvas, canvas), uint8, 0 ink on 255.
    """
    strokes = [np.stack([s[:, 0] - style.slant * s[:, 1], s[:, 1]], axis=1) for s in digit.strokes]
    points = np.concatenate(strokes)
    low, high = points.min(0), points.max(0)
    scale = style.size / max(float((high - low).max()), 1e-6)
    room = canvas - scale * (high - low) - style.brush
    corner = np.array([style.left, style.top]) * np.maximum(room, 0) + np.minimum(room, 0) / 2 + style.brush / 2
    picture = Image.new("L", (SMOOTH * canvas, SMOOTH * canvas), 255)
    pen = ImageDraw.Draw(picture)
    for stroke in strokes:
        path = SMOOTH * (_tremble(scale * (stroke - low), rng, style.jitter) + corner)
        _brush_along(pen, path, SMOOTH * style.brush)
    return np.asarray(picture.reduce(SMOOTH))


def _tremble(path: NDArray[np.float64], rng: np.random.Generator, jitter: float) -> NDArray[np.float64]:
    """Move the points by smooth noise: a hand trembles along the stroke, it does not hop from point to point."""
    if jitter == 0 or len(path) < 3:
        return path
    noise = rng.normal(0.0, 1.0, (len(path) + 4, 2))
    smooth = np.stack([np.convolve(noise[:, axis], np.ones(5) / np.sqrt(5), "valid") for axis in range(2)], axis=1)
    return path + jitter * smooth


def _brush_along(pen: ImageDraw.ImageDraw, path: NDArray[np.float64], diameter: float) -> None:
    """A round brush along the path: thick lines, with a disc at each point for caps and joints."""
    points = [(float(x), float(y)) for x, y in path]
    if len(points) > 1:
        pen.line(points, fill=0, width=max(1, round(diameter)))
    for x, y in points:
        pen.ellipse((x - diameter / 2, y - diameter / 2, x + diameter / 2, y + diameter / 2), fill=0)


def render(digits: Iterable[PenDigit], *, per_digit: int, seed: int) -> Examples:
    """Draw each digit several times in random styles, and put the drawings into MNIST's frame.

    Args:
        digits: What to draw.
        per_digit: Drawings of each.
        seed: The same seed makes the same drawings of the same digits.

    Returns:
        Examples in the order of the digits, `per_digit` each.
    """
    frame = FrameInk()
    inks: list[NDArray[np.float32]] = []
    labels: list[int] = []
    images: list[NDArray[np.uint8]] = []

    def put_into_frames() -> None:
        if inks:
            framed = keras.ops.convert_to_numpy(frame(np.stack(inks)))[..., 0]
            images.append(np.rint(255 * framed.clip(0, 1)).astype(np.uint8))
            inks.clear()

    for number, digit in enumerate(digits):
        for copy in range(per_digit):
            rng = np.random.default_rng([seed, number, copy])
            try:
                ink = ink_from(draw(digit, random_style(rng), rng))
            except BlankImageError:  # a lone dot under the thinnest brush
                continue
            inks.append(ink)
            labels.append(digit.label)
        if len(inks) >= 256:
            put_into_frames()
    put_into_frames()
    if not labels:
        raise DatasetError("no digit to draw: none was given, or none left ink on the canvas")
    return Examples(np.concatenate(images), np.array(labels, np.uint8))
