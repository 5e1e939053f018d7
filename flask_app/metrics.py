"""`GET /metrics`: counters since the server started, in the format of Prometheus."""

import time

from flask import Flask, Response, g
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from digitrec import Prediction, Reading
from flask_app.extensions import get_metrics
from flask_app.logs import matched_route, request_method

BUCKETS_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Edges of the histogram of response times: an answer takes about two milliseconds, and people notice a tenth of a
second."""


class Metrics:
    """Counters of one app. Two apps in one process count separately."""

    def __init__(self) -> None:
        """Start at zero."""
        self.registry = registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("digitrec_requests", "Requests answered.", labels, registry=registry)
        self.seconds = Histogram(
            "digitrec_request_seconds",
            "Time from a request to its answer.",
            ("route",),
            buckets=BUCKETS_SECONDS,
            registry=registry,
        )
        self.predictions = Counter(
            "digitrec_predictions", "Images recognized, by digit.", ("digit",), registry=registry
        )
        self.doubts = Counter("digitrec_doubts", "Images that did not look like a digit.", registry=registry)
        self.explanations = Counter(
            "digitrec_explanations", "Images explained, by the digit asked about.", ("digit",), registry=registry
        )
        self.blanks = Counter("digitrec_blanks", "Images without ink.", registry=registry)
        self.readings = Counter("digitrec_readings", "Images read, for all digits in them.", registry=registry)
        self.empty_readings = Counter(
            "digitrec_empty_readings", "Images read in which no digit was found.", registry=registry
        )
        self.read_digits = Counter("digitrec_read_digits", "Digits read, by digit.", ("digit",), registry=registry)
        self.corrections = Counter(
            "digitrec_corrections", "Corrections stored, by outcome.", ("outcome",), registry=registry
        )
        # Present from the start: a rate needs a value before the first increment.
        for digit in range(10):
            self.predictions.labels(digit)
            self.read_digits.labels(digit)
            self.explanations.labels(digit)
        for outcome in ("right", "wrong"):
            self.corrections.labels(outcome)

    def count_prediction(self, prediction: Prediction) -> None:
        """Count an image that was recognized."""
        self.predictions.labels(prediction.digit).inc()
        if not prediction.is_digit:
            self.doubts.inc()

    def count_reading(self, reading: Reading) -> None:
        """Count an image that was read, and the digits in it."""
        self.readings.inc()
        if not reading:
            self.empty_readings.inc()
        for one in reading.digits:
            self.read_digits.labels(one.digit).inc()

    def count_explanation(self, digit: int) -> None:
        """Count an image that was explained, by the digit asked about."""
        self.explanations.labels(digit).inc()

    def count_blank(self) -> None:
        """Count an image without ink."""
        self.blanks.inc()

    def count_correction(self, *, right: bool) -> None:
        """Count a correction that was stored; `right` is whether the model was."""
        self.corrections.labels("right" if right else "wrong").inc()


def init_app(app: Flask) -> None:
    """Count requests, and serve the counters if the settings say so."""

    @app.after_request
    def count_request(response: Response) -> Response:
        metrics, route = get_metrics(), matched_route()
        metrics.requests.labels(request_method(), route, response.status_code).inc()
        metrics.seconds.labels(route).observe(time.perf_counter() - g.started)
        return response

    if app.config["DIGITREC_METRICS"] == "on":

        @app.get("/metrics", endpoint="metrics")
        def show() -> Response:
            return Response(generate_latest(get_metrics().registry), content_type=CONTENT_TYPE_LATEST)
