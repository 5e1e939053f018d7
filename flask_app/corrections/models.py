"""The table of corrections. Its history is in `migrations/`."""

import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    Double,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, validates

from digitrec.prediction import DOUBT_THRESHOLD
from digitrec.training_rows import NOT_A_DIGIT

PENDING, ACCEPTED, REJECTED = "pending", "accepted", "rejected"
STATES = (PENDING, ACCEPTED, REJECTED)


class UtcTime(TypeDecorator[datetime.datetime]):
    """A time in UTC. SQLite stores no time zone, so it is added when a row is read."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime.datetime | None, dialect: Any) -> datetime.datetime | None:
        """Convert to UTC; a time without a zone is a ValueError."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value} has no time zone")
        return value and value.astimezone(datetime.UTC)

    def process_result_value(self, value: datetime.datetime | None, dialect: Any) -> datetime.datetime | None:
        """Return the time with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Base(DeclarativeBase):
    """Base of all tables: names constraints, which migrations refer to."""

    metadata = MetaData(
        naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s"}
        | {"ix": "ix_%(table_name)s_%(column_0_name)s", "ck": "ck_%(table_name)s_%(constraint_name)s"}
    )


class Correction(Base):
    """What one person says one drawing shows.

    Attributes:
        id: Assigned by the database, in ascending order.
        key: The client's name for the correction, 1 to 64 characters: sent twice, it is stored once.
        created: When it arrived.
        label: What the drawing shows: 0 to 9, or 10 for a non-digit.
        predicted: The model's digit, 0 to 9; its best guess, where it doubts that there is one.
        confidence: The model's confidence in it, 0 to 1.
        doubt: The model's doubt that the drawing is a digit, 0 to 1.
        answer: What the model answered: its digit, or 10 where it doubts that the drawing is one. Set with both.
        model: SHA-256 of the model file, 64 hexadecimal digits.
        frame: The drawing as the model saw it: 784 bytes, 28 rows of 28, 0 background to 255 full ink; None unless the
            person agreed that the drawing is kept. Without it, nothing can be trained on the correction.
        kept: Whether the drawing was kept: whether there is a `frame`. Set with it.
        drawing: The image that was sent, as a PNG; None unless the person agreed.
        session: An anonymous name that the client chose, up to 64 characters, or None.
        challenger: SHA-256 of the model that answered beside it, silently; None where there was none.
        challenger_answer: What that model answered, 0 to 10.
        rank: Its place in the review queue, lowest first: minus how much it is likely to teach, 0 to 3; see
            `flask_app.corrections.queue`.
        session_rank: The lowest rank of its session.
        leader: Id of the first correction of its session; its own without one.
        state: pending, accepted or rejected.
        reviewed: When it was last reviewed, or None.
        reviewed_label: What the reviewer says it shows; None unless accepted.
    """

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint("label BETWEEN 0 AND 10", name="label"),
        CheckConstraint("predicted BETWEEN 0 AND 9", name="predicted"),
        CheckConstraint("reviewed_label BETWEEN 0 AND 10", name="reviewed_label"),
        CheckConstraint("state IN ('pending', 'accepted', 'rejected')", name="state"),
        # All that /review filters and counts by, so that it reads no row that it does not show.
        Index("ix_corrections_review", "state", "kept", "id", "label", "answer", "model"),
        Index("ix_corrections_counts", "state", "label", "answer", "model", "kept"),
        Index(
            "ix_corrections_queue",
            *("state", "kept", "session_rank", "leader", "rank", "id", "label", "answer", "model"),
        ),
        Index("ix_corrections_session", "session", "rank", "leader"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    created: Mapped[datetime.datetime] = mapped_column(UtcTime, index=True)
    label: Mapped[int]
    predicted: Mapped[int]
    confidence: Mapped[float] = mapped_column(Double)
    doubt: Mapped[float] = mapped_column(Double)
    answer: Mapped[int] = mapped_column(server_default=text("0"))
    model: Mapped[str] = mapped_column(String(64))
    kept: Mapped[bool] = mapped_column(default=False, server_default=false())
    frame: Mapped[bytes | None] = mapped_column(LargeBinary)
    drawing: Mapped[bytes | None] = mapped_column(LargeBinary)
    session: Mapped[str | None] = mapped_column(String(64))
    challenger: Mapped[str | None] = mapped_column(String(64))
    challenger_answer: Mapped[int | None]
    rank: Mapped[float] = mapped_column(Double, default=0.0, server_default=text("0"))
    session_rank: Mapped[float] = mapped_column(Double, default=0.0, server_default=text("0"))
    leader: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    state: Mapped[str] = mapped_column(String(8), default=PENDING)
    reviewed: Mapped[datetime.datetime | None] = mapped_column(UtcTime)
    reviewed_label: Mapped[int | None]

    @validates("frame")
    def _set_kept(self, _name: str, frame: bytes | None) -> bytes | None:
        self.kept = frame is not None
        return frame

    @validates("predicted", "doubt")
    def _set_answer(self, name: str, value: float) -> float:
        known = {"predicted": self.predicted, "doubt": self.doubt, name: value}
        if None not in known.values():
            self.answer = NOT_A_DIGIT if known["doubt"] >= DOUBT_THRESHOLD else int(known["predicted"])
        return value

    def says_the_same_as(self, other: "Correction") -> bool:
        """Whether two corrections say the same of the same drawing, as far as is known of it.

        Of a drawing that was not kept, what one model said of it is compared.
        """
        same_model = self.model == other.model
        mine, others = ((one.predicted, one.confidence, one.doubt) for one in (self, other))
        if same_model and mine != others:
            return False
        return (self.label, self.kept, self.session) == (other.label, other.kept, other.session)

    @property
    def is_digit(self) -> bool:
        """Whether the model took the drawing for a digit."""
        return self.answer != NOT_A_DIGIT

    @property
    def disagrees(self) -> bool:
        """Whether the person's label is not what the model answered."""
        return self.label != self.answer

    @property
    def version(self) -> str:
        """A value that changes with every decision of a reviewer, and when the correction is replaced."""
        return f"{self.created.isoformat()} {self.state if self.reviewed is None else self.reviewed.isoformat()}"
