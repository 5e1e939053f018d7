"""A look inside a trained network: its weights, what its layers give, and where images lie before its last layer."""

import importlib.util
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from digitrec.learning.batches import scale_images
from digitrec.learning.evaluation.network_look import Histogram, NetworkLook

CHUNK = 250
"""Images that go through the network at once."""

HISTOGRAM_IMAGES = 200
"""Images whose activations are counted: some ten million values a layer."""

COMPONENTS = 50
"""Principal components that UMAP starts from: it is as good as with all, and much faster."""


def look_inside(
    cnn: Any, images: NDArray[np.uint8], positions: NDArray[np.int64], model: str, seed: int
) -> NetworkLook:
    """Look inside a network.

    Args:
        cnn: A network of layers that follow one another, as `build_cnn` builds it.
        images: Shape (n, 28, 28), uint8, framed: those that are embedded, at least 3.
        positions: Shape (n,), where they are among MNIST's test images.
        model: Hexadecimal SHA-256 of the network's file.
        seed: Of UMAP.
    """
    weights = {
        f"{layer.name}/{weight.name}": Histogram.of(keras.ops.convert_to_numpy(weight))
        for layer in cnn.layers
        for weight in layer.trainable_weights
    }
    embeddings = embed(cnn, images)
    maps = {"PCA": project(embeddings)[:, :2]}
    if importlib.util.find_spec("umap"):
        maps["UMAP"] = _project_by_umap(embeddings, seed)
    return NetworkLook(weights, _activations(cnn, images[:HISTOGRAM_IMAGES]), positions, maps, model)


def embed(cnn: Any, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The features of images before the network's last layer. Returns (n, features), float32."""
    trunk = keras.Model(cnn.inputs[0], cnn.layers[-1].input)
    chunks = [scale_images(images[start : start + CHUNK]) for start in range(0, len(images), CHUNK)]
    features = [keras.ops.convert_to_numpy(trunk(chunk, training=False)) for chunk in chunks]
    return np.concatenate(features).astype(np.float32)


def project(embeddings: NDArray[np.float32], components: int = 2) -> NDArray[np.float32]:
    """Project embeddings to their principal components. Returns (n, components), float32, the largest variance first.

    Args:
        embeddings: Shape (n, features).
        components: How many; at most n and features.
    """
    centred = embeddings - embeddings.mean(0)
    left, scales, _ = np.linalg.svd(centred, full_matrices=False)
    # The sign of a component is arbitrary; this one makes its largest value positive.
    signs = np.sign(left[np.abs(left).argmax(0), np.arange(left.shape[1])])
    return np.asarray((left * scales * signs)[:, :components], np.float32)


def _project_by_umap(embeddings: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    import umap

    reduced = project(embeddings, min(COMPONENTS, *embeddings.shape))
    # One job: with a seed, UMAP runs in one thread, and warns where more are asked for.
    return np.asarray(umap.UMAP(n_components=2, random_state=seed, n_jobs=1).fit_transform(reduced), np.float32)


def _activations(cnn: Any, images: NDArray[np.uint8]) -> dict[str, Histogram]:
    x: Any = scale_images(images)
    found = {}
    for layer in cnn.layers[1:]:
        x = layer(x, training=False)
        if not isinstance(layer, keras.layers.Dropout | keras.layers.Flatten | keras.layers.ZeroPadding2D):
            found[layer.name] = Histogram.of(keras.ops.convert_to_numpy(x).astype(np.float32))
    return found
