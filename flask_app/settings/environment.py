"""Read the settings from `DIGITREC_*` variables; `flask_app.settings.table` lists them."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from flask_app.settings.parsers import Setting
from flask_app.settings.table import MEGABYTE, PREFIX, SETTINGS

__all__ = ["MEGABYTE", "ConfigError", "bind_address", "find_misspelt_settings", "read_settings"]

HOST, PORT = "DIGITREC_HOST", "DIGITREC_PORT"


class ConfigError(ValueError):
    """A setting has a value that is not allowed; the message names the setting, its value, and what is allowed."""


def read_settings(environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Read every setting: its override if there is one, else its variable, else its default.

    Args:
        environ: The environment. `DIGITREC_*` variables that are not settings are ignored.
        overrides: Values by the name of the setting, as text or parsed. Keys without the prefix are Flask's own, and
            ignored.

    An empty value means the default, except where the setting allows an empty one. Hosting platforms name the port in
    `PORT` and expect the server on all interfaces: that counts where `DIGITREC_PORT` is not set.

    Raises:
        ConfigError: A value is not allowed, or an override is not a setting.
    """
    overrides = overrides or {}
    known = [setting.name for setting in SETTINGS]
    for name in overrides:
        if name.startswith(PREFIX) and name not in known:
            raise ConfigError(f"{name} is not a setting; the settings are {', '.join(known)}")
    given = {name: value for name, value in environ.items() if name in known} | dict(overrides)
    platform = {} if _text(given.get(PORT)) else _read_platform_port(environ)
    return {setting.name: _parse(setting, given.get(setting.name), platform.get(setting.name)) for setting in SETTINGS}


def find_misspelt_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Find variables that resemble a setting without being one; returns the setting for each."""
    known = [setting.name for setting in SETTINGS]
    unknown = [name for name in environ if name.startswith(PREFIX) and name not in known]
    # Compared without the common prefix, which makes any two names similar.
    endings = [name.removeprefix(PREFIX) for name in known]
    found = {name: get_close_matches(name.removeprefix(PREFIX), endings, n=1, cutoff=0.75) for name in unknown}
    return {name: PREFIX + matches[0] for name, matches in found.items() if matches}


def bind_address(settings: Mapping[str, Any]) -> str:
    """The `host:port` that both servers take, with an IPv6 address in brackets."""
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


def _parse(setting: Setting, value: object, platform_default: str | None) -> Any:
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
