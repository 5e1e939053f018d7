"""Replace the model of a folder by another version, as a whole, or by an earlier one."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from digitrec.artifacts import CARD_NAME, READER_NAME, file_digests, read_card, read_model, version_of
from digitrec.errors import DigitrecError, ModelNotFoundError
from digitrec.files import atomic_path, write_json
from digitrec.publication.versions import (
    BESIDE,
    PUBLISH,
    ROLL_BACK,
    ModelVersion,
    copy_file,
    find_version,
    keep,
    read_files,
    read_log,
    write_log,
)

READER_ENTRY = "reader"
"""The detector's key on a card."""


def replace_model(folder: Path, files: Mapping[str, bytes], card: dict[str, Any]) -> dict[str, Any]:
    """Write model files and their card into a folder, so that a kill at any moment leaves a whole model.

    The version that was there and the new one are kept first, then the card is replaced, which decides what serves, and
    then the files: `digitrec.artifacts.read_model` reads a file that is not the card's from the kept version. Where
    there was no card, nothing is kept.

    Args:
        folder: The folder; it is made if it is missing.
        files: The contents of the new files, by name.
        card: The new card. The detector that was there, and its entry, stay where the card names none.

    Returns:
        The card that was written.

    Raises:
        OSError: The folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before = _card_of(folder)
    if before is None:
        for name, data in files.items():
            _write(folder / name, data)
        write_json(folder / CARD_NAME, card)
        return card
    card = add_reader_entry(before, card)
    with suppress(DigitrecError):  # a broken model is replaced, and cannot be rolled back to
        keep(folder, before)
    every = dict(files)
    for name in file_digests(card).keys() - every.keys():
        with suppress(ModelNotFoundError):
            every[name] = read_model(folder / name, before)
    _serve(folder, PUBLISH, before, ModelVersion(keep(folder, card, every), card))
    return card


def roll_back(folder: Path, name: str = "") -> tuple[ModelVersion, ModelVersion]:
    """Let an earlier version serve again.

    Args:
        folder: The folder of models.
        name: The version, as `find_version` takes it; by default the one that the present one has replaced.

    Returns:
        The version that served, and the one that serves now.

    Raises:
        ModelNotFoundError: There is no such version, or no earlier one.
        ModelIntegrityError: A file of it is damaged.
    """
    present = ModelVersion(folder, read_card(folder), serves=True)
    if name:
        earlier = find_version(folder, name)
    else:
        replaced = [
            entry["previous"]
            for entry in read_log(folder)
            if (entry["action"], entry["version"]) == (PUBLISH, present.id)
        ]
        if not replaced:
            raise ModelNotFoundError(
                f"{folder} has no record of a version before {present.id[:12]}; name one that"
                " `digitrec models list` shows"
            )
        earlier = find_version(folder, replaced[-1])
    if earlier.id == present.id:
        raise ModelNotFoundError(f"the version {present.id[:12]} serves already; name another one")
    read_files(earlier.folder, earlier.card)
    keep(folder, present.card)
    _serve(folder, ROLL_BACK, present.card, earlier)
    return present, earlier


def add_reader_entry(before: Mapping[str, Any], card: dict[str, Any]) -> dict[str, Any]:
    """A card with the detector of the card before it, and its entry, unless it names one of its own."""
    if READER_NAME in card["artifacts"] or READER_NAME not in before["artifacts"]:
        return card
    card = {**card, "artifacts": {**card["artifacts"], READER_NAME: before["artifacts"][READER_NAME]}}
    if READER_ENTRY in before:
        card.setdefault(READER_ENTRY, before[READER_ENTRY])
    return card


def _serve(folder: Path, action: str, before: Mapping[str, Any], version: ModelVersion) -> None:
    """Replace the card, then the files, by those of a kept version."""
    if version_of(before) != version.id:
        write_log(folder, action, version.id, version_of(before))
    write_json(folder / CARD_NAME, version.card)
    for name in {*file_digests(before), *file_digests(version.card), *BESIDE}:
        if (version.folder / name).is_file():
            copy_file(version.folder / name, folder / name)
        else:  # of the version before: a stranger to this card
            (folder / name).unlink(missing_ok=True)


def _card_of(folder: Path) -> dict[str, Any] | None:
    try:
        return read_card(folder) if (folder / CARD_NAME).exists() else None
    except DigitrecError:
        return None


def _write(path: Path, data: bytes) -> None:
    with atomic_path(path) as temporary:
        temporary.write_bytes(data)
