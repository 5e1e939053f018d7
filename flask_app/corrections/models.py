"""The one table: corrections, as SQLAlchemy sees it. Its history is in `migrations/`."""

import datetime
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Double, LargeBinary, MetaData, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PENDING, ACCEPTED, REJECTED = "pending", "accepted", "rejected"
STATES = (PENDING, ACCEPTED, REJECTED)


class UtcTime(TypeDecorator[datetime.datetime]):
    """A point in time, in UTC: SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Any) -> datetime.datetime | None:
        """Refuse a time without a zone: nobody could tell which one is meant."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value} has no zone")
        return value and value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, dialect: Any) -> datetime.datetime | None:
        """In UTC, with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Base(DeclarativeBase):
    """What all tables share: names for their constraints, which migrations need."""

    metadata = MetaData(
        naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
        | {"ix": "ix_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    )


class Correction(Base):
    """What one person said of one drawing.

    Attributes:
        id: Counted up by the database.
        key: The client's own name for it, 1 to 64 characters: the same correction sent twice is kept once.
        created: When it came.
        label: What the drawing is, 0 to 9, or 10 for no digit.
        predicted: What the model took it for, 0 to 9.
        confidence: How sure it was, 0 to 1.
        doubt: How much spoke against a digit, 0 to 1.
        model: SHA-256 of the model file, 64 hexadecimal digits.
        frame: The drawing as the model saw it: 784 bytes, 28 rows of 28, 0 background to 255 full ink; None unless the
            person agreed to the drawing being kept. Without it, a correction counts, and teaches nobody.
        drawing: The picture that was sent, as a PNG; None likewise.
        session: An anonymous name that its sender chose, up to 64 characters; None without.
        state: pending, accepted or rejected.
        reviewed: When it was reviewed last; None before.
        reviewed_label: What the reviewer says it is; None until accepted.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("label BETWEEN 0 AND 10", name="label"),
        CheckConstraint("predicted BETWEEN 0 AND 9", name="predicted"),
        CheckConstraint("reviewed_label BETWEEN 0 AND 10", name="reviewed_label"),
        CheckConstraint("state IN ('pending', 'accepted', 'rejected')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime.datetime] = mapped_column(UtcTime, index=True)
    label: Mapped[int]
    predicted: Mapped[int]
    confidence: Mapped[float] = mapped_column(Double)
    doubt: Mapped[float] = mapped_column(Double)
    model: Mapped[str] = mapped_column(String(64))
    frame: Mapped[bytes | None] = mapped_column(LargeBinary)
    drawing: Mapped[bytes | None] = mapped_column(LargeBinary)
    session: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8), default=PENDING, index=True)
    reviewed: Mapped[datetime.datetime | None] = mapped_column(UtcTime)
    reviewed_label: Mapped[int | None]

    @property
    def disagrees(self) -> bool:
        """Whether the model was wrong, if the person is right."""
        return self.label != self.predicted

    @property
    def version(self) -> str:
        """Changes whenever somebody decides on it."""
        return self.state if self.reviewed is None else self.reviewed.isoformat()
