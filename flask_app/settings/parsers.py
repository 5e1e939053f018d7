"""What a setting is, and from the text of a variable to its value: each reader here raises ValueError for any other."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from limits import parse_many

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
SECRET_LENGTH = 32


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


def word(value: str) -> str:
    """Text without any space in it."""
    if not value or any(character.isspace() for character in value):
        raise ValueError
    return value


def anything(value: str) -> str:
    """Any text, which whoever uses it judges."""
    return value


def path(value: str) -> Path | None:
    """A path, `~` for the home; None for nothing."""
    return Path(value).expanduser() if value else None


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from `low` to `high`."""

    def parse(value: str) -> int:
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
    if value:
        parse_many(value)
    return value


def password_hash(value: str) -> str:
    """A hash as Werkzeug writes it, or nothing."""
    # Werkzeug's form, method$salt$hash: what it does not know it would refuse only when somebody logs in.
    if value and not (value.startswith(("scrypt:", "pbkdf2:")) and value.count("$") == 2):
        raise ValueError
    return value


def secret_key(value: str) -> str:
    """A key that is long enough not to be guessed, or nothing."""
    if value and len(value) < SECRET_LENGTH:
        raise ValueError
    return value
