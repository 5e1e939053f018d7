"""The page's tabs: draw, upload, many files. Each is to be made within a `gradio.Tab`."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from demos.sketchpad import answering, batch
from demos.sketchpad.corrections import LABELS, CorrectionRefusedError, put_right
from demos.sketchpad.endpoints import keep_file
from demos.sketchpad.examples import example_drawing
from demos.sketchpad.inputs import as_files, as_path, forgetting

SIDE = 280
"""Width and height of the sheet, in pixels."""

BRUSH = 9
"""Radius of the brush, in pixels."""

HEIGHT = 430
"""Height of the sheet with its tools, and of an uploaded picture, on the page, in CSS pixels."""

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""How the page's own events are: of no use to a client, and too quick for a progress bar."""


def _answer(corrections: Path | None) -> list[Any]:
    """The panel with the answer. Returns what `Shown` goes to: verdict, probabilities, what a correction is made of."""
    with gr.Column(elem_classes=["answer", "reply"]):
        verdict = gr.HTML(answering.show_nothing().verdict, padding=True, container=True)
        probabilities = gr.Label(label="Probability of each digit", show_heading=False, elem_classes="probabilities")
        frame = gr.State(None)
        if corrections is not None:
            with gr.Accordion("Wrong answer?", open=False):
                about = f"The 28x28 pixels the model saw are saved as training data, in {corrections} on the server."
                label = gr.Radio(LABELS, label="It is", info=about)
                save = gr.Button("Save the right answer")
                saved = gr.Markdown()
            save.click(partial(_correct, corrections), [frame, label], [saved, label], **PRIVATE)
            verdict.change(None, None, saved, js="() => ''")  # what was said of another answer
    return [verdict, probabilities, frame]


def _correct(corrections: Path, frame: Any, label: str | None) -> tuple[str, str | None]:
    """Save a correction. Returns what came of it, and the label to leave chosen: none, once it is saved."""
    try:
        return put_right(corrections, frame, label), None
    except CorrectionRefusedError as error:
        return str(error), label


def draw_tab(recognizer: answering.Predicts, corrections: Path | None) -> None:
    """A sheet to draw on, answered while drawing, and ten drawings to try."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="pad"):
            pad = gr.Sketchpad(
                label="Draw a digit",
                image_mode="RGBA",  # black ink is black nothing without its alpha
                type="pil",
                canvas_size=(SIDE, SIDE),
                fixed_canvas=True,
                height=HEIGHT,
                layers=False,
                transforms=(),
                brush=gr.Brush(default_size=BRUSH, colors=["#000000"], color_mode="fixed"),
                eraser=gr.Eraser(default_size=2 * BRUSH),
                elem_classes="sketchpad",
                buttons=[],
            )
            forgetting(pad)
            submit = gr.Button("Recognize", variant="primary")
        answer = _answer(corrections)
        drawings = gr.Dataset(
            label="Or take one of these drawings",
            components=[gr.Image(type="pil", image_mode="RGBA", render=False, format="png")],
            samples=[[example_drawing(digit)] for digit in range(10)],
            type="index",
            elem_classes="examples",
        )
    pad.change(partial(answering.show_sketch, recognizer), pad, answer, trigger_mode="always_last", **PRIVATE)
    submit.click(partial(answering.show_submitted_sketch, recognizer), pad, answer, **PRIVATE)
    drawings.click(_as_sketch, drawings, pad, **PRIVATE)


def _as_sketch(digit: int) -> answering.Sketch:
    """An example for the pad. As its one layer it takes the place of what was drawn, and can be drawn on and erased."""
    return {"background": None, "layers": [example_drawing(digit, SIDE, 2 * BRUSH)], "composite": None}


def upload_tab(recognizer: answering.Predicts, corrections: Path | None) -> None:
    """A picture chosen, dropped or pasted, answered as soon as it is there."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="pad"):
            label = "A picture with one digit"
            sources: list[Any] = ["upload", "clipboard"]
            picture = as_path(gr.Image(label=label, type="filepath", sources=sources, height=HEIGHT, buttons=[]))
            ask = gr.Button("Recognize", variant="primary")
        answer = _answer(corrections)
    picture.input(partial(answering.show_picture, recognizer), picture, answer, **PRIVATE)
    ask.click(partial(answering.show_submitted_picture, recognizer), picture, answer, **PRIVATE)


def batch_tab(recognizer: answering.Predicts) -> None:
    """Many pictures, answered in a table and a CSV file."""

    def run(files: list[batch.File] | None) -> tuple[str, Any, Any]:
        try:
            rows = batch.recognize(recognizer, files or [])
        except batch.BatchRefusedError as error:
            return str(error), gr.update(visible=False), gr.update(value=None, visible=False)
        file = keep_file("digitrec.csv", batch.csv_text(rows).encode())
        shown = gr.update(value=batch.table(rows), visible=True)
        return batch.summary(rows), shown, gr.update(value=file, visible=True)

    files = as_files(gr.File(label="Pictures, one digit in each", file_count="multiple", height=260))
    ask = gr.Button("Recognize all", variant="primary")
    told = gr.Markdown()
    table = gr.HTML(padding=True, container=True, visible=False)
    download = gr.File(label="The same as CSV, with all probabilities", interactive=False, visible=False)
    ask.click(run, files, [told, table, download], api_visibility="private")
