"""The images that a network finds most alike: nearest in the space before its logits."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from digitrec.explanation.graph import ExplanationGraph, Floats

AT_ONCE = 250
"""Frames that go through the network together."""


@dataclass(frozen=True, eq=False)
class Neighbours:
    """Images, and where a network places them.

    Attributes:
        features: Shape (n, features), float32, each of length 1.
    """

    features: Floats

    @classmethod
    def of(cls, graph: ExplanationGraph, frames: NDArray[np.uint8]) -> "Neighbours":
        """Place images.

        Args:
            graph: The network.
            frames: Shape (n, 28, 28), uint8, 0 background to 255 full ink.
        """
        starts = range(0, len(frames), AT_ONCE)
        parts = [graph.features(np.divide(frames[start : start + AT_ONCE], 255, dtype=np.float32)) for start in starts]
        return cls(_of_length_1(np.concatenate(parts)))

    def nearest(self, graph: ExplanationGraph, frame: Floats, count: int) -> tuple[NDArray[np.intp], Floats]:
        """Find the images most like one.

        Args:
            graph: The same network.
            frame: Shape (28, 28), 0 to 1.
            count: How many.

        Returns:
            Their positions, the most alike first, and how alike they are: the cosine, up to 1.
        """
        cosines = self.features @ _of_length_1(graph.features(frame[np.newaxis]))[0]
        places = np.argsort(-cosines, kind="stable")[:count]
        return places, cosines[places]


def _of_length_1(features: Floats) -> Floats:
    return np.asarray(features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-6), np.float32)
