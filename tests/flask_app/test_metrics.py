"""What the server counts, and who may see it."""

import base64

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from flask_app import create_app
from tests.support.drawings import HEART, drawing, encoded

COUNTED = {"DIGITREC_LOG_FILE": "", "DIGITREC_METRICS": "on"}
BLANK = encoded(np.zeros((30, 30), np.uint8))


@pytest.fixture
def client(tmp_path):
    return create_app({**COUNTED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/c.db"}).test_client()


def counts(client) -> dict:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.content_type.startswith("text/plain")
    families = text_string_to_metric_families(response.text)
    return {(one.name, *sorted(one.labels.values())): one.value for family in families for one in family.samples}


def test_metrics_are_served_only_where_the_settings_say_so() -> None:
    client = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}).test_client()
    assert client.get("/metrics").status_code == 404


def test_what_was_recognized_is_counted_by_digit(client) -> None:
    fresh = counts(client)
    assert fresh["digitrec_predictions_total", "4"] == 0
    for picture in (drawing(4), drawing(4), drawing(9)):
        client.post("/api/predict", data=encoded(picture), content_type="image/png")
    url = "data:image/png;base64," + base64.b64encode(encoded(drawing(4))).decode()
    blank = "data:image/png;base64," + base64.b64encode(BLANK).decode()
    client.post("/api/v1/predict/batch", json={"images": [url, blank, "?"]})
    client.post("/api/predict", data=BLANK, content_type="image/png")
    client.post("/api/predict", data=encoded(drawing(HEART)), content_type="image/png")
    now = counts(client)
    assert now["digitrec_predictions_total", "4"] == 3
    assert now["digitrec_predictions_total", "9"] == 1
    assert sum(value for (name, *_), value in now.items() if name == "digitrec_predictions_total") == 5
    assert now["digitrec_doubts_total",] == 1
    assert now["digitrec_blanks_total",] == 2


def test_requests_are_counted_by_route_and_timed(client) -> None:
    client.get("/healthz")
    client.get("/made/up/7f3a")
    client.open("/healthz", method="SEVEN")
    now = counts(client)
    assert now["digitrec_requests_total", "/healthz", "200", "GET"] == 1
    assert now["digitrec_requests_total", "-", "404", "GET"] == 1
    assert sum(value for key, value in now.items() if key[0] == "digitrec_requests_total" and "other" in key) == 1
    assert not any("SEVEN" in key or "7f3a" in "".join(key) for key in now)
    assert now["digitrec_request_seconds_count", "/healthz"] == 1
    assert 0 < now["digitrec_request_seconds_sum", "/healthz"] < 5


def test_a_correction_is_counted_once_by_whether_the_model_was_right(client) -> None:
    url = "data:image/png;base64," + base64.b64encode(encoded(drawing(4))).decode()
    for label, key in ((4, "a"), (9, "b"), (9, "b"), ("none", "c")):
        client.post("/api/feedback", json={"image": url, "label": label, "key": key})
    heart = "data:image/png;base64," + base64.b64encode(encoded(drawing(HEART))).decode()
    for label, key in (("none", "d"), (0, "e")):
        client.post("/api/feedback", json={"image": heart, "label": label, "key": key})
    now = counts(client)
    assert now["digitrec_corrections_total", "right"] == 2  # of the heart it said that it is no digit
    assert now["digitrec_corrections_total", "wrong"] == 3
    assert now["digitrec_predictions_total", "4"] == 0
