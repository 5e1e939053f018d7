"""What a reviewer asks for: from the words of an address or a form to corrections and decisions, or a refusal."""

import re

from flask import request
from werkzeug.exceptions import BadRequest

from digitrec.training_rows import NOT_A_DIGIT
from flask_app.corrections.models import STATES, Correction
from flask_app.corrections.store import ACCEPTED, PENDING, REJECTED, Decision, Wanted

FILTERS = ("state", "label", "predicted", "model", "outcome", "kept")
PLACE = ("after", "before")


def corrections() -> tuple[Wanted, dict[str, str]]:
    """What the address asks for, and the same as text. Without a state, what is pending.

    Raises:
        BadRequest: There are no such corrections.
    """
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    chosen["state"] = request.args.get("state", PENDING)
    if (
        chosen["state"] not in (*STATES, "")
        or chosen["outcome"] not in ("", "right", "wrong")
        or not re.fullmatch(r"[0-9a-f]{64}|", chosen["model"])
    ):
        raise BadRequest("This address asks for corrections of a kind that there is not.")
    return Wanted(
        state=chosen["state"] or None,
        label=_label(chosen["label"]),
        predicted=_label(chosen["predicted"]),
        model=chosen["model"] or None,
        disagrees={"right": False, "wrong": True}.get(chosen["outcome"]),
        kept=True if chosen["kept"] else None,
    ), chosen


def place() -> tuple[int, int]:
    """The id that the page begins behind, and the one that it ends in front of; 0 where none is named.

    Raises:
        BadRequest: One is no number, or one that no database takes.
    """
    texts = [request.args.get(name, "0") for name in PLACE]
    if not all(re.fullmatch(r"[0-9]{1,9}", text) for text in texts):
        raise BadRequest("A page begins behind, or ends in front of, the number of a correction.")
    return int(texts[0]), int(texts[1])


def decision(word: str, correction: Correction) -> Decision:
    """What becomes of a correction.

    Args:
        word: accept, reject, undo, or the right label.
        correction: Which; accepted, it has the label that the person gave it.

    Raises:
        BadRequest: None of these.
    """
    if word == "accept":
        return Decision(ACCEPTED, correction.label)
    if word in ("reject", "undo"):
        return Decision(REJECTED if word == "reject" else PENDING)
    label = _label(word)
    if label is None:
        raise BadRequest("A decision is accept, reject, undo, or the right label.")
    return Decision(ACCEPTED, label)


def _label(text: str) -> int | None:
    if text and not (re.fullmatch(r"[0-9]{1,2}", text) and int(text) <= NOT_A_DIGIT):
        raise BadRequest("A label is a number from 0 to 10, of which 10 stands for no digit.")
    return int(text) if text else None
