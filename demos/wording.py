"""How the demos word an answer, as the web app does."""

from digitrec import Prediction
from digitrec.display import format_percent as format_percent


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


def count_of(number: int, noun: str) -> str:
    """A count with its noun, as in "1 digit" and "2 digits"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
