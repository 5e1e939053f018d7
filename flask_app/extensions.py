"""Objects that all requests to an app share, such as its recognizer, each with a typed look-up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

from flask import Flask, current_app

from digitrec import Prediction, Reader, Reading, Recognizer

if TYPE_CHECKING:  # these modules import this one
    from flask_app.admission import Admission
    from flask_app.challenger import Challenger
    from flask_app.corrections.store import CorrectionStore
    from flask_app.health import Readiness
    from flask_app.metrics import Metrics
    from flask_app.rate_limits import RateLimiter
    from flask_app.served_models import ModelSource

KEY = "digitrec"
"""Where they are in `app.extensions`."""


class DigitRecognizer(Protocol):
    """What the web app needs of a recognizer; `digitrec.Recognizer` has it."""

    sha256: str
    card: dict[str, Any] | None

    def predict(self, image: bytes, /) -> Prediction:
        """Recognize the digit in the bytes of an image file."""

    def __hash__(self) -> int:
        """Tell it from another one, for caches."""


class DigitReader(Protocol):
    """What the web app needs of a reader; `digitrec.Reader` has it."""

    def read(self, image: bytes, /) -> Reading:
        """Read every digit in the bytes of an image file."""


@dataclass(frozen=True)
class Extensions:
    """The shared objects of one app.

    Attributes:
        champion: Where the recognizer of a request comes from.
        reader: Reads whole numbers and photographs; None for one with the champion's models.
        metrics: Counts what was answered.
        rate_limiter: Counts the requests of each client.
        admission: Bounds what requests hold at once.
        corrections: Stores corrections; None where the settings name no database.
        readiness: Finds out whether they can be stored.
        challenger: Answers beside the champion, silently; None where the settings name none.
        api_description: The OpenAPI description, filled when the app has all its views.
    """

    champion: ModelSource
    reader: DigitReader | None
    metrics: Metrics
    rate_limiter: RateLimiter
    admission: Admission
    corrections: CorrectionStore | None
    readiness: Readiness
    challenger: Challenger | None = None
    api_description: dict[str, Any] = field(default_factory=dict)

    def init_app(self, app: Flask) -> None:
        """Make these objects the app's own."""
        app.extensions[KEY] = self


def get_recognizer(app: Flask | None = None) -> DigitRecognizer:
    """The recognizer that answers now in an app, by default the current one; the next call may return another."""
    return _get_extensions(app).champion.current()


def get_reader(recognizer: DigitRecognizer | None = None) -> DigitReader:
    """The reader of the current app.

    Args:
        recognizer: Judges each digit; the one that answers now by default.
    """
    reader = _get_extensions().reader
    if reader is None:
        judge = recognizer or get_recognizer()
        reader = Reader(recognizer=judge if isinstance(judge, Recognizer) else None)
    return reader


def get_challenger() -> Challenger | None:
    """The challenger of the current app, if it has one."""
    return _get_extensions().challenger


def get_model_digests() -> dict[str, str]:
    """The SHA-256 of the networks that answer in the current app now, by role: champion, and challenger if any."""
    challenger = get_challenger()
    roles = {"champion": get_recognizer().sha256}
    return roles | ({"challenger": challenger.source.current().sha256} if challenger else {})


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
