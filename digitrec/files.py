"""Files written whole or not at all, so that no reader ever sees half of one, and never over what is not ours."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from digitrec.errors import DatasetError


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary file beside `path`, which takes its name when the block ends without an error.

    The temporary file has the ending of `path`, exists and is empty. A block that deletes it leaves `path` as it was.

    Raises:
        OSError: The folder cannot be written to.
    """
    try:
        handle, name = tempfile.mkstemp(prefix=".", suffix=path.suffix, dir=path.parent)
    except OSError as error:  # it names a file that nobody has heard of
        raise type(error)(error.errno, error.strerror, str(path)) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if temporary.exists():
            temporary.chmod(0o644)  # mkstemp makes private files; the reader may be another user
            os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with line feeds, whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON file, indented, whole or not at all."""
    write_text(path, json.dumps(value, indent=2) + "\n")


def check_output(path: Path, inputs: Iterable[str | Path], is_own: Callable[[Path], bool]) -> None:
    """Refuse to write a file over an input, or over what is there and is none of the command's own files.

    Args:
        path: The file to write.
        inputs: The files that are read.
        is_own: Whether a file that is there is of the kind that the command writes; such a one may be replaced.

    Raises:
        DatasetError: It must not be written. An empty file may be.
    """
    if any(is_same_file(path, one) for one in inputs):
        raise DatasetError(f"{path} is an input, and would be written over; name another file for the output")
    if os.path.isdir(path):
        raise DatasetError(f"{path} is a folder; name a file for the output")
    if os.path.exists(path) and not (os.path.isfile(path) and (not path.stat().st_size or is_own(path))):
        raise DatasetError(f"{path} is there, and is no output of this command; name another file or delete it")


def readable_by(read: Callable[[Path], object]) -> Callable[[Path], bool]:
    """For `check_output`: whether a file is one that a function reads without a `DatasetError`."""

    def is_own(path: Path) -> bool:
        try:
            read(path)
        except DatasetError:
            return False
        return True

    return is_own


def is_same_file(one: str | Path, other: str | Path) -> bool:
    """Whether two paths lead to one file, by links too, and where there is none yet."""
    try:
        return os.path.samefile(one, other)
    except OSError:
        return os.path.realpath(one) == os.path.realpath(other)
