"""A look inside a network, stored in a file: histograms, and a map of embeddings. Needs no Keras."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.files import atomic_path
from digitrec.learning.runs.arrays import read_arrays

NETWORK_LOOK = "network_look.npz"
"""Name of the file, in a run directory or another folder with an evaluation."""

MAX_BYTES = 50_000_000
"""Bytes that it may unpack to; it takes a hundredth of that."""

BINS = 60


@dataclass(frozen=True, eq=False)
class Histogram:
    """How often values occur.

    Attributes:
        edges: Shape (bins + 1,), ascending.
        counts: Shape (bins,).
        zeros: Share of the values that are exactly 0, which the counts leave out.
    """

    edges: NDArray[np.float32]
    counts: NDArray[np.int64]
    zeros: float

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> "Histogram":
        """Count values; those that are not finite do not count."""
        finite = values[np.isfinite(values)].ravel()
        other = finite[finite != 0]
        counts, edges = np.histogram(other, BINS) if len(other) else (np.zeros(BINS, int), np.linspace(-1, 1, BINS + 1))
        zeros = 1 - len(other) / len(finite) if len(finite) else 0.0
        return cls(edges.astype(np.float32), counts.astype(np.int64), float(zeros))


@dataclass(frozen=True, eq=False)
class NetworkLook:
    """What was seen in a network.

    Attributes:
        weights: A histogram of each layer's weights, by names such as `conv2d/kernel`, from the first layer on.
        activations: A histogram of what comes out of each layer with images of digits.
        images: Shape (n,), positions of the embedded images among MNIST's test images.
        maps: Shapes (n, 2), the embeddings projected to a plane, by the name of the projection: `PCA`, `UMAP`.
        model: Hexadecimal SHA-256 of the network's file.
    """

    weights: Mapping[str, Histogram]
    activations: Mapping[str, Histogram]
    images: NDArray[np.int64]
    maps: Mapping[str, NDArray[np.float32]]
    model: str

    def save(self, folder: Path) -> Path:
        """Write the file into a folder, whole or not at all; returns its path."""
        path = folder / NETWORK_LOOK
        kinds = {"weights": self.weights, "activations": self.activations}
        arrays = {
            f"{kind}_{number}_{part}": getattr(histogram, part)
            for kind, histograms in kinds.items()
            for number, histogram in enumerate(histograms.values())
            for part in ("edges", "counts")
        }
        facts = {
            "model": self.model,
            "maps": list(self.maps),
            **{kind: [[name, one.zeros] for name, one in histograms.items()] for kind, histograms in kinds.items()},
        }
        for number, points in enumerate(self.maps.values()):
            arrays[f"map_{number}"] = points
        with atomic_path(path) as temporary:
            np.savez_compressed(temporary, images=self.images, facts=np.array(json.dumps(facts)), **arrays)
        return path

    @classmethod
    def load(cls, folder: Path) -> "NetworkLook":
        """Read what `save` wrote.

        Raises:
            DatasetError: No such file, or not one that `save` wrote.
        """
        path = folder / NETWORK_LOOK
        remedy = "look again: python -m training.inspect_network"
        with read_arrays(path, MAX_BYTES, remedy) as file:
            facts = json.loads(str(file["facts"]))
            weights, activations = (
                {
                    str(name): Histogram(file[f"{kind}_{i}_edges"], file[f"{kind}_{i}_counts"], float(zeros))
                    for i, (name, zeros) in enumerate(facts[kind])
                }
                for kind in ("weights", "activations")
            )
            maps = {str(name): file[f"map_{i}"] for i, name in enumerate(facts["maps"])}
            look = cls(weights, activations, file["images"], maps, str(facts["model"]))
        if any(points.shape != (len(look.images), 2) for points in look.maps.values()):
            raise DatasetError(f"{path} holds maps of other shapes than ({len(look.images)}, 2); {remedy}")
        return look
