"""Why the answer: what of the picture speaks for its digit and against it, beside the answer and as an endpoint."""

import base64
import html
from typing import Any, Final, Literal, Protocol

from demos.sketchpad.inputs import Upload, read_upload
from demos.sketchpad.pad import Drawing
from demos.sketchpad.panel import as_sentence
from digitrec import BlankImageError, DigitrecError, Explainer, Explanation, Recognizer
from digitrec.artifacts import EXPLANATION_NAME
from digitrec.explanation.picture import png_of

LEGEND = "Orange speaks for it, blue against it. Off the ink, a colour says what missing ink does."

ANSWER: Final = "the answer"
CHOICES = (ANSWER, *map(str, range(10)))
"""What may be asked about."""

Asked = Literal["the answer", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]

EXPLANATION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "digit": {"type": "integer"},
        "predicted": {"type": "integer"},
        "probability": {"type": "number"},
        "sentence": {"type": "string"},
        "finding": {"anyOf": [{"type": "object"}, {"type": "null"}]},
        "frame_map": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    },
}
"""JSON schema of `Explanation.to_dict`. Gradio reads no list of types."""


class SupportsExplain(Protocol):
    """What the sketchpad needs of an explainer."""

    def explain(self, image: Any, digit: int | None = None, /) -> Explanation:
        """Explain why a picture shows a digit."""


def find_explainer(recognizer: object) -> Explainer | None:
    """What explains the answers of a recognizer; None for a model that was exported without it."""
    if not isinstance(recognizer, Recognizer) or not recognizer.path.with_name(EXPLANATION_NAME).exists():
        return None
    return Explainer(recognizer)


def explain_picture(explainer: SupportsExplain, picture: Drawing | Upload | None, asked: str) -> str:
    """Show why, as HTML; empty where there is nothing to explain.

    Args:
        explainer: Explains.
        picture: A drawing, or an uploaded picture.
        asked: One of `CHOICES`.
    """
    if picture is None:
        return ""
    try:
        content = picture.picture if isinstance(picture, Drawing) else read_upload(picture)
        return "" if content is None else to_markup(explainer.explain(content, parse_asked(asked)))
    except BlankImageError:
        return ""
    except DigitrecError as error:
        return f'<p class="why-words">{html.escape(as_sentence(error))}</p>'


def parse_asked(asked: str) -> int | None:
    """The digit asked about; None for the answer."""
    return int(asked) if asked in CHOICES[1:] else None


def to_markup(explanation: Explanation) -> str:
    """An explanation as HTML: the picture with its map, and what it means."""
    source = "data:image/png;base64," + base64.b64encode(png_of(explanation.overlay())).decode("ascii")
    alt = f"The picture, coloured by what speaks for {explanation.digit} and against it"
    words = " ".join(filter(None, (explanation.describe() + ".", explanation.sentence, LEGEND)))
    return (
        f'<figure class="why"><img src="{source}" alt="{alt}" style="max-width:100%;max-height:280px">'
        f'<figcaption class="why-words" role="status">Why {html.escape(words)}</figcaption></figure>'
    )
