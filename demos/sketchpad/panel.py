"""The answer panel: from a drawing or a picture to the HTML of its answer."""

import base64
import html
import io
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from demos.sketchpad.inputs import Upload, read_upload
from demos.sketchpad.pad import Drawing
from demos.wording import describe_in_parts, format_percent
from digitrec import BlankImageError, DigitrecError, Prediction
from digitrec.training_rows import frame_pixels

INVITATION = "Your digit will appear here"
NO_INK = "There is no ink yet. Draw a digit first."
NO_PICTURE = "There is no picture yet. Choose one, drop it here or paste it."


class SupportsPredict(Protocol):
    """What the sketchpad needs of a recognizer."""

    def predict(self, image: Any, /) -> Prediction:
        """Recognize the digit in a picture."""


class Panel(NamedTuple):
    """What the page shows of one answer, and what a correction of it would save.

    Attributes:
        markup: HTML: the digit, how sure the model is, the 28x28 pixels it saw, the ten probabilities.
        frame: Shape (28, 28), float32, 0 background to 1 full ink; None where there is no answer.
    """

    markup: str
    frame: NDArray[np.float32] | None = None


def empty_panel(number: int = 0) -> Panel:
    """The panel before there is anything to answer.

    Args:
        number: As `Drawing.number`; `pad.js` compares it with that of the drawing on the pad.
    """
    return Panel(verdict_markup("empty", "?", INVITATION, number=number))


def notice_panel(message: str, number: int = 0) -> Panel:
    """The panel with a sentence in place of an answer."""
    return Panel(verdict_markup("notice", "?", message, number=number))


def answer_drawing(recognizer: SupportsPredict, drawing: Drawing) -> Panel:
    """Answer a drawing. A blank one leaves the panel empty: nobody has asked for an answer yet."""
    if drawing.picture is None:
        return empty_panel(drawing.number)
    try:
        return _answer_panel(recognizer.predict(drawing.picture), drawing.number)
    except BlankImageError:
        return empty_panel(drawing.number)
    except DigitrecError as error:
        return notice_panel(as_sentence(error), drawing.number)


def answer_submitted_drawing(recognizer: SupportsPredict, drawing: Drawing) -> Panel:
    """Answer a drawing that was submitted by the button: if it is blank, say so."""
    panel = answer_drawing(recognizer, drawing)
    return notice_panel(NO_INK, drawing.number) if panel == empty_panel(drawing.number) else panel


def answer_picture(recognizer: SupportsPredict, upload: Upload | None) -> Panel:
    """Answer an uploaded picture; None empties the panel, because the picture has been removed."""
    if upload is None:
        return empty_panel()
    try:
        return _answer_panel(recognizer.predict(read_upload(upload)))
    except DigitrecError as error:
        return notice_panel(as_sentence(error))


def answer_submitted_picture(recognizer: SupportsPredict, upload: Upload | None) -> Panel:
    """Answer a picture that was submitted by the button: if there is none, say so."""
    return notice_panel(NO_PICTURE) if upload is None else answer_picture(recognizer, upload)


def as_sentence(error: DigitrecError) -> str:
    """Turn the core's message into a sentence."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def frame_png(frame: NDArray[np.float32]) -> bytes:
    """Encode a frame, shape (28, 28), 0 to 1, as a PNG: white ink on black, as in MNIST."""
    png = io.BytesIO()
    Image.fromarray(frame_pixels(frame)).save(png, "PNG")
    return png.getvalue()


def _answer_panel(prediction: Prediction, number: int = 0) -> Panel:
    sign = str(prediction.digit) if prediction.is_digit else "?"
    state = "answer" if prediction.is_digit else "doubt"
    first, second = describe_in_parts(prediction, decimals=1)
    seen = _seen(prediction.model_input, f"{first} {second}".strip())
    markup = verdict_markup(state, sign, first, second, seen=seen, number=number)
    return Panel(markup + _bars(prediction), prediction.model_input)


def verdict_markup(state: str, sign: str, first: str, second: str = "", *, seen: str = "", number: int) -> str:
    """The head of a panel.

    Args:
        state: empty, answer, doubt or notice; `style.css` styles the panel by it.
        sign: What is shown large, as HTML: the digit, or a question mark.
        first: How sure the model is, or why there is no answer.
        second: More of that sentence, on a line of its own.
        seen: HTML: the picture that the model saw.
        number: As `Drawing.number`.
    """
    more = f' <span class="second">{html.escape(second)}</span>' if second else ""
    return (
        f'<div class="verdict" data-state="{state}" data-drawing="{number}"><p class="digit">{sign}</p>'
        f'<p class="sureness" role="status">{html.escape(first)}{more}</p>{seen}</div>'
    )


def _seen(frame: NDArray[np.float32], words: str) -> str:
    source = "data:image/png;base64," + base64.b64encode(frame_png(frame)).decode("ascii")
    alt = html.escape(f"The 28 by 28 pixels the model saw: {words}")
    return (
        f'<figure class="seen"><img src="{source}" width="28" height="28" alt="{alt}">'
        "<figcaption>What the model saw</figcaption></figure>"
    )


def _bars(prediction: Prediction) -> str:
    """The ten probabilities, the largest first. A doubted answer has no percentages: they take a digit for granted."""
    rows = []
    for digit in prediction.probabilities.argsort(kind="stable")[::-1]:
        probability = float(prediction.probabilities[digit])
        figure = format_percent(probability, 1) if prediction.is_digit else ""
        rows.append(
            f'<li><span class="label">{digit}</span><span class="track"><span class="bar"'
            f' style="width:{100 * probability:.2f}%"></span></span><span class="figure">{figure}</span></li>'
        )
    return f'<ol class="bars" aria-label="Probability of each digit">{"".join(rows)}</ol>'
