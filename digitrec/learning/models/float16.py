"""Weights in half precision: half the file size, and the same predictions.

A network is rounded to half precision first, as a Keras model, so that the network evaluated, exported and shipped
is the same. Half precision has eleven binary digits; the weights, sums of thousands of noisy steps, need fewer.
Only the file is in half precision: ONNX Runtime casts the weights to float32 when it loads them, and computes in
float32.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

SMALL = 1_000
"""Weights up to which a tensor stays as it is: nothing would be gained."""


def round_to_half(cnn: Any) -> Any:
    """Round a network's kernels to what half precision holds.

    Exporting multiplies a kernel by the scale of the normalization that follows, and the product would be another
    number. So the scale goes into the kernel before it is rounded, and the normalization is left with its sign, for a
    maximum may be taken between the two.

    Args:
        cnn: A network of layers that follow one another, as `build_cnn` and `build_tutorial_cnn` build it.

    Returns:
        A copy of it that differs by the rounding alone, at most 0.05 % of each weight.
    """
    copy = keras.models.clone_model(cnn)
    copy.set_weights(cnn.get_weights())
    layers = [layer for layer in copy.layers if layer.weights]
    for layer, following in pairwise([*layers, None]):
        if not isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            continue
        weights = layer.get_weights()  # the kernel, whose last axis is the output, and a bias if it has one
        if isinstance(following, keras.layers.BatchNormalization):
            size = _take_scale(following)
            weights = [weight * size for weight in weights]
        weights[0] = weights[0].astype(np.float16).astype(np.float32)
        layer.set_weights(weights)
    return copy


def _take_scale(normalization: Any) -> NDArray[np.float32]:
    """Leave a normalization with the sign of its scale alone; returns the scale's size, shape (channels,)."""
    gamma, beta, mean, variance = normalization.get_weights()
    scale = gamma / np.sqrt(variance + normalization.epsilon)
    size: NDArray[np.float32] = np.abs(scale)
    normalization.set_weights([np.sign(scale), beta, mean * size, np.full_like(variance, 1 - normalization.epsilon)])
    return size


def store_half_weights(path: Path, *, rounded: bool = False) -> None:
    """Write the large tensors of an ONNX file in half precision, those that lose nothing by it; in place.

    Each is followed by a `Cast` to float32, which runtimes do once, when they load the file.

    Args:
        path: The file.
        rounded: Whether those that lose something are stored so too, rounded.
    """
    model = onnx.load(path)
    tensors, casts = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16) if tensor.data_type == TensorProto.FLOAT and values.size > SMALL else None
        # The export may have multiplied by a scale that differs from 1 in the last digit.
        if half is None or not (rounded or np.allclose(half.astype(np.float32), values, rtol=1e-6, atol=0)):
            tensors.append(tensor)
            continue
        name = f"{tensor.name}/half"
        tensors.append(numpy_helper.from_array(half, name))
        casts.append(helper.make_node("Cast", [name], [tensor.name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.initializer[:], model.graph.node[:]
    model.graph.initializer.extend(tensors)
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    onnx.save(model, path)
