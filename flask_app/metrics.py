"""`GET /metrics`: what the server has done since its start, as Prometheus reads it."""

import time

from flask import Flask, Response, current_app, g
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest

from digitrec import Prediction
from flask_app.logs import method, route

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
"""Edges of the histogram: an answer takes about two milliseconds, and a tenth of a second is felt."""


class Metrics:
    """Counters of one app. Each has its own: two apps in a process do not count together."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = here = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("digitrec_requests", "Requests answered.", labels, registry=here)
        self.seconds = Histogram(
            "digitrec_request_seconds", "Time from a request to its answer.", ("route",), buckets=SECONDS, registry=here
        )
        self.predictions = Counter("digitrec_predictions", "Pictures recognized, by digit.", ("digit",), registry=here)
        self.doubts = Counter("digitrec_doubts", "Pictures that did not look like a digit.", registry=here)
        self.blanks = Counter("digitrec_blanks", "Pictures without ink.", registry=here)
        self.corrections = Counter("digitrec_corrections", "Corrections kept, by outcome.", ("outcome",), registry=here)
        for digit in range(10):  # there from the start, so that a rate can be told from the first one on
            self.predictions.labels(digit)
        for outcome in ("right", "wrong"):
            self.corrections.labels(outcome)


def predicted(prediction: Prediction) -> None:
    """Count an answer."""
    metrics = _of_this_app()
    metrics.predictions.labels(prediction.digit).inc()
    if not prediction.is_digit:
        metrics.doubts.inc()


def blank() -> None:
    """Count a picture without ink."""
    _of_this_app().blanks.inc()


def corrected(*, right: bool) -> None:
    """Count a correction that was kept."""
    _of_this_app().corrections.labels("right" if right else "wrong").inc()


def _of_this_app() -> Metrics:
    metrics: Metrics = current_app.extensions["digitrec_metrics"]
    return metrics


def init_app(app: Flask) -> None:
    """Count requests, and serve the counts where the settings say so."""
    metrics = app.extensions["digitrec_metrics"] = Metrics()

    @app.after_request
    def count(response: Response) -> Response:
        where = route()
        metrics.requests.labels(method(), where, response.status_code).inc()
        metrics.seconds.labels(where).observe(time.perf_counter() - g.started)
        return response

    if app.config["DIGITREC_METRICS"] == "on":

        @app.get("/metrics", endpoint="metrics")
        def show() -> Response:
            return Response(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)
