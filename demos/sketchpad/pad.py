"""The drawing pad: a canvas of our own as a Gradio component.

Gradio's Sketchpad is a picture editor. At each stroke it draws three pictures, uploads each of them twice and keeps
them in files; an answer took one to three seconds. It also decodes pictures with every reader that Pillow has. This
one sends the drawing once, as a data URL, and the core decodes it.
"""

import base64
import binascii
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from demos.sketchpad.examples import PATHS

SCRIPT = Path(__file__).with_name("pad.js")

SIDE = 400
"""Width and height of the canvas, in pixels."""

LINE = (800, 320)
"""Width and height of the canvas for numbers, in pixels."""

BRUSH = 26
"""Diameter of the brush, in pixels of the canvas."""

DIGIT_LABEL = "Sheet to draw a digit on"

MAX_LETTERS = 300_000
"""Longest data URL that is taken: a canvas full of scribbles has a third of it."""

PREFIX = "data:image/png;base64,"

TEMPLATE = """
<div class="sketchpad">
  <div class="sheet">
    <canvas width="${sheet_width}" height="${sheet_height}" role="img" aria-label="${sheet_label}"></canvas>
  </div>
  <div class="tools" role="toolbar" aria-label="Drawing tools">
    <button type="button" data-tool="pen" aria-pressed="true">Pen</button>
    <button type="button" data-tool="eraser" aria-pressed="false">Eraser</button>
    <button type="button" data-tool="undo" disabled>Undo</button>
    <button type="button" data-tool="clear" disabled>Clear</button>
  </div>
</div>
"""


def _example(digit: int, paths: list[str]) -> str:
    lines = "".join(f'<path d="{path}" />' for path in paths)
    return (
        f'<button type="button" class="gallery-item" data-paths="{"|".join(paths)}" aria-label="Drawing of a {digit}">'
        f'<svg viewBox="0 0 1 1" aria-hidden="true">{lines}</svg></button>'
    )


EXAMPLES = (
    '<p class="hint">Or take one of these drawings</p><div class="gallery">'
    + "".join(_example(digit, paths) for digit, paths in PATHS.items())
    + "</div>"
)
"""A drawing of each digit; `pad.js` puts the one that is clicked on the pad."""


class Drawing(NamedTuple):
    """A drawing as the page sends it.

    Attributes:
        number: Counts the changes of the pad, so that the page knows which drawing an answer belongs to.
        picture: A PNG file, black ink on a transparent sheet; None where the sheet is blank.
    """

    number: int = 0
    picture: bytes | None = None


def make_pad(name: str = "digitrec-pad", size: tuple[int, int] = (SIDE, SIDE), label: str = DIGIT_LABEL) -> gr.HTML:
    """Make a canvas and its tools, within a page. Functions get a `Drawing`; the page alone changes it.

    Args:
        name: What its drawing is kept under in the browser tab, so that it outlives a lost connection.
        size: Width and height of the canvas, in pixels.
        label: What the canvas is, for screen readers.
    """
    # No subclass: Gradio writes a .pyi file beside the module of each one.
    pad = gr.HTML(
        html_template=TEMPLATE,
        js_on_load=SCRIPT.read_text(encoding="utf-8"),
        apply_default_css=False,
        storage=name,
        sheet_width=size[0],
        sheet_height=size[1],
        sheet_label=label,
        brush=BRUSH,
    )
    pad.preprocess = read_drawing  # type: ignore[method-assign, assignment]
    return pad


def read_drawing(payload: Any) -> Drawing:
    """Read a drawing as `pad.js` sends it: `{"number": 3, "picture": "data:image/png;base64,..."}`, or None.

    Raises:
        gradio.Error: Anything else; the message says what is expected.
    """
    if payload is None:
        return Drawing()
    number, picture = (payload.get(name) if isinstance(payload, dict) else None for name in ("number", "picture"))
    if isinstance(number, int) and picture is None:
        return Drawing(number)
    if not (isinstance(number, int) and isinstance(picture, str) and picture.startswith(PREFIX)):
        raise gr.Error("A drawing is a number and a picture, a PNG as a data URL.", print_exception=False)
    if len(picture) > MAX_LETTERS:
        raise gr.Error(f"The drawing has more than {MAX_LETTERS:,} letters as a data URL.", print_exception=False)
    try:
        return Drawing(number, base64.b64decode(picture.removeprefix(PREFIX), validate=True))
    except binascii.Error:
        raise gr.Error("The drawing's data URL is not Base64.", print_exception=False) from None
