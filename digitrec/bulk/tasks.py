"""What is done with each picture: columns of answers, and the function that fills them in a process of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from digitrec.bulk.items import Item, clean
from digitrec.errors import DigitrecError
from digitrec.recognizer import Prediction, Recognizer

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

        def answer(items: list[Item]) -> Rows:
            pictures = [item.content for item in items if not isinstance(item.content, DigitrecError)]
            answers = iter(recognizer.predict_batch(pictures, errors="return"))
            return [
                self._row(item.key, item.content if isinstance(item.content, DigitrecError) else next(answers))
                for item in items
            ]

        return answer

    def _row(self, key: str, answer: Prediction | DigitrecError) -> tuple[Any, ...]:
        if isinstance(answer, DigitrecError):
            return error_row(key, str(answer), self)
        values = (answer.digit, answer.confidence, answer.doubt, answer.is_digit)
        return (key, *values, *answer.probabilities.tolist(), None)


def error_row(key: str, error: str, task: Task) -> tuple[Any, ...]:
    """The row of a picture that could not be answered."""
    return (key, *[None] * len(task.columns), clean(error))
