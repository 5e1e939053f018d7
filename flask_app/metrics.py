"""`GET /metrics`: counters since the server started, in the format of Prometheus.

What models answered is counted by model, its label the first `SHOWN` digits of the SHA-256 of its network: after a
publication the shares of both can be compared. docs/grafana.json is a dashboard of them.
"""

import time
from collections.abc import Mapping

from flask import Flask, Response, g
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from digitrec import Prediction, Reading
from flask_app.extensions import get_metrics, get_model_digests
from flask_app.logs import matched_route, request_method

SHOWN = 12
"""Digits of a SHA-256 in a label."""

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
        by_model = ("model",)
        self.predictions = Counter(
            "digitrec_predictions", "Images recognized, by digit and model.", ("digit", *by_model), registry=registry
        )
        self.doubts = Counter("digitrec_doubts", "Images that did not look like a digit.", by_model, registry=registry)
        self.confidence = Counter(
            "digitrec_confidence", "Sum of the confidence of all answers.", by_model, registry=registry
        )
        self.compared = Counter(
            "digitrec_comparisons",
            "Images that a challenger answered beside the champion.",
            ("champion", "challenger"),
            registry=registry,
        )
        self.differing = Counter(
            "digitrec_differing_answers",
            "Of these, images that they answered differently.",
            ("champion", "challenger"),
            registry=registry,
        )
        self.comparisons_skipped = Counter(
            "digitrec_comparisons_skipped", "Images that the challenger had no time for.", registry=registry
        )
        self.model = Gauge(
            "digitrec_model",
            "1 for each model that answers, by role.",
            ("role", *by_model),
            registry=registry,
        )
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
            "digitrec_corrections",
            "Corrections stored, by outcome and model.",
            ("outcome", *by_model),
            registry=registry,
        )
        # Present from the start: a rate needs a value before the first increment.
        for digit in range(10):
            self.read_digits.labels(digit)
            self.explanations.labels(digit)
        self._known: set[str] = set()

    def know_model(self, sha256: str) -> str:
        """Have the counters of a model before the first increment, which a rate needs. Returns its label."""
        label = sha256[:SHOWN]
        if label not in self._known:
            for digit in range(10):
                self.predictions.labels(digit, label)
            for outcome in ("right", "wrong"):
                self.corrections.labels(outcome, label)
            self.doubts.labels(label)
            self.confidence.labels(label)
            self._known.add(label)
        return label

    def show_models(self, roles: Mapping[str, str]) -> None:
        """Show which models answer now: the SHA-256 of each network, by its role."""
        self.model.clear()
        for role, sha256 in roles.items():
            self.model.labels(role, self.know_model(sha256)).set(1)

    def count_prediction(self, prediction: Prediction, model: str) -> None:
        """Count an image that was recognized by a model, named by its SHA-256."""
        label = self.know_model(model)
        self.predictions.labels(prediction.digit, label).inc()
        self.confidence.labels(label).inc(prediction.confidence)
        if not prediction.is_digit:
            self.doubts.labels(label).inc()

    def count_comparison(self, champion: str, challenger: str, *, differs: bool) -> None:
        """Count an image that two models answered, each named by its SHA-256."""
        labels = champion[:SHOWN], challenger[:SHOWN]
        self.compared.labels(*labels).inc()
        self.differing.labels(*labels).inc(int(differs))

    def share_differing(self, champion: str, challenger: str) -> tuple[int, int]:
        """How many images two models answered differently, and how many they both answered."""
        labels = champion[:SHOWN], challenger[:SHOWN]
        return int(_value(self.differing.labels(*labels))), int(_value(self.compared.labels(*labels)))

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

    def count_correction(self, model: str, *, right: bool) -> None:
        """Count a correction that was stored, of a model named by its SHA-256; `right` is whether the model was."""
        self.corrections.labels("right" if right else "wrong", self.know_model(model)).inc()


def _value(counter: Counter) -> float:
    return float(next(iter(counter.collect())).samples[0].value)


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
            get_metrics().show_models(get_model_digests())
            return Response(generate_latest(get_metrics().registry), content_type=CONTENT_TYPE_LATEST)
