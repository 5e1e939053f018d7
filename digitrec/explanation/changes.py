"""What would have had to be different: a map is tried on the network before a sentence is made of it."""

from dataclasses import dataclass

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
        is_answer: Whether the digit is the answer to it.
        removed: Whether ink was taken away.
        added: Whether ink was drawn.
    """

    frame: Floats
    probability: float
    is_answer: bool
    removed: bool
    added: bool


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
    probabilities = graph.probabilities_of(frames)
    reached = probabilities.argmax(1) == digit
    best = int(reached.argmax()) if reached.any() else int(probabilities[:, digit].argmax())
    return Change(
        frame=frames[best],
        probability=float(probabilities[best, digit]),
        is_answer=bool(reached[best]),
        removed=bool((against[best] & (frame > 0)).any()),
        added=bool((against[best] & (frame == 0)).any()),
    )


def describe_map(graph: ExplanationGraph, frame: Floats, frame_map: Floats, digit: int, predicted: int) -> str:
    """Say what a map means, in a sentence that the network has confirmed.

    Args:
        graph: The network.
        frame: Shape (28, 28), 0 to 1.
        frame_map: Shape (28, 28): the map of `digit`.
        digit: The digit asked about.
        predicted: The network's answer.

    Returns:
        The sentence; empty where none is true.
    """
    if digit != predicted:
        change = change_towards(graph, frame, frame_map, digit)
        if not change.is_answer:
            return ""
        ways = [*(["without the blue ink"] if change.removed else [])]
        ways += ["with ink in the blue gaps"] if change.added else []
        changed = " and ".join(ways)
        sure = format_percent(change.probability)
        return f"{changed[:1].upper()}{changed[1:]}, the network would answer {digit}, {sure} sure."
    less = np.where(ink_ranks(frame, frame_map) <= MATTERS_MOST, 0, frame).astype(np.float32)
    before, after = graph.probabilities_of(np.stack([frame, less]))[:, digit]
    if before - after < NOTICEABLE:
        return ""
    fallen = f"from {format_percent(float(before))} to {format_percent(float(after))}"
    return f"Without the most orange tenth of its ink, {digit} would fall {fallen}."
