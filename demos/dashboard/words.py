"""How answers are put into words, the same on every page as in the web app."""

import math

from digitrec import Prediction


def percent(share: float, decimals: int = 0) -> str:
    """A share as percent. Above 99 it is rounded down, so that only certainty itself is called 100 %.

    Args:
        share: 0 to 1.
        decimals: Digits after the point.
    """
    value = share * 100 * 10**decimals
    whole = math.floor(value + 1e-9) if share > 0.99 else round(value)
    return f"{whole / 10**decimals:.{decimals}f}%"


def verdict(answer: Prediction) -> str:
    """What the model says, in a sentence."""
    if not answer.is_digit:
        return f"I can't see a digit, my best guess is {answer.digit}"
    sure = f"{percent(answer.confidence)} sure"
    if answer.confidence >= 0.8:
        return sure
    second = int(answer.probabilities.argsort()[-2])
    return f"{sure}, or else {second}"
