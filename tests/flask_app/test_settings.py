"""The settings table: defaults, sources, refusals, and its page in the documentation."""

import re
from pathlib import Path

import pytest
from werkzeug.security import generate_password_hash

from flask_app.settings.environment import ConfigError, bind_address, find_misspelt_settings, read_settings
from flask_app.settings.table import SETTINGS

DOCS = Path(__file__).parents[2] / "docs" / "web-app.md"

WRONG = [
    ("DIGITREC_HOST", "two words"),
    ("DIGITREC_HOST", "http://localhost"),
    ("DIGITREC_HOST", "localhost:5000"),
    ("DIGITREC_HOST", "127.0.0.1:5000"),
    ("DIGITREC_HOST", "[::1]"),
    ("DIGITREC_HOST", "300.1.1.1"),
    ("DIGITREC_HOST", "1.2.3"),
    ("DIGITREC_HOST", "-a"),
    ("DIGITREC_HOST", "*"),
    ("DIGITREC_PORT", "http"),
    ("DIGITREC_PORT", "0"),
    ("DIGITREC_PORT", "65536"),
    ("DIGITREC_PORT", "5_000"),
    ("DIGITREC_PORT", "５０００"),  # noqa: RUF001  digits of another script
    ("DIGITREC_PORT", "5000.0"),
    ("DIGITREC_PORT", "1" * 5000),
    ("DIGITREC_THREADS", "0"),
    ("DIGITREC_THREADS", "1.5"),
    ("DIGITREC_MODEL", "~no-such-user/model.onnx"),
    ("DIGITREC_MODEL", "a\0b"),
    ("DIGITREC_MAX_UPLOAD_MB", "21"),
    ("DIGITREC_MAX_UPLOAD_MB", "20 MB"),
    ("DIGITREC_MAX_BATCH_MB", "1e3"),
    ("DIGITREC_TRUSTED_PROXIES", "-1"),
    ("DIGITREC_TRUSTED_PROXIES", "yes"),
    ("DIGITREC_DATABASE_URL", "digitrec.db"),
    ("DIGITREC_DATABASE_URL", "sqlite://"),
    ("DIGITREC_DATABASE_URL", "sqlite:///"),
    ("DIGITREC_DATABASE_URL", "sqlite:///:memory:"),
    ("DIGITREC_DATABASE_URL", "sqlite://digitrec.db"),
    ("DIGITREC_DATABASE_URL", "sqlite:////tmp/"),
    ("DIGITREC_DATABASE_URL", "sqlite:////usr"),
    ("DIGITREC_DATABASE_URL", "sqlite:///file:x?mode=memory&uri=true"),
    ("DIGITREC_DATABASE_URL", "sqlite:///x.db?timeout=soon"),
    ("DIGITREC_DATABASE_URL", "sqlite+aiosqlite:///x.db"),
    ("DIGITREC_DATABASE_URL", "postgresql://127.0.0.1:port/digitrec"),
    ("DIGITREC_DATABASE_URL", "postgresql://127.0.0.1:99999/digitrec"),
    ("DIGITREC_DATABASE_URL", "postgresql://127.0.0.1/digitrec?nonsense=1"),
    ("DIGITREC_DATABASE_URL", "postgresql://127.0.0.1/digitrec?sslmode=perhaps"),
    ("DIGITREC_DATABASE_URL", "postgresql+asyncpg://127.0.0.1/digitrec"),
    ("DIGITREC_DATABASE_URL", "mysql://127.0.0.1/digitrec"),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "scrypt:abc$s$h"),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "scrypt:32768:8:1$salt$abcd"),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "scrypt:32767:8:1$salt$" + "0" * 128),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "scrypt:1073741824:8:1$salt$" + "0" * 128),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "scrypt:32768:8:1$$" + "0" * 128),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "pbkdf2:sha256:0$salt$" + "0" * 64),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "pbkdf2:sha256:9999999999$salt$" + "0" * 64),
    ("DIGITREC_REVIEW_PASSWORD_HASH", "pbkdf2:md4:1000$salt$" + "0" * 32),
    ("DIGITREC_SECRET_KEY", "short"),
    ("DIGITREC_PREDICT_LIMIT", "often"),
    ("DIGITREC_PREDICT_LIMIT", "0/minute"),
    ("DIGITREC_BATCH_LIMIT", "-1/minute"),
    ("DIGITREC_BATCH_LIMIT", "1/minute; 0/day"),
    ("DIGITREC_FEEDBACK_LIMIT", "99999999999999999999/minute"),
    ("DIGITREC_FEEDBACK_LIMIT", "1 per 99999999 year"),
    ("DIGITREC_LIMITS_URL", "redis://127.0.0.1:port/0"),
    ("DIGITREC_LIMITS_URL", "redis://127.0.0.1:99999/0"),
    ("DIGITREC_LIMITS_URL", "redis://127.0.0.1/database"),
    ("DIGITREC_LIMITS_URL", "async+memory://"),
    ("DIGITREC_LIMITS_URL", "memcached://127.0.0.1"),
    ("DIGITREC_LIMITS_URL", "127.0.0.1:6379"),
    ("DIGITREC_METRICS", "maybe"),
    ("DIGITREC_SOURCE_URL", "javascript:alert(1)"),
    ("DIGITREC_SOURCE_URL", "https://"),
    ("DIGITREC_HSTS_SECONDS", "a year"),
    ("DIGITREC_LOG_FORMAT", "xml"),
    ("DIGITREC_LOG_LEVEL", "LOUD"),
    ("DIGITREC_LOG_FILE", "~no-such-user/web.log"),
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
    setting = next(setting for setting in SETTINGS if setting.name == name)
    arrived = "must" if setting.secret else f"is {value!r}; it must"
    with pytest.raises(ConfigError, match=re.escape(f"{name} {arrived} be {setting.allowed}")):
        read_settings({name: value})


