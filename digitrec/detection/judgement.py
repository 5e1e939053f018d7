"""What the detector and the single-digit network say of the same digits, as one probability and one doubt."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.crops import crops_of, inks_of, separate
from digitrec.detection.lines import find_lines
from digitrec.detection.maps import Floats, Found
from digitrec.detection.rings import boxes_in_rings
from digitrec.detection.second_cuts import cut_again
from digitrec.detection.slashed import INKED, boxes_around_slashes, is_slash

WEIGHT_OF_DETECTOR, WEIGHT_OF_NETWORK = 0.3, 0.7
"""Powers to which the probabilities of both are raised before they are multiplied. `training.calibrate_reader` fits 0.6
and 0.5 on scenes; these read more numbers of validation's writers (`benchmarks.reading --part validation`)."""

DOUBT_OF_SCORE, DOUBT_OF_NETWORK, DOUBT_BIAS = 3.31, 0.33, 1.02
"""How the detector's score and the single-digit network's doubt, both as logits, make one doubt; fitted on scenes of
validation by `python -m training.calibrate_reader --scenes 400`."""

LINE = np.float32(0.95)
"""Least doubt of what is only lines that go on beyond its box: a grid's, or the edge of a shadow or a sheet."""

CUT_OFF = 0.15
"""Distance from the picture's edge, as a share of a box's longer side, within which it counts as cut off: boxes are
found no more exactly than that."""

SURE = 0.05
"""Doubt of the single-digit network up to which a digit that both networks name alike is not cut out a second time."""

RINGED = 0.5
"""Doubt of the single-digit network below which what a ring encloses is a digit, and the ring is none."""

AT_ONCE = 8
"""Crops that go through the single-digit network together: the memory for them stays with the session."""


class Outputs(Protocol):
    """What the single-digit network gives for n crops."""

    @property
    def probabilities(self) -> NDArray[np.float32]:
        """Shape (n, 10)."""

    @property
    def doubt(self) -> NDArray[np.float32]:
        """Shape (n,)."""

    @property
    def model_input(self) -> NDArray[np.float32]:
        """Shape (n, 28, 28)."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Digits that were found, the surest first.

    Attributes:
        boxes: Shape (n, 4), float32: left, top, right, bottom in pixels of the picture.
        probabilities: Shape (n, 10), float32; each row sums to 1.
        doubts: Shape (n,), float32, 0 to 1.
        network_doubts: Shape (n,), float32: the single-digit network's alone, of the digit cut out.
        frames: Shape (n, 28, 28), float32: the digits as the single-digit network saw them.
    """

    boxes: Floats
    probabilities: Floats
    doubts: Floats
    network_doubts: Floats
    frames: Floats

    def __len__(self) -> int:
        return len(self.doubts)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.intp]) -> "Judged":
        """Some of them."""
        parts = self.boxes, self.probabilities, self.doubts, self.network_doubts, self.frames
        return Judged(*(part[rows] for part in parts))


