"""What makes logits honest: a temperature for the confidence, and a threshold for the doubt, both fitted on validation.

Both end up in the graph (`digitrec.learning.layers.calibrated_answer`), so that the model file
carries them wherever it runs.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from digitrec.learning.layers.calibrated_answer import Calibration
from digitrec.training_rows import NOT_A_DIGIT

CALIBRATION = "calibration.json"
"""Its file in a run directory."""

MAX_DOUBTED_SHARE = 0.001
"""Share of the real digits validated on that may be doubted: a fifth of what is allowed on data not seen yet, for
strangers' digits differ from those of the few writers validated on by more than these differ from each other."""


def fit_calibration(
    digits: Mapping[str, tuple[NDArray[np.float32], NDArray[np.uint8]]], negatives: NDArray[np.float32] | None
) -> Calibration:
    """Fit temperature and doubt to a network's logits on validation data.

    The temperature minimizes the cross-entropy of the right digit, as Guo et al. (2017), "On calibration of modern
    neural networks"; each validation set counts alike, whatever its size. It is never below 1: answers that come out
    less sure than they might be, as they do of a network trained on damaged images, suit the drawings of strangers,
    which are harder than any that were validated on. The threshold is the lowest at which, taking the
    average of the sets, no more than `MAX_DOUBTED_SHARE` of the digits are above it: of one set alone that is too few
    drawings to draw a line by. The steepness is that of a logistic regression through the threshold, of digits against
    negatives.

    Args:
        digits: By validation set, logits (n, 11) and labels (n,), 0 to 9.
        negatives: Logits (n, 11) of what is no digit; None if the network was not trained on such.
    """

    def loss(log_temperature: float) -> float:
        return float(np.mean([_cross_entropy(*part, np.exp(log_temperature)) for part in digits.values()]))

    temperature = float(np.exp(minimize_scalar(loss, bounds=(0.0, 3.0), method="bounded").x))
    trained = negatives is not None
    scores = [doubt_scores(logits, temperature, trained) for logits, _ in digits.values()]
    real, weights = np.concatenate(scores), np.concatenate([np.full(len(score), 1 / len(score)) for score in scores])
    threshold = float(np.quantile(real, 1 - MAX_DOUBTED_SHARE, weights=weights, method="inverted_cdf"))
    steepness = 1.0
    if negatives is not None and len(negatives):
        false = doubt_scores(negatives, temperature, trained)

        def misfit(log_steepness: float) -> float:
            slope = np.exp(log_steepness)
            return float(
                np.logaddexp(0, slope * (real - threshold)).mean()
                + np.logaddexp(0, -slope * (false - threshold)).mean()
            )

        steepness = float(np.exp(minimize_scalar(misfit, bounds=(-3.0, 3.0), method="bounded").x))
    return Calibration(temperature, threshold, steepness, trained)


def doubt_scores(logits: NDArray[np.float32], temperature: float, trained: bool) -> NDArray[np.float64]:
    """How much speaks against a digit, in nats; see `Calibration`. Takes (n, 11), returns (n,)."""
    logits = logits.astype(np.float64)
    digits = logits[:, :NOT_A_DIGIT]
    if trained:
        return np.asarray(logits[:, NOT_A_DIGIT] - logsumexp(digits, axis=1))
    below = np.sort(digits / temperature, axis=1)
    return np.asarray(logsumexp(below[:, :-1] - below[:, -1:], axis=1))  # log((1 - p) / p) of the confidence p


def _cross_entropy(logits: NDArray[np.float32], labels: NDArray[np.uint8], temperature: float) -> float:
    digits = logits[:, :NOT_A_DIGIT].astype(np.float64) / temperature
    return float((logsumexp(digits, axis=1) - digits[np.arange(len(labels)), labels]).mean())
