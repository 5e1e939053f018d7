"""The named endpoints of the sketchpad's API, which are also its MCP tools.

Clients read these docstrings, so they are written for them.
"""

from pathlib import Path
from typing import Any, Literal

import gradio as gr

from demos.corrections import LABELS, CorrectionRefusedError, save_correction
from demos.sketchpad.batch import BatchRefusedError, csv_text, recognize
from demos.sketchpad.explanation import ANSWER, CHOICES, EXPLANATION_SCHEMA, Asked, SupportsExplain, parse_asked
from demos.sketchpad.inputs import Upload, pass_upload, pass_uploads, read_upload
from demos.sketchpad.numbers import SupportsRead
from demos.sketchpad.panel import SupportsPredict, as_sentence, frame_png
from demos.sketchpad.served_files import serve_file
from digitrec import DigitrecError, Prediction
from digitrec.explanation.picture import png_of

PREDICTION_SCHEMA: dict[str, Any] = {
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

BOX_SCHEMA: dict[str, Any] = {"type": "array", "items": {"type": "number"}}
"""JSON schema of a box: left, top, right, bottom, in pixels of the picture as it is shown."""

READING_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "text": {"type": "string"},
        "numbers": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "value": {"type": "number"},
                    "confidence": {"type": "number"},
                    "box": BOX_SCHEMA,
                    "digits": {"type": "array", "items": {"type": "integer"}},
                },
            },
        },
        "digits": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "digit": {"type": "integer"},
                    "confidence": {"type": "number"},
                    "doubt": {"type": "number"},
                    "probabilities": {"type": "array", "items": {"type": "number"}},
                    "box": BOX_SCHEMA,
                },
            },
        },
    },
}
"""JSON schema of `Reading.to_dict`."""

RESULT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"file": {"type": "string"}, **PREDICTION_SCHEMA["properties"], "problem": {"type": "string"}},
}
"""The same with the file's name; for a file that cannot be read, `problem` says why, and there are no figures."""

Label = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "no digit"]


class Endpoints:
    """The functions behind the endpoints."""

    def __init__(
        self,
        recognizer: SupportsPredict,
        corrections: Path | None,
        reader: SupportsRead,
        explainer: SupportsExplain | None = None,
    ) -> None:
        """Serve one recognizer and one reader.

        Args:
            recognizer: Answers.
            corrections: CSV file for wrong answers; None for none.
            reader: Reads numbers.
            explainer: Explains the recognizer's answers; None for a model that comes without what that needs.
        """
        self._recognizer, self._reader, self.explainer = recognizer, reader, explainer
        self._corrections = corrections

    def predict(self, picture: Upload | None) -> dict[str, Any]:
        """Recognize the handwritten digit in a picture.

        The ink may be dark or light, coloured, or in the alpha channel alone; of any size, anywhere in the picture.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit, unchanged.

        Returns:
            digit (best guess), confidence, is_digit, doubt (0 to 1, of its being a digit), probabilities (of 0 to 9).
        """
        return self._predict(picture).to_dict()

    def read(self, picture: Upload | None) -> dict[str, Any]:
        """Read all handwritten or printed digits in a picture, and the numbers they form: a note, a form, a photograph.

        Digits must be some 12 pixels tall once the longer side is at most 1024 pixels. A picture without any gives
        empty lists.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB, unchanged.

        Returns:
            text (a line a line of writing), numbers (text, value, confidence, box, places of their digits) and digits
            (digit, confidence, doubt, probabilities, box). A box is left, top, right, bottom, in pixels.
        """
        content = _content(picture)
        try:
            return self._reader.read(content).to_dict()
        except DigitrecError as error:
            raise client_error(as_sentence(error)) from error

    def explain(self, picture: Upload | None, digit: Asked = ANSWER) -> tuple[dict[str, Any], str]:
        """Show what of a picture speaks for a digit and what against it: why the answer, or why not another digit.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit, unchanged.
            digit: The digit asked about; "the answer" for the recognized one.

        Returns:
            digit, predicted (the recognized digit), probability, sentence, frame_map (28 rows of 28 numbers from -1,
            against, to 1, for); and the picture as a PNG file, orange where it speaks for the digit, blue against it.
        """
        content = _content(picture)
        assert self.explainer is not None  # or there were no such endpoint
        try:
            explanation = self.explainer.explain(content, parse_asked(digit))
        except DigitrecError as error:
            raise client_error(as_sentence(error)) from error
        return explanation.to_dict(), serve_file("explanation.png", png_of(explanation.overlay()))

    def model_input(self, picture: Upload | None) -> str:
        """See a picture as the digit recognizer sees it: 28x28 pixels, white ink on black, centred, as in MNIST.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit, unchanged.

        Returns:
            A PNG file of 28x28 pixels.
        """
        return serve_file("model_input.png", frame_png(self._predict(picture).model_input))

    def predict_batch(self, pictures: list[Upload] | None) -> tuple[list[dict[str, Any]], str]:
        """Recognize the handwritten digits in many pictures, one digit in each.

        Args:
            pictures: Picture files, at most 1000, each as for predict.

        Returns:
            For each file its name and what predict answers, or a problem in words; the same as a CSV file.
        """
        try:
            rows = recognize(self._recognizer, pictures or [])
        except BatchRefusedError as error:
            raise client_error(str(error)) from error
        answers = [
            {"file": row.name} | (row.prediction.to_dict() if row.prediction else {"problem": row.problem})
            for row in rows
        ]
        return answers, serve_file("digitrec.csv", csv_text(rows).encode())

    predict_batch._mcp_type = "none"  # type: ignore[attr-defined]  # Gradio's MCP server takes no lists of files

    def correct(self, picture: Upload | None, label: Label) -> str:
        """Correct a wrong answer: save a picture with its true label as training data.

        Args:
            picture: A PNG, JPEG, WebP, GIF, BMP or TIFF file of up to 20 MB with one handwritten digit, unchanged.
            label: The digit it shows, or "no digit".

        Returns:
            Where it was saved.
        """
        frame = self._predict(picture).model_input
        try:
            return save_correction(self._corrections, frame, label).message
        except CorrectionRefusedError as error:
            raise client_error(str(error)) from error

    def _predict(self, picture: Upload | None) -> Prediction:
        content = _content(picture)
        try:
            return self._recognizer.predict(content)
        except DigitrecError as error:
            raise client_error(as_sentence(error)) from error


