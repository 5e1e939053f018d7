"""Count corrections: how many there are of each state, label, model and outcome."""

from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from flask_app.corrections.models import PENDING, STATES, Correction


def count_corrections(session: Session) -> dict[str, dict[str, int]]:
    """Count corrections.

    Args:
        session: A session of their database.

    Returns:
        By `state`, where `reviewable` are the pending ones whose drawing was kept; by `label`, 0 to 10; by `model`;
        and by `outcome`, whether what the model answered was right or wrong.
    """
    kind = (Correction.state, Correction.label, Correction.answer, Correction.model, Correction.kept)
    states = Counter(dict.fromkeys((*STATES, "reviewable"), 0))
    labels, models, outcomes = Counter[str](), Counter[str](), Counter[str]()
    for state, label, answer, model, kept, count in session.execute(select(*kind, func.count()).group_by(*kind)):
        states[state] += count
        states["reviewable"] += count if state == PENDING and kept else 0
        labels[str(label)] += count
        models[model] += count
        outcomes["right" if label == answer else "wrong"] += count
    return {
        "state": dict(states),
        "label": dict(sorted(labels.items(), key=lambda item: int(item[0]))),
        "model": dict(sorted(models.items())),
        "outcome": dict(outcomes),
    }
