"""Likely label errors of a data set: found by out-of-fold probabilities, decided on by a person, never silently.

A row is suspect where networks that never saw it give another digit than its label a high probability. That label
errors show as confident disagreement out of sample is the idea of C. G. Northcutt, L. Jiang and I. L. Chuang,
"Confident Learning: Estimating Uncertainty in Dataset Labels", Journal of Artificial Intelligence Research 70 (2021),
1373-1411, https://doi.org/10.1613/jair.1.12125. Needs no Keras.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.artifacts import sha256
from digitrec.errors import DatasetError
from digitrec.files import write_json
from digitrec.learning.data.examples import Examples
from digitrec.learning.data.kaggle_csv import save_csv

THRESHOLD = 0.9
"""Probability of another digit than the label from which on a row is suspect."""

DROP = -1
"""The decision that a row is dropped; any other is its new label."""


@dataclass(frozen=True)
class LabelError:
    """A row whose label is likely wrong.

    Attributes:
        row: Its position in the data set, from 0.
        label: The label that it has.
        predicted: The digit that the networks predict.
        confidence: Their probability for it, 0 to 1.
    """

    row: int
    label: int
    predicted: int
    confidence: float


@dataclass(frozen=True)
class LabelErrors:
    """The likely label errors of a data set.

    Attributes:
        sha256: Digest of the rows that they belong to.
        errors: The surest first.
        origin: Command, commit and packages.
    """

    sha256: str
    errors: tuple[LabelError, ...]
    origin: dict[str, Any]

    def save(self, path: Path) -> None:
        """Write the list as JSON."""
        write_json(path, {"sha256": self.sha256, **self.origin, "errors": [asdict(error) for error in self.errors]})


def read_label_errors(path: Path, examples: Examples) -> LabelErrors:
    """Read a list that `LabelErrors.save` wrote.

    Args:
        path: The file.
        examples: The data set that it must belong to.

    Raises:
        DatasetError: No such file, no such list, or one of another data set.
    """
    found = read_any_label_errors(path)
    if found.sha256 != rows_digest(examples) or any(not 0 <= one.row < len(examples) for one in found.errors):
        raise DatasetError(f"{path}: a list of other rows than these; look for label errors again")
    return found


def read_any_label_errors(path: Path) -> LabelErrors:
    """Read a list that `LabelErrors.save` wrote, of any rows.

    Raises:
        DatasetError: No such file, or no such list.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        errors = tuple(LabelError(**error) for error in value.pop("errors"))
        return LabelErrors(str(value.pop("sha256")), errors, value)
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: not a list that training.find_label_errors wrote ({error})") from error


def find_label_errors(
    labels: NDArray[np.uint8], probabilities: NDArray[np.float64], threshold: float = THRESHOLD
) -> tuple[LabelError, ...]:
    """Find the rows whose label is likely wrong, the surest first.

    Args:
        labels: Shape (n,), 0 to 9.
        probabilities: Shape (n, 10), out of fold.
        threshold: Probability of another digit from which on a row is suspect, 0 to 1.
    """
    predicted, confidence = probabilities.argmax(1), probabilities.max(1)
    rows = np.flatnonzero((predicted != labels) & (confidence >= threshold))
    rows = rows[np.argsort(-confidence[rows], kind="stable")]
    return tuple(
        LabelError(int(row), int(labels[row]), int(predicted[row]), round(float(confidence[row]), 4)) for row in rows
    )


def apply_decisions(examples: Examples, decisions: Mapping[int, int]) -> Examples:
    """Drop and relabel rows, as a person decided; all others stay as they are.

    Args:
        examples: The data set.
        decisions: By row, `DROP` or its new label, 0 to 9.

    Raises:
        ValueError: A row that there is not, or no label.
    """
    labels, keep = examples.labels.copy(), np.ones(len(examples), bool)
    for row, decision in decisions.items():
        if not 0 <= row < len(examples) or not DROP <= decision <= 9:
            raise ValueError(f"row {row} cannot become {decision}")
        if decision == DROP:
            keep[row] = False
        else:
            labels[row] = decision
    return Examples(examples.images[keep], labels[keep])


def write_corrected(examples: Examples, decisions: Mapping[int, int], path: Path) -> Path:
    """Write a corrected copy of a data set into a new file; no file is overwritten.

    Args:
        examples: The data set.
        decisions: As `apply_decisions` takes them.
        path: The file that the data set was read from: the copy lies beside it, with `-corrected` in its name.

    Returns:
        The new file.

    Raises:
        OSError: It cannot be written.
    """
    stem = path.name.partition(".")[0]
    names = [f"{stem}-corrected.csv", *(f"{stem}-corrected-{number}.csv" for number in range(2, 1000))]
    out = next(candidate for candidate in (path.with_name(name) for name in names) if not candidate.exists())
    save_csv(apply_decisions(examples, decisions), out)
    return out


def rows_digest(examples: Examples) -> str:
    """SHA-256 of all images and labels, in their order."""
    return sha256(examples.images.tobytes() + examples.labels.tobytes())
