"""The settings table: defaults, sources, refusals, and its page in the documentation."""

import re
from pathlib import Path

import pytest

from flask_app.settings.environment import ConfigError, address, misspelt, read_settings
from flask_app.settings.table import SETTINGS

DOCS = Path(__file__).parents[2] / "docs" / "web-app.md"

WRONG = [
    ("DIGITREC_HOST", ""),
    ("DIGITREC_HOST", "two words"),
    ("DIGITREC_PORT", "http"),
    ("DIGITREC_PORT", "0"),
    ("DIGITREC_PORT", "65536"),
    ("DIGITREC_PORT", ""),
    ("DIGITREC_THREADS", "0"),
    ("DIGITREC_THREADS", "1.5"),
    ("DIGITREC_MAX_UPLOAD_MB", "21"),
    ("DIGITREC_TRUSTED_PROXIES", "-1"),
    ("DIGITREC_PREDICT_LIMIT", "often"),
    ("DIGITREC_LIMITS_URL", ""),
    ("DIGITREC_METRICS", "maybe"),
    ("DIGITREC_LOG_FORMAT", "xml"),
    ("DIGITREC_LOG_LEVEL", "LOUD"),
    ("DIGITREC_LOG_FILE_MB", "0"),
    ("DIGITREC_LOG_FILES", "many"),
]


def test_every_default_is_allowed_by_its_own_row() -> None:
    assert set(read_settings({})) == {setting.name for setting in SETTINGS}


def test_an_override_comes_before_the_environment_before_the_default() -> None:
    assert read_settings({})["DIGITREC_PORT"] == 5000
    assert read_settings({"DIGITREC_PORT": "8000"})["DIGITREC_PORT"] == 8000
    environ = {"DIGITREC_PORT": "8000"}
    assert read_settings(environ, {"DIGITREC_PORT": 9000})["DIGITREC_PORT"] == 9000


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_bad_value_is_refused_by_name_value_and_remedy(name: str, value: str) -> None:
    allowed = next(setting.allowed for setting in SETTINGS if setting.name == name)
    with pytest.raises(ConfigError, match=re.escape(f"{name} is {value!r}; it must be {allowed}")):
        read_settings({name: value})


@pytest.mark.parametrize("name", ["DIGITREC_REVIEW_PASSWORD_HASH", "DIGITREC_SECRET_KEY"])
def test_a_bad_secret_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be ") as refused:
        read_settings({name: "swordfish"})
    assert "swordfish" not in str(refused.value)


def test_an_override_that_names_no_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"DIGITREC_PROT is no setting; there are .*DIGITREC_PORT"):
        read_settings({}, {"DIGITREC_PROT": "8000"})


def test_other_variables_of_the_project_are_left_alone() -> None:
    environ = {"DIGITREC_DATA_DIR": "/data", "DIGITREC_CHROMIUM": "/usr/bin/chromium"}
    assert read_settings(environ) == read_settings({})
    assert misspelt(environ) == {}


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("DIGITREC_PROT", "DIGITREC_PORT"),
        ("DIGITREC_LOGFILE", "DIGITREC_LOG_FILE"),
        ("DIGITREC_MAX_UPLOAD", "DIGITREC_MAX_UPLOAD_MB"),
    ],
)
def test_a_misspelt_variable_is_noticed(typo: str, meant: str) -> None:
    assert misspelt({typo: "1", "PATH": "/bin"}) == {typo: meant}


def test_an_ipv6_address_is_put_in_brackets() -> None:
    assert address(read_settings({})) == "127.0.0.1:5000"
    assert address(read_settings({"DIGITREC_HOST": "::1"})) == "[::1]:5000"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_each_setting_is_documented_as_it_is(setting) -> None:
    rows = [line for line in DOCS.read_text("utf-8").splitlines() if f"`{setting.name}`" in line]
    default = f"`{setting.default}`" if setting.default else "empty"
    assert any(default in row and setting.allowed in row and setting.help in row for row in rows), (
        f"docs/web-app.md needs: | `{setting.name}` | {default} | {setting.allowed} | {setting.help} |"
    )


def test_the_documentation_names_no_setting_that_is_gone() -> None:
    rows = re.findall(r"^\| `(DIGITREC_\w+)`", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    assert rows == [setting.name for setting in SETTINGS]
