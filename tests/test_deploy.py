"""What docs/deploy.md tells to write: settings that there are, a unit and a proxy that their programs take."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from flask_app.settings import SETTINGS

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "deploy.md").read_text("utf-8")
NAMES = {setting.name for setting in SETTINGS}
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")


def block(first_line: str) -> str:
    """The indented block of the page that begins with this line."""
    found = re.search(rf"(?:^    {re.escape(first_line)}\n(?:(?:    .*)?\n)*)", PAGE, re.MULTILINE)
    return "\n".join(line[4:] for line in found[0].rstrip().splitlines()) + "\n"


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


def test_the_unit_is_one_to_systemd(tmp_path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd is not installed")
    unit = block("[Unit]").replace("/srv/digitrec/app/.venv/bin/gunicorn", "/bin/true")
    (tmp_path / "digitrec.service").write_text(unit.replace("User=digitrec", "User=root"))
    done = subprocess.run([program, "verify", tmp_path / "digitrec.service"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_proxy_is_one_to_nginx(tmp_path) -> None:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("nginx is not installed")
    server = block("server {")
    pid, errors = tmp_path / "nginx.pid", tmp_path / "error.log"
    http = f"http {{ access_log off; client_body_temp_path {tmp_path}/body; {server} }}"
    (tmp_path / "nginx.conf").write_text(f"pid {pid};\nerror_log {errors};\nevents {{}}\n{http}\n")
    done = subprocess.run([program, "-t", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