GOOD = [
    ("DIGITREC_HOST", "0.0.0.0"),
    ("DIGITREC_HOST", "::"),
    ("DIGITREC_HOST", "digits.example.org"),
    ("DIGITREC_DATABASE_URL", ""),
    ("DIGITREC_DATABASE_URL", "sqlite:////srv/digitrec/corrections.db"),
    ("DIGITREC_DATABASE_URL", "postgres://user:pass%40word@db.example.org:5432/digitrec?sslmode=require"),
    ("DIGITREC_DATABASE_URL", "postgresql://digitrec@/digitrec?host=/var/run/postgresql"),
    ("DIGITREC_REVIEW_PASSWORD_HASH", generate_password_hash("swordfish")),
    ("DIGITREC_REVIEW_PASSWORD_HASH", generate_password_hash("swordfish", "pbkdf2:sha256:1000")),
    ("DIGITREC_PREDICT_LIMIT", "10/second; 1000 per 2 hours"),
    ("DIGITREC_LIMITS_URL", "redis://127.0.0.1:6379/0"),
    ("DIGITREC_LIMITS_URL", "rediss://user:password@redis.example.org"),
    ("DIGITREC_LIMITS_URL", "redis+unix:///run/redis.sock"),
]


# A password's hash is another each time, and processes that share the tests must know them by the same names.
@pytest.mark.parametrize(("name", "value"), GOOD, ids=[f"{name}-{number}" for number, (name, _) in enumerate(GOOD)])
def test_a_good_value_is_taken_as_it_is(name: str, value: str) -> None:
    assert read_settings({name: value})[name] == value


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_an_empty_setting_means_its_default_unless_it_may_be_empty(setting) -> None:
    found = read_settings({setting.name: " "})[setting.name]
    if "or empty" in setting.allowed:
        assert not found
    else:
        assert found == read_settings({})[setting.name]


def test_the_port_of_a_hosting_platform_counts_where_there_is_no_other() -> None:
    assert bind_address(read_settings({"PORT": "8080"})) == "0.0.0.0:8080"
    assert bind_address(read_settings({"PORT": "8080", "DIGITREC_PORT": ""})) == "0.0.0.0:8080"
    assert bind_address(read_settings({"PORT": "8080", "DIGITREC_HOST": "::1"})) == "[::1]:8080"
    assert bind_address(read_settings({"PORT": "8080", "DIGITREC_PORT": "7000"})) == "127.0.0.1:7000"
    assert bind_address(read_settings({"PORT": "8080"}, {"DIGITREC_PORT": 7000})) == "127.0.0.1:7000"
    assert bind_address(read_settings({"PORT": ""})) == "127.0.0.1:5000"
    with pytest.raises(ConfigError, match=r"^PORT is 'http'; it must be a whole number"):
        read_settings({"PORT": "http"})


@pytest.mark.parametrize("name", ["DIGITREC_REVIEW_PASSWORD_HASH", "DIGITREC_SECRET_KEY"])
def test_a_bad_secret_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} must be ") as refused:
        read_settings({name: "swordfish"})
    assert "swordfish" not in str(refused.value)


def test_an_override_that_names_no_setting_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"DIGITREC_PROT is not a setting; the settings are .*DIGITREC_PORT"):
        read_settings({}, {"DIGITREC_PROT": "8000"})


def test_other_variables_of_the_project_are_left_alone() -> None:
    environ = {"DIGITREC_DATA_DIR": "/data", "DIGITREC_CHROMIUM": "/usr/bin/chromium"}
    assert read_settings(environ) == read_settings({})
    assert find_misspelt_settings(environ) == {}


@pytest.mark.parametrize(
    ("typo", "meant"),
    [
        ("DIGITREC_PROT", "DIGITREC_PORT"),
        ("DIGITREC_LOGFILE", "DIGITREC_LOG_FILE"),
        ("DIGITREC_MAX_UPLOAD", "DIGITREC_MAX_UPLOAD_MB"),
    ],
)
def test_a_misspelt_variable_is_noticed(typo: str, meant: str) -> None:
    assert find_misspelt_settings({typo: "1", "PATH": "/bin"}) == {typo: meant}


def test_an_ipv6_address_is_put_in_brackets() -> None:
    assert bind_address(read_settings({})) == "127.0.0.1:5000"
    assert bind_address(read_settings({"DIGITREC_HOST": "::1"})) == "[::1]:5000"


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
