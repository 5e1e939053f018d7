"""From what a visitor drew or chose to what the page shows: the verdict, the probabilities, what the model saw."""

import base64
import html
import io
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from demos.words import words
from digitrec import BlankImageError, DigitrecError, Prediction
from digitrec.training_rows import frame_pixels

Sketch = dict[str, Any]
"""What Gradio's Sketchpad hands over: `background` and `composite`, a picture or None, and `layers`, a list of them."""

INVITATION = "Your digit will appear here"
NO_INK = "There is no ink yet. Draw a digit first."
NO_PICTURE = "There is no picture yet. Choose one, drop it here or paste it."


class Predicts(Protocol):
    """What the page needs of a recognizer."""

    def predict(self, image: Any, /) -> Prediction:
        """Name the digit in a picture."""


class Shown(NamedTuple):
    """What the page shows of one answer, and keeps of it.

    Attributes:
        verdict: HTML of the digit, of how sure the model is, and of the 28x28 picture that it saw.
        probabilities: By digit, as text; None where there is no answer.
        frame: Shape (28, 28), float32, 0 background to 1 full ink: what a correction is saved from; None without an
            answer.
    """

    verdict: str
    probabilities: dict[str, float] | None
    frame: NDArray[np.float32] | None


def show_nothing() -> Shown:
    """What the page shows before there is anything to answer."""
    return Shown(_verdict("empty", "?", INVITATION), None, None)


def show_sketch(recognizer: Predicts, sketch: Sketch | None) -> Shown:
    """Answer a sketch. Without any ink in it, the invitation stays: nobody has asked anything yet."""
    picture = picture_of(sketch)
    try:
        return show_nothing() if picture is None else _show(recognizer.predict(picture))
    except BlankImageError:
        return show_nothing()
    except DigitrecError as error:
        return show_notice(sentence(error))


def show_submitted_sketch(recognizer: Predicts, sketch: Sketch | None) -> Shown:
    """Answer a sketch that was handed in on purpose: where there is no ink, say so."""
    shown = show_sketch(recognizer, sketch)
    return shown if shown != show_nothing() else show_notice(NO_INK)


def show_picture(recognizer: Predicts, path: str | None) -> Shown:
    """Answer a picture file; None, where it has been taken away, has the page invite again."""
    try:
        return show_nothing() if path is None else _show(recognizer.predict(Path(path)))
    except DigitrecError as error:
        return show_notice(sentence(error))


def show_submitted_picture(recognizer: Predicts, path: str | None) -> Shown:
    """Answer a picture that was handed in on purpose: where there is none, say so."""
    return show_notice(NO_PICTURE) if path is None else show_picture(recognizer, path)


def show_notice(message: str) -> Shown:
    """Show a sentence where the answer would be."""
    return Shown(_verdict("notice", "?", message), None, None)


def picture_of(sketch: Sketch | None) -> Any | None:
    """The drawing in a sketch, as `digitrec.predict` takes it; None where there is none.

    The page sends everything flattened, as `composite`. Another client may leave that to us.
    """
    if not sketch:
        return None
    if sketch.get("composite") is not None:
        return sketch["composite"]
    sheets = [sheet for sheet in (sketch.get("background"), *(sketch.get("layers") or [])) if sheet is not None]
    pictures = [sheet if isinstance(sheet, Image.Image) else Image.fromarray(sheet) for sheet in sheets]
    if not pictures:
        return None
    flat = Image.new("RGBA", pictures[0].size)
    for picture in pictures:
        flat.alpha_composite(picture.convert("RGBA"))
    return flat


def sentence(error: DigitrecError) -> str:
    """What the core says of a picture, as a sentence of its own."""
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}."


def frame_png(frame: NDArray[np.float32]) -> bytes:
    """The (28, 28) frame, 0 to 1, as a PNG: white ink on black, as in MNIST."""
    png = io.BytesIO()
    Image.fromarray(frame_pixels(frame)).save(png, "PNG")
    return png.getvalue()


def _show(prediction: Prediction) -> Shown:
    sign = str(prediction.digit) if prediction.is_digit else "?"
    state = "answer" if prediction.is_digit else "doubt"
    line, second = words(prediction, decimals=1)  # the list beside it rounds to 100%
    probabilities = {str(digit): float(p) for digit, p in enumerate(prediction.probabilities)}
    return Shown(_verdict(state, sign, line, second, prediction.model_input), probabilities, prediction.model_input)


def _verdict(state: str, sign: str, line: str, second: str = "", frame: NDArray[np.float32] | None = None) -> str:
    """The verdict's HTML; `style.css` dresses it by its state: empty, answer, doubt or notice."""
    seen = ""
    if frame is not None:
        source = "data:image/png;base64," + base64.b64encode(frame_png(frame)).decode("ascii")
        alt = f"The 28 by 28 pixels the model saw: {line} {second}".strip()
        seen = (
            f'<figure class="seen"><img src="{source}" width="28" height="28" alt="{html.escape(alt)}">'
            "<figcaption>What the model saw</figcaption></figure>"
        )
    more = f' <span class="second">{html.escape(second)}</span>' if second else ""
    return (
        f'<div class="verdict" data-state="{state}"><p class="digit">{sign}</p>'
        f'<p class="sureness" role="status">{html.escape(line)}{more}</p>{seen}</div>'
    )
