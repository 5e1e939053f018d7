"""How much the detector and the single-digit network weigh in a joint judgement, fitted on scenes of validation."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.detection.crops import inks_of
from digitrec.detection.detector import Detector
from digitrec.detection.maps import DIGIT, Floats, intersections
from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.validation import is_ignored
from digitrec.learning.reader.writing import MINUS
from digitrec.recognizer import Recognizer

POWERS = np.arange(0, 1.55, 0.1)
"""Powers that are tried."""


@dataclass(frozen=True, eq=False)
class Sightings:
    """What the detector took for digits.

    Attributes:
        scores: Shape (n,), as logits.
        doubts: Shape (n,), the single-digit network's, as logits.
        detector: Shape (n, 10), logarithms of the detector's probabilities.
        network: Shape (n, 10), logarithms of the single-digit network's.
        labels: Shape (n,), 0 to 9, or -1 where there is no digit.
    """

    scores: Floats
    doubts: Floats
    detector: Floats
    network: Floats
    labels: NDArray[np.int64]


def sight(scenes: Sequence[Scene], detector: Detector, recognizer: Recognizer) -> Sightings:
    """Find digits in scenes, and look up which of them are there."""
    rows = []
    for scene in scenes:
        found = detector.find(scene.picture)
        found = found.take(found.kinds == DIGIT)
        if not len(found):
            continue
        answers = recognizer.run(inks_of(scene.picture, found.boxes)[0])
        boxes, labels = scene.boxes[scene.labels < MINUS], scene.labels[scene.labels < MINUS]
        areas = [np.prod(one[:, 2:] - one[:, :2], axis=1) for one in (found.boxes, boxes)]
        common = intersections(found.boxes, boxes)
        overlap = common / np.maximum(areas[0][:, None] + areas[1][None] - common, 1e-6)
        for row in range(len(found)):
            best = int(overlap[row].argmax()) if len(boxes) else -1
            there = best >= 0 and overlap[row, best] > 0.4
            if not there and (is_ignored(found.boxes[row], scene) or (best >= 0 and overlap[row, best] > 0.15)):
                continue
            rows.append(
                (
                    _logit(found.scores[row]),
                    _logit(answers.doubt[row]),
                    _log_softmax(found.logits[row]),
                    np.log(answers.probabilities[row].clip(1e-6)),
                    int(labels[best]) if there else -1,
                )
            )
    columns = list(zip(*rows, strict=True))
    return Sightings(*(np.array(column) for column in columns))


def fit_doubt(seen: Sightings, steps: int = 50) -> NDArray[np.float64]:
    """Fit by logistic regression that something found is no digit: of score, network's doubt and a constant. (3,)."""
    x = np.stack([-seen.scores, seen.doubts, np.ones(len(seen.scores))], 1).astype(np.float64)
    y = (seen.labels < 0).astype(np.float64)
    weights = np.zeros(3)
    for _ in range(steps):  # Newton's method
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + 1e-3 * np.eye(3)
        weights -= np.linalg.solve(hessian, x.T @ (p - y) + 1e-3 * weights)
    return weights


def fit_powers(seen: Sightings) -> tuple[float, float, float]:
    """The powers of detector and network with the least mean negative log probability of the label, and that."""
    real = seen.labels >= 0
    labels = seen.labels[real]
    best = (np.inf, 0.0, 0.0)
    for a in POWERS:
        for b in POWERS:
            logs = a * seen.detector[real] + b * seen.network[real]
            logs = logs - logs.max(1, keepdims=True)
            logs = logs - np.log(np.exp(logs).sum(1, keepdims=True))
            best = min(best, (float(-logs[np.arange(len(labels)), labels].mean()), float(a), float(b)))
    return best[1], best[2], best[0]


def _logit(p: float) -> float:
    clipped = min(max(float(p), 1e-4), 1 - 1e-4)
    return float(np.log(clipped / (1 - clipped)))


def _log_softmax(logits: Floats) -> Floats:
    logs = logits - logits.max()
    return np.asarray(logs - np.log(np.exp(logs).sum()), np.float32)
