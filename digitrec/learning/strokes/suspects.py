"""Suspect labels among pen recordings: found by a rule, stored in a list, and left out of training and evaluation.

A few recordings are mislabelled, cut off or hardly a digit. They are not picked by hand: out-of-fold probabilities
(`digitrec.learning.cross_validation`) come from networks that never saw the writer, and a recording is suspect where
they give another digit a high probability. That label errors show as confident disagreement out of sample is the idea
of C. G. Northcutt, L. Jiang and I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", Journal
of Artificial Intelligence Research 70 (2021), 1373-1411, https://doi.org/10.1613/jair.1.12125. They take the mean
confidence of each class as its threshold, and estimate how often each label is confused with each other. Here one high
threshold, set beforehand, replaces both.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from digitrec.errors import DatasetError
from digitrec.files import write_json
from digitrec.learning.strokes.recordings import PenDigit, digest

PENDIGITS_SUSPECTS = Path(__file__).with_name("pendigits_suspects.json")
"""The suspects among the recordings of `digitrec.learning.strokes.pendigits`, as the command in the file found them."""


@dataclass(frozen=True)
class Rule:
    """How suspects are found; the defaults were set before the first list was looked at.

    Attributes:
        threshold: Mean probability of another digit than the label from which on a recording is suspect.
        folds: Number of parts of the writers; a network that was trained on the others classifies each part.
        drawings: Drawings of each recording, for training and for its probabilities.
        mnist: MNIST images that each network is also trained on, for more kinds of handwriting.
        epochs: Epochs that each network is trained for.
        batch_size: Images in a step.
        width: Of the network; see `build_cnn`.
        learning_rate: The highest, of Adam; it falls to nothing along a cosine.
        seed: Of the drawings, the folds, the choice of MNIST images and the networks.
    """

    threshold: float = 0.9
    folds: int = 5
    drawings: int = 4
    mnist: int = 20_000
    epochs: int = 6
    batch_size: int = 128
    width: int = 16
    learning_rate: float = 2e-3
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values out of range.

        Raises:
            ValueError: It names the setting.
        """
        if not 0.5 <= self.threshold < 1:
            raise ValueError(f"threshold is {self.threshold}; it must be at least 0.5 and below 1")
        for name, least in (("folds", 2), ("drawings", 1), ("mnist", 0), ("epochs", 1), ("seed", 0)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} is {getattr(self, name)}; it must be at least {least}")


@dataclass(frozen=True)
class Suspect:
    """A recording whose label is doubtful.

    Attributes:
        line: Its line in the file of recordings, from 1.
        writer: Who wrote it.
        label: The digit it is recorded as.
        predicted: The digit that the networks predict.
        confidence: Their mean probability for it, 0 to 1.
    """

    line: int
    writer: str
    label: int
    predicted: int
    confidence: float


@dataclass(frozen=True)
class SuspectList:
    """The suspects of a file of recordings.

    Attributes:
        sha256: `digest` of the recordings they belong to.
        suspects: In the order of the file.
        rule: By which they were found.
        origin: Command, commit, packages and other facts on how the list was made.
    """

    sha256: str
    suspects: tuple[Suspect, ...]
    rule: Rule = field(default_factory=Rule)
    origin: dict[str, Any] = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write the list as JSON."""
        write_json(
            Path(path),
            {
                "sha256": self.sha256,
                **self.origin,
                "rule": asdict(self.rule),
                "suspects": [asdict(suspect) for suspect in self.suspects],
            },
        )


def read_suspects(path: str | Path) -> SuspectList:
    """Read a list that `SuspectList.save` wrote.

    Raises:
        DatasetError: No such file, or no such list.
    """
    try:
        value = json.loads(Path(path).read_text(encoding="utf-8"))
        suspects = tuple(Suspect(**suspect) for suspect in value.pop("suspects"))
        return SuspectList(value.pop("sha256"), suspects, Rule(**value.pop("rule")), value)
    except FileNotFoundError:
        raise DatasetError(f"{path}: no such file") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(f"{path}: not a list of suspects that training.find_suspects wrote ({error})") from error


def find_suspects(rule: Rule, digits: Sequence[PenDigit], probabilities: NDArray[np.float64]) -> tuple[Suspect, ...]:
    """Find the recordings that the rule makes suspect.

    Args:
        rule: Only its threshold is used.
        digits: The recordings of a file, all of them and in its order.
        probabilities: Shape (n, 10), mean over the drawings of each recording.
    """
    predicted = probabilities.argmax(1)
    confidence = probabilities.max(1)
    return tuple(
        Suspect(row + 1, digit.writer, digit.label, int(predicted[row]), round(float(confidence[row]), 4))
        for row, digit in enumerate(digits)
        if predicted[row] != digit.label and confidence[row] >= rule.threshold
    )


def drop_suspects(digits: Sequence[PenDigit], suspects: SuspectList | None = None) -> list[PenDigit]:
    """Leave out the recordings whose labels are doubtful.

    Args:
        digits: The recordings of a file, all of them and in its order: choose among writers afterwards.
        suspects: What to leave out; None for the list in `PENDIGITS_SUSPECTS`.

    Raises:
        DatasetError: The list is of other recordings than these.
    """
    if suspects is None:
        suspects = read_suspects(PENDIGITS_SUSPECTS)
    found = digest(digits)
    if found != suspects.sha256:
        raise DatasetError(
            f"the list of suspects is of other recordings (sha256 {suspects.sha256[:12]}..., these have"
            f" {found[:12]}...); make one of these with python -m training.find_suspects"
        )
    lines = {suspect.line for suspect in suspects.suspects}
    return [digit for line, digit in enumerate(digits, 1) if line not in lines]
