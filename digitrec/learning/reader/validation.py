"""How well the detector finds digits in scenes that it did not train on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.maps import DIGIT, Found, found_in, intersections, suppress
from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.writing import MINUS

THRESHOLD = 0.35
"""Least score of what counts as found while the detector trains; serving has thresholds of its own."""


@dataclass(frozen=True)
class Detection:
    """What was found in scenes.

    Attributes:
        f1: Harmonic mean of precision and recall of digits, found at their place and named right.
        exact: Share of the scenes in which every digit is found and named right, and no other.
        recall: Share of the digits found, named right or not.
        false: Digits found where none is, for each scene.
    """

    f1: float
    exact: float
    recall: float
    false: float


def evaluate(maps: NDArray[np.float32], scenes: Sequence[Scene], threshold: float = THRESHOLD) -> Detection:
    """Compare maps (n, h, w, 17) with the scenes that they are of."""
    right = found_at_all = wanted = given = exact = 0
    for one, scene in zip(maps, scenes, strict=True):
        found = suppress(found_in(one, threshold))
        hits, named, expected, counted = match(found, scene)
        right, found_at_all, wanted, given = right + named, found_at_all + hits, wanted + expected, given + counted
        exact += named == expected == counted
    return Detection(
        f1=2 * right / max(wanted + given, 1),
        exact=exact / max(len(scenes), 1),
        recall=found_at_all / max(wanted, 1),
        false=(given - found_at_all) / max(len(scenes), 1),
    )


def match(found: Found, scene: Scene) -> tuple[int, int, int, int]:
    """Digits of a scene that were found, those named right among them, all in it, and all that were found.

    What was found in an ignored place, or with its middle beyond the picture, does not count.
    """
    digits = found.take(found.kinds == DIGIT)
    boxes, labels = scene.boxes[scene.labels < MINUS], scene.labels[scene.labels < MINUS]
    common = intersections(digits.boxes, boxes)
    areas = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (digits.boxes, boxes)]
    iou = common / np.maximum(areas[0][:, None] + areas[1][None] - common, 1e-6)
    free = np.ones(len(boxes), bool)
    hits = named = counted = 0
    for row in range(len(digits)):
        candidates = np.where(free, iou[row], 0.0)
        best = int(candidates.argmax()) if len(boxes) else -1
        if best >= 0 and candidates[best] > 0.4:
            free[best] = False
            hits, counted = hits + 1, counted + 1
            named += int(digits.logits[row].argmax()) == labels[best]
        elif not is_ignored(digits.boxes[row], scene):
            counted += 1
    return hits, named, len(boxes), counted


def is_ignored(box: NDArray[np.float32], scene: Scene) -> bool:
    """Whether something found there counts neither way."""
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    side = len(scene.picture)
    if not (0 <= x < side and 0 <= y < side):
        return True
    left, top, right, bottom = scene.ignored.T
    return bool(((left - 2 <= x) & (x <= right + 2) & (top - 2 <= y) & (y <= bottom + 2)).any())
