"""Many pictures, those of one size together: the answers of `Recognizer.predict`, in a fraction of the steps."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from digitrec.decoding import Batch, Pixels, pictures_in, pixels_from
from digitrec.detection.plain_pages import find_plain_pages
from digitrec.detection.second_look import is_settled
from digitrec.errors import BlankImageError, DigitrecError
from digitrec.ink import ink_from_pixels
from digitrec.prediction import GraphOutputs, Prediction, predictions_of
from digitrec.sheets import on_its_sheet

Floats = NDArray[np.float32]

PIXELS_PER_RUN = 8_000_000
"""Most pixels that wait for one another, and most that go through the graph at once: 32 MB of float32 ink, a hundred
canvases of 280x280."""

AT_ONCE = 32
"""Most drawings that go through the graph at once: with more, it takes 2 % longer, and more memory."""


@dataclass(frozen=True)
class Steps:
    """What a recognizer does with one picture.

    Attributes:
        run: Its graph, on ink (n, h, w).
        look_again: From a picture, its ink and the answer to that, to the answer.
        find_faint: The answer to a picture without ink; None where there is nothing.
    """

    run: Callable[[Floats], GraphOutputs]
    look_again: Callable[[Pixels, Floats, Prediction], Prediction]
    find_faint: Callable[[Pixels], Prediction | None]


class _Drawing(NamedTuple):
    position: int
    pixels: Pixels
    ink: Floats
    plain: bool


@dataclass
class _Waiting:
    """Pictures that have not been answered, with their positions, by what they must share to be stacked."""

    groups: dict[tuple[tuple[int, ...], str], list[tuple[int, Pixels]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    held: int = 0

    def add(self, position: int, pixels: Pixels) -> None:
        self.groups[pixels.shape, pixels.dtype.str].append((position, pixels))
        self.held += _area(pixels)


def predict_many(images: Batch, steps: Steps, *, stop_at_errors: bool) -> list[Prediction | DigitrecError]:
    """Answer pictures; see `Recognizer.predict_batch`.

    Args:
        images: The pictures.
        steps: Those of the recognizer.
        stop_at_errors: Whether the first picture that cannot be answered ends it; else its error is its answer.

    Raises:
        DigitrecError: That of the first picture that cannot be answered; or the whole is one picture.
    """
    answers: dict[int, Prediction | DigitrecError] = {}
    waiting = _Waiting()

    def answer_all() -> None:
        for group in waiting.groups.values():
            answers.update(_answer(group, steps))
        waiting.groups.clear()
        waiting.held = 0
        if stop_at_errors:
            _raise_first(answers)

    for position, image in enumerate(pictures_in(images)):
        try:
            pixels = on_its_sheet(pixels_from(image))
        except DigitrecError as error:
            answers[position] = error
            if stop_at_errors:
                answer_all()  # one that waits may have no ink, and is the first then
            continue
        if waiting.held + _area(pixels) > PIXELS_PER_RUN:
            answer_all()
        waiting.add(position, pixels)
    answer_all()
    return [answers[position] for position in range(len(answers))]


def _area(pixels: Pixels) -> int:
    height, width = pixels.shape[:2]
    return int(height) * int(width)


def _raise_first(answers: dict[int, Prediction | DigitrecError]) -> None:
    failed = [position for position, answer in answers.items() if isinstance(answer, DigitrecError)]
    if failed:
        error = answers[min(failed)]
        assert isinstance(error, DigitrecError)
        raise type(error)(f"image {min(failed)}: {error}") from error


def _answer(group: list[tuple[int, Pixels]], steps: Steps) -> Iterator[tuple[int, Prediction | DigitrecError]]:
    """Answer pictures of one shape and dtype. Yields positions and answers, in any order."""
    pages = find_plain_pages([pixels for _, pixels in group])
    drawings = []
    for row, (position, pixels) in enumerate(group):
        if pages is not None and pages.plain[row]:
            drawings.append(_Drawing(position, pixels, pages.inks[row], plain=True))
            continue
        try:
            drawings.append(_Drawing(position, pixels, ink_from_pixels(pixels), plain=False))
        except BlankImageError as error:
            yield position, steps.find_faint(pixels) or error
    for start in range(0, len(drawings), AT_ONCE):
        part = drawings[start : start + AT_ONCE]
        predictions = predictions_of(steps.run(np.stack([drawing.ink for drawing in part])))
        for drawing, first in zip(part, predictions, strict=True):
            settled = drawing.plain and is_settled(drawing.ink, first)
            yield drawing.position, first if settled else steps.look_again(drawing.pixels, drawing.ink, first)
