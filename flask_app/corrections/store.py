"""What is done with corrections: kept, looked through, reviewed, counted, forgotten."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from flask_app.corrections.database import Database, DatabaseUnavailableError, reason
from flask_app.corrections.models import ACCEPTED, PENDING, REJECTED, STATES, Correction


@dataclass(frozen=True)
class Wanted:
    """Which corrections are asked for; None asks for all.

    Attributes:
        state: pending, accepted or rejected.
        label: What the person says it is, 0 to 10.
        predicted: What the model took it for, 0 to 9.
        model: SHA-256 of the model that answered.
        disagrees: Whether the person contradicts the model.
        kept: Whether the drawing was kept.
    """

    state: str | None = None
    label: int | None = None
    predicted: int | None = None
    model: str | None = None
    disagrees: bool | None = None
    kept: bool | None = None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """What a row must fulfil."""
        if self.state is not None:
            yield Correction.state == self.state
        if self.label is not None:
            yield Correction.label == self.label
        if self.predicted is not None:
            yield Correction.predicted == self.predicted
        if self.model is not None:
            yield Correction.model == self.model
        if self.disagrees is not None:
            differs = Correction.label != Correction.predicted
            yield differs if self.disagrees else ~differs
        if self.kept is not None:
            yield Correction.frame.is_not(None) if self.kept else Correction.frame.is_(None)


@dataclass(frozen=True)
class Decision:
    """What becomes of a correction: accepted with a label, rejected, or pending again.

    Attributes:
        state: accepted, rejected or pending.
        label: What the drawing is, 0 to 10, if it is accepted; else None.
    """

    state: str
    label: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be."""
        if self.state not in STATES or (self.state == ACCEPTED) != (self.label is not None):
            raise ValueError(f"{self.state} with the label {self.label} is no decision")
        if self.label is not None and not 0 <= self.label <= 10:
            raise ValueError(f"the label {self.label} is not from 0 to 10")


class ReviewedMeanwhileError(RuntimeError):
    """Somebody else has decided on this correction since it was looked at."""


class CorrectionStore:
    """Corrections in a database. Whatever fails there is a DatabaseUnavailableError, and has written nothing."""

    def __init__(self, database: Database) -> None:
        """Keep them there."""
        self.database = database

    def add(self, correction: Correction) -> tuple[int, bool]:
        """Keep a correction, once.

        Args:
            correction: A new one.

        Returns:
            Its id, and whether it is new: one with the same key that is there already stays as it is.

        Raises:
            DatabaseUnavailableError: It could not be kept.
        """
        try:
            with self._session() as session:
                session.add(correction)
                session.flush()
                return correction.id, True
        except IntegrityError:
            # Somebody was first, most likely this very client, who did not hear of its success.
            with self._session() as session:
                known = session.scalar(select(Correction.id).where(Correction.key == correction.key))
            if known is None:
                raise
            return known, False

    def get(self, number: int) -> Correction | None:
        """A correction by its id."""
        with self._session() as session:
            return session.get(Correction, number)

    def page(self, wanted: Wanted = Wanted(), *, after: int = 0, before: int = 0, limit: int = 20) -> list[Correction]:
        """Corrections in the order they came.

        Args:
            wanted: Which.
            after: Begin behind the one with this id.
            before: End in front of the one with this id, and begin as late as `limit` allows; 0 for no end.
            limit: Most to return.
        """
        asked = select(Correction).where(*wanted.conditions(), Correction.id > after)
        if before:
            asked = asked.where(Correction.id < before).order_by(Correction.id.desc())
        else:
            asked = asked.order_by(Correction.id)
        with self._session() as session:
            found = list(session.scalars(asked.limit(limit)))
        return found[::-1] if before else found

    def each(self, wanted: Wanted = Wanted(), *, at_once: int = 200) -> Iterator[Correction]:
        """All corrections, in the order they came, without holding them all."""
        last = 0
        while chunk := self.page(wanted, after=last, limit=at_once):
            yield from chunk
            last = chunk[-1].id

    def review(self, number: int, decision: Decision, *, seen: str | None = None) -> Correction | None:
        """Decide on a correction. May be done again.

        Args:
            number: Its id.
            decision: What becomes of it.
            seen: `Correction.version` of what the reviewer saw; None to decide whatever others did meanwhile.

        Returns:
            The correction as it is now; None if there is none.

        Raises:
            ReviewedMeanwhileError: It is not what the reviewer saw any more; it stays as it is.
        """
        with self._session() as session:
            correction = session.get(Correction, number, with_for_update=True)
            if correction is None:
                return None
            if seen is not None and correction.version != seen:
                raise ReviewedMeanwhileError
            correction.state, correction.reviewed_label = decision.state, decision.label
            is_open = decision.state == PENDING
            correction.reviewed = None if is_open else datetime.datetime.now(datetime.UTC)
            return correction

    def counts(self) -> dict[str, dict[str, int]]:
        """How many there are: by `state`, by `label` (0 to 10), by `model`, and by `outcome`, right or wrong."""
        outcome = (Correction.label == Correction.predicted).label("outcome")
        with self._session() as session:
            by = {
                name: {
                    value: count
                    for value, count in session.execute(select(column, func.count()).group_by(column).order_by(column))
                }
                for name, column in (
                    ("state", Correction.state),
                    ("label", Correction.label),
                    ("model", Correction.model),
                    ("outcome", outcome),
                )
            }
        return {
            "state": {state: by["state"].get(state, 0) for state in STATES},
            "label": {str(label): count for label, count in by["label"].items()},
            "model": {str(model): count for model, count in by["model"].items()},
            "outcome": {"right" if right else "wrong": count for right, count in by["outcome"].items()},
        }

    def purge(self, before: datetime.datetime, *, states: tuple[str, ...] = STATES) -> int:
        """Forget corrections that came before a point in time; returns how many."""
        with self._session() as session:
            gone = session.execute(delete(Correction).where(Correction.created < before, Correction.state.in_(states)))
            return int(gone.rowcount)  # type: ignore[attr-defined]  # a delete's result has it

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with self.database.session() as session:
                yield session
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError(reason(error)) from error


__all__ = ["ACCEPTED", "PENDING", "REJECTED", "CorrectionStore", "Decision", "ReviewedMeanwhileError", "Wanted"]
