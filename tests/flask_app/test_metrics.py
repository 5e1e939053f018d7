"""What the server counts, and who may see it."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from digitrec import Recognizer
from digitrec.artifacts import MODEL_NAME, model_path
from digitrec.publication.candidate import check_candidate, publish
from flask_app import create_app, served_models
from flask_app.extensions import get_challenger
from tests.support.drawings import HEART, drawing, encoded
from tests.support.models import another_version, copy_shipped

ROOT = Path(__file__).parents[2]
COUNTED = {"DIGITREC_LOG_FILE": "", "DIGITREC_METRICS": "on"}
BLANK = encoded(np.zeros((30, 30), np.uint8))


@pytest.fixture
def client(tmp_path):
    return create_app({**COUNTED, "DIGITREC_DATABASE_URL": f"sqlite:///{tmp_path}/c.db"}).test_client()


@pytest.fixture(scope="module")
def model() -> str:
    return Recognizer().sha256[:12]


def counts(client) -> dict:
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.content_type.startswith("text/plain")
    families = text_string_to_metric_families(response.text)
    return {metric(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def metric(name: str, *labels: str) -> tuple[str, ...]:
    """A metric with the values of its labels, in an order of their own."""
    return (name, *sorted(labels))


def test_metrics_are_served_only_where_the_settings_say_so() -> None:
    client = create_app({"DIGITREC_LOG_FILE": "", "DIGITREC_DATABASE_URL": ""}).test_client()
    assert client.get("/metrics").status_code == 404


def test_what_was_recognized_is_counted_by_digit_and_model(client, model) -> None:
    fresh = counts(client)
    assert fresh[metric("digitrec_predictions_total", "4", model)] == 0
    assert fresh[metric("digitrec_model", "champion", model)] == 1
    for picture in (drawing(4), drawing(4), drawing(9)):
        client.post("/api/predict", data=encoded(picture), content_type="image/png")
    url = "data:image/png;base64," + base64.b64encode(encoded(drawing(4))).decode()
    blank = "data:image/png;base64," + base64.b64encode(BLANK).decode()
    client.post("/api/v1/predict/batch", json={"images": [url, blank, "?"]})
    client.post("/api/predict", data=BLANK, content_type="image/png")
    client.post("/api/predict", data=encoded(drawing(HEART)), content_type="image/png")
    now = counts(client)
    assert now[metric("digitrec_predictions_total", "4", model)] == 3
    assert now[metric("digitrec_predictions_total", "9", model)] == 1
    assert sum(value for (name, *_), value in now.items() if name == "digitrec_predictions_total") == 5
    assert now[metric("digitrec_doubts_total", model)] == 1
    assert 4 < now[metric("digitrec_confidence_total", model)] < 5
    assert now["digitrec_blanks_total",] == 2


def test_requests_are_counted_by_route_and_timed(client) -> None:
    client.get("/healthz")
    client.get("/made/up/7f3a")
    client.open("/healthz", method="SEVEN")
    now = counts(client)
    assert now[metric("digitrec_requests_total", "/healthz", "200", "GET")] == 1
    assert now[metric("digitrec_requests_total", "-", "404", "GET")] == 1
    assert sum(value for key, value in now.items() if key[0] == "digitrec_requests_total" and "other" in key) == 1
    assert not any("SEVEN" in key or "7f3a" in "".join(key) for key in now)
    assert now[metric("digitrec_request_seconds_count", "/healthz")] == 1
    assert 0 < now[metric("digitrec_request_seconds_sum", "/healthz")] < 5


def test_a_correction_is_counted_once_by_whether_the_model_was_right(client, model) -> None:
    url = "data:image/png;base64," + base64.b64encode(encoded(drawing(4))).decode()
    for label, key in ((4, "a"), (9, "b"), (9, "b"), ("none", "c")):
        client.post("/api/feedback", json={"image": url, "label": label, "key": key})
    heart = "data:image/png;base64," + base64.b64encode(encoded(drawing(HEART))).decode()
    for label, key in (("none", "d"), (0, "e")):
        client.post("/api/feedback", json={"image": heart, "label": label, "key": key})
    now = counts(client)
    assert now[metric("digitrec_corrections_total", "right", model)] == 2  # of the heart it said that it is no digit
    assert now[metric("digitrec_corrections_total", "wrong", model)] == 3
    assert now[metric("digitrec_predictions_total", "4", model)] == 0


def test_predictions_are_counted_by_model_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served_models, "CHECK_SECONDS", 0.0)
    folder, second = copy_shipped(tmp_path / "models"), another_version(tmp_path / "second", "second")
    client = create_app(
        {**COUNTED, "DIGITREC_MODEL": str(folder / MODEL_NAME), "DIGITREC_DATABASE_URL": ""}
    ).test_client()
    answers = []
    for _ in range(2):
        answers.append(client.post("/api/predict", data=encoded(drawing(4)), content_type="image/png").json)
        if len(answers) == 1:
            publish(folder, check_candidate(folder, str(second)))
    first, second_model = (answer["model"][:12] for answer in answers)
    assert first != second_model
    now = counts(client)
    assert (
        now[metric("digitrec_predictions_total", "4", first)]
        == now[metric("digitrec_predictions_total", "4", second_model)]
        == 1
    )
    assert now[metric("digitrec_model", "champion", second_model)] == 1
    assert metric("digitrec_model", "champion", first) not in now


def test_a_challenger_answers_silently_and_differing_answers_are_counted(tmp_path: Path, model: str) -> None:
    silent = another_version(tmp_path / "challenger", "challenger")
    app = create_app({**COUNTED, "DIGITREC_CHALLENGER": str(silent / MODEL_NAME), "DIGITREC_DATABASE_URL": ""})
    client = app.test_client()
    with app.app_context():
        challenger = get_challenger()
    network = challenger.source.current().sha256[:12]
    for digit in (4, 9, 4):
        answer = client.post("/api/predict", data=encoded(drawing(digit)), content_type="image/png").json
        assert answer["model"][:12] == model
    challenger.wait()
    now = counts(client)
    assert now[metric("digitrec_comparisons_total", model, network)] == 3
    assert now[metric("digitrec_differing_answers_total", model, network)] == 0
    assert now[metric("digitrec_model", "challenger", network)] == 1

    class Contrary:
        sha256, card = challenger.source.current().sha256, None

        def predict(self, image: bytes) -> object:
            if image.endswith(b"\0"):
                raise RuntimeError("the thread survives it")
            return Recognizer(silent / MODEL_NAME).predict(encoded(drawing(1)))

    challenger.source.current = Contrary
    for picture in (encoded(drawing(4)) + b"\0", encoded(drawing(4))):
        client.post("/api/predict", data=picture, content_type="image/png")
    challenger.wait()
    now = counts(client)
    assert now[metric("digitrec_comparisons_total", model, network)] == 4
    assert now[metric("digitrec_differing_answers_total", model, network)] == 1


def test_a_challenger_that_is_the_champion_is_not_compared(model: str) -> None:
    app = create_app({**COUNTED, "DIGITREC_CHALLENGER": str(model_path()), "DIGITREC_DATABASE_URL": ""})
    client = app.test_client()
    client.post("/api/predict", data=encoded(drawing(4)), content_type="image/png")
    with app.app_context():
        get_challenger().wait()
    assert not any(name == "digitrec_comparisons_total" for name, *_ in counts(client))


def test_the_grafana_dashboard_asks_for_metrics_and_labels_that_are_served(client, tmp_path: Path) -> None:
    silent = another_version(tmp_path / "challenger", "challenger")
    app = create_app({**COUNTED, "DIGITREC_CHALLENGER": str(silent / MODEL_NAME), "DIGITREC_DATABASE_URL": ""})
    client = app.test_client()
    client.post("/api/predict", data=encoded(drawing(4)), content_type="image/png")
    with app.app_context():
        get_challenger().wait()
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    served = {one.name: set(one.labels) for family in families for one in family.samples}
    panels = json.loads((ROOT / "docs" / "grafana.json").read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel["targets"]]
    names = {name for expression in asked for name in re.findall(r"digitrec_\w+", expression)}
    assert len(asked) == len(panels) == 7
    assert names <= served.keys()
    for expression in asked:
        labels = re.findall(r"by \(([^)]*)\)", expression)
        for name in re.findall(r"digitrec_\w+", expression):
            assert set(labels[0].split(", ")) <= served[name], expression
