"""Which corrections are meant, and what a reviewer decides: the values that the store takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from flask_app.corrections.models import ACCEPTED, STATES, Correction


@dataclass(frozen=True)
class CorrectionFilter:
    """Conditions on corrections; None matches all.

    Attributes:
        state: pending, accepted or rejected.
        label: What the person says it shows, 0 to 10.
        answer: What the model answered, 0 to 10.
        model: SHA-256 of the model that answered.
        disagrees: Whether the person's label is not what the model answered.
        kept: Whether the drawing was kept.
    """

    state: str | None = None
    label: int | None = None
    answer: int | None = None
    model: str | None = None
    disagrees: bool | None = None
    kept: bool | None = None

    def partitions(self) -> Iterator[tuple[ColumnElement[bool], ...]]:
        """The conditions on state and kept, one combination at a time: in each, an index has the ids in order."""
        for state in STATES if self.state is None else (self.state,):
            for kept in (True, False) if self.kept is None else (self.kept,):
                yield Correction.state == state, Correction.kept.is_(kept)

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """The other conditions as SQL expressions."""
        if self.label is not None:
            yield Correction.label == self.label
        if self.answer is not None:
            yield Correction.answer == self.answer
        if self.model is not None:
            yield Correction.model == self.model
        if self.disagrees is not None:
            differs = Correction.label != Correction.answer
            yield differs if self.disagrees else ~differs


ARRIVAL, TEACHING = ORDERS = ("arrival", "teaching")
"""Orders of corrections: as they arrived, or what teaches most first."""

ALL = CorrectionFilter()
"""No condition."""


@dataclass(frozen=True)
class Decision:
    """A reviewer's decision: accept with a label, reject, or set back to pending.

    Attributes:
        state: accepted, rejected or pending.
        label: What the drawing shows, 0 to 10, if accepted; else None.
    """

    state: str
    label: int | None = None

    def __post_init__(self) -> None:
        """Validate."""
        if self.state not in STATES or (self.state == ACCEPTED) != (self.label is not None):
            raise ValueError(f"a decision cannot be {self.state} with the label {self.label}")
        if self.label is not None and not 0 <= self.label <= 10:
            raise ValueError(f"the label {self.label} is not from 0 to 10")
