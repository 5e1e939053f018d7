"""The log: one line a request, in a file that rotates."""

import datetime
import io
import json
import logging
import re
from pathlib import Path

import numpy as np
import pytest

from digitrec import Prediction
from flask_app import ConfigError, create_app

LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO request id=(?P<id>[0-9a-f]{12})"
    r" method=(?P<method>\S+) route=(?P<route>\S+) status=(?P<status>\d{3})"
    r" ms=\d+\.\d digit=(?P<digit>\S+) confidence=(?P<confidence>\S+) doubt=(?P<doubt>\S+)"
)


class AlwaysSeven:
    sha256 = "a" * 64
    card = None

    def predict(self, image: bytes) -> Prediction:
        return Prediction(7, 0.91, np.full(10, 0.1, np.float32), 0.0625, np.zeros((28, 28), np.float32))


def lines(path: Path) -> list[str]:
    logging.shutdown()
    return path.read_text("utf-8").splitlines()


def test_a_request_is_logged_as_one_line_with_all_its_fields(tmp_path) -> None:
    log = tmp_path / "deep" / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven()).test_client()
    response = client.post("/api/predict", data=b"png", content_type="image/png")
    (line,) = lines(log)
    match = LINE.fullmatch(line)
    assert match, line
    assert match.groupdict() == {
        "id": response.headers["X-Request-ID"],
        "method": "POST",
        "route": "/api/predict",
        "status": "200",
        "digit": "7",
        "confidence": "0.91",
        "doubt": "0.062",
    }


def test_a_request_without_a_digit_is_logged_without_its_path(tmp_path) -> None:
    log = tmp_path / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven()).test_client()
    client.get("/healthz")
    client.get("/no\nsuch%0Apage")
    client.open("/healthz", method="MYOWN")
    health, missing, made_up = (LINE.fullmatch(line) for line in lines(log))
    assert health
    assert missing
    assert (health["route"], health["digit"], health["confidence"], health["doubt"]) == ("/healthz", "-", "-", "-")
    assert (missing["route"], missing["status"]) == ("-", "404")
    assert made_up
    assert (made_up["method"], made_up["status"]) == ("other", "405")


def test_the_line_goes_to_the_console_too(monkeypatch) -> None:
    console = io.StringIO()
    monkeypatch.setattr("sys.stderr", console)
    client = create_app({"DIGITREC_LOG_FILE": ""}, AlwaysSeven()).test_client()
    client.get("/healthz")
    assert LINE.fullmatch(console.getvalue().strip())


def test_a_second_app_does_not_double_the_lines(tmp_path) -> None:
    log = tmp_path / "web.log"
    create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven())
    client = create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven()).test_client()
    client.get("/healthz")
    assert len(lines(log)) == 1


def test_the_file_rotates_and_the_oldest_goes(tmp_path) -> None:
    log = tmp_path / "web.log"
    settings = {"DIGITREC_LOG_FILE": log, "DIGITREC_LOG_FILE_MB": 1, "DIGITREC_LOG_FILES": 2}
    app = create_app(settings, AlwaysSeven())
    for handler in app.logger.handlers:
        if isinstance(handler, logging.FileHandler):
            continue
        app.logger.removeHandler(handler)  # megabytes on the console help nobody
    for _ in range(9):
        app.logger.info("x" * 500_000)
    logging.shutdown()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["web.log", "web.log.1", "web.log.2"]
    assert log.stat().st_size <= 1_000_000


def test_a_higher_level_silences_request_lines(tmp_path) -> None:
    log = tmp_path / "web.log"
    settings = {"DIGITREC_LOG_FILE": log, "DIGITREC_LOG_LEVEL": "warning"}
    create_app(settings, AlwaysSeven()).test_client().get("/healthz")
    assert lines(log) == []


def test_a_misspelt_variable_is_warned_of(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DIGITREC_PROT", "8000")
    log = tmp_path / "web.log"
    create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven())
    (line,) = lines(log)
    assert line.endswith("WARNING the variable DIGITREC_PROT is not a setting; did you mean DIGITREC_PORT?")


def test_a_log_file_that_cannot_be_written_stops_the_start(tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match=r"DIGITREC_LOG_FILE is .* cannot be written"):
        create_app({"DIGITREC_LOG_FILE": tmp_path / "file" / "web.log"}, AlwaysSeven())


def test_as_json_a_request_is_one_object_a_line(tmp_path) -> None:
    log = tmp_path / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log, "DIGITREC_LOG_FORMAT": "json"}, AlwaysSeven()).test_client()
    client.post("/api/predict", data=b"png", content_type="image/png", headers={"X-Request-ID": "abc-1"})
    client.get("/healthz")
    first, second = map(json.loads, lines(log))
    assert first.pop("ms") >= 0
    stamp = datetime.datetime.fromisoformat(first.pop("timestamp"))
    assert stamp.utcoffset() == datetime.timedelta(0)
    assert first == {
        "level": "INFO",
        "event": "request",
        "id": "abc-1",
        "method": "POST",
        "route": "/api/predict",
        "status": 200,
        "digit": 7,
        "confidence": 0.91,
        "doubt": 0.062,
    }
    assert second["digit"] is None


def test_as_json_a_failure_has_its_traceback(tmp_path) -> None:
    class Broken:
        def predict(self, image: bytes) -> Prediction:
            raise RuntimeError("the network is down")

    log = tmp_path / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log, "DIGITREC_LOG_FORMAT": "json"}, Broken()).test_client()
    response = client.post("/api/predict", data=b"png", content_type="image/png")
    failure, request = map(json.loads, lines(log))
    assert (failure["event"], failure["level"], failure["id"]) == ("failure", "ERROR", response.headers["X-Request-ID"])
    assert "the network is down" in failure["exc_info"]
    assert request["status"] == 500


@pytest.mark.parametrize("given", ["9f2c.A_b-7", "x" * 64])
def test_the_id_that_a_proxy_gave_is_kept(tmp_path, given: str) -> None:
    log = tmp_path / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log}, AlwaysSeven()).test_client()
    assert client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"] == given
    (line,) = lines(log)
    assert f" id={given} " in line


@pytest.mark.parametrize("given", ["", "x" * 65, "two words", "a=b", "\x1b[31m", "a\u00e4".encode().decode("latin-1")])
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_id_that_could_disturb_the_log_is_not(tmp_path, form: str, given: str) -> None:
    log = tmp_path / "web.log"
    client = create_app({"DIGITREC_LOG_FILE": log, "DIGITREC_LOG_FORMAT": form}, AlwaysSeven()).test_client()
    told = client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{12}", told)
    (line,) = lines(log)
    assert told in line
    assert not given or given not in line
