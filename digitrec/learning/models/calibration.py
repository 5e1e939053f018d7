"""Calibration on validation data: a temperature for the confidence, and a threshold for the doubt.

Both become part of the graph (`digitrec.learning.layers.calibrated_answer`), and so of the model file.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.training_rows import NOT_A_DIGIT

CALIBRATION = "calibration.json"
"""Name of the file in a run directory."""

MAX_DOUBTED_SHARE = 0.001
"""Largest share of validation digits that may be doubted: half of what is allowed on new data. Strangers' digits differ
more from those of the few validation writers than these differ from each other."""

MAX_DOUBTED_STRANGERS = 0.0025
"""The same where writers of many folds are among them, each a stranger to the network that classified its drawings. At
0.2 % less than 97 % of the letters of scripts that validate would be doubted."""

LOG_STEEPNESS = (-3.0, 1.0)
"""Bounds of the logarithm of the steepness, per nat. Few negatives, all of them beyond the threshold, would let it grow
without end. At 2.7 two nats already go from no doubt to full doubt; at 7.4 the rounding of float32 was magnified to
more than the exported graph may differ by."""


def fit_calibration(
    digits: Mapping[str, tuple[NDArray[np.float32], NDArray[np.uint8]]],
    negatives: NDArray[np.float32] | None,
    max_doubted: float = MAX_DOUBTED_SHARE,
) -> Calibration:
    """Fit temperature and doubt to a network's logits on validation data.

    The temperature minimizes the cross-entropy of the right digit, as Guo et al. (2017), "On calibration of modern
    neural networks"; each validation set counts alike, whatever its size. It is never below 1: a network that was
    trained on corrupted images is less confident than it might be on validation data, which suits the drawings of
    strangers, for they are harder. The threshold is the lowest that no more than a given share of the digits exceed,
    averaged over the sets: one set alone has too few drawings beyond it. The steepness is that of a logistic
    regression through the threshold, of digits against negatives.

    Args:
        digits: By validation set, logits (n, 11) and labels (n,), 0 to 9.
        negatives: Logits (n, 11) of non-digits; None if the network was not trained on any.
        max_doubted: Largest share of the digits that may be doubted, 0 to 1.
    """

    def loss(log_temperature: float) -> float:
        return float(np.mean([_cross_entropy(*part, np.exp(log_temperature)) for part in digits.values()]))

    temperature = float(np.exp(minimize_scalar(loss, bounds=(0.0, 3.0), method="bounded").x))
    trained = negatives is not None
    scores = [doubt_scores(logits, temperature, trained) for logits, _ in digits.values()]
    real, weights = np.concatenate(scores), np.concatenate([np.full(len(score), 1 / len(score)) for score in scores])
    threshold = float(np.quantile(real, 1 - max_doubted, weights=weights, method="inverted_cdf"))
    steepness = 1.0
    if negatives is not None and len(negatives):
        false = doubt_scores(negatives, temperature, trained)

        def misfit(log_steepness: float) -> float:
            slope = np.exp(log_steepness)
            return float(
                np.logaddexp(0, slope * (real - threshold)).mean()
                + np.logaddexp(0, -slope * (false - threshold)).mean()
            )

        steepness = float(np.exp(minimize_scalar(misfit, bounds=LOG_STEEPNESS, method="bounded").x))
    return Calibration(temperature, threshold, steepness, trained)


def doubt_scores(logits: NDArray[np.float32], temperature: float, trained: bool) -> NDArray[np.float64]:
    """Compute out-of-distribution scores from logits, in nats; see `Calibration`. Takes (n, 11), returns (n,)."""
    logits = logits.astype(np.float64)
    digits = logits[:, :NOT_A_DIGIT]
    if trained:
        return np.asarray(logits[:, NOT_A_DIGIT] - logsumexp(digits, axis=1))
    below = np.sort(digits / temperature, axis=1)
    return np.asarray(logsumexp(below[:, :-1] - below[:, -1:], axis=1))  # log((1 - p) / p) of the confidence p


def _cross_entropy(logits: NDArray[np.float32], labels: NDArray[np.uint8], temperature: float) -> float:
    digits = logits[:, :NOT_A_DIGIT].astype(np.float64) / temperature
    return float((logsumexp(digits, axis=1) - digits[np.arange(len(labels)), labels]).mean())
