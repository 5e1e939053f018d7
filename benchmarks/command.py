"""What the commands of the benchmarks share: their flags, and how their tables are reported.

The standard library only: the parent process of the cold start must stay small, `benchmarks.cold_start` says why.
"""

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

PACKAGES = ("numpy", "pillow", "onnxruntime", "keras", "tensorflow", "scikit-image")


class Reportable(Protocol):
    """A table: `str` makes it text."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        ...


def parse_flags(
    name: str, description: str | None, argv: list[str] | None, rounds: int, quick_rounds: int
) -> argparse.Namespace:
    """Read the flags that all benchmarks share.

    Returns:
        `rounds`, `quick`, `json` (the path of a file to write, or None) and `command`, for the record.
    """
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=description)
    parser.add_argument("--rounds", type=_positive, metavar="N", help=f"turns of each candidate (default: {rounds})")
    parser.add_argument("--quick", action="store_true", help="as little as shows that it works; figures mean nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the tables to a file too")
    flags = parser.parse_args(argv)
    check_json(parser, flags.json)
    quick, chosen = " --quick" if flags.quick else "", f" --rounds {flags.rounds}" if flags.rounds else ""
    flags.command = parser.prog + quick + chosen  # without --json, which changes no figure
    flags.rounds = flags.rounds or (quick_rounds if flags.quick else rounds)
    return flags


def check_json(parser: argparse.ArgumentParser, path: Path | None) -> None:
    """Exit with a message where `--json` names what cannot be written, or a file of something else.

    It is said now, not when all has been measured.
    """
    if path is None:
        return
    if not path.parent.is_dir():
        parser.error(f"--json {path}: there is no folder {path.parent}")
    if path.exists() and not _is_report(path):
        parser.error(f"--json {path} is there, and is no report of a benchmark; name another file or delete it")


def _is_report(path: Path) -> bool:
    """Whether a file is empty, or holds the tables of one benchmark or of several by name."""
    if path.is_file() and not path.stat().st_size:
        return True
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    if not isinstance(value, dict):
        return False
    reports = [value] if "tables" in value else list(value.values())
    return bool(reports) and all(isinstance(one, dict) and {"origin", "tables"} <= one.keys() for one in reports)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def report(tables: Sequence[Reportable], flags: argparse.Namespace) -> None:
    """Print the tables, and where they come from; write them to the file that `--json` names."""
    origin = {"command": flags.command, **machine()}
    print("\n\n".join(str(table) for table in tables))
    print("\n" + "; ".join(f"{name} {value}" for name, value in origin.items() if value), flush=True)
    if flags.json:
        content = {"origin": origin, "tables": [table.to_dict() for table in tables]}
        flags.json.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def run_resumable(command: Callable[[], None]) -> int:
    """Run a command that keeps what it has done. Returns the exit status: 0 done, 1 impossible, 130 stopped."""
    try:
        command()
    except ValueError as error:  # a DigitrecError is one
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on", file=sys.stderr)
        return 130
    return 0


def machine() -> dict[str, str]:
    """What a figure depends on beside the code: commit, processor, how busy the machine is, versions of packages."""
    # Not before: a child process begins with its parent's peak of memory, and this import would raise it.
    from digitrec.learning.runs.provenance import current_commit, package_versions

    return {
        "commit": current_commit(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "load": " ".join(f"{load:.2f}" for load in os.getloadavg()) if hasattr(os, "getloadavg") else "",
        "python": platform.python_version(),
        **package_versions(PACKAGES),
    }
