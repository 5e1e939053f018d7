"""How a prediction is shown: in words, as a line, and in a notebook."""

import base64
import io
import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

if TYPE_CHECKING:
    from digitrec.prediction import Prediction


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


def describe(answer: "Prediction") -> str:
    """Put an answer into a few words: "7, 99.8% sure", or "not a digit (best guess 7)"."""
    if answer.is_digit:
        return f"{answer.digit}, {format_percent(answer.confidence, 1)} sure"
    return f"not a digit (best guess {answer.digit})"


def to_html(answer: "Prediction") -> str:
    """Show an answer in a notebook: the digit, a bar for each of the ten, and what the network saw.

    Colours follow the notebook's theme. Nothing is fetched: the picture is inline.
    """
    heading = str(answer.digit) if answer.is_digit else "not a digit"
    rows = "".join(_bar(digit, float(p), digit == answer.digit) for digit, p in enumerate(answer.probabilities))
    picture = f"data:image/png;base64,{base64.b64encode(to_png(answer.model_input)).decode()}"
    return (
        '<div style="display:flex;gap:1.5em;align-items:center;font-family:system-ui,sans-serif">'
        f'<div style="text-align:center"><div style="font-size:2.5em;line-height:1.2">{heading}</div>'
        f'<div style="opacity:.75">{describe(answer)}<br>doubt {answer.doubt:.3f}</div></div>'
        f'<table style="border-collapse:collapse;font-size:.8em;margin:0">{rows}</table>'
        f'<figure style="margin:0"><img src="{picture}" alt="the drawing as the network saw it" width="112"'
        ' height="112" style="image-rendering:pixelated;border:1px solid currentColor">'
        '<figcaption style="font-size:.8em;opacity:.75">what the network saw</figcaption></figure></div>'
    )


def _bar(digit: int, probability: float, chosen: bool) -> str:
    cell = 'style="padding:0 .4em;border:0;background:none;text-align:{}"'
    bar = f"width:{100 * probability:.1f}%;height:.7em;background:currentColor;opacity:{0.9 if chosen else 0.45}"
    return (
        f"<tr><td {cell.format('right')}>{digit}</td>"
        f'<td {cell.format("left")}><div style="width:9em"><div style="{bar}"></div></div></td>'
        f"<td {cell.format('right')}>{format_percent(probability, 1)}</td></tr>"
    )


def to_png(model_input: NDArray[np.float32]) -> bytes:
    """Encode a framed drawing as a PNG: black ink on white.

    Args:
        model_input: Shape (28, 28), float32, 0 background to 1 full ink.
    """
    buffer = io.BytesIO()
    Image.fromarray(np.round(255 * (1 - model_input)).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()
