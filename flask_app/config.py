"""The web app's settings: one table, one row each, read from `DIGITREC_*` variables."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from limits import parse_many

from digitrec.decoding import MAX_BYTES

PREFIX = "DIGITREC_"
MEGABYTE = 1_000_000


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it, what it was, and what is allowed."""


@dataclass(frozen=True)
class Setting:
    """One row of the table.

    Attributes:
        name: The variable, and the key in `app.config`.
        default: As it would be written in the environment.
        parse: From the variable's text to the value; raises ValueError if it is not allowed.
        allowed: What `parse` accepts, in words that complete "it must be ...".
        help: What the setting does, in one sentence.
        secret: Whether an error must not repeat its value.
    """

    name: str
    default: str
    parse: Callable[[str], Any]
    allowed: str
    help: str
    secret: bool = False


def _text(value: str) -> str:
    if not value or any(character.isspace() for character in value):
        raise ValueError
    return value


def _optional(value: str) -> str:
    return value


def _path(value: str) -> Path | None:
    return Path(value).expanduser() if value else None


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def _level(value: str) -> str:
    if value.upper() not in LEVELS:
        raise ValueError
    return value.upper()


def _one_of(*words: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError
        return value.lower()

    return parse


def _rate(value: str) -> str:
    if value:
        parse_many(value)
    return value


def _password_hash(value: str) -> str:
    # Werkzeug's form, method$salt$hash: what it does not know it would refuse only when somebody logs in.
    if value and not (value.startswith(("scrypt:", "pbkdf2:")) and value.count("$") == 2):
        raise ValueError
    return value


def _secret_key(value: str) -> str:
    if value and len(value) < SECRET_LENGTH:
        raise ValueError
    return value


SECRET_LENGTH = 32
MAKE_SECRET = 'python -c "import secrets; print(secrets.token_hex(32))"'
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
LARGEST_MB = MAX_BYTES // MEGABYTE

SETTINGS = (
    Setting(
        "DIGITREC_HOST",
        "127.0.0.1",
        _text,
        "a host name or an IP address",
        "Address to listen on; 0.0.0.0 lets other machines in.",
    ),
    Setting(
        "DIGITREC_PORT",
        "5000",
        _whole(1, 65535),
        "a whole number from 1 to 65535",
        "Port to listen on.",
    ),
    Setting(
        "DIGITREC_THREADS",
        "4",
        _whole(1, 64),
        "a whole number from 1 to 64",
        "Requests answered at the same time.",
    ),
    Setting(
        "DIGITREC_MODEL",
        "",
        _path,
        "the path of an ONNX file, or empty",
        "Model to serve; empty for the one that ships with digitrec.",
    ),
    Setting(
        "DIGITREC_MAX_UPLOAD_MB",
        str(LARGEST_MB),
        _whole(1, LARGEST_MB),
        f"a whole number from 1 to {LARGEST_MB}",
        "Largest picture accepted, in megabytes.",
    ),
    Setting(
        "DIGITREC_MAX_BATCH_MB",
        "40",
        _whole(1, 1000),
        "a whole number from 1 to 1000",
        "Largest batch of pictures accepted, in megabytes.",
    ),
    Setting(
        "DIGITREC_TRUSTED_PROXIES",
        "0",
        _whole(0, 10),
        "a whole number from 0 to 10",
        "Reverse proxies in front whose X-Forwarded-* headers are believed.",
    ),
    Setting(
        "DIGITREC_DATABASE_URL",
        "sqlite:///instance/digitrec.db",
        _optional,
        "the address of a database, or empty",
        "Where corrections are kept: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME; empty to take none.",
    ),
    Setting(
        "DIGITREC_REVIEW_PASSWORD_HASH",
        "",
        _password_hash,
        "a hash from `flask --app flask_app corrections password`, or empty",
        "Hash of the password for /review; empty for no such page.",
        secret=True,
    ),
    Setting(
        "DIGITREC_SECRET_KEY",
        "",
        _secret_key,
        f"{SECRET_LENGTH} or more characters, or empty",
        "Signs the cookies of /review, which needs it.",
        secret=True,
    ),
    Setting(
        "DIGITREC_PREDICT_LIMIT",
        "1200/minute",
        _rate,
        "a rate such as 100/minute, or empty",
        "Questions that one client may ask; empty for any number.",
    ),
    Setting(
        "DIGITREC_BATCH_LIMIT",
        "30/minute",
        _rate,
        "a rate such as 100/minute, or empty",
        "Batches that one client may send; empty for any number.",
    ),
    Setting(
        "DIGITREC_FEEDBACK_LIMIT",
        "60/minute",
        _rate,
        "a rate such as 100/minute, or empty",
        "Corrections that one client may send; empty for any number.",
    ),
    Setting(
        "DIGITREC_LIMITS_URL",
        "memory://",
        _text,
        "memory:// or the address of a Redis",
        "Where clients are counted: redis://HOST:6379/0 lets replicas count together.",
    ),
    Setting(
        "DIGITREC_METRICS",
        "off",
        _one_of("on", "off"),
        "on or off",
        "Whether /metrics answers, for Prometheus.",
    ),
    Setting(
        "DIGITREC_HSTS_SECONDS",
        "31536000",
        _whole(0, 63_072_000),
        "a whole number from 0 to 63072000",
        "How long a browser that came by HTTPS shall come by nothing else; 0 to say nothing of it.",
    ),
    Setting(
        "DIGITREC_LOG_FORMAT",
        "text",
        _one_of("text", "json"),
        "text or json",
        "Lines of name=value, or one JSON object a line.",
    ),
    Setting(
        "DIGITREC_LOG_LEVEL",
        "INFO",
        _level,
        "one of " + ", ".join(LEVELS),
        "Least serious message to log; request lines are INFO.",
    ),
    Setting(
        "DIGITREC_LOG_FILE",
        "logs/digitrec.log",
        _path,
        "a path, or empty",
        "File to log to, besides the console; empty for none.",
    ),
    Setting(
        "DIGITREC_LOG_FILE_MB",
        "5",
        _whole(1, 1000),
        "a whole number from 1 to 1000",
        "Size at which the log file is rotated, in megabytes.",
    ),
    Setting(
        "DIGITREC_LOG_FILES",
        "5",
        _whole(1, 100),
        "a whole number from 1 to 100",
        "Rotated log files to keep, besides the current one.",
    ),
)


def read_settings(environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read every setting, an override before its variable before its default.

    Args:
        environ: The environment. Other `DIGITREC_*` variables in it are left to whom they belong.
        overrides: Values by setting name, as text or already of the right type. Keys without
            the prefix are ignored: they are Flask's own.

    Raises:
        ConfigError: A value is not allowed, or an override names no setting.
    """
    overrides = overrides or {}
    known = [setting.name for setting in SETTINGS]
    for name in overrides:
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"{name} is no setting; there are {', '.join(known)}")
    return {
        setting.name: _value(setting, overrides.get(setting.name, environ.get(setting.name, setting.default)))
        for setting in SETTINGS
    }


def misspelt(environ: Mapping[str, str]) -> dict[str, str]:
    """Variables that look like a setting but are none, each with the setting it resembles."""
    known = [setting.name for setting in SETTINGS]
    suspects = [name for name in environ if name.startswith(PREFIX) and name not in known]
    # Compared without the prefix they share, or everything would resemble everything.
    endings = [name.removeprefix(PREFIX) for name in known]
    found = {name: get_close_matches(name.removeprefix(PREFIX), endings, n=1, cutoff=0.75) for name in suspects}
    return {name: PREFIX + matches[0] for name, matches in found.items() if matches}


def address(settings: Mapping[str, Any]) -> str:
    """`host:port` as both servers take it, an IPv6 address in brackets."""
    host = settings["DIGITREC_HOST"]
    return f"{f'[{host}]' if ':' in host else host}:{settings['DIGITREC_PORT']}"


def _value(setting: Setting, value: object) -> Any:
    try:
        return setting.parse(str(value).strip())
    except ValueError:
        arrived = "must" if setting.secret else f"is {value!r}; it must"
        raise ConfigError(f"{setting.name} {arrived} be {setting.allowed}") from None
