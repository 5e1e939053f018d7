"""What would have had to be different: a map is tried on the network before a sentence is made of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from digitrec.display import format_percent
from digitrec.explanation.attribution import ink_ranks
from digitrec.explanation.graph import ExplanationGraph, Floats

STRENGTHS = (0.7, 0.5, 0.35, 0.25, 0.15)
"""From which size on a value of the map is acted on: first what speaks the loudest against the digit, then more."""

MATTERS_MOST = 0.1
"""Share of the ink that is taken away to see how much the answer rests on it."""

NOTICEABLE = 0.1
"""Least fall of a probability that is worth a sentence."""


@dataclass(frozen=True, eq=False)
class Change:
    """A frame changed as a map says, and what the network answers to it.

    Attributes:
        frame: Shape (28, 28), 0 to 1: ink that spoke against the digit is gone, missing ink that did is drawn.
        probability: Of the digit, 0 to 1.
        is_answer: Whether the digit is the answer to it, without doubt.
        removed: Whether ink was taken away.
        added: Whether ink was drawn.
    """

    frame: Floats
    probability: float
    is_answer: bool
    removed: bool
    added: bool


@dataclass(frozen=True)
class Finding:
    """What a map means, confirmed by the network: it was asked again with the drawing changed as the map says.

    Of the answer, the most orange tenth of the ink was taken away, and its probability falls. Of another digit, blue
    ink was removed or ink added in blue gaps, and it becomes the answer.

    Attributes:
        digit: The digit asked about.
        is_answer: Whether it is the answer to the drawing as it is.
        removed: Whether ink was taken away.
        added: Whether ink was drawn.
        before: Probability of the digit as it is drawn, 0 to 1.
        after: Its probability after the change.
    """

    digit: int
    is_answer: bool
    removed: bool
    added: bool
    before: float
    after: float

    def describe(self) -> str:
        """Put it into a sentence."""
        if self.is_answer:
            fallen = f"from {format_percent(self.before)} to {format_percent(self.after)}"
            return f"Without the most orange tenth of its ink, {self.digit} would fall {fallen}."
        ways = ["without the blue ink"] if self.removed else []
        ways += ["with ink in the blue gaps"] if self.added else []
        changed = " and ".join(ways)
        sure = format_percent(self.after)
        return f"{changed[:1].upper()}{changed[1:]}, the network would answer {self.digit}, {sure} sure."

    def to_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; without `digit` and `is_answer`, which the explanation has."""
        return {"removed": self.removed, "added": self.added, "before": self.before, "after": self.after}


def change_towards(graph: ExplanationGraph, frame: Floats, frame_map: Floats, digit: int) -> Change:
    """Undo what speaks against a digit, the loudest first, until the network answers with it.

    Args:
        graph: The network.
        frame: Shape (28, 28), 0 to 1.
        frame_map: Shape (28, 28): the map of the digit.
        digit: 0 to 9.

    Returns:
        The least change of those tried that makes it the answer; else the one with the highest probability.
    """
    against = [-frame_map >= strength for strength in STRENGTHS]
    frames = np.stack([np.where(where, np.where(frame > 0, 0, 1), frame) for where in against]).astype(np.float32)
    probabilities, doubted = graph.answers_to(frames)
    reached = (probabilities.argmax(1) == digit) & ~doubted
    best = int(reached.argmax()) if reached.any() else int(probabilities[:, digit].argmax())
    return Change(
        frame=frames[best],
        probability=float(probabilities[best, digit]),
        is_answer=bool(reached[best]),
        removed=bool((against[best] & (frame > 0)).any()),
        added=bool((against[best] & (frame == 0)).any()),
    )


def confirm_map(
    graph: ExplanationGraph, frame: Floats, frame_map: Floats, digit: int, predicted: int
) -> Finding | None:
    """Find something that a map says and the network confirms.

    Args:
        graph: The network.
        frame: Shape (28, 28), 0 to 1.
        frame_map: Shape (28, 28): the map of `digit`.
        digit: The digit asked about.
        predicted: The network's answer.

    Returns:
        The finding; None where the network confirms nothing.
    """
    if digit != predicted:
        change = change_towards(graph, frame, frame_map, digit)
        if not change.is_answer:
            return None
        before = float(graph.answers_to(frame[np.newaxis])[0][0, digit])
        return Finding(digit, False, change.removed, change.added, before, change.probability)
    less = np.where(ink_ranks(frame, frame_map) <= MATTERS_MOST, 0, frame).astype(np.float32)
    probabilities, _ = graph.answers_to(np.stack([frame, less]))
    before, after = float(probabilities[0, digit]), float(probabilities[1, digit])
    return Finding(digit, True, True, False, before, after) if before - after >= NOTICEABLE else None
