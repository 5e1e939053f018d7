"""The packages that something needs, with all that they need in turn, each at the version of `constraints.txt`."""

from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

LINUX = {
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "platform_machine": "x86_64",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
}
"""Where it will run, whatever this machine is: packages for Windows alone stay out."""


class UnpinnedError(ValueError):
    """A package without a version to pin; the message names it."""


def read_pins(constraints: Path) -> dict[str, str]:
    """The versions in a constraints file, by canonical name."""
    lines = constraints.read_text(encoding="utf-8").split()
    return {canonicalize_name(name): version for name, version in (line.split("==") for line in lines)}


def pinned(needed: Iterable[str], pins: Mapping[str, str], python_version: str) -> list[str]:
    """Lines of a requirements file: what is needed, and all that it needs in turn.

    Args:
        needed: Requirements without versions, such as `gradio[mcp]`.
        pins: The version of each package, by canonical name.
        python_version: Such as `3.11`.

    Raises:
        UnpinnedError: A package that is needed has no pin, or is not installed here, so that nobody knows its needs.
    """
    # Spaces and images have the newest patch of a version, so what mends early ones is not needed there.
    environment = LINUX | {"python_version": python_version, "python_full_version": f"{python_version}.99"}
    found: dict[str, set[str]] = {}
    waiting = [Requirement(text) for text in needed]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        news = ({""} | requirement.extras) - found.get(name, set())
        if not news:
            continue
        found.setdefault(name, set()).update(news)
        for text in _needs_of(name):
            child = Requirement(text)
            marker = child.marker
            if marker is None or any(marker.evaluate(environment | {"extra": extra}) for extra in news):
                waiting.append(child)
    if missing := sorted(set(found) - set(pins)):
        raise UnpinnedError(f"constraints.txt has no version of {', '.join(missing)}; add the one that was tested")
    return [_line(name, found[name] - {""}, pins[name]) for name in sorted(found)]


def _needs_of(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        raise UnpinnedError(f"{name} is not installed here, so what it needs is not known; install it first") from None


def _line(name: str, extras: set[str], version: str) -> str:
    wanted = f"[{','.join(sorted(extras))}]" if extras else ""
    return f"{name}{wanted}=={version}"
