"""Store, list, review, count and delete corrections."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from flask_app.corrections.counts import count_corrections
from flask_app.corrections.criteria import ALL, ARRIVAL, TEACHING, CorrectionFilter, Decision
from flask_app.corrections.database import Database, DatabaseUnavailableError, describe_cause
from flask_app.corrections.models import PENDING, Correction
from flask_app.corrections.queue import page_of_queue, place
from flask_app.corrections.room import Room

REPLACEABLE = (
    *("created", "label", "predicted", "confidence", "doubt", "model", "frame", "drawing", "session"),
    *("challenger", "challenger_answer"),
)
"""Columns that a later correction with the same key replaces."""


class ReviewedMeanwhileError(RuntimeError):
    """Another reviewer has decided on this correction since it was displayed."""


class KeyTakenError(RuntimeError):
    """The key of a correction is that of another one."""


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
            KeyTakenError: The stored one says something else.
            StorageFullError: There is no room for it.
            DatabaseUnavailableError: It could not be stored.
        """
        try:
            with self._session(adds=True) as session:
                session.add(correction)
                session.flush()
                place(session, correction)
                number = correction.id
            return number, True
        except IntegrityError:
            # The key is known, most likely because the client did not receive the answer to its first request.
            with self._session() as session:
                known = session.scalar(select(Correction).where(Correction.key == correction.key))
            if known is None:
                raise
            if not known.says_the_same_as(correction):
                raise KeyTakenError(
                    f"the key is taken by the correction {known.id}, which says something else"
                ) from None
            return known.id, False

    def replace(self, correction: Correction) -> tuple[int, bool]:
        """Store a correction in place of the one with its key, if there is one, which then needs a new review.

        Args:
            correction: A new one.

        Returns:
            Its id, and whether there was none with its key. A stored one that says the same stays as it is.

        Raises:
            StorageFullError: There is no room for it.
            DatabaseUnavailableError: It could not be stored.
        """
        with self._session(adds=correction.frame is not None) as session:
            query = select(Correction).where(Correction.key == correction.key).with_for_update()
            known = session.scalar(query)
            if known is not None:
                if not known.says_the_same_as(correction):
                    for name in REPLACEABLE:
                        setattr(known, name, getattr(correction, name))
                    known.state, known.reviewed, known.reviewed_label = PENDING, None, None
                    place(session, known)
                return known.id, False
        try:
            return self.add(correction)
        except KeyTakenError:  # by another request in the meantime
            return self.replace(correction)

    def delete(self, key: str) -> bool:
        """Delete the correction with this key, and return whether there was one."""
        with self._session() as session:
            deleted = session.execute(delete(Correction).where(Correction.key == key))
            return int(deleted.rowcount) > 0  # type: ignore[attr-defined]  # a delete's result has it

    def get(self, number: int) -> Correction | None:
        """Look up a correction by its id."""
        with self._session() as session:
            return session.get(Correction, number)

    def page(
        self,
        where: CorrectionFilter = ALL,
        *,
        after: int = 0,
        before: int = 0,
        limit: int = 20,
        order: str = ARRIVAL,
    ) -> list[Correction]:
        """List corrections.

        Args:
            where: Which corrections.
            order: `ARRIVAL`, or `TEACHING` for what teaches most first.
            after: Start after the one with this id.
            before: End before the one with this id, and start as late as `limit` allows; 0 for no end.
            limit: Most corrections to return.
        """
        if order == TEACHING:
            with self._session() as session:
                return page_of_queue(session, where, after=after, before=before, limit=limit)
        query = select(Correction.id).where(*where.conditions(), Correction.id > after).limit(limit)
        if before:
            query = query.where(Correction.id < before).order_by(Correction.id.desc())
        else:
            query = query.order_by(Correction.id)
        with self._session() as session:
            ids = [id_ for partition in where.partitions() for id_ in session.scalars(query.where(*partition))]
            ids = sorted(ids)[-limit:] if before else sorted(ids)[:limit]
            found = session.scalars(select(Correction).where(Correction.id.in_(ids)).order_by(Correction.id))
            return list(found)

    def iterate(self, where: CorrectionFilter = ALL, *, batch_size: int = 200) -> Iterator[Correction]:
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
        """Count corrections by state, label, model and outcome; see `count_corrections`."""
        with self._session() as session:
            return count_corrections(session)

    @contextmanager
    def _session(self, *, adds: bool = False) -> Iterator[Session]:
        try:
            with self.database.session(adds=adds) as session:
                yield session
        except IntegrityError:
            raise
        except (SQLAlchemyError, OSError) as error:
            raise DatabaseUnavailableError(describe_cause(error)) from error


def open_store(url: str, room: Room | None = None) -> CorrectionStore | None:
    """The store in the database at this address, or None if the address is empty. Connects on first use.

    Raises:
        ConfigError: It is not the address of a database, or its driver is not installed.
    """
    return CorrectionStore(Database(url, room)) if url else None
