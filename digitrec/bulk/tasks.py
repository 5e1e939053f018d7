"""What is done with each picture: columns of answers, and the function that fills them in a process of its own."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from digitrec.bulk.items import Item, clean
from digitrec.bulk.remote import fetch_all
from digitrec.decoding import ImageLike
from digitrec.errors import DigitrecError
from digitrec.prediction import Prediction
from digitrec.reader import Reader, Reading
from digitrec.recognizer import Recognizer

Rows = list[tuple[Any, ...]]
"""A tuple a picture, in the order of the items: key, the task's columns, error. Where there is an error, the columns
are None; elsewhere the error is."""


class Task(Protocol):
    """Something to do with pictures. It goes to each process by pickling."""

    @property
    def columns(self) -> Sequence[tuple[str, str]]:
        """Name and kind of each column between key and error; a kind is `int`, `float`, `bool` or `text`."""
        ...

    def load(self) -> Callable[[list[Item]], Rows]:
        """Make ready, in the process that does it. Returns what answers a chunk.

        Raises:
            DigitrecError: It cannot be done at all.
        """
        ...


@dataclass(frozen=True)
class PredictTask:
    """`digitrec.predict` of each picture.

    Attributes:
        model: The ONNX file; None for the shipped one.
    """

    model: Path | None = None

    @property
    def columns(self) -> Sequence[tuple[str, str]]:
        """digit, confidence, doubt, is_digit, and p0 to p9."""
        return (
            ("digit", "int"),
            ("confidence", "float"),
            ("doubt", "float"),
            ("is_digit", "bool"),
            *((f"p{digit}", "float") for digit in range(10)),
        )

    def load(self) -> Callable[[list[Item]], Rows]:
        """Load the model, with one thread."""
        recognizer = Recognizer(self.model)

        def answer(chunk: list[Item]) -> Rows:
            items = fetch_all(chunk)
            pictures = [content for _, content in items if not isinstance(content, DigitrecError)]
            answers = iter(recognizer.predict_batch(pictures, errors="return"))
            return [
                self._row(key, content if isinstance(content, DigitrecError) else next(answers))
                for key, content in items
            ]

        return answer

    def _row(self, key: str, answer: Prediction | DigitrecError) -> tuple[Any, ...]:
        if isinstance(answer, DigitrecError):
            return error_row(key, str(answer), self)
        values = (answer.digit, answer.confidence, answer.doubt, answer.is_digit)
        return (key, *values, *answer.probabilities.tolist(), None)


@dataclass(frozen=True)
class ReadTask:
    """`digitrec.read` of each picture.

    Attributes:
        model: The detector, an ONNX file; None for the shipped one.
    """

    model: Path | None = None

    @property
    def columns(self) -> Sequence[tuple[str, str]]:
        """text, with its line breaks escaped; and numbers, JSON as `Reading.to_dict` has them."""
        return (("text", "text"), ("numbers", "text"))

    def load(self) -> Callable[[list[Item]], Rows]:
        """Load the models, with one thread."""
        reader = Reader(self.model)
        return lambda items: [self._row(key, content, reader) for key, content in fetch_all(items)]

    def _row(self, key: str, content: ImageLike | DigitrecError, reader: Reader) -> tuple[Any, ...]:
        if isinstance(content, DigitrecError):
            return error_row(key, str(content), self)
        try:
            reading: Reading = reader.read(content)
        except DigitrecError as error:
            return error_row(key, str(error), self)
        return (key, clean(reading.text), json.dumps(reading.to_dict()["numbers"]), None)


def error_row(key: str, error: str, task: Task) -> tuple[Any, ...]:
    """The row of a picture that could not be answered."""
    return (key, *[None] * len(task.columns), clean(error))
