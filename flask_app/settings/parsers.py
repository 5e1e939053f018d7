"""What a setting is, and from the text of a variable to its value: each reader here raises ValueError for any other."""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from limits import parse_many
from werkzeug.security import check_password_hash

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SECRET_LENGTH = 32

HOST_NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.(?!-)[A-Za-z0-9-]{1,63})*")
REDIS_SCHEMES = ("redis", "rediss", "redis+unix", "redis+cluster", "redis+sentinel")

MAX_RATE = 1_000_000_000
MAX_RATE_SECONDS = 366 * 24 * 3600

HASH_DIGITS = {"scrypt": 128, "pbkdf2:sha1": 40, "pbkdf2:sha256": 64, "pbkdf2:sha512": 128}
"""Methods of password hashes, and how many hexadecimal digits each hash has."""

MAX_PBKDF2_ITERATIONS = 10_000_000
"""More would take many seconds at each login. Werkzeug uses 1,000,000."""


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


def host(value: str) -> str:
    """A host name or an IP address, without a port, a scheme or brackets."""
    if ":" in value or re.fullmatch(r"[0-9.]+", value):
        return str(ipaddress.ip_address(value))
    if not HOST_NAME.fullmatch(value):
        raise ValueError
    return value


def path(value: str) -> Path | None:
    """A path, `~` for the home directory; None for nothing."""
    if "\0" in value:
        raise ValueError
    try:
        return Path(value).expanduser() if value else None
    except RuntimeError as error:  # the home directory of an unknown user
        raise ValueError from error


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from `low` to `high`, in plain digits."""

    def parse(value: str) -> int:
        if not re.fullmatch(r"-?[0-9]{1,18}", value):  # int() also takes 1_000 and digits of other scripts
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return parse


def level(value: str) -> str:
    """The name of a level of the log."""
    if value.upper() not in LEVELS:
        raise ValueError
    return value.upper()


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in any case."""

    def parse(value: str) -> str:
        if value.lower() not in words:
            raise ValueError
        return value.lower()

    return parse


def rate(value: str) -> str:
    """How often something may be done, such as 100/minute."""
    for limit in parse_many(value) if value else ():
        if not (1 <= limit.amount <= MAX_RATE and 1 <= limit.get_expiry() <= MAX_RATE_SECONDS):
            raise ValueError
    return value


def limits_url(value: str) -> str:
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


def password_hash(value: str) -> str:
    """A hash as Werkzeug writes it, or nothing. One that Werkzeug cannot check would fail only at a login."""
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


def secret_key(value: str) -> str:
    """A key that is long enough not to be guessed, or nothing."""
    if value and len(value) < SECRET_LENGTH:
        raise ValueError
    return value
