"""Folders of models for tests: copies of the shipped one, and versions of it that differ in nothing but their bytes."""

import json
import shutil
from pathlib import Path
from typing import Any

from digitrec.artifacts import CARD_NAME, MODEL_NAME, models_dir, read_card, sha256


def copy_shipped(folder: Path) -> Path:
    """Copy the shipped model into a new folder, and return it."""
    folder.mkdir(parents=True)
    for name in (CARD_NAME, *read_card()["artifacts"]):
        shutil.copy(models_dir() / name, folder)
    return folder


def another_version(folder: Path, name: str, **figures: Any) -> Path:
    """Make a folder with another version of the shipped model.

    Args:
        folder: Where; it is made.
        name: Becomes part of the network's file, and the name of its run.
        figures: Figures on its card that differ from the shipped one's.

    Returns:
        The folder. Its network gives the same answers; it has no detector of its own.
    """
    folder.mkdir(parents=True)
    # In protobuf, a field that is appended is read as if it stood in its place; this one is the description.
    data = (models_dir() / MODEL_NAME).read_bytes() + bytes([0x32, len(name)]) + name.encode()
    (folder / MODEL_NAME).write_bytes(data)
    card = read_card()
    card["artifacts"] = {MODEL_NAME: {"sha256": sha256(data), "bytes": len(data)}}
    card["training"] = {**card["training"], "run": name}
    card["figures"] = {**card["figures"], **figures}
    del card["reader"]
    (folder / CARD_NAME).write_text(json.dumps(card), encoding="utf-8")
    return folder
