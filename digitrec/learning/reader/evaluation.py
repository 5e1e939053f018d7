"""The reader on scenes that nobody trained on: each digit right, misread, missed, or read where there is none."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.maps import intersections
from digitrec.learning.evaluation.scene_readings import (
    FALSE,
    IGNORED,
    MISREAD,
    MISSED,
    RIGHT,
    SceneDigit,
    SceneReading,
)
from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.validation import is_ignored
from digitrec.learning.reader.writing import MINUS
from digitrec.reader import ReadDigit, Reader

OVERLAP = 0.4
"""Least share of two boxes' common area in their union for them to be of one digit."""


def read_scenes(scenes: Sequence[Scene], reader: Reader) -> list[SceneReading]:
    """Read each scene, and compare what was read with what is in it.

    Args:
        scenes: The scenes.
        reader: The reader.
    """
    return [compare(scene, reader.read(scene.picture).digits) for scene in scenes]


def compare(scene: Scene, digits: Sequence[ReadDigit]) -> SceneReading:
    """Compare the digits that were read in a scene with those in it. Signs count neither way.

    Args:
        scene: The scene.
        digits: What was read, in its pixels.
    """
    boxes, labels = scene.boxes[scene.labels < MINUS], scene.labels[scene.labels < MINUS]
    overlap = _overlap(np.array([one.box for one in digits], np.float32).reshape(-1, 4), boxes)
    outcomes = [MISSED] * len(boxes)
    found = []
    for row, one in enumerate(digits):
        free = np.array([outcome == MISSED for outcome in outcomes])
        candidates = np.where(free, overlap[row], 0.0)
        best = int(candidates.argmax()) if len(boxes) else -1
        if best >= 0 and candidates[best] > OVERLAP:
            outcome = outcomes[best] = RIGHT if one.digit == labels[best] else MISREAD
        else:
            outcome = IGNORED if is_ignored(np.array(one.box, np.float32), scene) else FALSE
        found.append(SceneDigit(one.digit, one.box, outcome, one.confidence))
    wanted = [
        SceneDigit(int(label), (float(box[0]), float(box[1]), float(box[2]), float(box[3])), outcome)
        for label, box, outcome in zip(labels, boxes, outcomes, strict=True)
    ]
    return SceneReading(scene.picture, tuple(wanted), tuple(found))


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of each box with each, shape (n, m)."""
    if not len(first) or not len(second):
        return np.zeros((len(first), len(second)), np.float32)
    areas = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (first, second)]
    common = intersections(first, second)
    union = np.maximum(areas[0][:, None] + areas[1][None] - common, 1e-6)
    return np.asarray(common / union, np.float32)
