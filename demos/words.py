"""How answers are put into words, as in the web app."""

import math

from digitrec import Prediction


def percent(probability: float, decimals: int = 0) -> str:
    """A probability as percent. Above 99 it is rounded down, and never called 100 %: no answer is certain.

    Of a hundred drawings by strangers about one is read wrong, and mostly with a probability that float32 has as 1.

    Args:
        probability: 0 to 1.
        decimals: Digits after the point.
    """
    scale = 10**decimals
    value = probability * 100 * scale
    whole = min(math.floor(value + 1e-9), 100 * scale - 1) if probability > 0.99 else round(value)
    return f"{whole / scale:.{decimals}f}%"


def verdict(answer: Prediction) -> str:
    """What the model says, in a sentence."""
    if not answer.is_digit:
        return f"I can't see a digit, my best guess is {answer.digit}"
    sure = f"{percent(answer.confidence)} sure"
    if answer.confidence >= 0.8:
        return sure
    second = int(answer.probabilities.argsort()[-2])
    return f"{sure}, or else {second}"
