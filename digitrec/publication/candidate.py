"""What is checked before a model replaces another one: its files, that it answers, its figures, and what gets worse."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digitrec.artifacts import CARD_NAME, MODEL_NAME, read_card, version_of
from digitrec.errors import DigitrecError, ModelIntegrityError, ModelNotFoundError
from digitrec.publication.card_diff import Change, list_changes
from digitrec.publication.replace import replace_model
from digitrec.publication.versions import BESIDE, ModelVersion, find_version, read_files
from digitrec.recognizer import Recognizer

FIGURE = "mnist_test"
"""The figure that a model must have on its card."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that was checked and may be published.

    Attributes:
        version: What would be published.
        files: The contents of its files, by name.
        changes: Every figure of its card and of the card of the model that serves.
    """

    version: ModelVersion
    files: dict[str, bytes]
    changes: list[Change]

    @property
    def worse(self) -> list[Change]:
        """The measured figures in which it is worse than the model that serves."""
        return [one for one in self.changes if one.verdict == "worse" and one.command]

    @property
    def not_measured(self) -> list[Change]:
        """The figures of the model that serves that were not measured for this one."""
        return [one for one in self.changes if one.verdict == "not measured"]


def check_candidate(folder: Path, source: str) -> Candidate:
    """Check a model that is to be published.

    Args:
        folder: The folder of models in which it would serve.
        source: The folder of an exported model, or a version that is kept, as `find_version` takes it.

    Raises:
        ModelNotFoundError: There is no such model, or it serves already.
        ModelIntegrityError: A file is not the one that its card describes, it is no recognizer, or it was not measured.
    """
    found = Path(source)
    version = ModelVersion(found, read_card(found)) if found.is_dir() else find_version(folder, source)
    present = _present_card(folder)
    if present and version.id == version_of(present):
        raise ModelNotFoundError(f"the version {version.id[:12]} serves already; name another model")
    if not version.network:
        raise ModelIntegrityError(f"the card in {version.folder} names no {MODEL_NAME}; export the model again")
    files = read_files(version.folder, version.card)
    Recognizer(version.folder / MODEL_NAME)
    figures = version.card.get("figures")
    if not isinstance(figures, dict) or FIGURE not in figures:
        raise ModelIntegrityError(
            f"the model in {version.folder} was not measured; run: python -m training.evaluate --models"
            f" {version.folder} --out {version.folder} --write-card"
        )
    files |= {name: (version.folder / name).read_bytes() for name in BESIDE if (version.folder / name).is_file()}
    return Candidate(version, files, list_changes(present, version.card))


def publish(folder: Path, candidate: Candidate) -> ModelVersion:
    """Let a candidate serve in a folder; the detector that was there stays, unless it brings its own.

    Returns:
        The version that serves now.
    """
    return ModelVersion(folder, replace_model(folder, candidate.files, candidate.version.card), serves=True)


def _present_card(folder: Path) -> dict[str, Any]:
    """The card of the model that serves; empty where there is none to compare with."""
    try:
        return read_card(folder) if (folder / CARD_NAME).exists() else {}
    except DigitrecError:
        return {}
