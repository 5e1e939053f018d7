"""What docs/deploy.md tells to write: settings that there are, a unit and a proxy that their programs take."""

import re
import shutil
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
import yaml

from benchmarks.servers import serve_web_app
from flask_app.settings.environment import MEGABYTE, read_settings
from flask_app.settings.table import SETTINGS
from tests.support.deploy_page import PAGE, block
from tests.support.drawings import drawing, encoded
from tests.support.nginx import proxied

ROOT = Path(__file__).parents[2]
NAMES = {setting.name for setting in SETTINGS}
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")


@pytest.mark.parametrize("text", [PAGE, COMPOSE, (ROOT / "SECURITY.md").read_text("utf-8")])
def test_every_setting_that_is_named_is_one(text: str) -> None:
    named = set(re.findall(r"DIGITREC_[A-Z_]+", text))
    assert named
    assert named <= NAMES


def test_compose_has_no_password_of_its_own_and_pins_its_images() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert set(services) == {"app", "database", "limits"}
    assert services["app"]["ports"] == ["127.0.0.1:7860:7860"]
    images = [service["image"] for service in services.values() if "image" in service]
    assert all(re.search(r":\d+[\w.-]*$", image) for image in images)
    assert services["database"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert services["app"]["depends_on"] == {
        name: {"condition": "service_healthy"} for name, service in services.items() if "healthcheck" in service
    }


def test_the_unit_is_one_to_systemd_and_so_is_that_of_several_servers(tmp_path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = block("[Unit]").replace("/srv/digitrec/app/.venv/bin/gunicorn", "/bin/true")
    one, several = tmp_path / "digitrec.service", tmp_path / "digitrec@.service"
    one.write_text(unit.replace("User=digitrec", "User=root"))
    change = re.search(r"sed '([^']+)'", block("sudo systemctl enable --now digitrec@5000 digitrec@5001"))[1]
    several.write_bytes(subprocess.run(["sed", change, one], capture_output=True, check=True).stdout)
    assert "\nEnvironment=DIGITREC_PORT=%i\n" in several.read_text()
    for name in ("digitrec.service", "digitrec@5000.service"):
        done = subprocess.run([program, "verify", tmp_path / name], capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")


def test_what_compose_asks_for_is_what_the_page_writes() -> None:
    written = set(re.findall(r"([A-Z_]+)=\$\(openssl", PAGE)) | {"DIGITREC_REVIEW_PASSWORD_HASH"}
    assert set(re.findall(r"\$\{(\w+)", COMPOSE)) == written


def test_compose_starts_nothing_before_it_is_there_and_lets_no_log_fill_the_disk() -> None:
    services = yaml.safe_load(COMPOSE)["services"]
    assert all(service["logging"] == {"driver": "local"} for service in services.values())
    assert "127.0.0.1" in services["database"]["healthcheck"]["test"]
    assert set(services["app"]["environment"]) <= NAMES


@pytest.mark.parametrize("replicas", [1, 2])
def test_the_proxy_is_one_to_nginx_and_hands_on_what_it_should(tmp_path, replicas: int) -> None:
    settings = {"DIGITREC_TRUSTED_PROXIES": "1", "DIGITREC_METRICS": "on", "DIGITREC_PREDICT_LIMIT": "6/hour"}
    with ExitStack() as stack:
        ports = []
        for number in range(replicas):
            (tmp_path / str(number)).mkdir()
            behind = stack.enter_context(serve_web_app(tmp_path / str(number), **settings))
            ports.append(behind.port)
        front = stack.enter_context(proxied(tmp_path, ports))
        assert requests.get(f"{front}/metrics", timeout=20).status_code == 404
        assert requests.get(f"{behind.url}/metrics", timeout=20).status_code == 200
        picture = {"file": encoded(drawing(4))}
        # The proxy says who asks, so that nobody else can: all of these are one client.
        answers = [
            requests.post(
                f"{front}/api/v1/predict", files=picture, headers={"X-Forwarded-For": f"192.0.2.{number}"}, timeout=20
            )
            for number in range(6 * replicas)
        ]
        assert [answer.json()["digit"] for answer in answers] == [4] * 6 * replicas
        asked_more = requests.post(f"{front}/api/v1/predict", files=picture, timeout=20)
        assert asked_more.status_code == 429
        # Its own id for each, and not the client's.
        id_of_its_own = requests.get(f"{front}/healthz", headers={"X-Request-ID": "mine"}, timeout=20)
        assert re.fullmatch("[0-9a-f]{32}", id_of_its_own.headers["X-Request-ID"])
        # As large as the largest batch may be, the proxy lets it pass, for the app to judge.
        largest = bytes(read_settings({})["DIGITREC_MAX_BATCH_MB"] * MEGABYTE * 4 // 3)  # in base64
        judged = requests.post(f"{front}/api/v1/predict/batch", largest, timeout=60)
        assert judged.json()["error"]["code"] == "unsupported_type"
