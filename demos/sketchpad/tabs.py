"""The page's tabs: draw, upload, numbers, many files. Each is made within a `gradio.Tab`."""

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from demos.corrections import LABELS, Correction, CorrectionRefusedError, save_correction, undo_correction
from demos.sketchpad import batch, explanation, numbers, panel
from demos.sketchpad.inputs import Upload, pass_upload, pass_uploads
from demos.sketchpad.pad import EXAMPLES, LINE, make_pad
from demos.sketchpad.served_files import serve_file

HEIGHT = 430
"""Height of an uploaded picture on the page, in CSS pixels."""

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
"""Options of the page's own events: of no use to a client, and too quick for a progress bar."""

UNQUEUED: dict[str, Any] = {**PRIVATE, "queue": False}
"""Options of events that take a millisecond: by the queue, an answer takes three requests instead of one."""


def make_draw_tab(
    recognizer: panel.SupportsPredict, corrections: Path | None, explainer: explanation.SupportsExplain | None
) -> None:
    """Make a pad whose drawing is answered as soon as the pen is lifted, and ten drawings to try."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="pad"):
            pad = make_pad()
            submit = gr.Button("Recognize", variant="primary")
        answer = _make_answer(corrections, explainer, pad)
        gr.HTML(EXAMPLES, elem_classes="examples", apply_default_css=False)
    pad.input(partial(panel.answer_drawing, recognizer), pad, answer, trigger_mode="always_last", **UNQUEUED)
    submit.click(partial(panel.answer_submitted_drawing, recognizer), pad, answer, **UNQUEUED)


def make_upload_tab(
    recognizer: panel.SupportsPredict, corrections: Path | None, explainer: explanation.SupportsExplain | None
) -> None:
    """Make an input for a picture that is chosen, dropped or pasted, answered as soon as it is there."""
    with gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="pad"):
            picture = _make_picture("A picture with one digit")
            submit = gr.Button("Recognize", variant="primary")
        answer = _make_answer(corrections, explainer, picture)
    picture.input(partial(panel.answer_picture, recognizer), picture, answer, **PRIVATE)
    submit.click(partial(panel.answer_submitted_picture, recognizer), picture, answer, **PRIVATE)


def make_numbers_tab(reader: numbers.SupportsRead) -> None:
    """Make a wide pad to write numbers on, and an input for a picture of numbers, each on a tab of its own."""
    with gr.Tab("Write"), gr.Row(elem_classes=["desk", "wide"]):
        with gr.Column(elem_classes="pad"):
            pad = make_pad("digitrec-line", LINE, "Sheet to write numbers on")
            submit = gr.Button("Read", variant="primary")
        answer = _make_numbers()
        pad.input(partial(numbers.read_drawing, reader), pad, answer, trigger_mode="always_last", **UNQUEUED)
        submit.click(partial(numbers.read_submitted_drawing, reader), pad, answer, **UNQUEUED)
    with gr.Tab("Photograph"), gr.Row(elem_classes="desk"):
        with gr.Column(elem_classes="pad"):
            picture = _make_picture("A picture with any number of digits")
            submit = gr.Button("Read", variant="primary")
        answer = _make_numbers()
        picture.input(partial(numbers.read_picture, reader), picture, answer, **PRIVATE)
        submit.click(partial(numbers.read_submitted_picture, reader), picture, answer, **PRIVATE)


def _make_picture(label: str) -> Any:
    """Make an input for a picture, chosen, dropped or pasted, that passes it on as it came."""
    sources: list[Any] = ["upload", "clipboard"]
    return pass_upload(gr.Image(label=label, type="filepath", sources=sources, height=HEIGHT, buttons=[]))


def _make_numbers() -> list[Any]:
    """Make the panel of numbers. Returns what a `NumbersPanel` goes to."""
    with gr.Column(elem_classes=["answer", "reply"]):
        markup = gr.HTML(numbers.empty_numbers().markup, padding=True, container=True)
        picture = gr.AnnotatedImage(label="Where the numbers are", show_legend=False, height=HEIGHT, buttons=[])
    return [markup, picture]


def make_batch_tab(recognizer: panel.SupportsPredict) -> None:
    """Make an input for many pictures, answered in a table and a CSV file."""

    def run(uploads: list[Upload]) -> tuple[str, Any, Any]:
        try:
            rows = batch.recognize(recognizer, uploads)
        except batch.BatchRefusedError as error:
            return str(error), gr.update(visible=False), gr.update(value=None, visible=False)
        file = serve_file("digitrec.csv", batch.csv_text(rows).encode())
        shown = gr.update(value=batch.table(rows), visible=True)
        return batch.summary(rows), shown, gr.update(value=file, visible=True)

    files = pass_uploads(gr.File(label="Pictures, one digit in each", file_count="multiple", height=260))
    submit = gr.Button("Recognize all", variant="primary")
    summary = gr.Markdown()
    table = gr.HTML(padding=True, container=True, visible=False)
    download = gr.File(label="The same as CSV, with all probabilities", interactive=False, visible=False)
    submit.click(run, files, [summary, table, download], api_visibility="private")


def _make_answer(corrections: Path | None, explainer: explanation.SupportsExplain | None, picture: Any) -> list[Any]:
    """Make the answer panel. Returns what a `Panel` goes to: the HTML, and the frame for a correction."""
    with gr.Column(elem_classes=["answer", "reply"]):
        markup = gr.HTML(panel.empty_panel().markup, padding=True, container=True)
        if explainer is not None:
            _make_why(explainer, picture)
        frame = gr.State(None)
        if corrections is not None:
            with gr.Accordion("Wrong answer?", open=False, elem_classes="correction"):
                about = (
                    f"The 28x28 pixels the model saw are saved as training data, in {corrections.name} on the server."
                )
                label = gr.Radio(LABELS, label="It is", info=about)
                save = gr.Button("Save the right answer")
                message = gr.Markdown()
                undo = gr.Button("Undo", visible=False, size="sm")
                saved = gr.State(None)
            outputs = [message, label, undo, saved]
            save.click(partial(_save, corrections), [frame, label], outputs, **PRIVATE)
            undo.click(_undo, saved, outputs, **PRIVATE)
            # A message about the correction of an earlier answer would be misunderstood.
            markup.change(lambda: ("", None, gr.update(visible=False), None), None, outputs, **UNQUEUED)
    return [markup, frame]


def _make_why(explainer: explanation.SupportsExplain, picture: Any) -> None:
    """Make the output beside the answer that shows why; it follows the picture while it is open."""

    def show(is_open: bool, content: Any, asked: str) -> Any:
        return explanation.explain_picture(explainer, content, asked) if is_open else gr.skip()

    with gr.Accordion("Why?", open=False, elem_classes="why-panel") as part:
        asked = gr.Radio(explanation.CHOICES, value=explanation.ANSWER, label="What speaks for, and what against")
        shown = gr.HTML(padding=True)
        is_open = gr.State(False)
    inputs = [is_open, picture, asked]
    part.expand(lambda: True, None, is_open, **UNQUEUED).then(show, inputs, shown, **UNQUEUED)
    part.collapse(lambda: False, None, is_open, **UNQUEUED)
    asked.change(show, inputs, shown, **UNQUEUED)
    picture.input(show, inputs, shown, trigger_mode="always_last", **UNQUEUED)


def _save(path: Path, frame: Any, label: str | None) -> tuple[str, str | None, Any, Correction | None]:
    """Save a correction. Returns the message, the label left chosen, the button to undo it, and what it undoes."""
    try:
        correction = save_correction(path, frame, label)
    except CorrectionRefusedError as error:
        return str(error), label, gr.update(visible=False), None
    return correction.message, None, gr.update(visible=True), correction


def _undo(correction: Correction | None) -> tuple[str, None, Any, None]:
    """Undo the correction that was saved last. Returns the same as `_save`."""
    message = "There is nothing to undo."
    if correction is not None:
        try:
            undo_correction(correction)
            message = "Undone: nothing was saved."
        except CorrectionRefusedError as error:
            message = str(error)
    return message, None, gr.update(visible=False), None
