"""The graph behind explanations: the network opened up, with its gradient and the place of its frame."""

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from digitrec.artifacts import EXPLANATION_NAME
from digitrec.errors import ModelIntegrityError
from digitrec.explanation.graph import ExplanationGraph
from digitrec.learning.layers.frame_ink import FRAME, FrameInk
from digitrec.learning.models.cnn import LOGITS
from digitrec.learning.models.float16 import store_half_weights
from digitrec.learning.models.input_gradient import logits_and_gradient
from digitrec.training_rows import NOT_A_DIGIT

TOLERANCE = 1e-4
"""Most that Keras and ONNX Runtime may differ, as a share of the largest value of an output; see `_difference`."""


class OpenNetwork(keras.layers.Layer):
    """A network with all that happens in it; exported, and never saved as a Keras model."""

    def __init__(self, cnn: Any) -> None:
        """Take the network, as `build_cnn` builds it; its weights are shared."""
        super().__init__(name="open_network")
        self.cnn = cnn

    def call(self, ink: Any, frames: Any, digit: Any) -> dict[str, Any]:
        """Compute what `digitrec.explanation.graph.OUTPUTS` lists, of (m, h, w), (n, 28, 28) and (n,)."""
        framed, place = FrameInk().frame_and_place(ink)
        asked = ops.one_hot(digit, LOGITS)

        def of_log_odds(logits: Any) -> Any:
            """The gradient of the log odds of the digit among the ten."""
            ruled_out = ops.logical_or(asked > 0, ops.arange(LOGITS) == NOT_A_DIGIT)
            return asked - ops.softmax(ops.where(ruled_out, -1e9, logits))

        x = ops.expand_dims(frames, -1)
        logits, gradient = logits_and_gradient(self.cnn, x, of_log_odds)
        return {
            "frame": framed[..., 0],
            "place": place,
            "logits": logits,
            "gradient": gradient[..., 0],
            "filters": self._first_filters(),
            **self._activations(x),
        }

    def _first_filters(self) -> Any:
        """The kernels of the first convolution: (rows, columns, filters)."""
        first = next(layer for layer in self.cnn.layers if isinstance(layer, keras.layers.Conv2D))
        return ops.convert_to_tensor(first.kernel)[:, :, 0]

    def _activations(self, x: Any) -> dict[str, Any]:
        """What leaves each convolution, after what follows it up to the next one: (n, h, w, filters)."""
        found: dict[str, Any] = {}
        for layer in self.cnn.layers[1:]:
            if isinstance(layer, keras.layers.Flatten):
                break
            x = layer(x, training=False)
            if isinstance(layer, keras.layers.Conv2D):
                found[f"activation_{len(found) + 1}"] = x
            elif found:
                found[f"activation_{len(found)}"] = x
        return found


def export_explanation(cnn: Any) -> bytes:
    """Export the graph behind explanations.

    Args:
        cnn: The network of the recognizer that is explained, its weights rounded as in that file.

    Returns:
        An ONNX file.

    Raises:
        ModelIntegrityError: ONNX Runtime and Keras disagree.
    """
    inputs = [
        keras.Input((None, None), name="ink"),
        keras.Input((FRAME, FRAME), name="frames"),
        keras.Input((), dtype="int32", name="digit"),
    ]
    model = keras.Model(inputs, OpenNetwork(cnn)(*inputs), name="explanation")
    example = _example()
    expected = {name: ops.convert_to_numpy(value) for name, value in model(example).items()}
    with tempfile.TemporaryDirectory() as temporary:
        file = Path(temporary) / EXPLANATION_NAME
        model.export(file, format="onnx", verbose=False)
        store_half_weights(file)
        found = ExplanationGraph(file).run(*example, outputs=tuple(expected))
        data = file.read_bytes()
    for name, values in found.items():
        difference = _difference(values, expected[name], by_frame=name == "gradient")
        if not difference <= TOLERANCE:
            raise ModelIntegrityError(
                f"refused: ONNX Runtime and Keras differ by {difference:.2g} in the output {name} of the explanation,"
                f" more than {TOLERANCE:g}; nothing was written"
            )
    return data


def _difference(found: NDArray[Any], expected: NDArray[Any], *, by_frame: bool) -> float:
    """The largest difference, as a share of the largest value; by frame, that of the middle one of the frames.

    A gradient jumps where a ReLU or a maximum changes sides. Each frame has tens of thousands of them, so now and then
    one is so close to its edge that the two runtimes, which round differently, see it on either side: in 4 of 1,200
    frames of noise, with one network. A wrong graph is wrong in all.
    """
    pairs = zip(found, expected, strict=True) if by_frame else [(found, expected)]
    shares = [np.abs(one - other).max() / max(np.abs(other).max(), 1e-6) for one, other in pairs]
    return float(np.median(shares))


def _example() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.int32]]:
    """Inputs to compare on: ink of drawings of several sizes, noisy frames, and a digit for each."""
    rng = np.random.default_rng(0)
    ink = np.zeros((3, 90, 120), np.float32)
    for drawing, size in zip(ink, (70, 40, 12), strict=True):
        drawing[10 : 10 + size, 20 : 20 + size // 2] = rng.uniform(0.2, 1, (size, size // 2))
    frames = rng.uniform(0, 1, (10, FRAME, FRAME)).astype(np.float32)
    return ink, frames, np.arange(10, dtype=np.int32)
