"""What programs may ask of the sketchpad: the named endpoints of its API, which are its MCP tools, too.

The docstrings are what clients are told, so they speak to them.
"""

import hashlib
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.utils import get_upload_folder

from demos.sketchpad.answering import Predicts, frame_png, sentence
from demos.sketchpad.batch import BatchRefusedError, File, csv_text, recognize
from demos.sketchpad.corrections import LABELS, CorrectionRefusedError, put_right
from demos.sketchpad.inputs import as_files, as_path
from digitrec import DigitrecError, Prediction

ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "digit": {"type": "integer"},
        "confidence": {"type": "number"},
        "is_digit": {"type": "boolean"},
        "doubt": {"type": "number"},
        "probabilities": {"type": "array", "items": {"type": "number"}},
    },
}
"""JSON schema of `Prediction.to_dict`."""

ANSWER_OR_PROBLEM: dict[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string"}, **ANSWER["properties"], "problem": {"type": "string"}},
}
"""The same with the name of the file; of one that cannot be read, `problem` says why, and the figures are missing."""

Answer = dict[str, Any]
Label = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "no digit"]


class Endpoints:
    """The functions behind the endpoints, on one recognizer."""

    def __init__(self, recognizer: Predicts, corrections: Path | None) -> None:
        """Keep what they work with; `corrections` is the CSV file for wrong answers, None for none."""
        self._recognizer = recognizer
        self._corrections = corrections

    def predict(self, picture: str | None) -> Answer:
        """Recognize the handwritten digit in a picture.

        The ink may be dark or light, coloured, or in the alpha channel alone; of any size, anywhere in the picture.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit; as it is.

        Returns:
            digit (the best guess, 0 to 9), confidence (its probability), is_digit (false for what is no digit), doubt
            (0 to 1, how much speaks against it being a digit) and probabilities (ten, by digit).
        """
        return self._ask(picture).to_dict()

    def model_input(self, picture: str | None) -> str:
        """See a picture as the digit recognizer sees it: 28x28 pixels, white ink on black, centred, as in MNIST.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit; as it is.

        Returns:
            A PNG file of 28x28 pixels.
        """
        return keep_file("model_input.png", frame_png(self._ask(picture).model_input))

    def predict_batch(self, pictures: list[File] | None) -> tuple[list[Answer], str]:
        """Recognize the handwritten digits in many pictures, one digit in each.

        Args:
            pictures: Picture files, at most 1000, each as for predict.

        Returns:
            For each file its name and what predict answers, or a problem: a sentence that says what is wrong with it.
            The same as a CSV file.
        """
        try:
            rows = recognize(self._recognizer, pictures or [])
        except BatchRefusedError as error:
            raise refusal(str(error)) from error
        answers = [
            {"file": row.name} | (row.prediction.to_dict() if row.prediction else {"problem": row.problem})
            for row in rows
        ]
        return answers, keep_file("digitrec.csv", csv_text(rows).encode())

    predict_batch._mcp_type = "none"  # type: ignore[attr-defined]  # Gradio's MCP server takes no lists of files

    def correct(self, picture: str | None, label: Label) -> str:
        """Put a wrong answer right: save a picture with its true label as training data.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit; as it is.
            label: The digit it shows, or "no digit".

        Returns:
            Where it was saved.
        """
        frame = self._ask(picture).model_input
        try:
            return put_right(self._corrections, frame, label)
        except CorrectionRefusedError as error:
            raise refusal(str(error)) from error

    def _ask(self, picture: str | None) -> Prediction:
        if picture is None:
            raise refusal("No picture came with the request; send one, as handle_file(path) in Python.")
        try:
            return self._recognizer.predict(Path(picture))
        except DigitrecError as error:
            raise refusal(sentence(error)) from error


def keep_file(name: str, content: bytes) -> str:
    """Write a file where Gradio serves it from and clears it away again. Returns its path."""
    folder = Path(get_upload_folder()) / hashlib.sha256(content).hexdigest()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return str(path)


def refusal(message: str) -> gr.Error:
    """An error that the client is told in its own words, and that is no news to the log."""
    return gr.Error(message, print_exception=False)


def add_endpoints(functions: Endpoints, with_corrections: bool) -> None:
    """Make the public endpoints, with inputs and outputs of their own that no page shows."""
    with gr.Column(visible=False):
        ask = gr.Button()
        ask.click(functions.predict, _picture(), _typed(gr.JSON(label="answer"), ANSWER), api_name="predict")
        ask.click(functions.model_input, _picture(), gr.File(label="model_input"), api_name="model_input")
        pictures = as_files(gr.File(file_count="multiple", label="pictures"))
        answers = _typed(gr.JSON(label="answers"), {"type": "array", "items": ANSWER_OR_PROBLEM})
        ask.click(functions.predict_batch, pictures, [answers, gr.File(label="csv")], api_name="predict_batch")
        if with_corrections:
            label = gr.Dropdown(LABELS, value=None, label="label")
            ask.click(functions.correct, [_picture(), label], gr.Textbox(label="saved"), api_name="correct")


def _picture() -> Any:
    file = gr.File(label="picture")
    described = file.api_info() | {"additional_description": "PNG, JPEG, WebP, GIF, BMP or TIFF, up to 20 MB"}
    return as_path(_typed(file, described))


def _typed(component: Any, schema: dict[str, Any]) -> Any:
    """Tell clients what goes in or out, by JSON schema; Gradio alone calls any JSON "any"."""
    component.api_info = lambda: schema
    return component
