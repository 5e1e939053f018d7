"""The gradient of a network with respect to its input, as a part of a graph.

Automatic differentiation works where a network is trained, and its operations do not export to ONNX. So the backward
pass is written out, for the few kinds of layers of our networks, in operations that do.
"""

from collections.abc import Callable
from typing import Any

import keras
from keras import ops

Direction = Callable[[Any], Any]
"""From logits (n, c) to the gradient of some function of them, (n, c)."""


def logits_and_gradient(network: Any, x: Any, direction: Direction) -> tuple[Any, Any]:
    """Run a network forward and backward.

    Args:
        network: A `keras.Model` of layers that follow one another, as `build_cnn` and `build_tutorial_cnn` build it.
            Dropout does nothing, and batch normalization uses its moving statistics.
        x: Shape (n, h, w, 1).
        direction: The gradient of what is asked about with respect to the logits.

    Returns:
        The logits, (n, c), and the gradient of the same with respect to `x`, of its shape. Where several inputs of a
        maximum are equal, they share its gradient.

    Raises:
        TypeError: The network has a layer whose backward pass is not written here.
    """
    passed = []
    for layer in [one for one in network.layers if not isinstance(one, keras.layers.InputLayer)]:
        before, x = x, layer(x, training=False)
        passed.append((layer, before, x))
    gradient = direction(x)
    for layer, before, after in reversed(passed):
        gradient = _backward(layer, before, after, gradient)
    return x, gradient


def _backward(layer: Any, x: Any, y: Any, gradient: Any) -> Any:
    """From the gradient with respect to a layer's output `y` to that with respect to its input `x`."""
    layers = keras.layers
    if isinstance(layer, layers.Dropout):
        return gradient
    if isinstance(layer, layers.ReLU):
        return gradient * _positive(y)
    if isinstance(layer, layers.BatchNormalization):
        return gradient * (layer.gamma / ops.sqrt(layer.moving_variance + layer.epsilon))
    if isinstance(layer, layers.MaxPooling2D):
        return _through_maximum(layer, x, y, gradient)
    if isinstance(layer, layers.ZeroPadding2D):
        (top, _), (left, _) = layer.padding
        return gradient[:, top : x.shape[1] + top, left : x.shape[2] + left]
    if isinstance(layer, layers.Flatten):
        return ops.reshape(gradient, (-1, *x.shape[1:]))
    if isinstance(layer, layers.Conv2D | layers.Dense):
        if layer.activation is keras.activations.relu:
            gradient = gradient * _positive(y)
        if isinstance(layer, layers.Dense):
            return ops.matmul(gradient, ops.transpose(layer.kernel))
        return ops.conv_transpose(gradient, layer.kernel, strides=1, padding=layer.padding)
    raise TypeError(f"the backward pass of {type(layer).__name__} is not written")


def _positive(x: Any) -> Any:
    return ops.cast(x > 0, "float32")


def _through_maximum(layer: Any, x: Any, y: Any, gradient: Any) -> Any:
    """Hand each maximum's gradient to the inputs that reach it. Rows and columns left over by the pooling get none."""
    size = layer.pool_size[0]
    high, wide = size * y.shape[1], size * y.shape[2]
    largest = ops.cast(ops.equal(x[:, :high, :wide], _enlarged(y, size)), "float32")
    count = ops.average_pool(largest, size, size) * size**2
    given = largest * _enlarged(gradient / count, size)
    return ops.pad(given, ((0, 0), (0, x.shape[1] - high), (0, x.shape[2] - wide), (0, 0)))


def _enlarged(x: Any, factor: int) -> Any:
    """Repeat each value of (n, h, w, c) `factor` times along both axes."""
    return ops.repeat(ops.repeat(x, factor, axis=1), factor, axis=2)
