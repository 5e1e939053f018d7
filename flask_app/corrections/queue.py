"""The order of the review queue: what teaches most comes first, and the drawings of one session together."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, select, tuple_, update
from sqlalchemy.orm import Session

from flask_app.corrections.criteria import CorrectionFilter
from flask_app.corrections.models import Correction

POSITION = (Correction.session_rank, Correction.leader, Correction.rank, Correction.id)
"""What the queue is ordered by. An index has it in this order."""


def teaching_value(
    *, label: int, answer: int, confidence: float, doubt: float, challenger_answer: int | None = None
) -> float:
    """How much a correction is likely to teach a model, 0 to 3.

    It is the sum of the model's doubt, of the confidence that the correction contradicts, and of 1 where champion and
    challenger disagree.

    Args:
        label: What the person says it shows, 0 to 10.
        answer: What the model answered, 0 to 10.
        confidence: The model's confidence in its digit, 0 to 1.
        doubt: The model's doubt that it is a digit, 0 to 1.
        challenger_answer: What the challenger answered, 0 to 10; None without one.
    """
    contradicted = confidence if label != answer else 0.0
    disagreement = float(challenger_answer is not None and challenger_answer != answer)
    return doubt + contradicted + disagreement


def place(session: Session, correction: Correction) -> None:
    """Place a stored correction in the queue, beside the others of its session.

    Args:
        session: A session of the database, in which the correction has its id.
        correction: The correction; its session goes as far up as the one of its drawings that teaches most.
    """
    correction.rank = -teaching_value(
        label=correction.label,
        answer=correction.answer,
        confidence=correction.confidence,
        doubt=correction.doubt,
        challenger_answer=correction.challenger_answer,
    )
    correction.leader, correction.session_rank = correction.id, correction.rank
    if not correction.session:
        return
    others = Correction.session == correction.session, Correction.id != correction.id
    known = select(func.min(Correction.rank), func.min(Correction.leader)).where(*others)
    first, leader = session.execute(known).one()
    if leader is None:
        return
    correction.leader, correction.session_rank = leader, min(first, correction.rank)
    if correction.rank < first:
        session.execute(update(Correction).where(*others).values(session_rank=correction.rank))


def page_of_queue(
    session: Session, where: CorrectionFilter, *, after: int = 0, before: int = 0, limit: int = 20
) -> list[Correction]:
    """List corrections, what teaches most first.

    Args:
        session: A session of the database.
        where: Which corrections.
        after: Start after the one with this id.
        before: End before the one with this id, and start as late as `limit` allows; 0 for no end.
        limit: Most corrections to return.
    """
    query = select(*POSITION).where(*where.conditions()).limit(limit)
    query = query.order_by(*(column.desc() if before else column for column in POSITION))
    if edge := _position_of(session, before or after):
        here, there = tuple_(*POSITION), tuple_(*map(literal, edge))
        query = query.where(here < there if before else here > there)
    rows = [row for partition in where.partitions() for row in session.execute(query.where(*partition))]
    ids = [row.id for row in sorted(rows, key=tuple, reverse=bool(before))[:limit]]
    found = {one.id: one for one in session.scalars(select(Correction).where(Correction.id.in_(ids)))}
    return [found[number] for number in (reversed(ids) if before else ids)]


def _position_of(session: Session, number: int) -> Sequence[Any] | None:
    return session.execute(select(*POSITION).where(Correction.id == number)).one_or_none() if number else None
