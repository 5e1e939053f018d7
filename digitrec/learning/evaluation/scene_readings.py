"""What the reader read in scenes whose digits are known, stored in a file for the dashboard. Needs no Keras."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.files import atomic_path
from digitrec.learning.runs.arrays import read_arrays

SCENE_READINGS = "scene_readings.npz"
"""Name of the file."""

MAX_BYTES = 300_000_000
"""Bytes that it may unpack to: those of a thousand scenes take 26 million."""

RIGHT, MISREAD, MISSED, FALSE, IGNORED = "right", "misread", "missed", "false", "ignored"
"""What became of a digit that is there (the first three), or that was read (all but `missed`)."""

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in pixels of the scene."""


@dataclass(frozen=True)
class SceneDigit:
    """A digit that is in a scene, or that was read in it.

    Attributes:
        digit: Which, 0 to 9.
        box: Where.
        outcome: One of the words above. `ignored`: read at the edge, or too small or large to count either way.
        confidence: Of a digit that was read; 1 for one that is there.
    """

    digit: int
    box: Box
    outcome: str
    confidence: float = 1.0


@dataclass(frozen=True, eq=False)
class SceneReading:
    """One scene: its picture, the digits in it, and what was read.

    Attributes:
        picture: Shape (side, side), uint8.
        wanted: The digits in it.
        found: The digits that were read.
    """

    picture: NDArray[np.uint8]
    wanted: tuple[SceneDigit, ...]
    found: tuple[SceneDigit, ...]

    @property
    def is_right(self) -> bool:
        """Whether every digit was read right, and no other."""
        return all(one.outcome == RIGHT for one in self.wanted) and all(one.outcome != FALSE for one in self.found)


@dataclass(frozen=True, eq=False)
class SceneReadings:
    """Readings of scenes of one size.

    Attributes:
        scenes: The readings.
        model: Hexadecimal SHA-256 of the detector's file.
    """

    scenes: Sequence[SceneReading]
    model: str

    def count(self, outcome: str) -> int:
        """Digits with an outcome: those that are there, or, for `false`, those that were read."""
        digits = (one for scene in self.scenes for one in (scene.found if outcome == FALSE else scene.wanted))
        return sum(one.outcome == outcome for one in digits)

    @property
    def wanted(self) -> int:
        """Digits in all scenes."""
        return sum(len(scene.wanted) for scene in self.scenes)

    def save(self, folder: Path) -> Path:
        """Write the file into a folder, whole or not at all; returns its path."""
        path = folder / SCENE_READINGS
        digits = [{"wanted": _plain(scene.wanted), "found": _plain(scene.found)} for scene in self.scenes]
        with atomic_path(path) as temporary:
            np.savez_compressed(
                temporary,
                pictures=np.stack([scene.picture for scene in self.scenes]),
                digits=np.array(json.dumps(digits)),
                model=np.array(self.model),
            )
        return path

    @classmethod
    def load(cls, folder: Path) -> "SceneReadings":
        """Read what `save` wrote.

        Raises:
            DatasetError: No such file, or not one that `save` wrote.
        """
        path = folder / SCENE_READINGS
        remedy = "evaluate the reader again: python -m training.evaluate_reader"
        with read_arrays(path, MAX_BYTES, remedy) as file:
            pictures, model = file["pictures"], str(file["model"])
            digits: list[dict[str, Any]] = json.loads(str(file["digits"]))
            scenes = [
                SceneReading(picture, _digits(one["wanted"]), _digits(one["found"]))
                for picture, one in zip(pictures, digits, strict=True)
            ]
        return cls(scenes, model)


def _plain(digits: Sequence[SceneDigit]) -> list[dict[str, Any]]:
    return [asdict(one) for one in digits]


def _digits(plain: list[dict[str, Any]]) -> tuple[SceneDigit, ...]:
    return tuple(
        SceneDigit(int(one["digit"]), _box(one["box"]), str(one["outcome"]), float(one["confidence"])) for one in plain
    )


def _box(edges: list[float]) -> Box:
    left, top, right, bottom = map(float, edges)
    return left, top, right, bottom
