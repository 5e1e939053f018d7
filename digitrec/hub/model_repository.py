"""A model as a repository of the Hub: its files, its card, and a README with the Hub's front matter."""

import shutil
from pathlib import Path
from typing import Any

from digitrec.artifacts import CARD_NAME, MODEL_NAME, file_digests, read_card
from digitrec.errors import ModelNotFoundError
from digitrec.publication.versions import read_files

README = "README.md"

FRONT_MATTER = """\
---
license: mit
language: en
library_name: keras
pipeline_tag: image-classification
datasets:
  - ylecun/mnist
tags:
  - mnist
  - handwriting
  - digits
  - onnx
  - digitrec
metrics:
  - accuracy
model-index:
  - name: {name}
    results:
{results}---
"""

RESULT = """\
      - task:
          type: image-classification
        dataset:
          name: {name}
          type: {type}
        metrics:
          - type: accuracy
            value: {accuracy}
"""

WHAT = {
    "digitrec.onnx": "one digit: framing, network and calibration as one graph",
    "digitrec.keras": "the same as a Keras model",
    "reader.onnx": "the detector: where digits are in a picture",
}
"""What the files of a model are."""


def write_model_repository(models: Path, folder: Path, repository: str) -> None:
    """Write what is pushed of a model into an empty folder.

    Args:
        models: The folder of the model.
        folder: Where the files go; it must exist.
        repository: The name on the Hub, OWNER/NAME.

    Raises:
        ModelNotFoundError: A file that the card names is missing.
        ModelIntegrityError: A file is not the one that the card describes.
    """
    card = read_card(models)
    files = read_files(models, card)
    if missing := sorted(file_digests(card).keys() - files.keys()):
        raise ModelNotFoundError(f"{models} lacks {', '.join(missing)}, which its card names; export the model again")
    for name, data in files.items():
        (folder / name).write_bytes(data)
    shutil.copyfile(models / CARD_NAME, folder / CARD_NAME)
    (folder / README).write_text(describe_model(card, repository), encoding="utf-8", newline="\n")


def describe_model(card: dict[str, Any], repository: str) -> str:
    """The README of a model repository, from the card alone, so that it is true of this model."""
    figures = {
        name: figure
        for name, figure in (card.get("figures") or {}).items()
        if isinstance(figure, dict) and isinstance(figure.get("accuracy"), float)
    }
    results = "".join(
        RESULT.format(name=name, type="mnist" if name == "mnist_test" else name, accuracy=round(one["accuracy"], 6))
        for name, one in figures.items()
    )
    table = [
        f"| {name} | {one['accuracy']:.2%} | {one.get('count', 0):,} | `{one.get('command', '')}` |"
        for name, one in figures.items()
    ]
    training = card.get("training") or {}
    files = [
        f"| `{name}` | {WHAT.get(name, 'a further graph')} | `{digest}` |"
        for name, digest in file_digests(card).items()
    ]
    lines = [
        FRONT_MATTER.format(name=repository.rpartition("/")[2], results=results),
        f"# {repository}",
        "",
        "Recognizes handwritten digits, and says when it sees none. Made by digitrec;"
        f" `{CARD_NAME}` has its origin, its data and every figure with the command that measures it.",
        "",
        "```",
        f"digitrec pull {repository} --out model",
        f"digitrec predict --model model/{MODEL_NAME} four.png",
        "```",
        "",
        "| file | what | sha256 |",
        "| --- | --- | --- |",
        *files,
        "",
        "| measured on | right | of | by |",
        "| --- | --- | --- | --- |",
        *table,
        "",
        f"Trained by `{training.get('command', 'unknown')}` at commit `{str(training.get('commit', ''))[:12]}`.",
    ]
    return "\n".join(lines) + "\n"
