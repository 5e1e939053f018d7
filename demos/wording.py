"""How the demos word an answer, as the web app does."""

import math

from digitrec import Prediction


def format_percent(probability: float, decimals: int = 0) -> str:
    """Write a probability as a percentage, never as 100 %: no answer is certain.

    Above 99 % it is rounded down. About one of a hundred strangers' drawings is read wrong, mostly with a probability
    that float32 rounds to 1.

    Args:
        probability: 0 to 1.
        decimals: Digits after the point.
    """
    scale = 10**decimals
    value = probability * 100 * scale
    whole = min(math.floor(value + 1e-9), 100 * scale - 1) if probability > 0.99 else round(value)
    return f"{whole / scale:.{decimals}f}%"


def describe_in_parts(prediction: Prediction, *, decimals: int = 0) -> tuple[str, str]:
    """Word a prediction in two parts of one sentence; the second part may be empty.

    Args:
        prediction: The model's answer.
        decimals: Digits after the point of a confidence above 99 %.
    """
    if not prediction.is_digit:
        return "I can't see a digit,", f"my best guess is {prediction.digit}"
    sure = f"{format_percent(prediction.confidence, decimals if prediction.confidence > 0.99 else 0)} sure"
    if prediction.confidence >= 0.8:
        return sure, ""
    return f"{sure},", f"or else {int(prediction.probabilities.argsort()[-2])}"


def describe(prediction: Prediction) -> str:
    """Word a prediction in one sentence."""
    return " ".join(filter(None, describe_in_parts(prediction)))
