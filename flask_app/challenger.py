"""The challenger: another model that answers the same drawings, silently, to see where it differs."""

from __future__ import annotations

import logging
import queue
import threading
from typing import TYPE_CHECKING

from digitrec import DigitrecError, Prediction
from digitrec.training_rows import NOT_A_DIGIT

if TYPE_CHECKING:
    from flask_app.metrics import Metrics
    from flask_app.served_models import ModelSource

_log = logging.getLogger("flask_app")  # which the app sets up

MAX_WAITING = 16
"""Images that wait for the challenger; those that come meanwhile are not compared."""

MAX_BYTES = 200_000
"""Bytes of an image that is compared. A drawing of the page has some 10,000; a photograph costs too much twice."""


def answer_of(prediction: Prediction) -> int:
    """What a prediction says: its digit, or `NOT_A_DIGIT`."""
    return prediction.digit if prediction.is_digit else NOT_A_DIGIT


class Challenger:
    """Compares answers with those of another model, in a thread of its own: no answer waits for it."""

    def __init__(self, source: ModelSource, metrics: Metrics) -> None:
        """Compare with the model of a source, and count in these metrics."""
        self.source, self._metrics = source, metrics
        self._waiting: queue.Queue[tuple[bytes, int, str]] = queue.Queue(MAX_WAITING)
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def compare(self, image: bytes, prediction: Prediction, champion: str) -> None:
        """Have an image compared, if there is time.

        Args:
            image: The image file.
            prediction: The champion's answer.
            champion: The SHA-256 of its network.
        """
        if len(image) > MAX_BYTES:
            return
        self._start()
        try:
            self._waiting.put_nowait((image, answer_of(prediction), champion))
        except queue.Full:
            self._metrics.comparisons_skipped.inc()

    def predict(self, image: bytes) -> tuple[int, str] | None:
        """The challenger's own answer, and the SHA-256 of its network; None if it has none."""
        model = self.source.current()
        try:
            return answer_of(model.predict(image)), model.sha256
        except DigitrecError:
            return None

    def wait(self) -> None:
        """Wait until all that was to be compared is."""
        self._waiting.join()

    def _start(self) -> None:
        # At the first image, and not with the app: a process that is forked has no threads of its parent.
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._work, name="challenger", daemon=True)
                    self._thread.start()

    def _work(self) -> None:
        while True:
            image, answer, champion = self._waiting.get()
            try:
                other = self.predict(image)
                if other is not None and other[1] != champion:
                    self._metrics.count_comparison(champion, other[1], differs=other[0] != answer)
            except Exception:  # the next image may be answered
                _log.exception("the challenger failed")
            finally:
                self._waiting.task_done()
