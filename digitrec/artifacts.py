"""Where the model files live, and what their card says. The only module that knows either."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from digitrec.errors import ModelIntegrityError, ModelNotFoundError

MODEL_NAME = "digitrec.onnx"
READER_NAME = "reader.onnx"
CARD_NAME = "card.json"


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


def reader_path() -> Path:
    """The ONNX detector of the reader: the one beside the model that serves, else the shipped one."""
    beside = models_dir() / READER_NAME
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


def read_model(path: Path) -> bytes:
    """Read a model file and hold it against the card beside it, where there is one.

    Raises:
        ModelNotFoundError: No such file.
        ModelIntegrityError: The bytes are not the ones the card describes.
    """
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a null byte in the path
        reason = error.strerror if isinstance(error, OSError) else error
        command = "export_reader" if path.name == READER_NAME else "export"
        raise ModelNotFoundError(
            f"no model at {path} ({reason}); restore it, or make one: python -m training.{command} RUN"
        ) from error
    if (path.parent / CARD_NAME).exists():
        artifacts = read_card(path.parent)["artifacts"]
        described = artifacts.get(path.name)
        expected = described.get("sha256") if isinstance(described, dict) else described
        if path.name in artifacts and expected != sha256(data):
            raise ModelIntegrityError(
                f"{path} is not the file its card describes (sha256 {sha256(data)[:12]}…, the card says"
                f" {str(expected)[:12]}…); restore both, or export again"
            )
    return data
