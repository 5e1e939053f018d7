"""Parse a reviewer's requests: the filter and position in an address, and the decision in a form."""

import re

from flask import request
from werkzeug.exceptions import BadRequest

from digitrec.training_rows import NOT_A_DIGIT
from flask_app.corrections.criteria import ORDERS, TEACHING, CorrectionFilter, Decision
from flask_app.corrections.models import ACCEPTED, PENDING, REJECTED, STATES, Correction

FILTERS = ("state", "label", "answer", "model", "outcome", "kept")
ORDER = "order"
POSITION = ("after", "before")


def read_filter() -> tuple[CorrectionFilter, dict[str, str]]:
    """Read the filter in the address, and return it and its fields as text.

    An address without a filter means what a reviewer can judge: pending corrections whose drawing was kept.

    Raises:
        BadRequest: A field has a value that no correction can have.
    """
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    chosen["state"] = request.args.get("state", PENDING)
    if not request.args.keys() & set(FILTERS):
        chosen["kept"] = "1"
    if (
        chosen["state"] not in (*STATES, "")
        or chosen["outcome"] not in ("", "right", "wrong")
        or chosen["kept"] not in ("", "0", "1")
        or not re.fullmatch(r"[0-9a-f]{64}|", chosen["model"])
    ):
        raise BadRequest("This address filters by a value that no correction can have.")
    return CorrectionFilter(
        state=chosen["state"] or None,
        label=_parse_label(chosen["label"]),
        answer=_parse_label(chosen["answer"]),
        model=chosen["model"] or None,
        disagrees={"right": False, "wrong": True}.get(chosen["outcome"]),
        kept={"1": True, "0": False}.get(chosen["kept"]),
    ), chosen


def read_order() -> str:
    """Read the order of the queue in the address: what teaches most comes first, unless it says otherwise.

    Raises:
        BadRequest: There is no such order.
    """
    order = request.args.get(ORDER, TEACHING)
    if order not in ORDERS:
        raise BadRequest('The field "order" must be teaching or arrival.')
    return order


def read_position() -> tuple[int, int]:
    """Read the ids in the address that the page starts after and ends before; 0 where there is none.

    Raises:
        BadRequest: One is not a number that an id can have.
    """
    texts = [request.args.get(name, "0") for name in POSITION]
    if not all(re.fullmatch(r"[0-9]{1,9}", text) for text in texts):
        raise BadRequest('The fields "after" and "before" must be ids of corrections.')
    return int(texts[0]), int(texts[1])


def parse_decision(word: str, correction: Correction) -> Decision:
    """Parse the decision on a correction.

    Args:
        word: accept, reject, undo, or the right label.
        correction: The correction, whose label is the one that `accept` takes.

    Raises:
        BadRequest: The word is none of these.
    """
    if word == "accept":
        return Decision(ACCEPTED, correction.label)
    if word in ("reject", "undo"):
        return Decision(REJECTED if word == "reject" else PENDING)
    label = _parse_label(word)
    if label is None:
        raise BadRequest("A decision is accept, reject, undo, or the right label.")
    return Decision(ACCEPTED, label)


def decision_word(correction: Correction) -> str:
    """The word that `parse_decision` turns into the current decision, with which a later one can be undone."""
    if correction.state == ACCEPTED:
        return str(correction.reviewed_label)
    return "reject" if correction.state == REJECTED else "undo"


def _parse_label(text: str) -> int | None:
    if text and not (re.fullmatch(r"[0-9]{1,2}", text) and int(text) <= NOT_A_DIGIT):
        raise BadRequest("A label is a number from 0 to 10, where 10 is a non-digit.")
    return int(text) if text else None
