"""Where the model files live, and what their card says. The only module that knows either."""

import hashlib
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digitrec.errors import ModelIntegrityError, ModelNotFoundError

MODEL_NAME = "digitrec.onnx"
READER_NAME = "reader.onnx"
EXPLANATION_NAME = "explanation.onnx"
CARD_NAME = "card.json"

VERSIONS = "versions"
"""Folder in a folder of models that keeps each version published there: `digitrec.publication.versions` writes it."""

PUBLISHED = {
    "mnist_test": "MNIST's test images: scanned digits",
    "usps": "USPS: scanned digits of letters",
    "strokes_usual": "Digits drawn with a pen, by strangers",
}
"""Figures of the card that the pages show, with what they were measured on."""


def models_dir() -> Path:
    """The folder of the model that serves: the one that `DIGITREC_MODELS_DIR` names.

    Without the variable it is inside the package when installed from a wheel, else the checkout's models/.
    """
    named = os.environ.get("DIGITREC_MODELS_DIR")
    return Path(named) if named else _shipped_dir()


def _shipped_dir() -> Path:
    inside_wheel = Path(__file__).with_name("models")
    return inside_wheel if inside_wheel.is_dir() else Path(__file__).parents[1] / "models"


def model_path() -> Path:
    """The shipped ONNX model."""
    return models_dir() / MODEL_NAME


def reader_path(folder: Path | None = None) -> Path:
    """The ONNX detector of the reader: the one in a folder of models, else the shipped one.

    Args:
        folder: The folder; the one of the model that serves by default.
    """
    beside = (folder or models_dir()) / READER_NAME
    return beside if beside.exists() else _shipped_dir() / READER_NAME


def sha256(data: bytes) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def read_card(folder: Path | None = None) -> dict[str, Any]:
    """Read a model card.

    Args:
        folder: The folder that holds `card.json`; the shipped models' by default.

    Raises:
        ModelNotFoundError: No card there.
        ModelIntegrityError: The card cannot be read, or is not a JSON object with a table of artefacts.
    """
    path = (folder or models_dir()) / CARD_NAME
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelNotFoundError(
            f"no model card at {path}; export a model with: python -m training.export RUN"
        ) from None
    except OSError as error:
        raise ModelIntegrityError(
            f"the model card {path} cannot be read ({error.strerror}); restore it or export again"
        ) from error
    except (ValueError, RecursionError) as error:
        raise ModelIntegrityError(f"the model card {path} is not JSON ({error}); restore it or export again") from error
    if not isinstance(card, dict) or not isinstance(card.get("artifacts"), dict):
        raise ModelIntegrityError(f"the model card {path} lists no artefacts; restore it or export again")
    return card


def file_digests(card: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 of each file that a card names, by file name; what is no digest is left as text."""
    return {
        name: str(entry.get("sha256") if isinstance(entry, dict) else entry)
        for name, entry in card["artifacts"].items()
    }


def version_of(card: Mapping[str, Any]) -> str:
    """The version of a model: a SHA-256 over the names and digests of all files that its card names."""
    lines = (f"{digest}  {name}\n" for name, digest in sorted(file_digests(card).items()))
    return sha256("".join(lines).encode())


def list_published_figures(card: dict[str, Any]) -> list[tuple[str, str, int, float]]:
    """Each figure that the pages show: its key, what was measured, the number of images, and the accuracy, 0 to 1."""
    figures = card.get("figures", {})
    return [
        # Rounded down, so that no figure looks better than it is.
        (key, name, figures[key]["count"], math.floor(1000 * figures[key]["accuracy"]) / 1000)
        for key, name in PUBLISHED.items()
        if key in figures
    ]


def read_model(path: Path, card: Mapping[str, Any] | None = None) -> bytes:
    """Read a model file, the one that its card describes, where there is a card.

    While another version is published, the files of a folder are replaced one after the other, and a kill may leave
    some of each. The card is replaced in one step, and says which file counts: where the one in the folder is of
    another version, it is read from the folder of kept versions.

    Args:
        path: The file.
        card: Its card, if it was read before; by default the card beside it.

    Raises:
        ModelNotFoundError: No such file.
        ModelIntegrityError: The bytes are not the ones the card describes.
    """
    if card is None and (path.parent / CARD_NAME).exists():
        card = read_card(path.parent)
    expected = None if card is None else file_digests(card).get(path.name)
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        kept = None if card is None or expected is None else _read_kept(path, card, expected)
        if kept is not None:
            return kept
        reason = error.strerror if isinstance(error, OSError) else error
        command = "export_reader" if path.name == READER_NAME else "export"
        raise ModelNotFoundError(
            f"no model at {path} ({reason}); restore it, or make one: python -m training.{command} RUN"
        ) from error
    if card is None or expected is None or expected == sha256(data):
        return data
    kept = _read_kept(path, card, expected)
    if kept is None:
        raise ModelIntegrityError(
            f"{path} is not the file its card describes (sha256 {sha256(data)[:12]}…, the card says"
            f" {expected[:12]}…); restore both, or export again"
        )
    return kept


def _read_kept(path: Path, card: Mapping[str, Any], expected: str) -> bytes | None:
    """The file as it is kept with the version of a card; None where it is not, or damaged."""
    try:
        data = (path.parent / VERSIONS / version_of(card) / path.name).read_bytes()
    except (OSError, ValueError):
        return None
    return data if sha256(data) == expected else None
