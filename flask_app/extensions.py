"""Objects that all requests to an app share, such as its recognizer, each with a typed look-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from flask import Flask, current_app

from digitrec import Explainer, Prediction, Reading

if TYPE_CHECKING:  # these modules import this one
    from flask_app.admission import Admission
    from flask_app.corrections.store import CorrectionStore
    from flask_app.health import Readiness
    from flask_app.metrics import Metrics
    from flask_app.rate_limits import RateLimiter

KEY = "digitrec"
"""Where they are in `app.extensions`."""


class DigitRecognizer(Protocol):
    """What the web app needs of a recognizer; `digitrec.Recognizer` has it."""

    sha256: str
    card: dict[str, Any] | None

    def predict(self, image: bytes, /) -> Prediction:
        """Recognize the digit in the bytes of an image file."""


class DigitReader(Protocol):
    """What the web app needs of a reader; `digitrec.Reader` has it."""

    def read(self, image: bytes, /) -> Reading:
        """Read every digit in the bytes of an image file."""


@dataclass(frozen=True)
class Extensions:
    """The shared objects of one app.

    Attributes:
        recognizer: Recognizes one digit in a picture.
        reader: Reads whole numbers and photographs.
        explainer: Explains its answers; None for a model that comes without what that needs.
        metrics: Counts what was answered.
        rate_limiter: Counts the requests of each client.
        admission: Bounds what requests hold at once.
        corrections: Stores corrections; None where the settings name no database.
        readiness: Finds out whether they can be stored.
        api_description: The OpenAPI description, filled when the app has all its views.
    """

    recognizer: DigitRecognizer
    reader: DigitReader
    explainer: Explainer | None
    metrics: Metrics
    rate_limiter: RateLimiter
    admission: Admission
    corrections: CorrectionStore | None
    readiness: Readiness
    api_description: dict[str, Any] = field(default_factory=dict)

    def init_app(self, app: Flask) -> None:
        """Make these objects the app's own."""
        app.extensions[KEY] = self


def get_recognizer() -> DigitRecognizer:
    """The recognizer of the current app."""
    return _get_extensions().recognizer


def get_reader() -> DigitReader:
    """The reader of the current app."""
    return _get_extensions().reader


def get_explainer(app: Flask | None = None) -> Explainer | None:
    """What explains the answers of an app, by default the current one; None where nothing does."""
    return _get_extensions(app).explainer


def get_metrics() -> Metrics:
    """The counters of the current app."""
    return _get_extensions().metrics


def get_rate_limiter() -> RateLimiter:
    """The rate limiter of the current app."""
    return _get_extensions().rate_limiter


def get_admission() -> Admission:
    """What bounds the requests to the current app."""
    return _get_extensions().admission


def get_corrections(app: Flask | None = None) -> CorrectionStore | None:
    """The corrections of an app, by default the current one; None where it stores none."""
    return _get_extensions(app).corrections


def get_api_description(app: Flask | None = None) -> dict[str, Any]:
    """The OpenAPI description of an app, by default the current one."""
    return _get_extensions(app).api_description


def get_readiness() -> Readiness:
    """What finds out whether corrections can be stored by the current app."""
    return _get_extensions().readiness


def _get_extensions(app: Flask | None = None) -> Extensions:
    return cast(Extensions, (app or current_app).extensions[KEY])
