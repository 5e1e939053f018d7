"""Targets, and that maps which are exactly right are decoded to exactly what was there, at no loss."""

import numpy as np
import pytest

from digitrec.detection import maps as served
from digitrec.detection.maps import found_in, suppress
from digitrec.learning.reader.losses import DetectionLoss
from digitrec.learning.reader.page import Scene
from digitrec.learning.reader.targets import CHANNELS, HEATS, STRIDE, targets_of
from digitrec.learning.reader.validation import evaluate
from digitrec.learning.reader.writing import MINUS, POINT

SIDE = 96


def scene_of(boxes, labels, ignored=()):
    return Scene(
        np.zeros((SIDE, SIDE), np.uint8),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array(labels, np.int32),
        np.array(ignored, np.float32).reshape(-1, 4),
    )


def perfect_maps(scene):
    """What a detector that makes no mistake answers."""
    targets = targets_of(scene)
    heat = targets[..., :HEATS].clip(1e-4, 1 - 1e-4)
    classes = np.full((*targets.shape[:2], 10), -20.0, np.float32)
    rows, columns = np.nonzero(targets[..., HEATS] >= 0)
    classes[rows, columns, targets[rows, columns, HEATS].astype(int)] = 20
    return np.concatenate([np.log(heat / (1 - heat)), classes, targets[..., HEATS + 1 : HEATS + 5]], -1)


TWO = scene_of([[10, 20, 26, 44], [30, 20, 48, 44]], [4, 7])


def test_learning_and_serving_mean_the_same_maps():
    assert (STRIDE, HEATS, MINUS - 10, POINT - 10) == (served.STRIDE, served.HEATS, 0, 1)
    assert targets_of(TWO).shape == (SIDE // STRIDE, SIDE // STRIDE, CHANNELS)


def test_each_digit_has_one_centre():
    assert (targets_of(TWO)[..., 0] > 0.999).sum() == 2


def test_perfect_maps_give_back_the_scene():
    scene = scene_of([[10, 20, 26, 44], [25, 20, 43, 44], [60, 60, 72, 64], [80, 50, 84, 54]], [4, 7, MINUS, POINT])
    found = suppress(found_in(perfect_maps(scene), 0.5))
    assert sorted(found.kinds.tolist()) == [served.DIGIT, served.DIGIT, served.MINUS, served.POINT]
    for box, label in zip(scene.boxes, scene.labels, strict=True):
        nearest = np.abs(found.boxes - box).max(1).argmin()
        assert found.boxes[nearest] == pytest.approx(box, abs=1.0)
        if label < MINUS:
            assert found.logits[nearest].argmax() == label


def test_perfect_maps_cost_next_to_nothing_and_wrong_ones_more():
    loss = DetectionLoss()
    targets = targets_of(TWO)[np.newaxis]
    right = float(loss(targets, perfect_maps(TWO)[np.newaxis]))
    moved = scene_of([[14, 20, 30, 44], [34, 20, 52, 44]], [4, 7])
    renamed = scene_of(TWO.boxes, [4, 1])
    assert right < 0.1
    for other in (moved, renamed, scene_of([], [])):
        assert float(loss(targets, perfect_maps(other)[np.newaxis])) > right + 0.5


def test_ignored_places_cost_nothing():
    scene = scene_of([], [], ignored=[[20, 20, 60, 60]])
    something = perfect_maps(scene_of([[30, 30, 50, 50]], [3]))
    loss = DetectionLoss()
    assert float(loss(targets_of(scene)[np.newaxis], something[np.newaxis])) < 0.05
    assert float(loss(targets_of(scene_of([], []))[np.newaxis], something[np.newaxis])) > 1


def test_validation_counts_what_is_missed_wrong_and_too_much():
    maps = np.stack([perfect_maps(one) for one in (TWO, scene_of(TWO.boxes, [4, 1]), scene_of([], []))])
    judged = evaluate(maps, [TWO, TWO, TWO])
    assert judged.recall == pytest.approx(4 / 6)
    assert judged.exact == pytest.approx(1 / 3)
    assert judged.f1 == pytest.approx(2 * 3 / (6 + 4))
    assert evaluate(maps[:1], [scene_of([], [])]).false == 2
    assert evaluate(maps[:1], [scene_of([], [], ignored=[[0, 0, 96, 96]])]).false == 0
