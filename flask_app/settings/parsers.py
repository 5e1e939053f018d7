"""A setting, and parsers from the text of a variable to its value. Each raises ValueError for any other text."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse_many
from werkzeug.security import check_password_hash

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
MIN_SECRET_LENGTH = 32

HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")
ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
ORIGIN_PATTERN = re.compile(r"https?://(\*\.)?[a-z0-9.-]+(:([0-9]{1,5}|\*))?")
REDIS_SCHEMES = ("redis", "rediss", "redis+unix", "redis+cluster", "redis+sentinel")

MAX_RATE = 1_000_000_000
MAX_RATE_SECONDS = 366 * 24 * 3600

HASH_DIGITS = {"scrypt": 128, "pbkdf2:sha1": 40, "pbkdf2:sha256": 64, "pbkdf2:sha512": 128}
"""Methods of password hashes, and how many hexadecimal digits each hash has."""

MAX_PBKDF2_ITERATIONS = 10_000_000
"""More would take many seconds at each login. Werkzeug uses 1,000,000."""


@dataclass(frozen=True)
class Setting:
    """One row of the table of settings.

    Attributes:
        name: Name of the variable, and key in `app.config`.
        default: Default value, as text.
        parse: Parses the text to the value; raises ValueError if it is not allowed.
        allowed: What `parse` accepts, completing the sentence "it must be ...".
        help: What the setting does, in one sentence.
        secret: Whether error messages leave out its value.
    """

    name: str
    default: str
    parse: Callable[[str], Any]
    allowed: str
    help: str
    secret: bool = False


def parse_host(value: str) -> str:
    """A host name or an IP address, without a port, a scheme or brackets."""
    if ":" in value or re.fullmatch(r"[0-9.]+", value):
        return str(ipaddress.ip_address(value))
    if not HOST_NAME.fullmatch(value):
        raise ValueError
    return value


def parse_path(value: str) -> Path | None:
    """A path, in which `~` is the home directory; None if empty."""
    if "\0" in value:
        raise ValueError
    try:
        return Path(value).expanduser() if value else None
    except RuntimeError as error:  # the home directory of an unknown user
        raise ValueError from error


def integer(*, ge: int, le: int) -> Callable[[str], int]:
    """Make a parser of whole numbers from `ge` to `le`, in plain digits."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):  # int() also takes 1_000 and digits of other scripts
            raise ValueError
        number = int(value)
        if not ge <= number <= le:
            raise ValueError
        return number

    return parse


def parse_log_level(value: str) -> str:
    """The name of a log level, in any case."""
    if value.upper() not in LOG_LEVELS:
        raise ValueError
    return value.upper()


def choice(*words: str) -> Callable[[str], str]:
    """Make a parser of these words, in any case."""

    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError
        return value.lower()

    return parse


def parse_rate(value: str) -> str:
    """A rate limit such as 100/minute, or nothing."""
    for limit in parse_many(value) if value else ():
        if not (1 <= limit.amount <= MAX_RATE and 1 <= limit.get_expiry() <= MAX_RATE_SECONDS):
            raise ValueError
    return value


def parse_origins(value: str) -> tuple[str, ...]:
    """Origins of other sites, as browsers send them; or * for all of them; or nothing."""
    origins = tuple(value.replace(",", " ").split())
    if origins != ("*",) and not all(ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError
    return origins


def parse_frame_ancestors(value: str) -> str:
    """The sites of a Content-Security-Policy's frame-ancestors: self, none, *, or origins, with * for a part."""
    words = value.replace(",", " ").replace("'", "").split()
    if words in (["self"], ["none"], ["*"]):
        return words[0] if words == ["*"] else f"'{words[0]}'"
    if not words or not all(word == "self" or ORIGIN_PATTERN.fullmatch(word) for word in words):
        raise ValueError
    return " ".join("'self'" if word == "self" else word for word in words)


def parse_limits_url(value: str) -> str:
    """memory://, or the address of a Redis."""
    parts = urlsplit(value)
    if parts.scheme == "memory" and not parts.netloc and not parts.path:
        return value
    if parts.scheme not in REDIS_SCHEMES or any(character.isspace() for character in value):
        raise ValueError
    if parts.scheme in ("redis", "rediss"):
        _ = parts.port  # raises ValueError if it is not a number from 0 to 65535
        if not re.fullmatch(r"(/[0-9]*)?", parts.path):  # the number of a database, which Redis would ignore otherwise
            raise ValueError
    return value


def parse_web_address(value: str) -> str:
    """The address of a web page, or nothing."""
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or any(map(str.isspace, value))):
        raise ValueError
    return value


def parse_password_hash(value: str) -> str:
    """A password hash of Werkzeug's, or nothing. One that Werkzeug cannot check would fail only at a login."""
    if not value:
        return value
    method, salt, digits = value.split("$")
    name = method.partition(":")[0] if method.startswith("scrypt:") else method.rpartition(":")[0]
    if not salt or not re.fullmatch(rf"[0-9a-f]{{{HASH_DIGITS.get(name, 0)}}}", digits) or not digits:
        raise ValueError
    if name != "scrypt" and not 1 <= int(method.rpartition(":")[2]) <= MAX_PBKDF2_ITERATIONS:
        raise ValueError
    check_password_hash(value, "")  # raises ValueError if the parameters of scrypt are not allowed
    return value


def parse_secret_key(value: str) -> str:
    """A key of at least `MIN_SECRET_LENGTH` characters, or nothing."""
    if value and len(value) < MIN_SECRET_LENGTH:
        raise ValueError
    return value
