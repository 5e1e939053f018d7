"""Draw the pictures of docs/how-a-network-reads.md from the shipped model."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from digitrec.cli.parser import CommandParser
from digitrec.display import format_percent
from digitrec.explanation import Explainer
from digitrec.explanation.attribution import ink_ranks
from digitrec.explanation.graph import Floats
from digitrec.explanation.inside import activation_sheet, filter_sheet
from digitrec.explanation.picture import colour
from digitrec.files import atomic_path
from digitrec.learning.strokes.digit_forms import DIGIT_FORMS
from digitrec.learning.strokes.drawing import Style, draw_strokes
from digitrec.learning.strokes.handwriting import parse_strokes
from training.command import run_command

FOLDER = Path("docs/pictures")

STYLE = Style(size=170, left=0.15, top=0.1, brush=16)
"""A digit of usual size, off the middle of its canvas: the frame then has something to do."""

FORM = {4: 2, 7: 0}
"""Which of the forms that are taught stands for each digit that is drawn: an open 4, a plain 7."""

SHOWN_FILTERS = 16


def main(argv: list[str] | None = None, prog: str = "python -m training.draw_explanations") -> int:
    """Run the command. Returns the exit status: 0 done, 1 failed."""
    parser = CommandParser(prog=prog, description=__doc__)
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help=f"where (default: {FOLDER}/)")
    parser.add_argument("--model", type=Path, metavar="ONNX", help="the model (default: the shipped one)")
    arguments = parser.parse_args(argv)
    return run_command(lambda: _write(Explainer(arguments.model), arguments.out))


def draw_form(digit: int) -> NDArray[np.uint8]:
    """A digit as it is taught, on a canvas: (280, 280) uint8, black on white."""
    return draw_strokes(parse_strokes(DIGIT_FORMS[digit][FORM[digit]]), STYLE, np.random.default_rng(0))


def _write(explainer: Explainer, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, figure in _figures(explainer):
        with atomic_path(folder / f"{name}.png") as path:
            figure.savefig(path, dpi=100)
        print(f"wrote {folder / name}.png")


def _figures(explainer: Explainer) -> Iterator[tuple[str, Figure]]:
    four = draw_form(4)
    frame = explainer.explain(four).frame
    yield "frame", _draw_frame(four, frame)
    yield "filters", _draw_filters(explainer)
    yield "layers", _draw_layers(explainer, frame)
    yield "why", _draw_maps(explainer, four)
    yield "less-ink", _draw_less_ink(explainer, frame, 4)


def _draw_frame(drawing: NDArray[np.uint8], frame: Floats) -> Figure:
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    _show(figure.add_subplot(1, 2, 1), drawing, "the drawing: 280 by 280")
    _show(figure.add_subplot(1, 2, 2), 255 * frame, "the frame: 28 by 28")
    return figure


def _draw_filters(explainer: Explainer) -> Figure:
    filters = explainer.graph.filters()
    figure = Figure(figsize=(8, 1.6), layout="constrained")
    _show(figure.add_subplot(), filter_sheet(filters), f"the {filters.shape[2]} filters of the first convolution")
    return figure


def _draw_layers(explainer: Explainer, frame: Floats) -> Figure:
    activations = explainer.graph.activate(frame)
    figure = Figure(figsize=(8, 0.85 * len(activations)), layout="constrained")
    for number, activation in enumerate(activations, 1):
        rows, columns, filters = activation.shape
        axes = figure.add_subplot(len(activations), 1, number)
        strongest = np.argsort(-activation.sum((0, 1)), kind="stable")[:SHOWN_FILTERS]
        _show(axes, activation_sheet(activation[..., strongest], SHOWN_FILTERS, zoom=1))
        axes.set_ylabel(f"{number}\n{rows}x{columns}\n{filters}", rotation=0, ha="right", va="center", fontsize=7)
    return figure


def _draw_maps(explainer: Explainer, drawing: NDArray[np.uint8]) -> Figure:
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for digit in range(10):
        explanation = explainer.explain(drawing, digit)
        title = f"{digit}: {format_percent(explanation.probability, 1)}"
        _show(figure.add_subplot(2, 5, digit + 1), np.asarray(explanation.overlay()), title)
    return figure


def _draw_less_ink(explainer: Explainer, frame: Floats, digit: int) -> Figure:
    order = explainer.explain(draw_form(digit), digit).frame_map
    ranks = ink_ranks(frame, order)
    chance = ink_ranks(frame, np.random.default_rng(0).uniform(size=frame.shape).astype(np.float32))
    shown = {
        "all of the ink": frame,
        "without a fifth by chance": np.where(chance <= 0.2, 0, frame),
        "without the first fifth": np.where(ranks <= 0.2, 0, frame),
        "the first 30 % alone": np.where(ranks <= 0.3, frame, 0),
    }
    figure = Figure(figsize=(9, 2.7), layout="constrained")
    for number, (what, ink) in enumerate(shown.items(), 1):
        probability = float(explainer.graph.probabilities_of(ink[np.newaxis].astype(np.float32))[0, digit])
        title = f"{what}\n{digit}: {format_percent(probability, 1)}"
        picture = np.asarray(colour(np.where(ink > 0, order, 0), np.rint(255 * (1 - ink)).astype(np.uint8)))
        _show(figure.add_subplot(1, 4, number), picture, title)
    return figure


def _show(axes: Any, picture: NDArray[Any], title: str = "") -> None:
    axes.imshow(picture, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_xticks([])
    axes.set_yticks([])
    if title:
        axes.set_title(title, fontsize=9)


if __name__ == "__main__":
    sys.exit(main())
