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


def words(answer: Prediction, *, decimals: int = 0) -> tuple[str, str]:
    """What the model says, in words: a line, and a second one that belongs to the same sentence or is empty.

    Args:
        answer: Of the model.
        decimals: Digits after the point of a confidence above 99 %.
    """
    if not answer.is_digit:
        return "I can't see a digit,", f"my best guess is {answer.digit}"
    sure = f"{percent(answer.confidence, decimals if answer.confidence > 0.99 else 0)} sure"
    if answer.confidence >= 0.8:
        return sure, ""
    return f"{sure},", f"or else {int(answer.probabilities.argsort()[-2])}"


def verdict(answer: Prediction) -> str:
    """The same as one sentence."""
    return " ".join(filter(None, words(answer)))
