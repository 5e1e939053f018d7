"""The models that answer: the champion, which may be replaced while the server runs, and a silent challenger."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import digitrec
from digitrec.artifacts import CARD_NAME, model_path, read_card

if TYPE_CHECKING:
    from flask_app.extensions import DigitRecognizer

_log = logging.getLogger("flask_app")  # which the app sets up

Stamp = tuple[tuple[int, int, int] | None, ...]
"""Of the card and of the network: time of the last change, number and size of the file; None where there is none."""


CHECK_SECONDS = 0.5
"""Time between two looks at the files. To look at each request takes 0.04 ms, and longer beside other threads."""


class ModelSource(Protocol):
    """Where the recognizer of a request comes from."""

    def current(self) -> DigitRecognizer:
        """The recognizer that answers now."""


class FixedModel:
    """A recognizer that is never replaced."""

    def __init__(self, recognizer: DigitRecognizer) -> None:
        """Take the recognizer."""
        self._recognizer = recognizer

    def current(self) -> DigitRecognizer:
        """The recognizer."""
        return self._recognizer


class FollowedModel:
    """The recognizer of a model file, loaded again when another version is published in its folder.

    Requests that are being answered keep the recognizer that they have. Half a second after a publication, the first
    request loads the new one, and those beside it are answered by the old one meanwhile. If what was published cannot
    be loaded, the old one stays, and the log says why.
    """

    def __init__(self, path: Path | None) -> None:
        """Load the model.

        Args:
            path: An ONNX file; None for the one that comes with digitrec.

        Raises:
            ModelNotFoundError: No such file.
            ModelIntegrityError: Not a model that can be served.
        """
        self._path = path or model_path()
        self._stamp = _stamp_of(self._path)  # before it is loaded: what replaces it meanwhile has another one
        self._recognizer = digitrec.Recognizer(path)
        self._loading = threading.Lock()
        self._check_at = 0.0

    def current(self) -> digitrec.Recognizer:
        """The recognizer of what is published, or was until `CHECK_SECONDS` ago."""
        now = time.monotonic()
        if now < self._check_at:
            return self._recognizer
        self._check_at = now + CHECK_SECONDS
        stamp = _stamp_of(self._path)
        if stamp != self._stamp and self._loading.acquire(blocking=False):
            try:
                self._stamp = stamp
                self._load()
            finally:
                self._loading.release()
        return self._recognizer

    def _load(self) -> None:
        before = self._recognizer
        try:
            has_card = self._path.with_name(CARD_NAME).exists()
            if has_card and read_card(self._path.parent) == before.card:
                return  # the files follow the card, which was replaced first
            now = digitrec.Recognizer(self._path)
        except digitrec.DigitrecError as error:
            _log.warning("model stays: what was published cannot be served: %s", error)
            return
        self._recognizer = now
        if now.sha256 != before.sha256:
            _log.info("model %s answers now, in place of %s", now.sha256[:12], before.sha256[:12])


def _stamp_of(path: Path) -> Stamp:
    return tuple(map(_stat, (path.with_name(CARD_NAME), path)))


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size
