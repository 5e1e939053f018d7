"""The versions of a model that a folder keeps, and the log of what was published there.

A version is all files that its card names, and the card. A folder of models has the version that serves in it, and each
version published there in `versions/`, in a folder named by `digitrec.artifacts.version_of`. A kept version is an
ordinary folder of a model: each command that takes `--models` takes it.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digitrec.artifacts import CARD_NAME, MODEL_NAME, VERSIONS, file_digests, read_card, read_model, version_of
from digitrec.errors import DigitrecError, ModelNotFoundError
from digitrec.files import atomic_path, write_json

LOG = "published.jsonl"
"""The log in `versions/`: one JSON object a line, with the fields of `LOG_FIELDS`."""

LOG_FIELDS = ("action", "version", "previous", "time")
PUBLISH, ROLL_BACK = "publish", "roll-back"
"""The actions in the log."""

BESIDE = ("predictions.npz",)
"""Files that belong to a version without being on its card: what its figures were computed from."""


@dataclass(frozen=True, eq=False)
class ModelVersion:
    """A version of a model.

    Attributes:
        folder: Where its files are.
        card: Its card.
        serves: Whether it is the one that serves.
        published: When it was last published, in ISO 8601; empty where that is not known.
    """

    folder: Path
    card: dict[str, Any]
    serves: bool = False
    published: str = ""

    @property
    def id(self) -> str:
        """A SHA-256 over all its files, 64 hexadecimal digits."""
        return version_of(self.card)

    @property
    def network(self) -> str:
        """The SHA-256 of its `digitrec.onnx`, which answers of the web app name as their model."""
        return file_digests(self.card).get(MODEL_NAME, "")


def list_versions(folder: Path) -> list[ModelVersion]:
    """List the version that serves in a folder, and all that are kept there, the last published first.

    What is no version, such as a folder with a broken card, is left out.
    """
    times = {entry["version"]: entry["time"] for entry in read_log(folder) if entry["action"] == PUBLISH}
    found: dict[str, ModelVersion] = {}
    for path in (folder, *(folder / VERSIONS).glob("*/")):
        try:
            card = read_card(path)
        except DigitrecError:
            continue
        version = version_of(card)
        if path == folder or path.name == version:
            found.setdefault(version, ModelVersion(path, card, path == folder, times.get(version, "")))
    return sorted(found.values(), key=lambda one: (one.published, one.serves), reverse=True)


def find_version(folder: Path, name: str) -> ModelVersion:
    """Find a version of a folder.

    Args:
        folder: The folder of models.
        name: The first digits of its id, or of the SHA-256 of its network; at least four.

    Raises:
        ModelNotFoundError: There is none, or more than one.
    """
    versions = list_versions(folder)
    fitting = [one for one in versions if len(name) >= 4 and (one.id.startswith(name) or one.network.startswith(name))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        several = ", ".join(one.id[:12] for one in fitting)
        raise ModelNotFoundError(f"{name[:64]} may be any of the versions {several}; name one by its id")
    kept = ", ".join(one.id[:12] for one in versions) or "none"
    raise ModelNotFoundError(f"{folder} keeps no version {name[:64]!r}; it keeps {kept}")


def keep(folder: Path, card: Mapping[str, Any], files: Mapping[str, bytes] | None = None) -> Path:
    """Keep a version in `versions/`, whole or not at all.

    Args:
        folder: The folder of models.
        card: The card of the version.
        files: The contents of its files, by name; by default they are read from the folder. A file that is missing, as
            the Keras file is from a wheel, is not kept.

    Returns:
        The folder of the version. If it was kept before, its card is replaced.

    Raises:
        ModelNotFoundError: Its network is missing.
        ModelIntegrityError: A file is not the one that the card describes.
    """
    kept = folder / VERSIONS / version_of(card)
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.is_dir():
        temporary = Path(tempfile.mkdtemp(prefix=".", dir=kept.parent))
        try:
            for name, data in (read_files(folder, card) if files is None else files).items():
                (temporary / name).write_bytes(data)
            write_json(temporary / CARD_NAME, dict(card))
            temporary.chmod(0o755)  # mkdtemp makes private folders; the server may be another user
            _rename(temporary, kept)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
    write_json(kept / CARD_NAME, dict(card))
    for name in BESIDE:
        if files is None and (folder / name).is_file():
            copy_file(folder / name, kept / name)
    return kept


def read_files(folder: Path, card: Mapping[str, Any]) -> dict[str, bytes]:
    """Read all files of a version, and check each against its card.

    Args:
        folder: Where they are.
        card: The card of the version.

    Returns:
        Their contents, by name; a file that is missing is left out, unless it is the network.

    Raises:
        ModelNotFoundError: The network is missing.
        ModelIntegrityError: A file is damaged.
    """
    files = {}
    for name in file_digests(card):
        try:
            files[name] = read_model(folder / name, card)
        except ModelNotFoundError:
            if name == MODEL_NAME:
                raise
    return files


def copy_file(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all."""
    with atomic_path(target) as temporary:
        shutil.copyfile(source, temporary)


def _rename(temporary: Path, kept: Path) -> None:
    try:
        temporary.rename(kept)
    except OSError:
        if not kept.is_dir():  # else another process has kept the same version meanwhile
            raise


def write_log(folder: Path, action: str, version: str, previous: str) -> None:
    """Add a line to the log, before the version serves.

    Args:
        folder: The folder of models.
        action: `PUBLISH` or `ROLL_BACK`.
        version: The version that is to serve.
        previous: The version that it replaces.
    """
    now = datetime.now(UTC).isoformat("T", "seconds")
    line = json.dumps(dict(zip(LOG_FIELDS, (action, version, previous, now), strict=True)))
    path = folder / VERSIONS / LOG
    # In one write, so that two processes that publish at once leave two lines.
    with path.open("ab", buffering=0) as file:
        file.write((line + "\n").encode())
        os.fsync(file.fileno())


def read_log(folder: Path) -> list[dict[str, str]]:
    """The log of a folder, the oldest first; lines that are cut short are left out."""
    try:
        lines = (folder / VERSIONS / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    entries = []
    for line in lines:
        try:
            entry = json.loads(line)
            entries.append({name: str(entry[name]) for name in LOG_FIELDS})
        except (ValueError, LookupError, TypeError):
            continue
    return entries