def judge(picture: NDArray[np.uint8], found: Found, run: Callable[[Floats], Outputs]) -> Judged:
    """Have both networks judge digits.

    Args:
        picture: Shape (height, width), grey.
        found: Digits found in it.
        run: The single-digit network: from ink (n, h, w) to its outputs.
    """
    if not len(found):
        return Judged(found.boxes, found.logits, found.scores, found.scores, np.zeros((0, 28, 28), np.float32))
    depth, inner, ink = crops_of(picture, found.boxes)
    on_lines = find_lines(ink > 0.5)
    first, lines = separate(ink, inner, on_lines)
    inside = boxes_in_rings(depth, ink, found.boxes)
    ringed = np.flatnonzero(inside[:, 2] > inside[:, 0])
    in_rings, lines_in_rings = inks_of(picture, inside[ringed])
    network, doubts, frames = _run(np.concatenate([first, in_rings]), run)
    boxes, lines = np.concatenate([found.boxes, inside[ringed]]), np.concatenate([lines, lines_in_rings])
    chosen, logits = np.arange(len(found)), found.logits.copy()
    for cut, row in enumerate(ringed, len(found)):
        if doubts[cut] < RINGED:
            chosen[row] = cut
            logits[row] = 0  # what the detector says is of digit and ring
    lines, network, doubts, frames = lines[chosen], network[chosen], doubts[chosen], frames[chosen]
    named = found.logits.argmax(1)
    unsure = ~lines & (chosen < len(found)) & ((doubts > SURE) | (network.argmax(1) != named))
    rows, inks = cut_again(depth, inner, ink, on_lines, first, found.boxes, unsure)
    if rows.size:
        again, doubts_again, frames_again = _run(inks, run)
        names_again = again.argmax(1)
        for cut, row in enumerate(rows):
            if doubts_again[cut] < doubts[row] and names_again[cut] == named[row]:
                network[row] = again[cut]
                doubts[row] = doubts_again[cut]
                frames[row] = frames_again[cut]
    boxes = boxes[chosen]
    ones = np.flatnonzero(network.argmax(1) == 1)
    slashes = ones[np.array([is_slash(first[row] > INKED) for row in ones], bool)]
    zeros = boxes_around_slashes(picture, boxes[slashes])
    closed = zeros[:, 2] > zeros[:, 0]
    if closed.any():
        zeros = zeros[closed]
        again, doubts_again, frames_again = _run(inks_of(picture, zeros)[0], run)
        for cut, row in enumerate(slashes[closed]):
            if again[cut].argmax() == 0 and doubts_again[cut] < SURE:
                boxes[row] = zeros[cut]
                network[row] = again[cut]
                doubts[row] = doubts_again[cut]
                frames[row] = frames_again[cut]
                logits[row] = 0  # what the detector says is of the slash
    probabilities, joint = _combine(logits, network), _combine_doubts(found.scores, doubts)
    return Judged(boxes, probabilities, np.where(lines, np.maximum(joint, LINE), joint), doubts, frames)


def _run(inks: Floats, run: Callable[[Floats], Outputs]) -> tuple[Floats, Floats, Floats]:
    """The single-digit network's probabilities, doubts and frames of crops, few at once."""
    answers = [run(inks[start : start + AT_ONCE]) for start in range(0, len(inks), AT_ONCE)]
    return (
        np.concatenate([answer.probabilities for answer in answers]),
        np.concatenate([answer.doubt for answer in answers]),
        np.concatenate([answer.model_input for answer in answers]),
    )


def least_doubts(scores: Floats) -> Floats:
    """The doubts that `judge` gives to digits of these scores, (n,), where the single-digit network has none."""
    return _combine_doubts(scores, np.zeros_like(scores))


def may_be_cut_off(boxes: Floats, labels: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which digits are strokes that an edge of the picture cuts: more often a pen, a finger or a sheet than a 1.

    Args:
        boxes: Shape (n, 4), in pixels of the picture.
        labels: Shape (n,), 0 to 9.
        shape: Of the picture: height, width.
    """
    near = CUT_OFF * (boxes[:, 2:] - boxes[:, :2]).max(1, keepdims=True)
    low, high = (boxes[:, :2] <= near).any(1), (boxes[:, 2:] >= np.array([shape[1], shape[0]]) - near).any(1)
    cut: NDArray[np.bool_] = (labels == 1) & (low | high)
    return cut


def _combine(logits: Floats, network: Floats) -> Floats:
    """The detector's logits (n, 10) and the single-digit network's probabilities (n, 10) as one, (n, 10)."""
    logs = logits - logits.max(1, keepdims=True)
    logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
    logs = WEIGHT_OF_DETECTOR * logs + WEIGHT_OF_NETWORK * np.log(network.clip(1e-6))
    logs = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(logs / logs.sum(1, keepdims=True), np.float32)


def _combine_doubts(scores: Floats, doubts: Floats) -> Floats:
    """The detector's scores (n,) and the single-digit network's doubts (n,) as one doubt, (n,)."""
    score, doubt = (np.log(one.clip(1e-4, 1 - 1e-4) / (1 - one.clip(1e-4, 1 - 1e-4))) for one in (scores, doubts))
    against = DOUBT_OF_NETWORK * doubt - DOUBT_OF_SCORE * score + DOUBT_BIAS
    return np.asarray(1 / (1 + np.exp(-against)), np.float32)