def _content(picture: Upload | None) -> bytes:
    """The bytes of a picture that a client sent, not decoded yet."""
    if picture is None:
        raise client_error("The request has no picture; send one, in Python by handle_file(path).")
    try:
        return read_upload(picture)
    except DigitrecError as error:
        raise client_error(as_sentence(error)) from error


def client_error(message: str) -> gr.Error:
    """An error whose message reaches the client, and that is not logged."""
    return gr.Error(message, print_exception=False)


def add_endpoints(functions: Endpoints, with_corrections: bool) -> None:
    """Make the public endpoints, with hidden inputs and outputs of their own."""
    with gr.Column(visible=False):
        trigger = gr.Button()
        trigger.click(
            functions.predict, _picture(), _typed(gr.JSON(label="answer"), PREDICTION_SCHEMA), api_name="predict"
        )
        trigger.click(functions.read, _picture(), _typed(gr.JSON(label="reading"), READING_SCHEMA), api_name="read")
        trigger.click(functions.model_input, _picture(), gr.File(label="model_input"), api_name="model_input")
        pictures = pass_uploads(gr.File(file_count="multiple", label="pictures"))
        answers = _typed(gr.JSON(label="answers"), {"type": "array", "items": RESULT_SCHEMA})
        trigger.click(functions.predict_batch, pictures, [answers, gr.File(label="csv")], api_name="predict_batch")
        if functions.explainer is not None:
            asked = gr.Dropdown(CHOICES, value=ANSWER, label="digit")
            explained = [_typed(gr.JSON(label="explanation"), EXPLANATION_SCHEMA), gr.File(label="overlay")]
            trigger.click(functions.explain, [_picture(), asked], explained, api_name="explain")
        if with_corrections:
            label = gr.Dropdown(LABELS, value=None, label="label")
            trigger.click(functions.correct, [_picture(), label], gr.Textbox(label="saved"), api_name="correct")


def _picture() -> Any:
    file = gr.File(label="picture")
    # Gradio's example is a PDF on another host.
    file.example_payload = lambda: {"path": "seven.png", "meta": {"_type": "gradio.FileData"}}  # type: ignore[method-assign]
    described = file.api_info() | {"additional_description": "PNG, JPEG, WebP, GIF, BMP or TIFF, up to 20 MB"}
    return pass_upload(_typed(file, described))


def _typed(component: Any, schema: dict[str, Any]) -> Any:
    """Describe an input or output by JSON schema; Gradio describes any JSON as "any"."""
    component.api_info = lambda: schema
    return component
