"""Store, list, review, count and delete corrections."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from flask_app.corrections.database import Database, DatabaseUnavailableError, describe_cause
from flask_app.corrections.models import ACCEPTED, PENDING, REJECTED, STATES, Correction


@dataclass(frozen=True)
class CorrectionFilter:
    """Conditions on corrections; None matches all.

    Attributes:
        state: pending, accepted or rejected.
        label: What the person says it shows, 0 to 10.
        predicted: The model's digit, 0 to 9.
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
        """The conditions as SQL expressions."""
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


class ReviewedMeanwhileError(RuntimeError):
    """Another reviewer has decided on this correction since it was displayed."""


class CorrectionStore:
    """Corrections in a database. Every failure of it is a DatabaseUnavailableError, and has changed nothing."""

    def __init__(self, database: Database) -> None:
        """Store corrections in this database."""
        self.database = database

    def add(self, correction: Correction) -> tuple[int, bool]:
        """Store a correction, once.

        Args:
            correction: A new one.

        Returns:
            Its id, and whether it is new: if its key is known, the stored one stays as it is.

        Raises:
            DatabaseUnavailableError: It could not be stored.
        """
        try:
            with self._session() as session:
                session.add(correction)
                session.flush()
                return correction.id, True
        except IntegrityError:
            # The key is known, most likely because the client did not receive the answer to its first request.
            with self._session() as session:
                known = session.scalar(select(Correction.id).where(Correction.key == correction.key))
            if known is None:
                raise
            return known, False

    def get(self, number: int) -> Correction | None:
        """Look up a correction by its id."""
        with self._session() as session:
            return session.get(Correction, number)

    def page(
        self, where: CorrectionFilter = CorrectionFilter(), *, after: int = 0, before: int = 0, limit: int = 20
    ) -> list[Correction]:
        """List corrections in the order they arrived.

        Args:
            where: Which corrections.
            after: Start after the one with this id.
            before: End before the one with this id, and start as late as `limit` allows; 0 for no end.
            limit: Most corrections to return.
        """
        query = select(Correction).where(*where.conditions(), Correction.id > after)
        if before:
            query = query.where(Correction.id < before).order_by(Correction.id.desc())
        else:
            query = query.order_by(Correction.id)
        with self._session() as session:
            found = list(session.scalars(query.limit(limit)))
        return found[::-1] if before else found

    def iterate(self, where: CorrectionFilter = CorrectionFilter(), *, batch_size: int = 200) -> Iterator[Correction]:
        """Iterate over corrections in the order they arrived, reading them from the database in batches."""
        last = 0
        while chunk := self.page(where, after=last, limit=batch_size):
            yield from chunk
            last = chunk[-1].id

    def review(self, number: int, decision: Decision, *, seen: str | None = None) -> Correction | None:
        """Apply a decision to a correction, in place of an earlier one.

        Args:
            number: Its id.
            decision: The decision.
            seen: `Correction.version` that the reviewer saw; None to overwrite other reviewers' decisions.

        Returns:
            The correction as it is now; None if it does not exist.

        Raises:
            ReviewedMeanwhileError: Its version is not `seen`; it stays as it is.
        """
        with self._session() as session:
            correction = session.get(Correction, number, with_for_update=True)
            if correction is None:
                return None
            if seen is not None and correction.version != seen:
                raise ReviewedMeanwhileError
            correction.state, correction.reviewed_label = decision.state, decision.label
            is_pending = decision.state == PENDING
            correction.reviewed = None if is_pending else datetime.datetime.now(datetime.UTC)
            return correction

    def counts(self) -> dict[str, dict[str, int]]:
        """Count corrections by `state`, by `label` (0 to 10), by `model`, and by `outcome` (right or wrong)."""
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
        """Delete corrections that arrived before a time, and return how many."""
        with self._session() as session:
            deleted = session.execute(
                delete(Correction).where(Correction.created < before, Correction.state.in_(states))
            )
            return int(deleted.rowcount)  # type: ignore[attr-defined]  # a delete's result has it

    @contextmanager
    def _session(self) -> Iterator[Session]:
        try:
            with self.database.session() as session:
                yield session
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            raise DatabaseUnavailableError(describe_cause(error)) from error


def open_store(url: str) -> CorrectionStore | None:
    """The store in the database at this address, or None if the address is empty. Connects on first use.

    Raises:
        ConfigError: It is not the address of a database, or its driver is not installed.
    """
    return CorrectionStore(Database(url)) if url else None


__all__ = [
    "ACCEPTED",
    "PENDING",
    "REJECTED",
    "CorrectionFilter",
    "CorrectionStore",
    "Decision",
    "ReviewedMeanwhileError",
    "open_store",
]
