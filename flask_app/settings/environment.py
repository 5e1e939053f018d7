"""The settings, read from `DIGITREC_*` variables. `flask_app.settings.table` has the table of them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from flask_app.settings.parsers import Setting
from flask_app.settings.table import MEGABYTE, PREFIX, SETTINGS

__all__ = ["MEGABYTE", "ConfigError", "address", "misspelt", "read_settings"]

HOST, PORT = "DIGITREC_HOST", "DIGITREC_PORT"


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it, what it was, and what is allowed."""


def read_settings(environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read every setting, an override before its variable before its default.

    Args:
        environ: The environment. Other `DIGITREC_*` variables in it are left to whom they belong.
        overrides: Values by setting name, as text or already of the right type. Keys without
            the prefix are ignored: they are Flask's own.

    An empty value means the default, except where the setting allows an empty one. Hosting platforms name the port in
    `PORT` and expect the server on all interfaces: that counts where `DIGITREC_PORT` is not set.

    Raises:
        ConfigError: A value is not allowed, or an override names no setting.
    """
    overrides = overrides or {}
    known = [setting.name for setting in SETTINGS]
    for name in overrides:
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"{name} is no setting; there are {', '.join(known)}")
    given = {name: value for name, value in environ.items() if name in known} | dict(overrides)
    platform = {} if _text(given.get(PORT)) else _read_platform_port(environ)
    return {setting.name: _value(setting, given.get(setting.name), platform.get(setting.name)) for setting in SETTINGS}


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


def _read_platform_port(environ: Mapping[str, str]) -> dict[str, str]:
    """Defaults that come from the variable `PORT`, which Heroku, Cloud Run, Render and Railway set."""
    port = environ.get("PORT", "").strip()
    if not port:
        return {}
    row = next(setting for setting in SETTINGS if setting.name == PORT)
    try:
        row.parse(port)
    except ValueError:
        raise ConfigError(f"PORT is {port!r}; it must be {row.allowed}") from None
    return {PORT: port, HOST: "0.0.0.0"}


def _value(setting: Setting, value: object, platform_default: str | None) -> Any:
    default = setting.default if platform_default is None else platform_default
    text = _text(value)
    try:
        return setting.parse(default if value is None else text)
    except ValueError:
        if not text:
            return setting.parse(default)
        arrived = "must" if setting.secret else f"is {value!r}; it must"
        raise ConfigError(f"{setting.name} {arrived} be {setting.allowed}") from None


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()
