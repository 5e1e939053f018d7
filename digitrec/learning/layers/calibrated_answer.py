"""From logits to calibrated probabilities and doubt: the last layer of the graph, and its fitted parameters."""

from dataclasses import asdict, dataclass
from typing import Any

import keras
from keras import ops


@dataclass(frozen=True)
class Calibration:
    """How logits become probabilities and doubt.

    Attributes:
        temperature: Divisor of the digits' logits; above 1 it lowers the confidence.
        threshold: Doubt score, in nats, from which on a drawing counts as a non-digit.
        steepness: How fast doubt goes from 0 to 1 around it, per nat.
        trained: Whether the network was trained on non-digits. Then its logit for them is compared with the digits';
            otherwise doubt follows from the confidence.
    """

    temperature: float = 1.0
    threshold: float = 0.0
    steepness: float = 1.0
    trained: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)

    def layer(self, logits: Any) -> dict[str, Any]:
        """Apply the layer to logits (n, 11). Returns `probabilities` (n, 10) and `doubt` (n,)."""
        answer: dict[str, Any] = CalibratedAnswer(**asdict(self), name="answer")(logits)
        return answer


@keras.saving.register_keras_serializable(package="digitrec")
class CalibratedAnswer(keras.layers.Layer):
    """Logits (n, 11) to a dict of `probabilities` (n, 10), which sum to 1, and `doubt` (n,), 0 to 1.

    Doubt is 0.5 at the threshold.
    """

    def __init__(self, temperature: float, threshold: float, steepness: float, trained: bool, **kwargs: Any) -> None:
        """Take the values of a `Calibration`."""
        super().__init__(**kwargs)
        self.calibration = Calibration(temperature, threshold, steepness, trained)

    def call(self, logits: Any) -> dict[str, Any]:
        """Compute the outputs for a batch of logits."""
        fit = self.calibration
        digits = logits[:, :-1]
        probabilities = ops.softmax(digits / fit.temperature, axis=-1)
        if fit.trained:
            score = logits[:, -1] - ops.logsumexp(digits, axis=-1)
        else:
            # log((1 - p) / p) of the largest probability p, without taking p from 1: near certainty nothing is left.
            below = (digits - ops.max(digits, axis=-1, keepdims=True)) / fit.temperature
            score = ops.logsumexp(ops.where(below >= 0.0, -1e9, below), axis=-1)
        doubt = ops.sigmoid(fit.steepness * (score - fit.threshold))
        return {"probabilities": probabilities, "doubt": doubt}

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> dict[str, tuple[int | None, ...]]:
        """(n, 11) to (n, 10) and (n,)."""
        return {"probabilities": (input_shape[0], 10), "doubt": (input_shape[0],)}

    def get_config(self) -> dict[str, Any]:
        """The arguments it was made with."""
        return {**super().get_config(), **self.calibration.to_dict()}
