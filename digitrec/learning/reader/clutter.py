"""What stands beside digits in pictures and is none: letters, words, signs, scribbles, characters of other scripts."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from digitrec.ink import ink_from
from digitrec.learning.negatives.generator import draw_negative
from digitrec.learning.negatives.source_digits import SourceDigits
from digitrec.learning.reader.hands import Ink, cropped
from digitrec.learning.strokes.drawing import draw_strokes, random_style
from digitrec.learning.strokes.recordings import PenDigit
from digitrec.recognizer import Recognizer

KINDS = {
    "letter": 0.24,
    "sign": 0.2,
    "printed sign": 0.14,
    "word": 0.1,
    "printed word": 0.16,
    "scribble": 0.1,
    "wave": 0.03,
    "line": 0.03,
}
"""Shares of the kinds of negatives that are pasted into scenes."""

LONGEST = 128
"""Longer side of the ink, in pixels, before it is scaled into a scene."""


def draw_clutter(source: SourceDigits, count: int, seed: int) -> list[Ink]:
    """Draw negatives as ink.

    Args:
        source: The digits of the part it is for; decides on fonts, signs and words too.
        count: How many.
        seed: The same seed draws the same ones.
    """
    names = list(KINDS)
    shares = np.array(list(KINDS.values()))
    drawn = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        kind = names[rng.choice(len(names), p=shares / shares.sum())]
        ink = cropped(255 - draw_negative(kind, source, rng))
        drawn.append(_bounded(ink))
    return drawn


def draw_characters(characters: Sequence[PenDigit], recognizer: Recognizer, seed: int) -> list[Ink]:
    """Draw characters of other scripts as ink, without those that the single-digit network takes for a digit.

    Args:
        characters: Recordings of characters; their labels mean nothing.
        recognizer: Decides which of them look like a digit.
        seed: The same seed draws the same ones.
    """
    rng = np.random.default_rng([seed, 1])
    canvases = [draw_strokes(one.strokes, random_style(rng), rng) for one in characters]
    # The network itself: `predict` would ask a detector, which is yet to be trained.
    doubts = [float(recognizer.run(ink_from(canvas)[np.newaxis]).doubt[0]) for canvas in canvases]
    return [
        _bounded(cropped(255 - canvas))
        for canvas, doubt in zip(canvases, doubts, strict=True)
        if doubt > 0.9  # far above the threshold: a digit taught as none would be missed later
    ]


def _bounded(ink: Ink) -> Ink:
    if max(ink.shape) <= LONGEST:
        return ink
    factor = LONGEST / max(ink.shape)
    size = max(1, round(ink.shape[1] * factor)), max(1, round(ink.shape[0] * factor))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))
