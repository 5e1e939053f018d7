"""digitrec recognizes handwritten digits, the ones people draw.

>>> import digitrec
>>> digitrec.predict("four.png").digit
4
"""

from digitrec.errors import (
    BlankImageError,
    DatasetError,
    DigitrecError,
    ImageTooLargeError,
    InvalidImageError,
    ModelIntegrityError,
    ModelNotFoundError,
    OverloadedError,
)
from digitrec.explanation import Explainer, Explanation, explain
from digitrec.prediction import Prediction
from digitrec.reader import ReadDigit, Reader, Reading, ReadNumber, read
from digitrec.recognizer import Recognizer, predict, predict_batch

__version__ = "0.1.0"

__all__ = [
    "BlankImageError",
    "DatasetError",
    "DigitrecError",
    "Explainer",
    "Explanation",
    "ImageTooLargeError",
    "InvalidImageError",
    "ModelIntegrityError",
    "ModelNotFoundError",
    "OverloadedError",
    "Prediction",
    "ReadDigit",
    "ReadNumber",
    "Reader",
    "Reading",
    "Recognizer",
    "explain",
    "predict",
    "predict_batch",
    "read",
]
